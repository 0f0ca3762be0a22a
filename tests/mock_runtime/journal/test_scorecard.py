"""Each rule of the scorecard finds the behaviour that it is for, and no other one does; a good client has none."""

from __future__ import annotations

import json
import time  # noqa: TID251 - what a card costs
from collections.abc import Callable
from typing import Any, Final

import pytest

from mock_runtime.journal.scorecard import RULES, Expectations, Scorecard, Severity, scorecard
from tests.mock_runtime.journal.stories import START, SUBMISSION, Story

EDITIONS: Final = ["platform", "legacy-2021"]


def card(story: Story, *, later: float = 0.0, **given: Any) -> Scorecard:
    """The scorecard of a story, some seconds after its end."""
    return scorecard(story.entries, now=story.now + later, **given)


def good(edition: str = "platform") -> Story:
    """A client that nobody complains about, on a day with some trouble."""
    story = Story(edition)
    story.log_in()
    story.ask("list-backends")
    story.submit(None, 429, answer_headers={"Retry-After": "7"})
    story.submit(pause=7.0)
    for pause in (2.0, 2.0, 3.0, 4.0, 5.0):
        story.look(pause=pause)
    for pause in (1.0, 2.0, 4.0, 8.0):
        story.look(503, job_status=None, pause=pause)
    story.look(pause=16.0)
    story.look(200)
    story.log_in(pause=3000.0, token="the-next-token-4711")
    story.ask("list-jobs", query="limit=50&offset=0")
    story.submit("job-2")
    story.state(job="job-2")
    story.ask("cancel-job", 204, job="job-2")
    story.state("cancelled", job="job-2")
    if edition == "platform":
        story.ask("open-session", session="s-1", body={"mode": "dedicated"})
        story.ask("close-session", 204, session="s-1")
    return story


def fast_polls(story: Story) -> None:
    """A loop that hardly waits."""
    for _ in range(8):
        story.look(pause=0.5)


def many_requests(story: Story) -> None:
    """Three hundred jobs, each looked at once in a while."""
    for number in range(300):
        story.state(job=f"job-{number}", pause=0.01, seconds=0.01)


def looks_after_the_end(story: Story) -> None:
    """The status is asked for again and again though it is final."""
    for _ in range(5):
        story.state("completed")


def status_and_results(story: Story) -> None:
    """Both are polled in turn."""
    for _ in range(4):
        story.state()
        story.look()


def results_again(story: Story) -> None:
    """The results are fetched each time somebody wants to see them."""
    story.look(200, answer_size=1000)
    story.look(200, answer_size=1000)


def too_early(story: Story) -> None:
    """Retry-After is half of what it should be."""
    story.look(503, job_status=None, answer_headers={"Retry-After": "10"})
    story.look(pause=5.0)


def storm(story: Story) -> None:
    """What fails is sent again at once."""
    for _ in range(6):
        story.look(500, job_status=None, pause=0.01)


def steady(story: Story) -> None:
    """What fails is sent again at the same pace."""
    for _ in range(6):
        story.look(502, job_status=None)


def stubborn(story: Story) -> None:
    """What is refused is sent again unchanged."""
    for _ in range(4):
        story.ask("list-jobs", 400, query="limit=-1")


def doubled(story: Story) -> None:
    """The answer was cut, the job was made, and the next request made another."""
    story.submit("job-a", 0, cut="before")
    story.submit("job-b")


def doubled_session(story: Story) -> None:
    """The same with a session, that is closed in the end."""
    story.ask("open-session", 500, session="s-1", body={"mode": "batch"})
    story.ask("open-session", session="s-2", body={"mode": "batch"})
    story.ask("close-session", 204, session="s-2")


def blind(story: Story) -> None:
    """The connection was cut before anything was done, which nobody could know."""
    story.submit(None, 0, cut="request")
    story.submit("job-b")


def left_behind(story: Story) -> None:
    """A job is submitted and looked at, and then forgotten."""
    story.submit()
    story.state()


def overtaken(story: Story) -> None:
    """The status is asked for while the cancellation is on its way."""
    story.ask("cancel-job", 204, job="job-1", seconds=3.0)
    story.state("cancelled", at=story.now - 1.0)


def session_open(story: Story) -> None:
    """A session is opened and nothing more."""
    story.ask("open-session", session="s-1", body={"mode": "dedicated"})
    story.ask("get-session", session="s-1")


def many_log_ins(story: Story) -> None:
    """Each request logs in for itself."""
    for number in range(6):
        story.log_in(token=f"token-number-{number}")
        story.ask("list-jobs")


def late_log_in(story: Story) -> None:
    """Only the refusal makes it log in."""
    story.log_in(60.0)
    story.ask("list-jobs", 401, pause=100.0, caller=None)
    story.log_in(60.0, token="another-token-4711")


def unknown_field(story: Story) -> None:
    """A field is misspelt."""
    story.submit(body={**SUBMISSION["platform"], "backendName": "ibm_fez"})


def unknown_query(story: Story) -> None:
    """A parameter is misspelt."""
    story.ask("list-jobs", query="limits=5")


def unknown_header(story: Story) -> None:
    """A header is made up."""
    story.ask("list-jobs", headers={"X-Team": "blue"})


def nameless(story: Story) -> None:
    """Nobody says who it is."""
    story.ask("list-jobs", headers={"User-Agent": None})


def versionless(story: Story) -> None:
    """The version is left open."""
    story.ask("list-jobs", headers={"IBM-API-Version": None})


def outdated(story: Story) -> None:
    """An operation that IBM's later documents call deprecated."""
    story.ask("get_instance_configuration")


def lost(story: Story) -> None:
    """A path that there is not."""
    story.ask(None, 404)


def tiny_pages(story: Story) -> None:
    """A list is read five by five."""
    for page in range(6):
        story.ask("list-jobs", query=f"limit=5&offset={5 * page}")


def catalogue(story: Story) -> None:
    """The devices are listed before each job."""
    for _ in range(7):
        story.ask("list-backends", pause=30.0)


PLANTED: Final[list[tuple[str, Callable[[Story], None], Severity]]] = [
    ("poll-rate", fast_polls, Severity.WARNING),
    ("request-rate", many_requests, Severity.WARNING),
    ("polls-after-final", looks_after_the_end, Severity.WARNING),
    ("polled-both-ways", status_and_results, Severity.NOTE),
    ("results-twice", results_again, Severity.WARNING),
    ("retry-after", too_early, Severity.COMPLAINT),
    ("retry-storm", storm, Severity.COMPLAINT),
    ("no-back-off", steady, Severity.WARNING),
    ("error-repeated", stubborn, Severity.WARNING),
    ("made-twice", doubled, Severity.COMPLAINT),
    ("made-twice", doubled_session, Severity.COMPLAINT),
    ("unsafe-retry", blind, Severity.WARNING),
    ("job-left-behind", left_behind, Severity.NOTE),
    ("cancel-overtaken", overtaken, Severity.NOTE),
    ("session-left-open", session_open, Severity.WARNING),
    ("log-in-too-often", many_log_ins, Severity.WARNING),
    ("log-in-too-late", late_log_in, Severity.WARNING),
    ("unknown-field", unknown_field, Severity.WARNING),
    ("unknown-query", unknown_query, Severity.WARNING),
    ("unknown-header", unknown_header, Severity.NOTE),
    ("no-user-agent", nameless, Severity.NOTE),
    ("no-api-version", versionless, Severity.WARNING),
    ("deprecated", outdated, Severity.WARNING),
    ("no-such-operation", lost, Severity.WARNING),
    ("tiny-pages", tiny_pages, Severity.WARNING),
    ("catalogue-again", catalogue, Severity.NOTE),
]


@pytest.mark.parametrize(("rule", "plant", "severity"), PLANTED, ids=[plant.__name__ for _, plant, _ in PLANTED])
def test_a_rule_finds_what_is_planted(rule: str, plant: Callable[[Story], None], severity: Severity) -> None:
    """That rule speaks, and no other; with a sentence, advice, and the exchanges that show it."""
    story = Story()
    plant(story)
    later = {"job-left-behind": 3600.0, "session-left-open": 100.0}.get(rule, 0.0)
    found = card(story, later=later).findings
    assert [finding.rule for finding in found] == [rule]
    assert found[0].severity is severity
    assert found[0].caller == "alice"
    assert found[0].sentence.startswith("alice ")
    assert found[0].advice.endswith(".")
    assert 0 < len(found[0].numbers) <= 20
    assert {entry.number for entry in story.entries} >= set(found[0].numbers)
    assert story.token not in str(found[0])


def test_every_rule_is_planted() -> None:
    """There is a behaviour for each rule."""
    assert {rule for rule, _, _ in PLANTED} == set(RULES)


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_good_client_has_no_findings(edition: str) -> None:
    """It waits, honours Retry-After, backs off, renews in time and closes what it opened; the card says so."""
    found = card(good(edition), later=3600.0)
    assert list(found.findings) == []
    assert found.worst is None
    marks = {mark.rule for mark in found.marks}
    assert marks >= {"poll-rate", "retry-after", "no-back-off", "log-in-too-late"}
    assert ("session-left-open" in marks) == (edition == "platform")


@pytest.mark.parametrize("plant", [fast_polls, doubled, storm, many_log_ins, late_log_in, stubborn, tiny_pages])
def test_the_rules_are_those_of_all_editions(plant: Callable[[Story], None]) -> None:
    """What is found of a client of today's API is found of one of 2021."""
    rules = []
    for edition in EDITIONS:
        story = Story(edition)
        plant(story)
        rules.append([finding.rule for finding in card(story).findings])
    assert rules[0] == rules[1] != []


@pytest.mark.parametrize("number", range(1, 23))
def test_a_forgotten_beginning_accuses_nobody(number: int) -> None:
    """A good client stays a good one, whatever the ring forgot."""
    story = good()
    rest = story.entries[number:]
    found = scorecard(rest, now=story.now + 3600.0, sessions_open=[])
    assert list(found.findings) == []
    assert not found.is_whole


def test_the_order_of_the_exchanges_does_not_matter() -> None:
    """They end in any order."""
    story = Story()
    fast_polls(story)
    too_early(story)
    forwards = scorecard(story.entries, now=story.now)
    backwards = scorecard(reversed(story.entries), now=story.now)
    assert forwards.as_dict() == backwards.as_dict()


def test_where_time_stands_still_nothing_is_said_of_it() -> None:
    """A test whose clock does not move is not a client that hammers."""
    story = Story()
    for _ in range(9):
        story.look(503, at=START, seconds=0.0, answer_headers={"Retry-After": "5"})
    found = card(story)
    assert list(found.findings) == []
    assert not found.has_time
    assert "  the clock stood still: nothing is said of pauses and rates" in list(found.lines())


def stand(story: Story, status: int, times: int, **given: Any) -> None:
    """Ask for results again and again on a clock that nobody moves."""
    for _ in range(times):
        story.look(status, pause=0.0, seconds=0.0, **given)


@pytest.mark.parametrize(("status", "headers"), [(204, {}), (500, {}), (503, {"Retry-After": "5"})])
def test_a_clock_that_was_moved_once_does_not_show_how_a_client_waits(status: int, headers: dict[str, str]) -> None:
    """A test moves it to the end of the job: the polls before and after that came in no time that was seen."""
    story = Story()
    stand(story, status, 9, answer_headers=headers)
    story.ask("list-backends", pause=3 * 3600.0)
    found = card(story)
    assert found.has_time
    assert list(found.findings) == []
    assert {mark.rule for mark in found.marks}.isdisjoint({"poll-rate", "retry-after", "no-back-off"})


def test_many_requests_of_one_instant_are_no_rate() -> None:
    """How many came within a second was not seen."""
    story = Story()
    for number in range(300):
        story.state(job=f"job-{number}", pause=0.0, seconds=0.0)
    story.ask("list-jobs", pause=1.0)
    assert list(card(story).findings) == []


def test_a_client_that_is_seen_to_wait_is_judged_by_where_it_does_not() -> None:
    """The clock moves in half of its pauses: it waits on this one."""
    story = Story()
    for _ in range(5):
        story.look(pause=0.0, seconds=0.0)
        story.look(pause=0.5, seconds=0.0)
    assert [finding.rule for finding in card(story).findings] == ["poll-rate"]
    story = Story()
    for pause in (0.0, 6.0, 0.0):
        story.look(503, job_status=None, pause=pause, seconds=0.0, answer_headers={"Retry-After": "5"})
    (finding,) = card(story).findings
    assert finding.rule == "retry-after"
    assert "after 0.00 s where Retry-After asked for 5 s; 1 of 2 repetitions" in finding.sentence


def test_what_comes_after_the_end_is_no_polling() -> None:
    """Patient polls stay patient, however often the results are fetched again: that is a finding of its own."""
    story = Story()
    for pause in (1.0, 2.0, 3.0, 3.0, 3.0):
        story.look(pause=pause)
    story.look(200, pause=3.0)
    for _ in range(9):
        story.look(200, pause=0.01)
    found = card(story)
    assert [finding.rule for finding in found.findings] == ["results-twice"]
    assert [mark.sentence for mark in found.marks] == ["alice polled every 3.0 s or more slowly"]


def test_polls_that_are_told_of_are_those_before_the_end() -> None:
    """The number, the evidence and the rate are of them alone."""
    story = Story()
    fast_polls(story)
    story.look(200, pause=0.5)
    for _ in range(30):
        story.look(200, pause=5.0)
    found = {finding.rule: finding for finding in card(story).findings}
    assert found.keys() == {"poll-rate", "results-twice"}
    assert found["poll-rate"].sentence == "alice polled job job-1 every 0.50 s (median), 9 times"
    assert found["poll-rate"].numbers == tuple(range(1, 10))
    assert found["poll-rate"].figures["requests_per_s"] == pytest.approx(9 / 4.9)


def test_the_numbers_of_a_finding_are_in_order() -> None:
    """The first twenty of all, and not of the one request that came first."""
    story = Story()
    for _ in range(8):
        for query in ("limit=20", "limit=50", "limit=99"):
            story.ask("list-jobs", 503, query=query, pause=0.2, answer_headers={"Retry-After": "9"})
    (finding,) = card(story).findings
    assert (finding.rule, finding.count) == ("retry-after", 21)
    assert finding.numbers == tuple(range(4, 24))


def test_a_card_is_asserted_on() -> None:
    """What fails is told as the card tells it; what is put up with does not fail."""
    card(good()).assert_clean()
    story = Story()
    nameless(story)
    noted = card(story)
    noted.assert_clean(worst="note")
    noted.assert_clean(worst=Severity.WARNING)
    with pytest.raises(AssertionError, match=r"1 exchange in .* s: 1 note") as raised:
        noted.assert_clean()
    assert str(raised.value) == "\n".join(noted.lines())
    doubled(story)
    with pytest.raises(AssertionError, match="made-twice"):
        card(story).assert_clean(worst="warning")
    with pytest.raises(ValueError, match="worst: expected complaint, warning, note or None, found 'notes'"):
        noted.assert_clean(worst="notes")


def test_the_repr_of_a_card_is_its_first_line() -> None:
    """A test that fails shows it."""
    story = Story()
    doubled(story)
    assert repr(card(story)) == "<Scorecard of 2 exchanges in 2.2 s: 1 complaint>"


def test_what_several_send_at_once_is_nobodys_repetition() -> None:
    """Threads of one user ask for the same list at once, some are refused: that is no storm."""
    story = Story()
    for number in range(20):
        status = 429 if number % 2 else 200
        story.ask("list-jobs", status, at=START + number * 0.05, seconds=0.5, answer_headers={"Retry-After": "5"})
    assert list(card(story).findings) == []


def test_polls_that_come_like_rain_are_a_complaint() -> None:
    """The severity grows with the rate, and the figures say how fast it was."""
    story = Story()
    for _ in range(50):
        story.look(pause=0.02, seconds=0.03)
    (finding,) = card(story).findings
    assert finding.severity is Severity.COMPLAINT
    assert finding.sentence == "alice polled job job-1 every 0.02 s (median), 50 times"
    assert finding.figures["median_s"] == pytest.approx(0.02, abs=1e-3)
    assert finding.figures["requests_per_s"] == pytest.approx(20, rel=0.05)
    assert finding.jobs == ("job-1",)
    assert (finding.count, len(finding.numbers)) == (50, 20)


def test_several_jobs_are_one_finding() -> None:
    """A client with a hundred jobs is told once, with the worst of them."""
    story = Story()
    for job in range(30):
        for _ in range(7):
            story.look(job=f"job-{job}", pause=0.9 - job / 100)
    found = [finding for finding in card(story).findings if finding.rule == "poll-rate"]
    assert len(found) == 1
    assert "job job-29 every 0.61 s (median), 7 times, and 29 other jobs too fast as well" in found[0].sentence
    assert found[0].figures["jobs"] == 30
    assert len(found[0].jobs) == 20


@pytest.mark.parametrize("answer", [b"", b"{", b"[]", b'{"status": 7}', b"[" * 100_000])
def test_a_status_that_is_not_kept_accuses_nobody(answer: bytes) -> None:
    """Without the answer nobody knows what the client was told."""
    story = Story()
    story.submit()
    for _ in range(5):
        story.state("completed", answer=answer)
    assert list(card(story, later=3600.0).findings) == []


def test_what_was_told_counts_and_not_where_the_job_stood() -> None:
    """The poll that ends a job may still answer that it runs."""
    story = Story()
    for _ in range(5):
        story.ask("get-job", job="job-1", job_status="completed", answer={"status": "Running"})
    story.ask("get-job", job="job-1", job_status="completed", answer={"status": "Cancelled - Ran too long"})
    assert list(card(story).findings) == []


def test_a_look_at_the_status_now_and_then_is_care() -> None:
    """Results that are not there yet do not say that a job failed."""
    story = Story()
    for _ in range(5):
        story.state()
        for _ in range(4):
            story.look()
    assert list(card(story).findings) == []


def test_a_look_before_a_repetition_is_not_blind() -> None:
    """Whoever looks into the list first is praised."""
    story = Story()
    story.submit(None, 0, cut="before")
    story.ask("list-jobs")
    story.submit("job-b")
    found = card(story)
    assert list(found.findings) == []
    assert [mark.rule for mark in found.marks] == ["unsafe-retry"]


def test_a_submission_refused_by_a_limit_is_safe_to_repeat() -> None:
    """429 and 503 say that nothing was done."""
    story = Story()
    story.submit(None, 503)
    story.submit("job-b")
    found = card(story)
    assert (list(found.findings), list(found.marks)) == ([], [])


def test_the_same_work_twice_is_allowed() -> None:
    """Who got the whole answer to a submission may submit the same again."""
    story = Story()
    story.submit("job-a")
    story.submit("job-b")
    assert list(card(story).findings) == []


def test_refusals_whose_bodies_are_gone_are_not_compared() -> None:
    """They may have been for different things."""
    story = Story()
    for _ in range(9):
        story.submit(None, 400, body=b"", request_size=5000)
    assert list(card(story).findings) == []


def test_results_that_were_cut_may_be_fetched_again() -> None:
    """Only what was had in whole is had."""
    story = Story()
    story.look(200, cut="within")
    story.look(200, left=True)
    story.look(200)
    assert list(card(story).findings) == []


def test_a_token_that_was_refused_may_be_renewed_at_once() -> None:
    """A revoked token is no fault of the client's, nor are the log-ins after it."""
    story = Story()
    for number in range(6):
        story.log_in(token=f"token-number-{number}")
        story.ask("list-jobs", 401, faults=("revoked",), query=f"offset={number}")
    assert list(card(story).findings) == []


def test_log_ins_whose_answers_are_not_kept_accuse_nobody() -> None:
    """Without the answer nobody knows how long a token was good."""
    story = Story()
    for answer in (b"", b"[]", b'{"access_token": "x"}', b'{"access_token": 7, "expires_in": 60}', b"{" * 5000):
        story.ask("log-in", answer=answer, body=b"apikey=x")
    for _ in range(5):
        story.ask("log-in", answer={"access_token": "abc", "expires_in": True}, body=b"apikey=x")
    assert list(card(story).findings) == []


def test_who_has_no_name_is_known_by_the_token() -> None:
    """What was cut before anybody asked who calls is told of the one whose token it is."""
    story = Story()
    story.ask("list-jobs")
    for _ in range(6):
        story.look(0, job_status=None, cut="request", caller=None)
    story.log_in(caller=None)
    found = card(story)
    assert [(finding.rule, finding.caller) for finding in found.findings] == [("no-back-off", "alice")]
    assert list(found.callers) == ["alice"]


def test_who_stays_without_a_name_is_somebody() -> None:
    """A caller without credentials is told of, too."""
    story = Story(caller=None)
    for _ in range(3):
        story.ask("list-jobs", 401, headers={"Authorization": None})
    (finding,) = card(story).findings
    assert finding.sentence == "somebody sent the same list-jobs 3 times, which was refused with 401"
    assert finding.caller is None


def test_each_caller_is_judged_alone() -> None:
    """`of` narrows a card to one caller."""
    story = Story()
    fast_polls(story)
    story.caller, story.token = "bob", "another-token-of-bob"
    results_again(story)
    found = card(story)
    assert list(found.callers) == ["alice", "bob"]
    assert [finding.rule for finding in found.of("alice").findings] == ["poll-rate"]
    assert [finding.rule for finding in found.of("bob").findings] == ["results-twice"]
    assert list(found.of("bob").callers) == ["bob"]
    assert next(found.lines()).startswith("  10 exchanges of 2 callers"[2:])


def test_the_world_knows_which_sessions_are_open() -> None:
    """If it says so, a session that ended by itself is no finding, and one whose closing was refused is."""
    story = Story()
    story.ask("open-session", session="s-1", body={"mode": "batch"})
    story.ask("open-session", session="s-2", body={"mode": "dedicated"})
    story.ask("close-session", 500, session="s-2")
    later = card(story, later=100.0, sessions_open=["s-2"])
    assert [finding.rule for finding in later.findings] == ["session-left-open"]
    assert later.findings[0].sentence == "alice left session s-2 open: nothing was asked of it for 100 s"
    assert list(card(story, later=100.0, sessions_open=[]).findings) == []
    assert list(card(story, later=10.0).findings) == []
    both = card(story, later=100.0)
    assert both.findings[0].sentence.startswith("alice left session s-1 open, and 1 more: ")


def test_a_session_whose_jobs_are_polled_is_in_use() -> None:
    """Whoever waits for a job in it has not left it."""
    story = Story()
    story.ask("open-session", session="s-1", body={"mode": "batch"})
    story.submit(body={**SUBMISSION["platform"], "session_id": "s-1"})
    for _ in range(10):
        story.look(pause=20.0)
    assert list(card(story, later=30.0).findings) == []
    assert [finding.rule for finding in card(story, later=90.0).findings] == ["session-left-open"]


def test_a_session_that_nobody_heard_of_is_not_left_open() -> None:
    """The client cannot close what it has no id of."""
    story = Story()
    story.ask("open-session", 0, session="s-1", cut="before", body={"mode": "batch"})
    assert list(card(story, later=90.0).findings) == []


def test_all_jobs_that_are_polled_too_fast_are_told_of_once() -> None:
    """Their polls do not count again as too many requests."""
    story = Story()
    for _ in range(10):
        for job in range(50):
            story.look(job=f"job-{job}", pause=0.005, seconds=0.005)
    assert [finding.rule for finding in card(story).findings] == ["poll-rate"]


def test_thresholds_are_parameters() -> None:
    """What one operator complains about another one puts up with."""
    story = Story()
    fast_polls(story)
    assert list(card(story, expectations=Expectations(poll_interval_s=0.5)).findings) == []
    harm = card(story, expectations=Expectations(poll_harm_s=0.6)).findings
    assert [finding.severity for finding in harm] == [Severity.COMPLAINT]
    assert list(card(Story(), expectations=Expectations(rate_window_s=0.0)).findings) == []


@pytest.mark.parametrize("value", [-1.0, float("nan"), True])
def test_thresholds_are_numbers(value: Any) -> None:
    """A threshold that is none is refused by its name."""
    with pytest.raises(ValueError, match="poll_interval_s: expected a number of 0 or more, found"):
        Expectations(poll_interval_s=value)


def test_more_operations_can_be_called_deprecated() -> None:
    """The reason is in the sentence."""
    story = Story()
    story.ask("list-jobs")
    story.ask("list-backends")
    expectations = Expectations(deprecated={"list_jobs": "use workloads", "list_backends": "no"})
    (finding,) = card(story, expectations=expectations).findings
    assert finding.sentence == "alice called list_jobs, and 1 more such operation: use workloads"


def test_unknown_names_are_shown_without_secrets() -> None:
    """A token in the place of a name does not come out of the card."""
    story = Story()
    for number in range(8):
        story.ask("list-jobs", query=f"{story.token}=1&bearer{number}=1")
    story.ask("list-jobs", query="eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl=1")
    story.ask(None, 404, path=f"/bearer/Bearer%20{story.token}")
    found = card(story)
    text = "\n".join(found.lines()) + json.dumps(found.as_dict())
    assert story.token not in text
    assert "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl" not in text
    (finding,) = found.of("alice").findings[1:]
    assert finding.rule == "unknown-query"
    assert " and " in finding.sentence


def test_a_card_is_text() -> None:
    """The worst comes first, each with its evidence and advice, then what is well done."""
    story = Story(first=3)
    doubled(story)
    fast_polls(story)
    for _ in range(2):
        story.look(429, job="job-a", job_status=None, answer_headers={"Retry-After": "1"})
    found = card(story)
    lines = list(found.lines())
    assert lines[0].endswith(": 1 complaint, 1 warning")
    assert lines[1] == "  older exchanges are not there: nothing is said of them"
    assert lines[2].startswith("  complaint  made-twice: alice made 2 jobs of one submission (job-a, job-b) by")
    assert any(line.startswith("  warning    poll-rate: ") for line in lines)
    assert any(line.startswith("  good       retry-after: alice waited as Retry-After asked, once") for line in lines)
    assert max(map(len, lines)) <= 100
    assert found.worst is Severity.COMPLAINT


def test_a_card_is_json() -> None:
    """All of it can be written as JSON."""
    story = Story()
    too_early(story)
    found = json.loads(json.dumps(card(story).as_dict()))
    assert found["findings"][0]["figures"] == {"asked_s": 10.0, "early_s": 5.0, "pause_s": 5.0}
    assert (found["worst"], found["whole"], found["time"], found["exchanges"]) == ("complaint", True, True, 2)
    assert json.loads(json.dumps(card(good()).as_dict()))["marks"][0].keys() == {"rule", "sentence", "caller"}


def test_no_exchange_is_no_finding() -> None:
    """A journal that is empty makes an empty card."""
    found = card(Story())
    assert list(found.lines()) == ["0 exchanges in 0.0 s: nothing to complain about"]
    assert found.as_dict()["worst"] is None


def usual_day(story: Story, number: int) -> None:
    """A job of twenty exchanges."""
    if number % 20 == 0:
        story.submit(f"job-{number}", body={**SUBMISSION["platform"], "params": {"n": number}})
    else:
        story.look(job=f"job-{number - number % 20}", pause=0.01, query=f"x={number % 7}")


def one_cancellation(story: Story, number: int) -> None:
    """The same job is cancelled for ever."""
    story.ask("cancel-job", 204, job="job-1", pause=-0.05)


def one_submission(story: Story, number: int) -> None:
    """The same submission fails for ever, with a look into the list between any two."""
    story.submit(None, 502) if number % 2 else story.ask("list-jobs")


def one_job_for_all(story: Story, number: int) -> None:
    """The same job is made for ever."""
    story.submit("job-1")


def one_list(story: Story, number: int) -> None:
    """The same list is read for ever."""
    story.ask("list-backends", pause=0.01)


def many_callers(story: Story, number: int) -> None:
    """Each exchange is another one's."""
    story.token = f"token-number-{number}"
    story.ask("list-jobs", caller=f"user-{number}")


def cost_s(exchanges: int, tell: Callable[[Story, int], None]) -> float:
    """How much of the processor's time a card of so many exchanges takes, at best of three."""
    story = Story()
    for number in range(exchanges):
        tell(story, number)
    costs = []
    for _ in range(3):
        start = time.thread_time()
        scorecard(story.entries, now=story.now + 1000.0)
        costs.append(time.thread_time() - start)
    return min(costs)


@pytest.mark.parametrize("tell", [usual_day, one_cancellation, one_submission, one_job_for_all, one_list, many_callers])
def test_a_full_journal_costs_no_more_than_its_size(tell: Callable[[Story, int], None]) -> None:
    """Ten times as many exchanges take some ten times as long: no rule compares each with each."""
    assert cost_s(5000, tell) < 30 * cost_s(500, tell)


def test_the_same_page_again_is_no_tiny_page() -> None:
    """Who looks what is new asks for the first few each time."""
    story = Story()
    for _ in range(20):
        story.ask("list-jobs", query="limit=5&offset=0")
    for query in ("limit=five", "limit=" + "9" * 30, "limit=", "x=1&" * 2000 + "limit=1"):
        story.ask("list-jobs", 400, query=query)
    assert "tiny-pages" not in [finding.rule for finding in card(story).findings]


def test_facts_may_be_read_again_after_a_while() -> None:
    """And the status of a device at any time."""
    story = Story()
    for _ in range(10):
        story.ask("list-backends", pause=1000.0)
        story.ask("get-backend", backend="ibm_fez", path="/api/v1/backends/ibm_fez/status")
    assert list(card(story).findings) == []
