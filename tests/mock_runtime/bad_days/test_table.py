"""Each thing that a fault can do, and what our clients make of it: the tables in `rows_of_*.py`, driven."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest

from mock_runtime.faults.acts import ACT_KEYS, BACKEND_EVENTS, JOB_EVENTS, TOKEN_EVENTS
from mock_runtime.faults.profiles import profile_rules, profiles
from mock_runtime.faults.rule import Body
from mock_runtime.journal import Journal
from mock_runtime.journal.attempts import chains, identity, in_order, retries
from mock_runtime.journal.callers import callers
from mock_runtime.transport.delivery import Cut
from tests.mock_runtime.bad_days.rows import POLL, Row, Rule
from tests.mock_runtime.bad_days.rows_of_answers import ANOTHER_STATUS, BODIES, RETRY_AFTER
from tests.mock_runtime.bad_days.rows_of_profiles import PROFILES, Day
from tests.mock_runtime.bad_days.rows_of_the_network import CUT, SLOW
from tests.mock_runtime.bad_days.rows_of_the_world import BACKENDS, JOBS, LIMITS, TOKENS
from tests.mock_runtime.bad_days.scenes import ALL_WAYS, EDITIONS, POLLS_BY, PROGRAM, Places, Scene, Way

OF_THE_WORLD: Final[Mapping[str, Row]] = {**TOKENS, **LIMITS, **JOBS, **BACKENDS}
TABLE: Final[Mapping[str, Row]] = {**ANOTHER_STATUS, **RETRY_AFTER, **BODIES, **SLOW, **CUT, **OF_THE_WORLD}

# An answer is the same however it comes; connections break in a way of their own wherever there are some.
WAYS_OF_ANSWERS: Final = {"2021": ("requests, adapter",), "platform": ("awaited, interception", "httpx, proxy")}
WAYS_OF_THE_WORLD: Final = {"2021": ("awaited, interception",), "platform": ("requests, socket",)}
WAYS_TO_CUT: Final = {
    "2021": ("requests, adapter", "awaited, socket", "httpx, proxy"),
    "platform": tuple(str(way) for way in ALL_WAYS if str(way) != "requests, interception"),
}


def ways_of(name: str, row: Row, edition: str) -> Iterator[Way]:
    """The ways on which a row is gone."""
    usual = WAYS_TO_CUT if name in CUT else WAYS_OF_THE_WORLD if name in OF_THE_WORLD else WAYS_OF_ANSWERS
    for way in ALL_WAYS:
        if (way.by == "proxy" and row.is_of_a_world) or (way.by == "tls" and not row.is_of_any_operation):
            continue
        if way.by in row.ways or (not row.ways and str(way) in usual[edition]):
            yield way


def cases() -> Iterator[Any]:
    """Every row, in each edition that has it, on every way."""
    for name, row in TABLE.items():
        for edition in EDITIONS:
            found = row.of(edition)
            if found is not None:
                for way in ways_of(name, found, edition):
                    yield pytest.param(found, edition, way, id=f"{name}-{edition}-{way}")


def days() -> Iterator[Any]:
    """Every profile, in each edition, over a socket and inside the process."""
    for name, day in PROFILES.items():
        for edition in EDITIONS:
            for way in ALL_WAYS:
                if str(way) in {"requests, socket", "awaited, interception"}:
                    yield pytest.param(name, day, edition, way, id=f"{name}-{edition}-{way}")


def of_edition(rule: Rule, edition: str) -> dict[str, Any]:
    """A rule in which the operation by which one polls has its name."""
    match = dict(rule.get("match") or {})
    if match.get("operation") == POLL:
        match["operation"] = POLLS_BY[edition]
    return {**rule, "match": match}


def sent_again(journal: Journal) -> dict[str | None, int]:
    """How often requests of each operation were sent again since they had failed, as the scorecard sees it."""
    entries = in_order(journal.entries())
    known = callers(entries)
    found = chains((identity(entry, known.name_of(entry)), entry) for entry in entries)
    return dict(Counter(retry.again.operation for chain in found for retry in retries(chain)))


@pytest.mark.parametrize(("row", "edition", "way"), list(cases()))
def test_a_client_on_a_bad_day(places: Places, row: Row, edition: str, way: Way) -> None:
    """Its program ends as the table has it, in so many virtual seconds, and the journal says what it did."""
    with places.scene(edition, way, [of_edition(rule, edition) for rule in row.rules]) as scene:
        begun = scene.clock.now()
        assert scene.program().journey() == row.errors
        assert scene.clock.now() - begun == pytest.approx(row.seconds)
        scene.faults.assert_all_met()
        assert len(made(scene)) == row.jobs
        if way.by != "proxy":
            judge(scene, row)


def made(scene: Scene) -> list[str]:
    """The jobs that there are."""
    jobs, _ = scene.runtime.store.all_jobs()
    return [job.id for job in jobs]


def judge(scene: Scene, row: Row) -> None:
    """Ask the journal of a fake whose own faults were met."""
    requests, edition = scene.runtime.requests, scene.edition
    again = {POLLS_BY[edition] if name == POLL else name: times for name, times in row.again.items()}
    assert sent_again(requests) == again
    for name, times in again.items():
        requests.assert_retried(name, times=times)
    requests.assert_called("log-in", times=row.log_ins)
    requests.assert_no_unknown_fields()
    assert tuple(finding.rule for finding in scene.runtime.scorecard().findings) == row.findings
    if not row.is_made:
        with pytest.raises(AssertionError, match=r"expected 1 job of [\w-]+ to be made, found 0"):
            requests.assert_submitted_once(program=PROGRAM[edition])
        return
    job = requests.assert_submitted_once(program=PROGRAM[edition])
    if row.polls is None:
        assert requests.polls(job) == []
    else:
        requests.assert_polled(job, times=row.polls, interval=row.pauses)


@pytest.mark.parametrize(("name", "day", "edition", "way"), list(days()))
def test_a_client_on_a_day_that_has_a_name(places: Places, name: str, day: Day, edition: str, way: Way) -> None:
    """So many steps of its journeys fail, and how; and no job is made by two requests."""
    with places.scene(edition, way, profile_rules(name, day.options)) as scene:
        program = scene.program()
        ends = (program.journey().items() for _ in range(day.journeys))
        errors = Counter(f"{step}: {error}" for end in ends for step, error in end)
        assert dict(errors) == day.errors.get(edition, {})
        assert tuple(rule.id for rule in scene.faults.unmet) == day.unmet.get(edition, ())
        requests = scene.runtime.requests
        submissions = [entry.job for entry in requests.entries(operation="submit-job") if entry.job is not None]
        assert sorted(submissions) == sorted(made(scene))
        assert tuple(finding.rule for finding in scene.runtime.scorecard().findings) == day.findings.get(edition, ())


def test_every_act_has_a_row() -> None:
    """Each key of `act`, with each value of those that are names, and each profile."""
    acts = [rule["act"] for row in TABLE.values() for rule in row.rules]
    used = {key for act in acts for key in act}
    assert used == set(ACT_KEYS)
    assert {act["cut"] for act in acts if "cut" in act} == {cut.value for cut in Cut}
    bodies = {body if isinstance(body := act["body"], str) else next(iter(body)) for act in acts if "body" in act}
    assert bodies == {body.value for body in Body} | {"json", "text"}
    events = {event if isinstance(event := act["job"], str) else event["event"] for act in acts if "job" in act}
    assert events == {event.value for event in JOB_EVENTS}
    assert {act["token"] for act in acts if "token" in act} == set(TOKEN_EVENTS)
    assert {key for act in acts if "backend" in act for key in act["backend"]} - {"for"} == set(BACKEND_EVENTS)
    assert {act["status"] // 100 for act in acts if "status" in act} == {2, 3, 4, 5}
    assert PROFILES.keys() == {profile.name for profile in profiles()}
