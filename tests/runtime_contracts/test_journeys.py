"""Journeys: what each notices; that all are true of the fake is seen in the gates."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from werkzeug.wrappers import Request

from runtime_contracts import profiles
from runtime_contracts.exchange import OperationMissingError, ServerUnreachableError
from runtime_contracts.journeys import journey, run_journeys, skip
from runtime_contracts.report import Report
from runtime_contracts.server_fuzz import fuzz_server
from runtime_contracts.walking import fault
from tests.broken.serving import ALICE, BOB, Ask, Plant, Reply, served
from tests.broken.zoo import ZOO
from tests.runtime_contracts.scenes import Recorded, recorded_scene

# Which journey notices what; the zoo has many more that they notice.
CAUGHT = {
    "platform": {
        "a-result-comes-at-the-end-and-stays": "jobs: results change by a space",
        "logs-come-at-the-end-and-stay": "jobs: logs before the end",
        "a-queued-job-can-be-cancelled": "jobs: queued jobs cannot be cancelled",
        "a-running-job-can-be-cancelled": "jobs: running jobs go on",
        "a-done-job-cannot-be-cancelled": "jobs: done jobs can be cancelled",
        "a-deleted-job-is-gone-everywhere": "jobs: deleted jobs are workloads",
        "every-job-has-an-id-of-its-own": "jobs: ids repeat",
        "a-job-is-read-as-it-was-sent": "jobs: large numbers are rounded",
        "tags-are-replaced": "jobs: tags are added",
        "private-inputs-are-never-shown": "jobs: private inputs are shown",
        "inputs-are-left-out-where-asked": "jobs: excluded inputs are shown",
        "all-answers-about-a-job-agree": "jobs: metrics and job count otherwise",
        "another-tenant-finds-no-job": "tenants: others are refused, and cancel",
        "another-tenant-reads-no-result": "tenants: others read results",
        "another-tenant-reads-no-metrics": "tenants: others read metrics",
        "another-tenant-changes-nothing": "tenants: others delete",
        "paging-visits-each-job-once-while-new-ones-arrive": "lists: new jobs shift pages",
        "pages-are-stretches-of-the-list": "lists: count is that of the page",
        "a-page-of-no-stated-length-has-two-hundred": "lists: short pages by default",
        "filters-select": "lists: program is ignored",
        "times-select": "lists: created_after is ignored",
        "pending-selects": "lists: pending is ignored",
        "workloads-lead-on-and-back": "lists: workloads: the way back is missing",
        "workloads-are-selected": "lists: workloads: mode is ignored",
        "tags-are-searched": "lists: tags are not searched",
        "another-tenants-lists-are-empty": "tenants: tags in the lists of others",
        "usage-counts-what-jobs-used": "sessions: usage is nothing",
        "what-does-not-exist-is-not-found": "breaks: on unknown sessions",
        "devices-are-what-they-are-called": "sessions: the account has no devices",
        "versions-are-dates": "shapes: every version gets devices as objects",
        "usage-is-that-of-the-instance": "sessions: usage is that of another instance",
        "get-and-head-agree": "protocol: HEAD is an error",
        "a-session-takes-jobs-until-it-is-told-not-to": "sessions: telling does nothing",
        "a-closed-session-cancels-its-jobs-and-takes-no-more": "sessions: closed sessions take jobs",
        "an-empty-session-that-takes-no-jobs-is-over": "sessions: a session says open for ever",
        "a-session-is-what-was-asked-for": "sessions: max_ttl is forgotten",
        "another-tenant-finds-no-session": "tenants: others close sessions",
        "an-instance-keeps-its-limit": "sessions: the limit of the instance is forgotten",
        "nothing-runs-where-nothing-is": "accepts: unknown devices for sessions",
        "a-changed-token-lets-nobody-in": "access: tokens that look right are taken",
        "the-scheme-may-be-written-in-any-case": "access: one spelling of Bearer",
        "a-session-ends-when-its-time-is-over": "sessions: sessions never end",
        "a-token-expires-between-two-polls": "access: tokens last for ever",
    },
    "legacy-2021": {
        "a-result-comes-at-the-end-and-stays": "lives: 204 after a result",
        "logs-come-at-the-end-and-stay": "shapes: logs change",
        "the-result-of-the-walkthrough-is-known": "lives: results are quoted",
        "a-queued-job-can-be-cancelled": "lives: queued jobs cannot be cancelled",
        "a-running-job-can-be-cancelled": "lives: running jobs go on",
        "a-done-job-cannot-be-cancelled": "lives: done jobs can be cancelled",
        "a-deleted-job-is-gone-everywhere": "lives: deleted jobs are listed",
        "paging-visits-each-job-once-while-new-ones-arrive": "lists: pages skip",
        "pages-are-stretches-of-the-list": "lists: pages are short",
        "a-page-of-no-stated-length-has-ten": "lists: two by default",
        "pending-selects": "lists: pending is ignored",
        "all-answers-about-a-job-agree": "lives: the list has another state",
        "a-job-is-read-as-it-was-sent": "lives: devices of jobs are forgotten",
        "another-caller-finds-no-job": "access: others cancel",
        "another-caller-reads-no-result": "access: others read logs",
        "another-caller-changes-no-job": "access: others delete jobs",
        "a-program-is-its-authors": "access: others replace sources",
        "nothing-runs-where-nothing-is": "requests: unknown devices",
        "a-changed-token-lets-nobody-in": "access: beginnings of tokens are taken",
        "the-scheme-may-be-written-in-any-case": "access: one spelling of Bearer",
    },
}
# What else they notice, one line of a journey each.
MORE = {
    "platform": (
        ("logs-come-at-the-end-and-stay", "jobs: logs change"),
        ("a-deleted-job-is-gone-everywhere", "jobs: deleted jobs are listed"),
        ("a-deleted-job-is-gone-everywhere", "jobs: tags of deleted jobs are found"),
        ("a-job-is-read-as-it-was-sent", "refuses: large costs"),
        ("a-job-is-read-as-it-was-sent", "jobs: the cost is forgotten"),
        ("tags-are-replaced", "lists: only the first tag counts"),
        ("tags-are-replaced", "lists: tags are ignored"),
        ("tags-are-replaced", "refuses: no tags"),
        ("tags-are-replaced", "jobs: the last tags stay"),
        ("private-inputs-are-never-shown", "jobs: private is forgotten"),
        ("inputs-are-left-out-where-asked", "lists: inputs are shown by default"),
        ("all-answers-about-a-job-agree", "jobs: the time of creation moves"),
        ("all-answers-about-a-job-agree", "jobs: the list has no tags"),
        ("all-answers-about-a-job-agree", "jobs: workloads have another device"),
        ("paging-visits-each-job-once-while-new-ones-arrive", "lists: pages begin one too late"),
        ("a-page-of-no-stated-length-has-two-hundred", "lists: limits are not those asked for"),
        ("workloads-lead-on-and-back", "lists: workloads: limit is ignored"),
        ("workloads-lead-on-and-back", "lists: workloads: count is that of the page"),
        ("workloads-lead-on-and-back", "lists: workloads: there is no next"),
        ("workloads-lead-on-and-back", "lists: workloads: the way back is wrong"),
        ("workloads-are-selected", "lists: workloads: sort is ignored"),
        ("tags-are-searched", "lists: a tag is always found"),
        ("another-tenants-lists-are-empty", "tenants: workloads in the lists of others"),
        ("usage-counts-what-jobs-used", "sessions: usage is doubled"),
        ("usage-counts-what-jobs-used", "sessions: analytics count nothing"),
        ("what-does-not-exist-is-not-found", "shapes: refusals are bare"),
        ("what-does-not-exist-is-not-found", "shapes: errors have no code"),
        ("devices-are-what-they-are-called", "sessions: devices have another name"),
        ("devices-are-what-they-are-called", "sessions: the instance has other devices"),
        ("what-does-not-change-is-the-same-twice", "shapes: the account changes"),
        ("versions-are-dates", "accepts: versions that are no date"),
        ("usage-is-that-of-the-instance", "tenants: instances of another account in filters"),
        ("usage-is-that-of-the-instance", "sessions: the period ends before it begins"),
        ("get-and-head-agree", "protocol: HEAD is an error"),
        ("a-session-takes-jobs-until-it-is-told-not-to", "sessions: a session says open for ever"),
        ("a-session-is-what-was-asked-for", "sessions: new sessions take no jobs"),
        ("a-session-is-what-was-asked-for", "refuses: long lives of sessions"),
        ("another-tenant-finds-no-session", "tenants: others close, and are refused"),
        ("an-instance-keeps-its-limit", "refuses: limits of the instance"),
        ("a-token-expires-between-two-polls", "access: expired tokens are forbidden"),
        ("a-token-expires-between-two-polls", "access: tokens are good once"),
        ("a-page-of-no-stated-length-has-two-hundred", "breaks: on every list"),
    ),
    "legacy-2021": (
        ("all-answers-about-a-job-agree", "lives: the time of creation moves"),
        ("an-upload-is-read-as-it-was-sent", "requests: programs without a description are refused"),
        ("a-session-token-expires-when-it-is-ended", "access: sessions never end"),
        ("what-does-not-exist-is-not-found", "requests: unknown jobs break it"),
        ("programs-are-what-the-list-says", "lives: listed programs have other costs"),
        ("programs-are-what-the-list-says", "lives: programs change"),
    ),
}
# The checks that no phase but the journeys has, and the journey of the table above that reports each.
CHECKS = {
    "reads_repeat": ("legacy-2021", "logs-come-at-the-end-and-stay"),
    "answers_agree": ("platform", "all-answers-about-a-job-agree"),
    "usage_counts_jobs": ("platform", "usage-counts-what-jobs-used"),
    "token_expires": ("platform", "a-token-expires-between-two-polls"),
    "session_ends_in_time": ("platform", "a-session-ends-when-its-time-is-over"),
    "version_is_heeded": ("platform", "versions-are-dates"),
    "head_is_get": ("platform", "get-and-head-agree"),
}
PLANTS = {row.name: row for row in ZOO}


def _made(edition: str, plant: Plant, *names: str) -> Report:
    with served(plant, edition=edition) as server:
        return fuzz_server(
            server.url,
            edition=edition,
            token=ALICE,
            other_token=BOB,
            phases=("journeys",),
            journeys=names,
            advance=server.advance,
        )


def _rows() -> Iterator[tuple[str, str, str]]:
    for edition, found in CAUGHT.items():
        pairs = (*found.items(), *MORE[edition])
        yield from ((edition, name, f"{edition} {plant}") for name, plant in pairs)


@pytest.mark.parametrize(("edition", "name", "plant"), list(_rows()))
def test_journey_notices_a_broken_server(edition: str, name: str, plant: str) -> None:
    """The journey fails on the broken server, and the report has a line about it and what to repeat."""
    report = _made(edition, PLANTS[plant].planted(), name)
    assert report.problem is None
    assert [journey.outcome for journey in report.journeys] == ["failed"], report.to_text()
    assert any(failure.journey == name and failure.reproduce for failure in report.failures)
    first = plant == f"{edition} {CAUGHT[edition].get(name)}"
    own = {check for check, where in CHECKS.items() if first and where == (edition, name)}
    assert own <= {failure.check for failure in report.failures}
    assert report.exit_code == 1


@pytest.mark.parametrize("edition", profiles.names())
def test_journeys_have_names_and_sentences_of_their_own(edition: str) -> None:
    """No two journeys of an edition have one name or one sentence."""
    journeys = profiles.of(edition).server.journeys
    assert len({journey.name for journey in journeys}) == len(journeys)
    assert len({journey.sentence for journey in journeys}) == len(journeys)


@pytest.mark.parametrize("edition", profiles.names())
def test_what_cannot_be_seen_is_skipped_with_its_reason(edition: str) -> None:
    """Where no job ever ends, and there is nobody else, journeys are skipped, and say why."""
    with served(edition=edition) as server:
        report = fuzz_server(server.url, edition=edition, token=ALICE, phases=("journeys",), advance=lambda: None)
    reasons = {journey.reason for journey in report.journeys if journey.outcome == "skipped"}
    assert "no second caller was given (--other-token)" in reasons
    assert "no job has ended while the run waited: it is Queued" in reasons
    late = {"session_ends_in_time", "token_expires"} if edition == "platform" else set()
    assert {failure.check for failure in report.failures} == late


@pytest.mark.parametrize("edition", profiles.names())
def test_server_with_nothing_to_run_on_is_skipped(edition: str) -> None:
    """Without a device, or a program, there is nothing to submit, and journeys say so."""

    def plant(request: Request, ask: Ask) -> Reply:
        reply = ask(request)
        if request.path == "/api/v1/backends" and reply.status == 200:
            return reply.changed(body=b'{"devices": []}')
        empty = request.path == "/programs" and request.method == "GET" and reply.status == 200
        return reply.changed(body=b"[]") if empty else reply

    report = _made(edition, plant, "a-job-is-read-as-it-was-sent", "nothing-runs-where-nothing-is")
    assert {journey.reason for journey in report.journeys} == {
        "the server has no backend" if edition == "platform" else "the server lists no program to run"
    }


def test_unknown_journey_is_refused() -> None:
    """A journey that does not exist is refused before anything is sent."""
    with pytest.raises(ValueError, match="there is no journey 'x'"):
        fuzz_server("http://127.0.0.1:9", token=ALICE, journeys=("x",))


@journey()
def told(scene: Recorded) -> None:
    """Something that is not so."""
    fault("reads_repeat", "get_job", "it is not so", [])


@journey()
def lost(scene: Recorded) -> None:
    """Somebody answers."""
    raise ServerUnreachableError("GET /jobs: ConnectionError")


@journey(reads_only=True)
def left(scene: Recorded) -> None:
    """Somebody is there."""
    skip("nobody is there")


@journey(reads_only=True)
def missing(scene: Recorded) -> None:
    """The document has everything."""
    raise OperationMissingError("the document has no operation get_job")


def test_one_journey_does_not_keep_the_next_from_being_made() -> None:
    """A journey that fails, is skipped, or gets no answer is followed by the next, and each has its reason."""
    scene = recorded_scene()
    run_journeys(scene, (told, lost, left, missing))
    assert [(one.outcome, one.reason) for one in scene.collector.journeys] == [
        ("failed", "it is not so"),
        ("failed", "no answer to GET /jobs: ConnectionError"),
        ("skipped", "nobody is there"),
        ("skipped", "the document has no operation get_job"),
    ]
    assert [failure.check for failure in scene.collector.failures.values()] == ["reads_repeat", "server_answers"]
    assert scene.told == ["begin 2", "tidy", "tidy", "tidy", "tidy", "end"]


def test_server_that_is_gone_ends_the_journeys() -> None:
    """After three journeys without an answer the run ends."""
    scene = recorded_scene(unreachable=True)
    with pytest.raises(ServerUnreachableError):
        run_journeys(scene, (lost, lost, lost, lost))
    assert len(scene.collector.journeys) == 3


def test_journeys_that_write_are_left_out_of_a_run_that_reads() -> None:
    """Only those that read are made, and the report says how many are missing."""
    scene = recorded_scene()
    run_journeys(scene, (told, left), read_only=True)
    assert [one.name for one in scene.collector.journeys] == ["left"]
    assert scene.collector.not_done == ["1 journey: they submit, change or delete something, and the run is read-only"]
    assert scene.told == ["tidy"]
