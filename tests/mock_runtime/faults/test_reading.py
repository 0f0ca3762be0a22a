"""Rules as data: what is read, what is refused, and that what was said comes back."""

from __future__ import annotations

import copy
import datetime as dt
import json
import math
from typing import Any

import pytest
import yaml

from mock_runtime.durations import Fixed, PollCount, Uniform
from mock_runtime.faults.events import Happening
from mock_runtime.faults.reading import InvalidFault, fault, fault_from_text, named, settings_from_text
from mock_runtime.faults.rule import (
    Act,
    BackendChange,
    Body,
    Calls,
    JobChange,
    Maintenance,
    Match,
    Rate,
    RetryAfter,
    Trickle,
    Verbatim,
)
from mock_runtime.transport.delivery import Cut
from tests.mock_runtime.faults.examples import BAD, GOOD, Bad


@pytest.mark.parametrize("settings", GOOD, ids=json.dumps)
def test_what_was_said_comes_back(settings: dict[str, Any]) -> None:
    """As it was given, also after JSON and YAML; and whoever changes it changes no rule."""
    before = copy.deepcopy(settings)
    read = fault(settings)
    assert settings == before
    assert read.as_dict() == settings
    assert fault(read.as_dict()) == read
    assert fault(json.loads(json.dumps(read.as_dict()))) == read
    assert fault(yaml.safe_load(yaml.safe_dump(read.as_dict(), sort_keys=False))) == read
    read.as_dict()["act"].clear()
    assert read.as_dict() == settings


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: f"{bad.key} {bad.said}"[:60])
def test_what_makes_no_sense_is_refused_with_its_place(bad: Bad) -> None:
    """The key is named, with what stands in front of it, and what was expected."""
    with pytest.raises(InvalidFault) as refused:
        fault(bad.settings, where="faults[3]")
    wanted = f"faults[3].{bad.key}" if bad.key else "faults[3]"
    assert refused.value.key == wanted
    assert str(refused.value) == f"{wanted}: {refused.value.expected}"
    assert bad.said in refused.value.expected
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 600


def test_a_refusal_without_a_place_is_a_sentence() -> None:
    """Where there is nothing to point at, nothing is."""
    with pytest.raises(InvalidFault, match=r"^expected keys and values"):
        fault(3)


def test_all_of_a_rule_is_read() -> None:
    """Each key of it becomes what it says."""
    read = fault(
        {
            "id": "all",
            "match": {
                "operation": ["get-job", "list-*"],
                "method": "get",
                "path": "/v1/**",
                "header": {"Prefer": "a*", "X-No": None},
                "query": {"Limit": ["1", 2]},
                "caller": "alice",
                "job": "#2",
                "session": "s",
                "backend": "ibm_*",
                "calls": ["2..5", "9..", 7, "every 3"],
                "probability": 0.5,
                "after": "10s",
                "for": "1m",
            },
            "act": {
                "status": 503,
                "code": 9,
                "message": "m",
                "solution": "s",
                "retry_after": {"in": "5s", "as": "date"},
                "headers": {"X-A": "1", "Date": None},
                "body": "truncated",
                "content_type": "text/html",
                "slow": "1s..3s",
                "trickle": {"bytes": 16, "every": "100ms"},
                "cut": "within",
                "at": 7,
                "reset": True,
                "token": "revoked",
                "job": {"event": "requeue", "id": "#4", "queue": "3 polls"},
                "reason": "r",
                "backend": {"paused": "*", "for": "1h"},
            },
            "times": 3,
            "on": False,
        }
    )
    assert (read.id, read.times, read.on) == ("all", 3, False)
    assert read.match == Match(
        operation=("get-job", "list-*"),
        method=("GET",),
        path=("/v1/**",),
        header=(("prefer", ("a*",)), ("x-no", None)),
        query=(("Limit", ("1", "2")),),
        caller=("alice",),
        job=("#2",),
        session=("s",),
        backend=("ibm_*",),
        calls=Calls(ranges=((2, 5), (9, math.inf), (7, 7)), every=(3,)),
        probability=0.5,
        after_s=10,
        for_s=60,
    )
    assert read.act == Act(
        status=503,
        code=9,
        message="m",
        solution="s",
        retry_after=RetryAfter(Fixed(5), as_date=True),
        headers=(("X-A", "1"), ("Date", None)),
        body=Body.TRUNCATED,
        content_type="text/html",
        slow=Uniform(1, 3),
        trickle=Trickle(16, Fixed(0.1)),
        cut=Cut.WITHIN,
        at=7,
        reset=True,
        token=Happening.TOKEN_REVOKED,
        job=JobChange(event=Happening.REQUEUE, number=4, queue=PollCount(3)),
        reason="r",
        backend=BackendChange(event=Happening.BACKEND_PAUSED, name="*", for_s=3600),
    )


def test_what_is_not_said_is_left_open() -> None:
    """A rule with nothing but an act waits for everything, for ever."""
    read = fault({"act": {"status": 503}})
    assert (read.id, read.match, read.times, read.on) == ("", Match(), None, True)
    assert read.act == Act(status=503)


def test_other_acts_are_read() -> None:
    """A bucket has room for as many as it lets through, unless said otherwise; a maintenance begins at once."""
    assert fault({"act": {"rate": {"requests": 5, "per": "1m"}}}).act.rate == Rate(requests=5, per_s=60, burst=5)
    slow = fault({"act": {"rate": {"requests": 5, "per": 1, "burst": 2, "by": "everybody"}}}).act.rate
    assert slow == Rate(requests=5, per_s=1, burst=2, by_caller=False)
    assert fault({"act": {"maintenance": {"for": "2h"}}}).act.maintenance == Maintenance(for_s=7200)
    window = fault({"act": {"maintenance": {"for": "2h", "in": "10m", "message": "m"}}}).act.maintenance
    assert window == Maintenance(for_s=7200, in_s=600, message="m")
    assert fault({"act": {"body": {"json": {"a": "\u00e9"}}}}).act.body == Verbatim(
        '{"a":"\u00e9"}\n'.encode(), "application/json"
    )
    assert fault({"act": {"body": {"text": "hm"}}}).act.body == Verbatim(b"hm", "text/plain; charset=utf-8")
    assert fault({"act": {"backend": "offline"}}).act.backend == BackendChange(event=Happening.BACKEND_OFFLINE)
    assert fault({"act": {"job": {"event": "fail", "id": 12}}}).act.job == JobChange(event=Happening.FAIL, id="12")
    assert fault({"act": {"status": 503, "retry_after": False}}).act.retry_after == RetryAfter(None)
    assert fault({"match": {"status": [200, "4xx", "any"]}, "act": {"slow": 1}}).match.status == (
        (200, 200),
        (400, 499),
        (100, 599),
    )


def test_yaml_takes_on_for_true() -> None:
    """The key `on` comes out of YAML 1.1 as true, and is one all the same."""
    read = fault(yaml.safe_load("on: false\nact: {slow: 1s}"))
    assert not read.on
    assert read.as_dict() == {"on": False, "act": {"slow": "1s"}}


def test_python_may_use_its_own_values() -> None:
    """Lengths, enumerations and tuples are what their texts and lists are."""
    read = fault({"match": {"operation": ("get-job",)}, "act": {"slow": Uniform(1, 3), "cut": Cut.AFTER}})
    assert read.as_dict() == {"match": {"operation": ["get-job"]}, "act": {"slow": "1s..3s", "cut": "after"}}
    assert read.act.slow == Uniform(1, 3)


@pytest.mark.parametrize(
    "value",
    [object(), {1, 2}, math.nan, math.inf, b"bytes", dt.date(2021, 5, 8)],
    ids=lambda value: repr(value)[:20],
)
def test_a_value_that_json_does_not_have_is_refused(value: object) -> None:
    """Wherever it is, also where any JSON is welcome."""
    with pytest.raises(InvalidFault, match=r"^act\.body\.json\[0\]: expected a value that JSON has"):
        fault({"act": {"body": {"json": [value]}}})


def test_a_rule_without_bottom_is_refused() -> None:
    """What contains itself, or is as deep as that, does not stop the reader."""
    deep: list[Any] = []
    deep.append(deep)
    with pytest.raises(InvalidFault, match="at most 40 levels"):
        fault({"act": {"body": {"json": deep}}})
    with pytest.raises(InvalidFault, match=r"expected a text of 1 to .*, found 1{40}"):
        fault({"act": {"status": 503, "message": 10**100 // 9}})


def test_an_unknown_operation_is_refused_where_the_known_ones_are_told() -> None:
    """With the nearest name; patterns, and names where nobody told which there are, are taken as they are."""
    known = {"get_job", "list_jobs"}
    for name in ("get-job", "get_job", "not get_job", "zzz-*"):
        fault({"match": {"operation": name}, "act": {"status": 503}}, operations=known)
    fault({"match": {"operation": "zzz"}, "act": {"status": 503}})
    with pytest.raises(
        InvalidFault, match=r"match\.operation: there is no operation 'get-jobb'; did you mean 'get-job'"
    ):
        fault({"match": {"operation": "get-jobb"}, "act": {"status": 503}}, operations=known)
    with pytest.raises(InvalidFault, match=r"there is no operation 'zzz'; known are log-in, submit-job, .* ids of"):
        fault({"match": {"operation": ["not zzz"]}, "act": {"status": 503}}, operations=known)


def test_a_secret_is_not_repeated() -> None:
    """What is refused for being a secret does not come back in the refusal."""
    with pytest.raises(InvalidFault) as refused:
        fault({"match": {"header": {"Authorization": "Bearer hunter2"}}, "act": {"status": 503}})
    assert "hunter2" not in str(refused.value)


def test_a_rule_gets_a_name() -> None:
    """The same rule under an id, which comes back first."""
    read = named(fault({"id": "old", "act": {"status": 503}}), "new")
    assert read.id == "new"
    assert list(read.as_dict().items()) == [("id", "new"), ("act", {"status": 503})]


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        (
            "match.operation=get-results;act.status=503;times=3",
            {"match": {"operation": "get-results"}, "act": {"status": 503}, "times": 3},
        ),
        ("id=007;act.status=503;act.message=-", {"id": "007", "act": {"status": 503, "message": "-"}}),
        (" id = storm ; act.slow = 1s..3s ;; ", {"id": "storm", "act": {"slow": "1s..3s"}}),
        (
            'act.status=503;act.message="one; two = \\"three\\""',
            {"act": {"status": 503, "message": 'one; two = "three"'}},
        ),
        ('act.status=503;act.message=say "no"', {"act": {"status": 503, "message": 'say "no"'}}),
        ('act.status=503;act.message="no" he said', {"act": {"status": 503, "message": '"no" he said'}}),
        ("act.status=503;act.message=[half", {"act": {"status": 503, "message": "[half"}}),
        (
            'match.operation=["get-job", "get-results"];act.cut=before',
            {"match": {"operation": ["get-job", "get-results"]}, "act": {"cut": "before"}},
        ),
        (
            "match.header.X-A.b=*;match.header.X-C=null;act.slow=1",
            {"match": {"header": {"X-A.b": "*", "X-C": None}}, "act": {"slow": 1}},
        ),
        ("act.headers.X-A.b=c=d;on=false", {"act": {"headers": {"X-A.b": "c=d"}}, "on": False}),
        ('act.body={"json": {"a": ";"}}', {"act": {"body": {"json": {"a": ";"}}}}),
        ("act.body.text=null and void", {"act": {"body": {"text": "null and void"}}}),
        (
            "match.job=#2;act.job.event=requeue;act.job.queue=3 polls",
            {"match": {"job": "#2"}, "act": {"job": {"event": "requeue", "queue": "3 polls"}}},
        ),
        (
            "match.probability=0.25;act.cut=within;act.at=.5",
            {"match": {"probability": 0.25}, "act": {"cut": "within", "at": ".5"}},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_text_is_a_mapping(text: str, settings: dict[str, Any]) -> None:
    """Keys with dots, values that are numbers, words or JSON, and texts for all else."""
    assert settings_from_text(text) == settings


def test_a_rule_is_read_from_a_text() -> None:
    """The same as from its mapping."""
    assert fault_from_text("match.calls=2..5;act.status=503") == fault(
        {"match": {"calls": "2..5"}, "act": {"status": 503}}
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("act.status", "--fault: expected KEY=VALUE, several of them parted by ';', found 'act.status'"),
        ("act.status=503;nonsense", "found 'nonsense'"),
        ("act.status=503;nonsense;a=b", "found 'nonsense'"),
        ("act.status=503;act.status=502", "--fault.act.status: expected each key once"),
        ("act=503;act.status=502", "--fault.act.status: expected no more below 'act'"),
        ("act..status=503", "--fault.act..status: expected a key"),
        ("=503", "expected a key"),
        ("act.status=503;act.mesage=x", "--fault.act.mesage: there is no such key; did you mean 'message'?"),
        ("act.status=five", "--fault.act.status: expected a status from 200 to 599, found 'five'"),
        (";".join(["a." * 60 + "b=1"]), "--fault"),
        ("act.status=503;act.message=" + "[" * 100_000, "a text of 1 to 4096"),
        ("", "--fault.act: it is missing"),
    ],
)
def test_a_text_that_is_none_is_refused(text: str, said: str) -> None:
    """With the name of the option in front."""
    with pytest.raises(InvalidFault) as refused:
        fault_from_text(text, where="--fault")
    assert said in str(refused.value)
    assert len(str(refused.value)) < 600
