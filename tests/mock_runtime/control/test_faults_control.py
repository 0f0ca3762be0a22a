"""Operations on faults."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mock_runtime.control.steering import Steering
from tests.mock_runtime.fakes import Account, Fake

STORM = {"id": "storm", "match": {"operation": "get-job"}, "act": {"status": 503}, "times": 2}


def test_a_rule_is_armed_met_and_accounted_for(alice: Account, steering: Steering) -> None:
    """By which requests, and how often it matched."""
    armed = steering.json("POST", "/faults", STORM, status=201)["faults"]
    assert [one["id"] for one in armed] == ["storm"]
    assert steering.json("GET", "/faults")["unmet"] == ["storm"]
    sentence = steering.refused(409, "POST", "/faults/assert")
    assert sentence.startswith("1 of 1 fault was never met:\n  storm: waited for")
    job = alice.submit()
    assert [alice.get(f"/jobs/{job}").status_code for _ in range(3)] == [503, 503, 200]
    found = steering.json("GET", "/faults/storm")
    assert (found["matched"], found["met"], found["requests"]) == (3, 2, [2, 3])
    assert (found["times"], found["source"], found["match"]) == (2, None, STORM["match"])
    assert steering.json("POST", "/faults/assert", {"ids": ["storm"]}) == {"ok": True}
    assert steering.json("GET", "/faults")["unmet"] == []


def test_an_assertion_names_what_was_not_met(alice: Account, steering: Steering) -> None:
    """All of them, or those that were asked for."""
    other = {"id": "other", "match": {"operation": "log-in"}, "act": {"slow": "1s"}}
    steering.json("POST", "/faults", [STORM, other], status=201)
    alice.get(f"/jobs/{alice.submit()}")
    answer = steering.call("POST", "/faults/assert", {})
    assert (answer.status_code, answer.get_json()["error"]["unmet"]) == (409, ["other"])
    assert steering.json("POST", "/faults/assert", {"ids": ["storm"]}) == {"ok": True}
    assert steering.refused(404, "POST", "/faults/assert", {"ids": ["strom"]}).startswith("no fault 'strom'")


def test_a_rule_is_switched_off_and_on_and_says_something_else(alice: Account, steering: Steering) -> None:
    """And keeps its account."""
    steering.json("POST", "/faults", STORM, status=201)
    job = alice.submit()
    assert alice.get(f"/jobs/{job}").status_code == 503
    assert steering.json("PATCH", "/faults/storm", {"on": False})["on"] is False
    assert alice.get(f"/jobs/{job}").status_code == 200
    changed = steering.json("PATCH", "/faults/storm", {"on": True, "act": {"status": 502}, "times": 5})
    assert (changed["on"], changed["act"], changed["times"], changed["met"]) == (True, {"status": 502}, 5, 1)
    assert alice.get(f"/jobs/{job}").status_code == 502
    assert steering.json("PATCH", "/faults/storm", {"on": True})["met"] == 2
    steering.done("DELETE", "/faults/storm")
    assert steering.json("GET", "/faults") == {"faults": [], "unmet": []}


def test_rules_are_replaced_and_removed_all_at_once(steering: Steering) -> None:
    """All of them or, if one is wrong, none."""
    steering.json("POST", "/faults", STORM, status=201)
    wrong = steering.refused(400, "PUT", "/faults", [{"act": {"slow": "1s"}}, {"act": {"stauts": 503}}])
    assert "did you mean 'status'" in wrong
    assert [one["id"] for one in steering.json("GET", "/faults")["faults"]] == ["storm"]
    assert [one["id"] for one in steering.json("PUT", "/faults", [{"act": {"slow": "1s"}}])["faults"]] == ["fault-1"]
    steering.done("DELETE", "/faults")
    assert steering.json("GET", "/faults")["faults"] == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "expected"),
    [
        ("POST", "/faults", 5, 400, "the body: expected a rule with match and act, or a list of such, not a number"),
        ("POST", "/faults", [5], 400, "[0]: expected a rule with match and act"),
        ("POST", "/faults", {"match": {}}, 400, "act: it is missing"),
        (
            "POST",
            "/faults",
            {"mtach": {}, "act": {"status": 503}},
            400,
            "mtach: there is no such key; did you mean 'match'",
        ),
        ("GET", "/faults/nothing", None, 404, "no fault 'nothing'"),
        ("PATCH", "/faults/nothing", {"on": True}, 404, "no fault 'nothing'"),
        ("DELETE", "/faults/nothing", None, 404, "no fault 'nothing'"),
        ("PATCH", "/faults/storm", {"on": "yes"}, 400, "on: expected true or false, found 'yes'"),
        ("PATCH", "/faults/storm", {"id": "other"}, 400, "id: a rule keeps its id; arm another one"),
        ("PATCH", "/faults/storm", {"act": {"status": 99}}, 400, "act.status: "),
        ("POST", "/faults/assert", {"ids": "storm"}, 400, "ids: expected a list of texts"),
        ("POST", "/faults/assert", {"ids": [5]}, 400, "ids[0]: expected a text"),
        ("POST", "/faults/profiles/nothing", {}, 404, "no profile of faults 'nothing'"),
        ("DELETE", "/faults/profiles/nothing", None, 404, "no profile of faults 'nothing'"),
        (
            "POST",
            "/faults/profiles/storm",
            {"probabilty": 1},
            400,
            "'probabilty' is no key here; did you mean 'probability'",
        ),
        ("POST", "/faults/profiles/storm", {"probability": 7}, 400, "profile storm: 503.match.probability: "),
    ],
)
def test_a_wrong_rule_is_refused(
    steering: Steering, method: str, path: str, body: Any, status: int, expected: str
) -> None:
    """And those that are armed stay."""
    steering.json("POST", "/faults", STORM, status=201)
    before = steering.json("GET", "/faults")
    assert steering.refused(status, method, path, body).startswith(expected)
    assert steering.json("GET", "/faults") == before


def test_a_profile_is_armed_and_disarmed(steering: Steering) -> None:
    """Its rules say which it was; its options can be set."""
    profiles = {one["name"]: one for one in steering.json("GET", "/faults/profiles")["profiles"]}
    assert {"flaky-network", "slow-friday", "ibm-maintenance"} <= profiles.keys()
    assert profiles["storm"]["armed"] == []
    armed = steering.json("POST", "/faults/profiles/storm", {"probability": 0.5}, status=201)["faults"]
    assert [(one["id"], one["source"], one["match"]["probability"]) for one in armed] == [("storm.503", "storm", 0.5)]
    now = {one["name"]: one["armed"] for one in steering.json("GET", "/faults/profiles")["profiles"]}
    assert now["storm"] == ["storm.503"]
    assert "storm.503" in steering.refused(400, "POST", "/faults/profiles/storm")
    steering.done("DELETE", "/faults/profiles/storm")
    assert steering.json("GET", "/faults")["faults"] == []


def test_a_reset_brings_back_the_faults_of_the_start(fake: Fake, steering: Steering) -> None:
    """Of a fake that began without one: none."""
    steering.json("POST", "/faults", STORM, status=201)
    steering.done("POST", "/reset")
    assert len(fake.runtime.faults) == 0
