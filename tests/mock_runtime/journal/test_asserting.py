"""Assertions on the journal hold for what happened, and show it where they do not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, Final

import pytest
from pytest import approx  # noqa: PT013 - as users write it

from mock_runtime.journal import Journal
from tests.mock_runtime.journal.stories import START, SUBMISSION, Story

Assertion = Callable[[Journal], object]


def polled(polls: int = 23, *, interval: float = 2.0) -> Story:
    """A job that is done after so many polls, and a poll more for its results."""
    story = Story()
    story.submit()
    for _ in range(polls):
        story.look(pause=interval)
    story.look(200, pause=interval)
    return story


def failure(journal: Journal, assertion: Assertion) -> list[str]:
    """The lines of an assertion that fails."""
    with pytest.raises(AssertionError) as raised:
        assertion(journal)
    lines = str(raised.value).splitlines()
    assert len(lines) <= 40
    assert "planted" not in str(raised.value)
    return lines


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"times": 24},
        {"times": (20, 30)},
        {"times": (24, None), "interval": approx(2.0)},
        {"interval": 2.0},
        {"interval": 2},
        {"interval": (1.5, 2.0)},
        {"interval": (None, 2.5), "operation": "get-results"},
        {"times": 24, "operation": "get_job_results_jid"},
        {"times": 0, "operation": "get-job"},
    ],
)
def test_polls_are_counted_and_timed(asked: dict[str, Any]) -> None:
    """Times and intervals may be numbers, ranges, or approximate."""
    found = polled().journal().assert_polled("job-1", **asked)
    assert all(entry.job == "job-1" for entry in found)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"times": 23}, "expected 23 polls of job job-1, found 24"),
        ({"times": (30, None)}, "expected at least 30 polls of job job-1, found 24"),
        ({"times": (None, 9)}, "expected at most 9 polls of job job-1, found 24"),
        ({"times": (1, 9)}, "expected 1 to 9 polls of job job-1, found 24"),
        ({"interval": 1.0}, "expected 1 s between polls of job job-1; 23 of 23 intervals are others"),
        (
            {"interval": (9, None)},
            "expected at least 9 s between polls of job job-1; 23 of 23 intervals are others",
        ),
        ({"operation": "get-job"}, "job job-1 was never polled"),
    ],
)
def test_other_polls_are_shown(asked: dict[str, Any], sentence: str) -> None:
    """The first line says what was expected and found, then the polls follow."""
    lines = failure(polled().journal(), lambda journal: journal.assert_polled("job-1", **asked))
    assert lines[0] == sentence
    assert any("get-results 204 -> job job-1 (running" in line for line in lines)


@pytest.mark.parametrize(
    ("assertion", "first"),
    [
        (lambda journal: journal.assert_polled("job-1", times=3), ["expected 3 polls of job job-1, found 0"]),
        (lambda journal: journal.assert_polled("job-1", times=1), ["expected 1 poll of job job-1, found 0"]),
        (lambda journal: journal.assert_polled("job-1"), ["job job-1 was never polled"]),
        (
            lambda journal: journal.assert_sequence("job-1", [200]),
            ["the polls of job job-1 differ from number 1 on", "  expected: 200", "  seen:     none"],
        ),
    ],
)
def test_where_a_job_was_not_polled_the_rest_is_shown(assertion: Assertion, first: list[str]) -> None:
    """What was asked about it, or, of an id that nobody used, the jobs that there were."""
    story = Story()
    story.submit()
    story.ask("get-logs", job="job-1")
    assert failure(story.journal(), assertion) == [
        *first,
        "  +0.0 s #1 POST submit-job 200 -> job job-1",
        "  +2.1 s #2 GET get-logs 200 -> job job-1",
    ]
    other = Story()
    for number in range(7):
        other.look(job=f"other-{number}")
    jobs = ", ".join(f"other-{number}" for number in range(2, 7))
    assert failure(other.journal(), assertion)[: len(first) + 2] == [
        *first,
        f"  no request was about this job; jobs that were asked about: {jobs} and 2 before them",
        "  +0.0 s #1 GET get-results 204 -> job other-0 (running)",
    ]
    lists = Story()
    lists.ask("list-jobs")
    assert failure(lists.journal(), assertion)[len(first)] == (
        "  no request was about this job; jobs that were asked about: none"
    )
    assert failure(Journal(), assertion) == [*first, "  (no exchange)"]


def test_only_the_interval_that_is_another_is_marked() -> None:
    """The line of the poll that came too early says so."""
    story = polled(3)
    story.look(pause=0.5)
    lines = failure(story.journal(), lambda journal: journal.assert_polled("job-1", interval=approx(2.0)))
    assert lines[0] == "expected 2.0 ± 2.0e-06 s between polls of job job-1; 1 of 4 intervals are others"
    assert [line for line in lines if "after the answer before" in line] == [
        "  +6.9 s #6 GET get-results 204 -> job job-1 (running; 0.500 s after the answer before)"
    ]


def test_of_many_exchanges_the_first_and_last_are_shown() -> None:
    """A thousand polls are no thousand lines."""
    lines = failure(polled(1000).journal(), lambda journal: journal.assert_polled("job-1", times=7))
    assert lines[1] == "  answers: 204 x1000, 200"
    assert len(lines) == 26
    assert "  ... 978 more ..." in lines
    assert lines[-1].startswith("  +2100.0 s #1002 GET get-results 200")


def test_the_kind_that_is_polled_more_often_counts() -> None:
    """Who polls the status and fetches the results once, polls the status."""
    story = Story()
    for _ in range(3):
        story.state()
    story.state("completed")
    story.look(200)
    story.ask("get-logs", job="job-1")
    journal = story.journal()
    assert journal.statuses("job-1") == [200, 200, 200, 200]
    assert journal.statuses("job-1", operation="get-results") == [200]
    assert len(journal.assert_polled("job-1", times=4, interval=approx(2.0))) == 4


def test_a_job_may_be_an_object() -> None:
    """That of a client has an id, or a method for it."""
    journal = polled(3).journal()
    assert journal.statuses(SimpleNamespace(id="job-1")) == [204, 204, 204, 200]
    assert journal.statuses(SimpleNamespace(job_id=lambda: "job-1")) == [204, 204, 204, 200]
    with pytest.raises(TypeError, match="job: expected an id, or an object that has one; found None"):
        journal.statuses(None)


@pytest.mark.parametrize("bounds", [(1,), ("a", "b"), (1, 2, 3)])
def test_a_range_is_a_pair(bounds: Any) -> None:
    """Anything else is refused."""
    with pytest.raises(ValueError, match=r"a range is a pair of numbers such as \(1\.5, 2\.5\)"):
        polled().journal().assert_polled("job-1", times=bounds)


def test_a_sequence_is_compared_as_a_whole() -> None:
    """It says from which poll on the answers are others."""
    journal = polled(3).journal()
    journal.assert_sequence("job-1", [204, 204, 204, 200])
    lines = failure(journal, lambda journal: journal.assert_sequence("job-1", [204, 204, 200]))
    assert lines[:3] == [
        "the polls of job job-1 differ from number 3 on",
        "  expected: 204 x2, 200",
        "  seen:     204 x3, 200",
    ]
    longer = failure(journal, lambda journal: journal.assert_sequence("job-1", [204, 204, 204, 200, 200]))
    assert longer[0] == "the polls of job job-1 differ from number 5 on"


def test_calls_are_counted() -> None:
    """At least one, or so many; narrowed by the filters of the journal."""
    journal = polled(3).journal()
    assert len(journal.assert_called("get-results")) == 4
    assert len(journal.assert_called("get-results", times=3, status=204)) == 3
    journal.assert_called("create_job", times=1)
    lines = failure(journal, lambda journal: journal.assert_called("cancel-job", job="job-1"))
    assert lines[0] == "expected at least 1 request for cancel-job with job job-1, found 0"
    assert lines[1] == "  +0.0 s #1 POST submit-job 200 -> job job-1"
    assert failure(journal, lambda j: j.assert_called("get-results", times=2, status=204, job=None))[0] == (
        "expected 2 requests for get-results with status 204, found 3"
    )


def test_what_exchanges_are_chosen_by_may_be_an_object() -> None:
    """The sentence has its id."""
    session, backend = SimpleNamespace(session_id="s-7"), SimpleNamespace(name="ibm_fez")
    lines = failure(polled(1).journal(), lambda j: j.assert_called("submit-job", session=session, backend=backend))
    assert lines[0] == "expected at least 1 request for submit-job with session s-7, backend ibm_fez, found 0"
    lines = failure(polled(1).journal(), lambda j: j.assert_not_called("get-results", status=[200, 204]))
    assert lines[0] == "expected no request for get-results with status [200, 204], found 2"


def test_what_was_not_called_is_asserted() -> None:
    """One call is enough to fail."""
    journal = polled(3).journal()
    journal.assert_not_called("cancel-job")
    journal.assert_not_called("get-results", status=500)
    lines = failure(journal, lambda journal: journal.assert_not_called("submit-job"))
    assert lines == [
        "expected no request for submit-job, found 1",
        "  +0.0 s #1 POST submit-job 200 -> job job-1",
    ]


def test_an_empty_journal_is_shown_as_such() -> None:
    """There is no line for what did not happen."""
    lines = failure(Journal(), lambda journal: journal.assert_called("submit-job"))
    assert lines == ["expected at least 1 request for submit-job, found 0", "  (no exchange)"]


@pytest.mark.parametrize(
    "assertion",
    [
        lambda journal: journal.assert_not_called("submit-jobs"),
        lambda journal: journal.assert_called("submit-jobs"),
        lambda journal: journal.assert_order(["submit-jobs"]),
        lambda journal: journal.statuses("job-1", operation="submit-jobs"),
    ],
)
def test_a_misspelt_operation_is_refused(assertion: Assertion) -> None:
    """That it was never called would be true, and of no use."""
    with pytest.raises(ValueError, match="there is no operation 'submit-jobs'; did you mean submit-job"):
        assertion(Journal())


def test_an_operation_is_known_from_many_places() -> None:
    """Those of the documents, those that the journal was told of, and those that were seen."""
    journal = Journal(operation_ids=["present-grant"])
    journal.assert_not_called("get_job_metrics_jid")
    journal.assert_not_called("put-program-public")
    journal.assert_not_called("present-grant")
    with pytest.raises(ValueError, match="there is no operation 'zzz'; there is log-in, submit-job"):
        journal.assert_not_called("zzz")
    story = Story()
    story.ask("zzz", 200, path="/zzz")
    entry = story.entries[0]
    seen = Journal()
    seen.add(replace(entry, operation_id="zzz"))
    assert len(seen.assert_called("zzz")) == 1


def test_an_order_allows_others_between() -> None:
    """Steps are operations, or operations with the status of their answers."""
    story = polled(3)
    story.log_in()
    journal = story.journal()
    found = journal.assert_order(["submit-job", ("get-results", 204), "get-results", ("get-results", 200), "log-in"])
    assert [entry.number for entry in found] == [1, 2, 3, 5, 6]
    assert journal.assert_order([]) == []
    lines = failure(journal, lambda journal: journal.assert_order(["log-in", "submit-job"]))
    assert lines[:2] == ["step 2, submit-job, was not seen after log-in #6", "  expected: log-in, submit-job"]
    lines = failure(journal, lambda journal: journal.assert_order([("submit-job", 500)], caller="alice"))
    assert lines[:2] == ["step 1, submit-job 500, was not seen", "  expected: submit-job 500"]


def retried(pause: float, *, asked: float | None = 5.0) -> Story:
    """A list that is refused once."""
    story = Story()
    headers = {} if asked is None else {"Retry-After": f"{asked:g}"}
    story.ask("list-jobs", 429, answer_headers=headers)
    story.ask("list-jobs", pause=pause)
    return story


def twice_refused() -> Story:
    """A list that is refused twice, by a service that asks for no patience."""
    story = Story()
    for status in (503, 503, 200):
        story.ask("list-jobs", status, pause=1.0)
    return story


@pytest.mark.parametrize(
    ("pause", "asked"),
    [(5.0, {}), (7.0, {}), (5.0, {"after": approx(5.0)}), (6.0, {"after": (5, 10), "times": 1}), (5.0, {"times": 1})],
)
def test_a_repetition_in_time_is_one(pause: float, asked: dict[str, Any]) -> None:
    """It comes not earlier than Retry-After, or as it is expected."""
    assert len(retried(pause).journal().assert_retried("list-jobs", **asked)) == 1


@pytest.mark.parametrize(
    ("story", "asked", "lines"),
    [
        (
            retried(2.0),
            {},
            [
                "list-jobs: 1 of 1 repetitions came at another time",
                "  +0.0 s #1 GET list-jobs 429 (Retry-After 5 s)",
                "  +2.1 s #2 GET list-jobs 200 (2.000 s later, asked for 5 s)",
            ],
        ),
        (
            retried(9.0, asked=None),
            {"after": 2.0},
            [
                "list-jobs: 1 of 1 repetitions came at another time",
                "  +0.0 s #1 GET list-jobs 429",
                "  +9.1 s #2 GET list-jobs 200 (9.000 s later, expected 2 s)",
            ],
        ),
        (
            retried(5.0),
            {"times": 3, "caller": "alice"},
            ["list-jobs with caller alice: expected 3 repetitions, found 1"],
        ),
        (
            twice_refused(),
            {"after": (5, 10), "times": 1},
            [
                "list-jobs: expected 1 repetition, found 2; 2 of 2 repetitions came at another time",
                "  +0.0 s #1 GET list-jobs 503",
                "  +1.1 s #2 GET list-jobs 503 (1.000 s later, expected 5 to 10 s)",
                "  +2.2 s #3 GET list-jobs 200 (1.000 s later, expected 5 to 10 s)",
            ],
        ),
        (polled(1), {}, ["list-jobs: no request failed", "  (no exchange)"]),
    ],
)
def test_a_repetition_at_another_time_is_shown(story: Story, asked: dict[str, Any], lines: list[str]) -> None:
    """With what was asked for, and what came."""
    found = failure(story.journal(), lambda journal: journal.assert_retried("list-jobs", **asked))
    assert found[: len(lines)] == lines


def test_who_was_refused_by_a_fault_is_known_by_the_token() -> None:
    """A request that is refused before anybody asks who calls is repeated by the same one."""
    story = Story()
    story.ask("list-jobs", 503, caller=None)
    story.ask("list-jobs")
    assert [entry.number for entry in story.journal().assert_retried("list-jobs", after=2.0)] == [2]


def test_what_was_given_up_is_shown() -> None:
    """A failure without a repetition is no retry."""
    story = retried(5.0)
    story.ask("list-jobs", 0, cut="within", query="limit=1", faults=("cutter", "other"))
    lines = failure(story.journal(), lambda journal: journal.assert_retried("list-jobs"))
    assert lines[0] == "list-jobs: 1 of 2 that failed were not sent again"
    assert lines[-1].endswith(
        "#3 GET list-jobs no answer (cut within the answer; fault cutter and 1 more; not sent again)"
    )


def test_what_several_send_at_once_is_not_judged() -> None:
    """The message says why."""
    story = Story()
    for number in range(4):
        story.ask("list-jobs", 500, at=START + number * 0.01, seconds=1.0)
    lines = failure(story.journal(), lambda journal: journal.assert_retried("list-jobs"))
    assert lines[0].startswith("list-jobs: 4 failed, sent by several at once: nobody can tell")


def cut(first: str | None, second: str | None, *, where: str = "before") -> Story:
    """A submission whose first answer is cut."""
    story = Story()
    story.submit(first, 0, cut=where)
    story.submit(second)
    story.submit("other", body={"program_id": "estimator"}, caller="bob")
    return story


def test_one_job_is_one_submission_however_many_requests() -> None:
    """What counts is how many jobs were made."""
    journal = cut(None, "job-b", where="request").journal()
    assert journal.assert_submitted_once(program="sampler") == "job-b"
    assert journal.assert_submitted_once(caller="alice") == "job-b"
    assert journal.assert_submitted_once(body={"program_id": "sampler", "backend": "ibm_fez"}) == "job-b"
    assert journal.assert_submitted_once(body=b'{"program_id": "estimator"}') == "other"
    same = cut("job-a", "job-a").journal()
    assert same.assert_submitted_once(program="sampler") == "job-a"


def test_a_submission_that_was_doubled_is_told_with_the_fate_of_each() -> None:
    """Requests that were sent and jobs that were made are two things."""
    story = cut("job-a", "job-b")
    story.submit(None, 500, pause=1.0)
    story.submit("job-b", pause=1.0)
    lines = failure(story.journal(), lambda journal: journal.assert_submitted_once(program="sampler"))
    unheard = "a job was made, and the client did not hear of it"
    assert lines == [
        "expected 1 job of sampler to be made, found 2, by 4 requests",
        f"  +0.0 s #1 POST submit-job no answer -> job job-a (cut before the answer; {unheard})",
        "  +2.1 s #2 POST submit-job 200 -> job job-b (a job was made)",
        "  +5.3 s #4 POST submit-job 500 (no job was made)",
        "  +6.4 s #5 POST submit-job 200 -> job job-b (the job of #2 again)",
    ]


def test_a_submission_that_never_came_is_told() -> None:
    """Then all that there is is shown."""
    lines = failure(polled(1).journal(), lambda journal: journal.assert_submitted_once(program="qaoa"))
    assert lines[:2] == [
        "expected 1 job of qaoa to be made, found 0, by 0 requests",
        "  +0.0 s #1 POST submit-job 200 -> job job-1",
    ]


@pytest.mark.parametrize("body", [b"[]", b"no JSON", b"[" * 100_000, b'{"program_id": 7}'])
def test_a_body_that_is_no_submission_is_of_no_program(body: bytes) -> None:
    """It is sent, and no job of the program that is looked for."""
    story = Story()
    story.submit("job-a", body=body)
    story.submit("job-b")
    journal = story.journal()
    assert journal.assert_submitted_once(program="sampler") == "job-b"
    assert journal.assert_submitted_once(body={"program_id": "sampler"}) == "job-b"


def test_the_program_of_a_long_submission_is_known_by_its_beginning() -> None:
    """Of a body that is cut the beginning is there."""
    story = Story("legacy-2021")
    story.submit("job-a", body=b'{"programId": "vqe", "params": ["', request_size=1_000_000)
    story.submit("job-b")
    journal = story.journal()
    assert journal.assert_submitted_once(program="vqe") == "job-a"
    whole = b'{"programId": "vqe", "params": ["'.ljust(1_000_000, b"x")
    assert journal.assert_submitted_once(body=whole) == "job-a"


def test_requests_as_documented_have_no_unknown_fields() -> None:
    """Headers that any client sends, and those of IBM's own, are known."""
    story = polled(2)
    story.ask("list-jobs", query="limit=5&offset=0", headers={"X-Qx-Client-Application": "qiskit", "Traceparent": "x"})
    story.ask(None, 404, query="what=ever")
    story.log_in()
    story.journal().assert_no_unknown_fields()


def test_unknown_fields_are_shown_by_their_request() -> None:
    """Fields, also deep ones, parameters and headers."""
    story = Story()
    story.submit(body={**SUBMISSION["platform"], "shots": 7, "options": 1})
    story.ask("list-jobs", query="limits=5", headers={"X-Team": "blue"})
    story.ask("list-backends")
    journal = story.journal()
    lines = failure(journal, lambda journal: journal.assert_no_unknown_fields())
    assert lines == [
        "2 requests brought what the document does not name",
        "  +0.0 s #1 POST submit-job 200 -> job job-1 (field /options, field /shots)",
        "  +2.1 s #2 GET list-jobs 200 (header x-team, query parameter limits)",
    ]
    journal.assert_no_unknown_fields(operation="list-backends")
    journal.assert_no_unknown_fields(allow=["shots", "options", "limits", "X-Team"])
    without = failure(journal, lambda journal: journal.assert_no_unknown_fields(headers=False, allow=["limits"]))
    assert without[0] == "1 request brought what the document does not name"


def test_what_is_not_kept_is_not_judged() -> None:
    """A part of a body is no JSON."""
    story = Story()
    story.submit(body=b'{"shots": 7, "params": "', request_size=1_000_000)
    story.journal().assert_no_unknown_fields()


@pytest.mark.parametrize(
    "given",
    [
        {"operation": "submit-job", "body": b"no JSON"},
        {"operation": "submit-job", "body": b'{"program_id": "sampler", "params": {}}' + b" " * 5000},
        {"operation": "list-jobs", "body": b'{"what": "ever"}'},
        {"operation": "list-jobs", "query": "limit=1&" * 2000},
    ],
)
def test_what_has_no_fields_has_no_unknown_ones(given: dict[str, Any]) -> None:
    """What cannot be read is a matter of other checks, and a body that nobody reads has no fields."""
    story = Story()
    for _ in range(600):
        story.ask("list-jobs", query=f"offset={story.number}")
    story.ask(**given)
    story.journal().assert_no_unknown_fields()


def test_many_unknown_names_are_counted() -> None:
    """Four are shown, and no secret among them."""
    story = Story()
    story.submit(body={f"zone{number}": number for number in range(7)} | {story.token: 1})
    lines = failure(story.journal(), lambda journal: journal.assert_no_unknown_fields())
    assert lines[1].endswith("field /zone1, field /zone2 and 4 more)")


def test_the_forms_of_2021_are_held_to_its_document() -> None:
    """A form of several parts has fields as well."""
    story = Story("legacy-2021")
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    part = '--b\r\nContent-Disposition: form-data; name="{}"\r\n\r\nx\r\n'
    body = (part.format("name") + part.format("nickname") + "--b--\r\n").encode()
    story.ask("post-program", body=body, headers=kind)
    lines = failure(story.journal(), lambda journal: journal.assert_no_unknown_fields())
    assert lines[1] == "  +0.0 s #1 POST post-program 200 (field /nickname)"


def test_another_edition_has_no_document() -> None:
    """Nothing is said of what nobody described."""
    story = Story()
    story.ask("list-jobs", query="limits=5")
    journal = Journal()
    journal.add(replace(story.entries[0], edition="legacy-1999"))
    journal.assert_no_unknown_fields()


def test_what_was_forgotten_is_said() -> None:
    """An assertion that fails on half of a story says that it is a half."""
    lines = failure(polled(9).journal(most_entries=5), lambda journal: journal.assert_called("submit-job"))
    assert lines[-1] == "  6 older exchanges are forgotten"


HOSTILE: Final = "x" * 500 + "\n\x1b[31m"


def test_hostile_names_do_not_break_the_lines() -> None:
    """An id is shown bounded and printable."""
    story = Story()
    story.submit(HOSTILE)
    story.ask("get-session", session=HOSTILE, method=HOSTILE)
    lines = failure(story.journal(), lambda journal: journal.assert_called("cancel-job"))
    assert len(lines) == 3
    assert "-> session xxx" in lines[2]
    assert all(len(line) < 200 and line.isprintable() for line in lines)


def test_many_answers_are_summed_up() -> None:
    """Statuses that alternate for long are shown by their beginning and end."""
    story = Story()
    for number in range(40):
        story.look(204 if number % 2 else 503)
    story.look(204, left=True)
    story.look(0, cut="before")
    lines = failure(story.journal(), lambda journal: journal.assert_polled("job-1", times=1))
    assert any(line.endswith("(running; the caller left)") for line in lines)
    assert lines[1].startswith("  answers: 503, 204, 503")
    assert lines[1].endswith(", ..., none")
    assert lines[-1].endswith("no answer -> job job-1 (running; cut before the answer)")
