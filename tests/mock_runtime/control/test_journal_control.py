"""Operations on the journal."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.mock_runtime.control.steering import Steering
from tests.mock_runtime.fakes import ALICE, BOB, Account, Fake


@pytest.fixture
def job(fake: Fake, alice: Account) -> str:
    """A job that was polled every two seconds: 204, 204, 200."""
    fake.runtime.script.next_job(polls=2)
    found = alice.submit()
    for _ in range(3):
        alice.get(f"/jobs/{found}/results")
        fake.clock.advance(2)
    return found


def test_exchanges_are_listed_and_chosen(job: str, fake: Fake, steering: Steering) -> None:
    """By what they were about, how they were answered, and where they are in the journal."""
    page = steering.json("GET", "/journal")
    assert [one["status"] for one in page["exchanges"]] == [200, 204, 204, 200]
    assert (page["last"], page["position"], page["dropped"]) == (4, 4, 0)

    def numbers(query: str) -> list[int]:
        return [one["number"] for one in steering.json("GET", f"/journal?{query}")["exchanges"]]

    assert numbers(f"job={job}&operation=get-results") == [2, 3, 4]
    assert numbers("operation=submit-job&operation=get-results&status=200") == [1, 4]
    assert numbers("status=204&status=205") == [2, 3]
    assert numbers("status=2xx&limit=2") == [3, 4]
    assert numbers("method=post") == [1]
    assert numbers("path=/jobs/*/results&since=2") == [3, 4]
    assert numbers("after=3") == [4]
    assert numbers("fault=*") == []
    assert numbers("fault=storm") == []
    assert numbers("caller=nobody") == []
    assert numbers("session=&backend=&job=") == [1, 2, 3, 4]
    fake.account(BOB).get("/jobs")
    assert steering.json("GET", "/journal?after=4")["exchanges"][0]["number"] == 5


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("opeartion=x", "'opeartion' is no query parameter here; did you mean 'operation'?"),
        ("status=20x", "query parameter status: expected a status such as 204, or a class such as 4xx, found '20x'"),
        ("status=2xx&status=404", "query parameter status: expected a status"),
        ("status=9xx", "query parameter status: expected a number such as 204"),
        ("limit=10001", "query parameter limit: expected a whole number from 0 to 10000"),
        ("since=x", "query parameter since: expected a whole number"),
    ],
)
def test_an_odd_choice_is_refused(steering: Steering, query: str, expected: str) -> None:
    """With what was expected."""
    for path in ("/journal", "/journal.har"):
        assert steering.refused(400, "GET", f"{path}?{query}").startswith(expected)


def test_a_whole_exchange_has_no_secret(job: str, steering: Steering) -> None:
    """But headers and bodies."""
    found = steering.json("GET", "/journal/1")
    assert json.loads(found["answer"]["body"]) == {"id": job}
    assert ALICE not in json.dumps(found)
    assert steering.refused(404, "GET", "/journal/99") == "no exchange '99'"
    assert "no GET '/_mock/journal/x'" in steering.refused(404, "GET", "/journal/x")


def test_an_archive_has_the_same_exchanges(job: str, steering: Steering) -> None:
    """As HAR 1.2, to be saved as a file."""
    answer = steering.call("GET", f"/journal.har?job={job}&status=204")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="mock-runtime.har"'
    assert [one["response"]["status"] for one in answer.get_json()["log"]["entries"]] == [204, 204]
    assert ALICE not in answer.text


def test_the_journal_is_forgotten_and_numbers_go_on(job: str, alice: Account, steering: Steering) -> None:
    """So that what comes then is told from what was."""
    steering.done("DELETE", "/journal")
    assert steering.json("GET", "/journal")["exchanges"] == []
    alice.get(f"/jobs/{job}")
    assert [one["number"] for one in steering.json("GET", "/journal")["exchanges"]] == [5]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"assert": "polled", "job": "JOB", "times": 3, "interval": [1.9, 2.1]}, {"ok": True, "numbers": [2, 3, 4]}),
        ({"assert": "polled", "job": "JOB", "times": [2, None]}, {"ok": True, "numbers": [2, 3, 4]}),
        ({"assert": "sequence", "job": "JOB", "statuses": [204, 204, 200]}, {"ok": True, "numbers": [2, 3, 4]}),
        ({"assert": "called", "operation": "get-results", "times": 3}, {"ok": True, "numbers": [2, 3, 4]}),
        ({"assert": "called", "operation": "get-results", "status": 200}, {"ok": True, "numbers": [4]}),
        ({"assert": "called", "operation": "get-results", "status": [204], "since": 2}, {"ok": True, "numbers": [3]}),
        ({"assert": "not-called", "operation": "cancel-job"}, {"ok": True}),
        ({"assert": "not-called", "operation": "get-results", "status": "4xx"}, {"ok": True}),
        ({"assert": "not-called", "operation": "get-results", "fault": True}, {"ok": True}),
        ({"assert": "order", "steps": ["submit-job", ["get-results", 200]]}, {"ok": True, "numbers": [1, 4]}),
        ({"assert": "submitted-once", "program": "runtime-simple"}, {"ok": True, "job": "JOB"}),
        ({"assert": "submitted-once", "body": {"programId": "runtime-simple"}}, {"ok": True, "job": "JOB"}),
        ({"assert": "no-unknown-fields", "headers": False, "allow": ["x"]}, {"ok": True}),
    ],
)
def test_what_is_so_can_be_asserted(job: str, steering: Steering, body: Any, expected: Any) -> None:
    """With the exchanges that bear it out."""
    said = json.loads(json.dumps(body).replace("JOB", job))
    assert steering.json("POST", "/journal/assert", said) == json.loads(json.dumps(expected).replace("JOB", job))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"assert": "polled", "job": "JOB", "times": 24}, "expected 24 polls of job JOB, found 3"),
        ({"assert": "sequence", "job": "JOB", "statuses": [200]}, "the polls of job JOB differ from number 1 on"),
        ({"assert": "called", "operation": "cancel-job"}, "expected at least 1 request for cancel-job, found 0"),
        ({"assert": "not-called", "operation": "submit-job"}, "expected no request for submit-job, found 1"),
        ({"assert": "order", "steps": ["get-results", "submit-job"]}, "step 2, submit-job, was not seen"),
        ({"assert": "retried", "operation": "get-results"}, "get-results: no request failed"),
        ({"assert": "submitted-once", "program": "vqe"}, "expected 1 job of vqe to be made, found 0"),
    ],
)
def test_what_is_not_so_is_accounted_for(job: str, steering: Steering, body: Any, expected: str) -> None:
    """With what was seen instead, in several lines."""
    sentence = steering.refused(409, "POST", "/journal/assert", json.loads(json.dumps(body).replace("JOB", job)))
    assert sentence.startswith(expected.replace("JOB", job))
    assert "\n" in sentence


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, "assert: it is missing; expected one of polled, sequence"),
        ({"assert": "pollled"}, "assert: expected one of polled, sequence"),
        ({"assert": "polled"}, "job: it is missing; polled needs it"),
        ({"assert": "polled", "job": "x", "tims": 3}, "'tims' is no key of polled here; did you mean 'times'?"),
        ({"assert": "polled", "job": 5}, "job: expected a text"),
        ({"assert": "polled", "job": "x", "times": "3"}, "times: expected a number, found '3'"),
        ({"assert": "polled", "job": "x", "times": [1]}, "times: expected a number, or a pair"),
        ({"assert": "polled", "job": "x", "times": [None, None]}, "times: expected a number, or a pair"),
        ({"assert": "polled", "job": "x", "times": ["a", 1]}, "times[0]: expected a number"),
        ({"assert": "polled", "job": "x", "operation": "get-jobb"}, "there is no operation 'get-jobb'; did you mean"),
        ({"assert": "sequence", "job": "x", "statuses": 200}, "statuses: expected a list of statuses"),
        ({"assert": "sequence", "job": "x", "statuses": [True]}, "statuses[0]: expected a whole number"),
        ({"assert": "order", "steps": []}, "steps: expected a list of operations"),
        ({"assert": "order", "steps": [["a"]]}, "steps[0]: expected an operation, or a pair"),
        ({"assert": "order", "steps": [[5, 200]]}, "steps[0][0]: expected a text"),
        ({"assert": "called", "operation": "log-in", "status": "20x"}, "status: expected a number such as 204"),
        ({"assert": "submitted-once", "body": "x"}, "body: expected an object with fields of the body"),
        ({"assert": "no-unknown-fields", "headers": "no"}, "headers: expected true or false"),
        ({"assert": "called", "operation": "log-in", "fault": 5}, "fault: expected a text"),
    ],
)
def test_an_odd_assertion_is_refused(steering: Steering, body: Any, expected: str) -> None:
    """Which is not the same as one that is not so."""
    assert steering.refused(400, "POST", "/journal/assert", body).startswith(expected)


def test_an_operator_says_what_is_to_be_said(job: str, alice: Account, steering: Steering) -> None:
    """As JSON, as text, or of one caller alone."""
    for _ in range(3):
        alice.get(f"/jobs/{job}/results")
    card = steering.json("GET", "/scorecard")
    assert (card["exchanges"], card["worst"]) == (7, card["findings"][0]["severity"])
    text = steering.call("GET", "/scorecard", headers={"Accept": "text/plain"})
    assert text.mimetype == "text/plain"
    assert text.text.startswith("7 exchanges")
    assert steering.json("GET", "/scorecard?caller=nobody")["findings"] == []
    assert steering.refused(400, "GET", "/scorecard?calller=x").startswith("'calller' is no query parameter")
