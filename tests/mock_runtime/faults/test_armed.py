"""The armed rules of a world: who is met, in which order, and the accounts of it."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from typing import Any

import pytest

from mock_runtime.clock import ManualClock
from mock_runtime.durations import Fixed
from mock_runtime.faults import accounts, armed
from mock_runtime.faults.armed import FaultNotFound, Faults
from mock_runtime.faults.events import Event, Happening
from mock_runtime.faults.reading import InvalidFault, fault
from mock_runtime.ids import Ids
from tests.mock_runtime.faults.calls import Bad, call, header

_503: dict[str, Any] = {"status": 503}


def test_nothing_is_met_where_nothing_is_armed() -> None:
    """And whether anything is costs one look."""
    bad = Bad()
    assert not bad.faults
    assert (len(bad.faults), list(bad.faults)) == (0, [])
    assert repr(bad.faults) == "<Faults: none>"
    decision = bad.decide()
    assert (decision.faults, decision.refusal, decision.events, decision.later) == ((), None, (), ())
    assert bad.answer(decision).status == 200


def test_rules_are_armed_under_ids() -> None:
    """Their own, or the next free number."""
    bad = Bad({"act": _503}, {"id": "storm", "act": _503}, {"id": "fault-2", "act": _503})
    assert [rule.id for rule in bad.faults] == ["fault-1", "storm", "fault-2"]
    assert bad.faults.add(act=_503).id == "fault-3"
    assert bad.faults.add({"act": _503}).id == "fault-4"
    assert bad.faults.add(fault({"act": _503})).fault.as_dict() == {"id": "fault-5", "act": _503}
    assert "storm" in bad.faults
    assert bad.faults["storm"].id == "storm"
    bad.faults.remove("storm")
    assert "storm" not in bad.faults
    bad.faults.clear()
    assert len(bad.faults) == 0


def test_what_cannot_be_armed_is_refused_and_changes_nothing() -> None:
    """An id twice, a rule that makes no sense, too many of them, a rule and settings at once."""
    bad = Bad({"id": "storm", "act": _503})
    wrong: list[tuple[list[dict[str, Any]], str]] = [
        ([{"id": "storm", "act": _503}], "an id that no other armed rule has, found 'storm'"),
        ([{"id": "a", "act": _503}, {"id": "a", "act": _503}], "found 'a'"),
        ([{"act": _503}, {"act": {}}], "at least one thing"),
        ([{"act": _503}] * 1000, "at most 1000 armed rules, found 1001"),
    ]
    for rules, said in wrong:
        with pytest.raises(InvalidFault, match=said):
            bad.faults.extend(rules)
    with pytest.raises(InvalidFault, match="a rule or its settings, not both"):
        bad.faults.add({"act": _503}, times=3)
    with pytest.raises(InvalidFault, match=r"faults\[1\]\.act"):
        bad.faults.replace([{"act": _503}, {"act": {}}])
    assert [rule.id for rule in bad.faults] == ["storm"]


def test_a_rule_that_is_not_armed_is_told_apart() -> None:
    """With what is armed."""
    bad = Bad({"id": "storm", "act": _503})
    for ask in (bad.faults.remove, bad.faults.on, bad.faults.off, bad.faults.__getitem__):
        with pytest.raises(FaultNotFound, match="no fault 'calm' is armed; armed are storm"):
            ask("calm")
    with pytest.raises(FaultNotFound, match="none is"):
        Bad().faults.on("calm")


def test_operations_are_checked_where_they_are_known() -> None:
    """Also those of the start, and in rules that were read where nobody knew them."""
    with pytest.raises(InvalidFault, match=r"faults\[0\]\.match\.operation: there is no operation 'get-jobs'"):
        Faults(Ids(1), ManualClock(), [{"match": {"operation": "get-jobs"}, "act": _503}], operations={"get_job"})
    blind = fault({"match": {"operation": ["get-job", "not get_jobs"]}, "act": _503})
    with pytest.raises(InvalidFault, match=r"^faults\[0\]\.match\.operation: there is no operation 'get_jobs'"):
        Faults(Ids(1), ManualClock(), [blind], operations={"get_job"})
    known = Faults(Ids(1), ManualClock(), [blind], operations={"get_jobs"})
    with pytest.raises(
        InvalidFault, match=r"^match\.operation: there is no operation 'get-jbo'; did you mean 'get-job'"
    ):
        known.add(fault({"match": {"operation": "get-jbo"}, "act": _503}))
    assert [rule.id for rule in known] == ["fault-1"]


def test_replacing_keeps_nothing() -> None:
    """The new rules have accounts of their own."""
    bad = Bad({"id": "a", "act": _503})
    bad.ask()
    bad.faults.replace([{"id": "a", "act": _503}, {"id": "b", "act": {"slow": 1}}])
    assert [(rule.id, rule.met) for rule in bad.faults] == [("a", 0), ("b", 0)]


def test_the_first_refusal_wins() -> None:
    """In the order in which they are armed; the others are told that one was before them."""
    bad = Bad(
        {"id": "a", "match": {"operation": "other"}, "act": {"status": 500}},
        {"id": "b", "act": {"status": 502}},
        {"id": "c", "act": {"status": 503, "slow": "1s"}},
        {"id": "d", "act": {"cut": "request"}},
        {"id": "e", "act": {"slow": "2s"}},
    )
    decision = bad.decide()
    assert decision.faults == ("b", "e")
    answer = bad.answer(decision)
    assert (answer.status, answer.hold_s) == (502, 2.0)
    assert {rule.id: dict(rule.tally.passed) for rule in bad.faults if rule.tally.passed} == {
        "c": {accounts.Why.OUTDONE: 1},
        "d": {accounts.Why.OUTDONE: 1},
    }


def test_a_request_that_is_cut_off_meets_what_happens_all_the_same() -> None:
    """What changes answers has none to change; what happens to the world happens."""
    bad = Bad(
        {"id": "slow", "act": {"slow": "2s"}},
        {"id": "cut", "act": {"cut": "request"}},
        {"id": "fail", "act": {"job": "fail"}},
        {"id": "outrun", "act": {"job": "outrun-cancel"}},
        {"id": "answer", "match": {"status": "any"}, "act": {"slow": 1}},
    )
    decision = bad.decide()
    assert decision.faults == ("cut", "fail")
    assert [event.kind for event in decision.events] == [Happening.FAIL]
    assert decision.later == ()
    assert bad.answer(decision).hold_s == 0
    assert bad.faults["answer"].matched == 0


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        (3, "..x......."),
        ("2..4", ".xxx......"),
        ("8..", ".......xxx"),
        ("every 3", "..x..x..x."),
        ([1, "9.."], "x.......xx"),
    ],
)
def test_some_of_the_matching_calls_are_met(calls: object, expected: str) -> None:
    """Those that do not match are not counted."""
    bad = Bad({"match": {"operation": "get-results", "calls": calls}, "act": _503})
    met = ""
    for _ in range(10):
        bad.ask(operation="get-job", operation_id="get_job")
        met += "x" if bad.ask().status == 503 else "."
    assert met == expected


def test_a_rule_is_met_so_many_times() -> None:
    """And not again, though it is still there."""
    bad = Bad({"act": _503, "times": 3})
    assert bad.statuses(5) == [503, 503, 503, 200, 200]
    (rule,) = bad.faults
    assert (rule.matched, rule.met, rule.requests) == (5, 3, (1, 2, 3))
    assert rule.tally.passed == {accounts.Why.TIMES: 2}


def test_chance_is_seeded() -> None:
    """The same seed, id and call: the same; whatever the other rules, and the other calls, do."""
    rule = {"id": "dice", "match": {"operation": "get-results", "probability": 0.5}, "act": _503}
    alone = Bad(rule).statuses(200)
    assert 60 < alone.count(503) < 140
    assert Bad(rule).statuses(200) == alone
    assert Bad(rule, seed=2).statuses(200) != alone
    assert Bad({**rule, "id": "other"}).statuses(200) != alone
    among = Bad({"match": {"probability": 0.5}, "act": {"slow": "1s..3s"}}, rule)
    seen = []
    for _ in range(200):
        among.ask(operation="get-job", operation_id="get_job")
        seen.append(among.ask().status)
    assert seen == alone


@pytest.mark.parametrize(("probability", "expected"), [(0, 200), (1, 503)])
def test_chance_may_be_none(probability: float, expected: int) -> None:
    """Never and always are exactly that."""
    assert set(Bad({"match": {"probability": probability}, "act": _503}).statuses(50)) == {expected}


def test_a_storm_begins_and_ends() -> None:
    """On the fake's clock, since it was armed; what comes before and after is not counted."""
    bad = Bad({"match": {"after": "10s", "for": "30s", "calls": "2.."}, "act": _503})
    seen = []
    for _ in range(10):
        seen.append(bad.ask().status)
        bad.clock.advance(5)
    assert seen == [200, 200, 200, 503, 503, 503, 503, 503, 200, 200]
    assert bad.faults["fault-1"].matched == 6


def test_a_storm_begins_anew_when_it_is_switched_on() -> None:
    """A rule that is on already goes on as it was."""
    bad = Bad({"id": "storm", "match": {"for": "10s"}, "act": _503, "on": False})
    assert not bad.faults
    assert bad.statuses(1) == [200]
    bad.clock.advance(100)
    assert bad.faults.on("storm").on
    assert bad.faults["storm"].armed_at == 1100
    assert bad.statuses(1) == [503]
    bad.clock.advance(8)
    bad.faults.on("storm")
    bad.clock.advance(8)
    assert bad.statuses(1) == [200]
    bad.faults.off("storm")
    bad.faults.on("storm")
    assert bad.statuses(1) == [503]
    bad.faults.off("storm")
    assert bad.statuses(1) == [200]
    assert not bad.faults


def test_a_call_from_just_before_a_rule_was_armed_counts() -> None:
    """Requests are under way while rules are armed."""
    bad = Bad({"match": {"for": "10s"}, "act": _503})
    assert bad.faults.decide(call(at=999.0)).refusal is not None


def test_a_rate_is_a_bucket() -> None:
    """Five a minute for each caller, and an exact Retry-After for who comes too early."""
    bad = Bad({"act": {"rate": {"requests": 5, "per": "60s"}}})
    assert bad.statuses(6) == [200] * 5 + [429]
    assert header(bad.ask(), "Retry-After") == "12"
    assert bad.ask(find_caller=lambda: "bob").status == 200
    bad.clock.advance(12)
    assert bad.statuses(2) == [200, 429]
    (rule,) = bad.faults
    assert (rule.matched, rule.met) == (10, 3)
    assert rule.tally.passed == {accounts.Why.ROOM: 7}


def test_a_rate_refuses_as_it_is_told() -> None:
    """With another status and other words; and without a hint, as the service's document has none."""
    bad = Bad(
        {
            "act": {
                "rate": {"requests": 1, "per": "60s", "by": "everybody"},
                "status": 503,
                "message": "slow down",
                "retry_after": False,
            }
        }
    )
    assert bad.ask().status == 200
    refused = bad.ask(find_caller=lambda: "bob")
    assert (refused.status, refused.body) == (503, b"503 None slow down None")
    assert header(refused, "Retry-After") is None


def test_a_refused_request_takes_no_token() -> None:
    """Of a bucket that stands behind the rule that refused it."""
    bad = Bad({"act": _503, "times": 3}, {"act": {"rate": {"requests": 1, "per": "60s"}}})
    assert bad.statuses(5) == [503, 503, 503, 200, 429]


def test_a_maintenance_is_announced_begins_and_ends() -> None:
    """503 for whatever matches, with Retry-After to its end; it takes place once."""
    bad = Bad(
        {
            "id": "m",
            "match": {"calls": 2},
            "act": {"maintenance": {"in": "10s", "for": "1m", "message": "down"}, "slow": "1s"},
        }
    )
    assert bad.decide().events == ()
    announced = bad.decide()
    assert announced.events == (Event(kind=Happening.MAINTENANCE, rule="m", reason="down", in_s=10.0, for_s=60.0),)
    assert (announced.refusal, announced.faults, bad.answer(announced).hold_s) == (None, (), 0.0)
    assert bad.faults.unmet == (bad.faults["m"],)
    assert bad.statuses(1) == [200]
    bad.clock.advance(10)
    refused = bad.ask(operation="list-jobs", job=None)
    assert (refused.status, refused.body, refused.hold_s) == (503, b"503 None down None", 1.0)
    assert header(refused, "Retry-After") == "60"
    bad.clock.advance(59.5)
    assert header(bad.ask(), "Retry-After") == "1"
    assert bad.decide().events == ()
    bad.clock.advance(0.5)
    assert bad.statuses(3) == [200] * 3
    assert (bad.faults["m"].met, bad.faults["m"].passed) == (3, {"calls": 1, "not-the-time": 5})


def test_a_maintenance_is_met_by_its_announcement_if_more_happens_with_it() -> None:
    """A job that fails then has noticed."""
    bad = Bad({"id": "m", "act": {"maintenance": {"in": "10s", "for": "1m"}, "job": "fail"}})
    decision = bad.decide()
    assert [event.kind for event in decision.events] == [Happening.MAINTENANCE, Happening.FAIL]
    assert (decision.refusal, decision.faults, bad.faults["m"].met) == (None, ("m",), 1)


def test_a_maintenance_may_begin_at_once() -> None:
    """The call with which it begins is refused, and happens to the world."""
    bad = Bad({"act": {"maintenance": {"for": "1m"}, "status": 502, "retry_after": {"in": "1m", "as": "date"}}})
    decision = bad.decide()
    assert decision.refusal is not None
    assert (decision.refusal.status, decision.refusal.message) == (502, "the gateway got no valid answer")
    assert [event.kind for event in decision.events] == [Happening.MAINTENANCE]
    assert header(bad.answer(decision), "Retry-After") == "Thu, 01 Jan 1970 00:17:40 GMT"


def test_a_maintenance_that_another_rule_hides_is_still_to_come() -> None:
    """What was refused before it was reached has not begun it."""
    bad = Bad({"act": _503, "times": 1}, {"id": "m", "act": {"maintenance": {"for": "1m"}}})
    assert bad.decide().faults == ("fault-1",)
    assert bad.decide().faults == ("m",)


@pytest.mark.parametrize("event", ["requeue", "finish", "fail", "cancel", "withhold-result"])
def test_things_happen_to_the_job_of_a_call(event: str) -> None:
    """Before the request is carried out, which sees what has become of it."""
    decision = Bad({"id": "x", "act": {"job": event, "reason": "because"}}).decide()
    assert decision.events == (Event(kind=Happening(event), rule="x", job="j1", reason="because"),)
    assert decision.later == ()


@pytest.mark.parametrize("event", ["outrun-cancel", "lose-result"])
def test_things_happen_to_a_job_after_a_call(event: str) -> None:
    """After the cancellation, and after whoever was told that there is a result."""
    bad = Bad({"id": "x", "act": {"job": event}}, {"act": _503, "times": 1})
    refused = bad.decide()
    assert (refused.later, refused.faults) == ((), ("fault-1",))
    assert bad.faults["x"].tally.passed == {accounts.Why.OUTDONE: 1}
    decision = bad.decide()
    assert (decision.events, decision.later) == ((), (Event(kind=Happening(event), rule="x", job="j1"),))


def test_things_happen_to_another_job() -> None:
    """By its id, or by the number of its submission."""
    bad = Bad(
        {"id": "x", "act": {"job": {"event": "fail", "id": "j7"}}},
        {"id": "y", "act": {"job": {"event": "requeue", "id": "#2", "queue": "5s"}}},
    )
    assert bad.decide(job=None).events == (
        Event(kind=Happening.FAIL, rule="x", job="j7"),
        Event(kind=Happening.REQUEUE, rule="y", job_number=2, queue=Fixed(5)),
    )


def test_things_happen_to_the_job_that_a_submission_makes() -> None:
    """After it is there; a submission that is refused makes none."""
    bad = Bad({"id": "x", "act": {"job": "fail"}}, {"act": _503, "times": 1})
    submission = {"operation": "submit-job", "job": None}
    assert bad.decide(**submission).later == ()
    decision = bad.decide(**submission)
    assert (decision.events, decision.later) == ((), (Event(kind=Happening.FAIL, rule="x"),))


def test_what_is_about_nothing_is_left_alone() -> None:
    """No job, no backend, no caller: nothing happens, and that is noted."""
    bad = Bad(
        {"id": "job", "act": {"job": "fail"}},
        {"id": "backend", "act": {"backend": "offline"}},
        {"id": "token", "act": {"token": "expired"}},
    )
    decision = bad.decide(operation="list-jobs", job=None, find_caller=lambda: None)
    assert (decision.faults, decision.events) == ((), ())
    assert [dict(rule.tally.passed) for rule in bad.faults] == [{accounts.Why.NOTHING_THERE: 1}] * 3


def test_a_call_is_given_back_if_nothing_came_of_it() -> None:
    """It counts neither as met nor against `times`, but by those rules that did something else to it."""
    bad = Bad(
        {"id": "lose", "act": {"job": "lose-result"}, "times": 1},
        {"id": "two", "act": {"job": "fail", "backend": "offline"}},
        {"id": "slow", "act": {"job": "fail", "slow": "1s"}},
        {"id": "refuse", "match": {"calls": "2.."}, "act": {"job": "fail", "status": 503}},
    )
    decision = bad.decide(backend="ibm_torino")
    decision.came_of({"two"})
    assert decision.faults == ("two", "slow")
    assert {rule.id: (rule.met, rule.requests) for rule in bad.faults} == {
        "lose": (0, ()),
        "two": (1, (1,)),
        "slow": (1, (1,)),
        "refuse": (0, ()),
    }
    assert (bad.faults["lose"].matched, bad.faults["lose"].passed) == (1, {"nothing-there": 1})
    refused = bad.decide(backend="ibm_torino")
    refused.came_of(())
    assert refused.faults == ("slow", "refuse")
    assert bad.faults["lose"].passed == {"nothing-there": 1, "outdone": 1}
    assert (bad.faults["two"].met, bad.faults["two"].passed, bad.faults["two"].looked) == (1, {"nothing-there": 1}, 2)


def test_a_call_is_not_given_back_to_accounts_that_do_not_know_of_it() -> None:
    """They were put back in the meantime, or the rule was armed anew."""
    bad = Bad({"id": "lose", "act": {"job": "lose-result"}})
    before = bad.faults.snapshot()
    decision = bad.decide()
    bad.faults.rollback(before)
    decision.came_of(())
    assert (decision.faults, bad.faults["lose"].met, bad.faults["lose"].passed) == ((), 0, {})


def test_a_key_that_is_sent_does_not_expire() -> None:
    """It can be revoked; what a log-in gave can expire."""
    bad = Bad({"id": "x", "act": {"token": "expired"}, "times": 1}, {"id": "y", "act": {"token": "revoked"}})
    assert bad.decide(find_given=lambda: False).faults == ("y",)
    assert bad.faults["x"].passed == {"nothing-there": 1}
    assert bad.decide(find_given=lambda: True).faults == ("x", "y")


def test_what_is_about_nothing_is_not_counted_out_of_time() -> None:
    """Like any other call that comes then."""
    bad = Bad({"id": "job", "match": {"for": "10s"}, "act": {"job": "fail"}})
    bad.decide(job=None)
    bad.clock.advance(10)
    bad.decide(job=None)
    assert (bad.faults["job"].looked, bad.faults["job"].matched) == (2, 1)


def test_things_happen_to_backends() -> None:
    """To that of the call, or to the one that is named, for a while."""
    bad = Bad(
        {"id": "x", "act": {"backend": "paused", "reason": "r"}},
        {"id": "y", "act": {"backend": {"offline": "*", "for": "1h"}}},
    )
    assert bad.decide(backend="ibm_torino").events == (
        Event(kind=Happening.BACKEND_PAUSED, rule="x", backend="ibm_torino", reason="r"),
        Event(kind=Happening.BACKEND_OFFLINE, rule="y", backend="*", for_s=3600.0),
    )


def test_things_happen_to_tokens() -> None:
    """To those of whoever calls; who logs in is getting a new one."""
    bad = Bad({"id": "x", "act": {"token": "revoked"}})
    assert bad.decide().events == (Event(kind=Happening.TOKEN_REVOKED, rule="x", caller="alice"),)
    assert bad.decide(operation="log-in").events == ()


def test_rules_that_wait_for_a_status_count_the_answers_that_have_it() -> None:
    """The others are noted; of several that replace the answer, the first does."""
    bad = Bad(
        {"id": "a", "match": {"status": "2xx", "calls": "2.."}, "act": {"status": 504}, "times": 2},
        {"id": "b", "match": {"status": 200, "for": "10s"}, "act": {"status": 500}},
        {"id": "c", "match": {"status": 204}, "act": {"status": 200}},
        {"id": "d", "match": {"status": "any"}, "act": {"slow": "1s"}},
    )
    assert bad.statuses(3) == [500, 504, 504]
    assert bad.ask(204, b"").status == 200
    bad.clock.advance(10)
    late = bad.decide()
    assert bad.answer(late).status == 200
    assert late.faults == ("d",)
    assert [(rule.id, rule.matched, rule.met) for rule in bad.faults] == [
        ("a", 5, 2),
        ("b", 3, 1),
        ("c", 1, 1),
        ("d", 5, 5),
    ]
    assert bad.faults["b"].tally.passed == {accounts.Why.OUTDONE: 2}
    assert bad.faults["c"].tally.other_statuses == {200: 4}


def test_rules_that_wait_for_a_status_see_refusals_as_well() -> None:
    """What another rule answered has a status, too; what they make of it is not looked at again."""
    bad = Bad({"id": "b", "match": {"status": 503}, "act": {"status": 200}}, {"id": "a", "act": _503})
    decision = bad.decide()
    answer = bad.answer(decision)
    assert (answer.status, decision.faults) == (200, ("b", "a"))
    assert bad.answer(decision, 503).status == 503


def test_who_calls_is_asked_outside_the_lock() -> None:
    """Whoever knows it has locks of its own, and may be asking us."""
    bad = Bad({"match": {"caller": "alice"}, "act": _503})

    def ask() -> str:
        other = threading.Thread(target=bad.faults.as_dicts)
        other.start()
        other.join(5)
        assert not other.is_alive()
        return "alice"

    assert bad.decide(find_caller=ask).refusal is not None


def test_accounts_are_right_with_many_threads() -> None:
    """No call is lost, and no rule is met more often than it may be."""
    bad = Bad({"act": _503, "times": 100}, {"match": {"status": "any", "calls": "every 2"}, "act": {"slow": 1}})

    def ask() -> None:
        for _ in range(100):
            bad.ask()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(rule.matched, rule.met) for rule in bad.faults] == [(800, 100), (800, 400)]
    assert bad.faults["fault-1"].tally.looked == 800


def test_the_numbers_of_requests_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last ones are kept."""
    assert accounts.MOST_REQUESTS == 1000
    bad = Bad({"act": _503})
    bad.statuses(1005)
    assert bad.faults["fault-1"].requests == tuple(range(6, 1006))


def test_accounts_are_shown() -> None:
    """To people and to whoever reads JSON."""
    bad = Bad({"id": "storm", "match": {"calls": [2, 3]}, "act": _503}, {"id": "off", "act": {"slow": 1}, "on": False})
    bad.statuses(3)
    assert bad.faults.as_dicts() == [
        {
            "id": "storm",
            "on": True,
            "fault": {"id": "storm", "match": {"calls": [2, 3]}, "act": _503},
            "armed_at": 1000.0,
            "looked": 3,
            "matched": 3,
            "met": 2,
            "requests": [2, 3],
            "passed": {"calls": 1},
        },
        {
            "id": "off",
            "on": False,
            "fault": {"id": "off", "act": {"slow": 1}, "on": False},
            "armed_at": 1000.0,
            "looked": 0,
            "matched": 0,
            "met": 0,
            "requests": [],
            "passed": {},
        },
    ]
    assert repr(bad.faults) == "<Faults: storm (met 2 of 3), off (met 0 of 0, off)>"
    assert repr(bad.faults["storm"]) == "<Armed storm (met 2 of 3)>"


def test_rules_can_be_armed_again_as_they_are_now() -> None:
    """On where they are on, and off where they are off, under the same ids."""
    bad = Bad({"act": _503}, {"id": "b", "act": _503, "on": False})
    bad.faults.off("fault-1")
    bad.faults.on("b")
    settings = bad.faults.settings()
    assert settings == [{"id": "fault-1", "act": _503, "on": False}, {"id": "b", "act": _503}]
    assert Bad(*settings).faults.settings() == settings


def test_all_that_were_met_is_fine() -> None:
    """Also if some are off that never were on."""
    bad = Bad({"act": _503}, {"act": {"slow": 1}, "on": False})
    bad.ask()
    assert bad.faults.unmet == ()
    bad.faults.assert_all_met()


def test_what_was_not_met_is_told() -> None:
    """What each waited for, what came, and why it left that alone."""
    bad = Bad(
        {"id": "met", "act": {"slow": 1}},
        {"id": "none", "match": {"operation": "cancel-job"}, "act": _503},
        {"id": "calls", "match": {"operation": "get-*", "calls": 9}, "act": _503},
        {"id": "dice", "match": {"probability": 0}, "act": _503},
        {"id": "status", "match": {"status": 409}, "act": {"slow": 1}},
        {"id": "job", "match": {"operation": "list-jobs"}, "act": {"job": "fail"}},
    )
    bad.statuses(3)
    bad.ask(204, b"", operation="list-jobs", operation_id="list_jobs", job=None)
    bad.faults.add(id="late", match={"for": "1s"}, act=_503)
    bad.faults.off("late")
    with pytest.raises(AssertionError) as complaint:
        bad.faults.assert_all_met()
    assert [line.partition("; ") for line in str(complaint.value).splitlines()] == [
        ("6 of 7 faults were never met:", "", ""),
        ('  none: waited for {"operation": "cancel-job"}', "; ", "4 requests came, 0 matched"),
        (
            '  calls: waited for {"operation": "get-*", "calls": 9}',
            "; ",
            "4 requests came, 3 matched; 3 left alone: not one of its calls",
        ),
        ('  dice: waited for {"probability": 0}', "; ", "4 requests came, 4 matched; 4 left alone: by chance"),
        (
            '  status: waited for {"status": 409}',
            "; ",
            "4 requests came, 0 matched; answers with another status: 200 (3x), 204 (1x)",
        ),
        (
            '  job: waited for {"operation": "list-jobs"}',
            "; ",
            "4 requests came, 1 matched; 1 left alone: nothing there that it could be done to",
        ),
        ('  late: waited for {"for": "1s"}', "; ", "no request came while it was on"),
    ]


def test_a_complaint_is_short() -> None:
    """However many there are, and however much they wait for."""
    bad = Bad(*[{"act": _503}] * 30)
    with pytest.raises(
        AssertionError, match=r"(?s)^30 of 30 faults were never met:.*waited for anything.*and 10 more$"
    ):
        bad.faults.assert_all_met()
    long = Bad({"match": {"operation": ["x" * 300] * 50}, "act": _503})
    with pytest.raises(AssertionError, match=r"^1 of 1 fault was never met:") as complaint:
        long.faults.assert_all_met()
    assert len(str(complaint.value)) < 500


def test_a_world_can_be_put_back() -> None:
    """Rules and accounts, buckets and maintenance, as often as one likes; whoever holds a rule holds it still."""
    bad = Bad(
        {"id": "m", "match": {"calls": 4}, "act": {"maintenance": {"for": "1h"}}},
        {"id": "rate", "act": {"rate": {"requests": 2, "per": "60s"}}},
    )
    rate = bad.faults["rate"]
    bad.ask()
    taken = bad.faults.snapshot()
    for _ in range(2):
        assert bad.statuses(3) == [200, 429, 503]
        bad.faults.remove("rate")
        assert bad.statuses(1) == [503]
        bad.faults.add(act=_503)
        bad.faults.rollback(taken)
        assert [rule.id for rule in bad.faults] == ["m", "rate"]
        assert (rate.matched, rate.met, bad.faults["rate"]) == (1, 0, rate)
        assert bad.faults["m"].tally.window is None
    assert bad.faults.add(act=_503).id == "fault-1"


def test_a_reset_goes_back_to_the_start() -> None:
    """The rules of the start, with nothing in their accounts; ids are given from the beginning."""
    bad = Bad({"act": _503}, {"id": "b", "act": _503, "on": False})
    bad.ask()
    bad.faults.on("b")
    bad.faults.remove("fault-1")
    bad.faults.add(act=_503)
    bad.clock.advance(10)
    bad.faults.reset()
    assert [(rule.id, rule.on, rule.met, rule.armed_at) for rule in bad.faults] == [
        ("fault-1", True, 0, 1010.0),
        ("b", False, 0, 1010.0),
    ]
    assert bad.faults.add(act=_503).id == "fault-2"


def test_ids_of_a_run_are_not_given_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the journal's rules are the ones they were; and there is a bound to how many there are."""
    bad = Bad({"act": _503})
    bad.faults.remove("fault-1")
    assert bad.faults.add(act=_503).id == "fault-2"
    monkeypatch.setattr(armed, "MOST", 1)
    with pytest.raises(InvalidFault, match=re.escape("at most 1 armed rules, found 2")):
        bad.faults.add(act=_503)


def test_a_rule_of_ones_own_making_is_armed_as_it_is() -> None:
    """What was read once need not be read again."""
    rule = replace(fault({"act": _503}), times=1)
    bad = Bad()
    assert bad.faults.add(rule).fault.times == 1
    assert bad.statuses(2) == [503, 200]


def test_a_rule_can_say_something_else() -> None:
    """In its place, with its accounts; a bucket goes on unless the rate is another."""
    bad = Bad(
        {"id": "a", "match": {"operation": "get-results"}, "act": _503, "times": 2}, {"id": "b", "act": {"slow": 1}}
    )
    assert bad.statuses(3) == [503, 503, 200]
    held = bad.faults["a"]
    taken = bad.faults.snapshot()
    assert bad.faults.change("a", {"times": 3, "act": {"status": 502}}) is held
    assert bad.statuses(2) == [502, 200]
    assert (held.matched, held.met) == (5, 3)
    assert [rule.id for rule in bad.faults] == ["a", "b"]
    assert held.fault.as_dict() == {
        "id": "a",
        "match": {"operation": "get-results"},
        "act": {"status": 502},
        "times": 3,
    }
    bad.faults.change("a", {"match": {"operation": "get-job"}, "times": None})
    assert bad.statuses(1) == [200]
    assert bad.ask(operation="get-job").status == 502
    bad.faults.change("a", {"on": False})
    assert bad.ask(operation="get-job").status == 200
    bad.faults.rollback(taken)
    assert held.fault.as_dict()["act"] == _503
    assert (held.on, held.matched, bad.statuses(1)) == (True, 3, [200])


def test_a_rate_and_a_maintenance_begin_anew_with_another_rule() -> None:
    """And go on if something else of the rule is changed."""
    bad = Bad(
        {"id": "m", "match": {"operation": "get-job"}, "act": {"maintenance": {"for": "1h"}}},
        {"id": "r", "act": {"rate": {"requests": 1, "per": "1h"}}},
    )
    assert bad.statuses(2) == [200, 429]
    bad.faults.change("r", {"match": {"operation": "get-*"}})
    assert bad.statuses(1) == [429]
    bad.faults.change("r", {"act": {"rate": {"requests": 1, "per": "2h"}}})
    assert bad.statuses(1) == [200]
    assert bad.ask(operation="get-job").status == 503
    bad.faults.change("m", {"match": {}})
    assert bad.statuses(1) == [503]
    bad.faults.change("m", {"act": {"slow": 1}})
    assert bad.statuses(1) == [429]


def test_a_change_that_makes_no_sense_changes_nothing() -> None:
    """Another id, another key, another rule's contradiction."""
    bad = Bad({"id": "a", "act": _503})
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"id": "b"}, "a rule keeps its id"),
        ({"zzz": 1}, "no such key"),
        ({"match": {"status": 200}, "act": {"token": "expired"}}, "only that can be changed"),
    ]
    for settings, said in wrong:
        with pytest.raises(InvalidFault, match=said):
            bad.faults.change("a", settings)
    with pytest.raises(FaultNotFound):
        bad.faults.change("b", {})
    assert bad.faults["a"].fault.as_dict() == {"id": "a", "act": _503}


def test_a_profile_can_be_disarmed() -> None:
    """As many of its rules as are armed."""
    bad = Bad({"id": "stormy", "act": _503})
    bad.faults.arm_profile("storm")
    bad.faults.arm_profile("bad-gateway")
    assert bad.faults.disarm_profile("bad-gateway") == 3
    assert [rule.id for rule in bad.faults] == ["stormy", "storm.503"]
    assert bad.faults.disarm_profile("bad-gateway") == 0


def test_every_reason_has_words() -> None:
    """For people, beside the key for whoever reads JSON."""
    assert set(accounts.WORDS) == set(accounts.Why)
