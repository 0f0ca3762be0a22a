"""Any rules, any calls, any answers: nothing raises, and what comes out is an answer that can be sent."""

from __future__ import annotations

import contextlib
import json
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from mock_runtime.clock import ManualClock
from mock_runtime.faults.armed import Faults
from mock_runtime.faults.call import Call
from mock_runtime.faults.reading import InvalidFault, fault, fault_from_text
from mock_runtime.ids import Ids
from mock_runtime.operations import OPERATIONS
from mock_runtime.transport.delivery import Cut, Delivery, Pace, steps
from tests.mock_runtime.faults.calls import render
from tests.mock_runtime.faults.examples import BAD, GOOD

_MATCHES: Final = [rule["match"] for rule in GOOD if rule.get("match")]
_ACTS: Final = [rule["act"] for rule in GOOD]
_TEXT: Final = st.text(max_size=20)
_MAYBE: Final = st.one_of(st.none(), _TEXT, st.just("j1"))


@st.composite
def rules(draw: st.DrawFn) -> dict[str, Any]:
    """A match and acts of the good examples, put together anew; what contradicts itself is left out."""
    match: dict[str, Any] = {}
    for part in draw(st.lists(st.sampled_from(_MATCHES), max_size=2)):
        match.update(part)
    act: dict[str, Any] = {}
    for part in draw(st.lists(st.sampled_from(_ACTS), min_size=1, max_size=3)):
        with contextlib.suppress(InvalidFault):
            fault({"match": match, "act": {**act, **part}})
            act.update(part)
    if not act:
        return {"act": {"slow": 1}}
    return {"match": match, "act": act}


CALLS: Final = st.builds(
    Call,
    number=st.integers(0, 9),
    at=st.one_of(st.floats(0, 2000), st.just(253_402_300_799.0)),
    method=st.sampled_from(["GET", "HEAD", "POST", "BREW"]),
    path=st.one_of(_TEXT, st.sampled_from(["/v1/jobs/j1/results", "/v1/jobs", "/"])),
    query=_TEXT,
    headers=st.dictionaries(st.sampled_from(["prefer", "authorization", "x-count"]), _TEXT),
    operation=st.one_of(st.none(), st.sampled_from(OPERATIONS)),
    operation_id=_MAYBE,
    job=_MAYBE,
    session=_MAYBE,
    backend=_MAYBE,
    find_caller=_MAYBE.map(lambda name: lambda: name),
    find_job_number=st.one_of(st.none(), st.integers(1, 3)).map(lambda number: lambda: number),
)


@st.composite
def answers(draw: st.DrawFn) -> Delivery:
    """An answer as an application gives it."""
    status = draw(st.sampled_from([200, 201, 204, 205, 302, 304, 404, 429, 500, 599]))
    body = b"" if status in {204, 205, 304} else draw(st.binary(max_size=40))
    headers = [("X-Own", "1")] if status in {204, 304} else [("X-Own", "1"), ("Content-Length", str(len(body)))]
    return Delivery(
        status=status,
        headers=headers,
        body=body,
        hold_s=draw(st.sampled_from([0.0, 1.0])),
        pace=draw(st.sampled_from([None, Pace(3, 0.1)])),
        cut=draw(st.sampled_from([None, None, *Cut])),
    )


def check(answer: Delivery, method: str) -> None:
    """Assert that an answer can be sent: a status, a length that is that of the body, headers that are some."""
    assert 100 <= answer.status <= 599
    assert 0 <= answer.hold_s <= 2e9
    assert 0 <= answer.cut_at <= len(answer.body)
    lengths = [value for name, value in answer.headers if name.lower() == "content-length"]
    assert len(lengths) <= 1
    if lengths and method != "HEAD":
        assert lengths == [str(len(answer.body))]
    if answer.status in {204, 205, 304}:
        assert answer.body == b""
    for name, value in answer.headers:
        assert name.isascii()
        value.encode("latin-1")
        assert not set("\r\n") & set(name + value)
    assert list(steps(answer))


@settings(max_examples=250, deadline=None)
@given(st.lists(rules(), max_size=4), st.lists(st.tuples(CALLS, answers()), min_size=1, max_size=6), st.integers(0, 99))
def test_any_rules_any_calls_any_answers(
    armed: list[dict[str, Any]], asked: list[tuple[Call, Delivery]], seed: int
) -> None:
    """Twice the same, and always something that can be sent; the accounts are right."""
    seen = []
    for _ in range(2):
        faults = Faults(Ids(seed), ManualClock(1000.0), armed)
        outcomes = []
        for call, answer in asked:
            decision = faults.decide(call)
            assert not (decision.cut_request and decision.refusal is not None)
            if decision.cut_request:
                outcome = decision.dropped()
            else:
                given_ = answer if decision.refusal is None else render(decision.refusal)
                if call.method == "HEAD":
                    given_ = Delivery(status=given_.status, headers=given_.headers, body=b"")
                outcome = decision.answered(given_, render)
            check(outcome, call.method)
            assert set(decision.faults) <= {rule.id for rule in faults}
            outcomes.append((decision.faults, decision.events, decision.later, outcome))
        seen.append(outcomes)
        for rule in faults:
            assert rule.met <= rule.matched <= rule.tally.looked == len(asked)
            assert rule.matched == rule.met + sum(rule.tally.passed.values())
        json.dumps(faults.as_dicts())
        with contextlib.suppress(AssertionError):
            faults.assert_all_met()
    assert seen[0] == seen[1]


_JSON: Final = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-5, 700),
        st.floats(),
        st.sampled_from(["5s", "get-job", "*", "#2", "html"]),
        _TEXT,
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_TEXT, inner, max_size=3)),
    max_leaves=5,
)


@settings(max_examples=250, deadline=None)
@given(st.sampled_from([*GOOD, *(bad.settings for bad in BAD if isinstance(bad.settings, dict))]), st.data())
def test_any_mapping_is_read_or_refused(rule: dict[str, Any], data: st.DataObject) -> None:
    """With some value of it put in the place of another: nothing but a refusal, in words that can be shown."""
    broken = json.loads(json.dumps(rule))
    place = broken
    keys = list(place)
    while keys:
        key = data.draw(st.sampled_from(keys))
        inner = place[key]
        if isinstance(inner, dict) and inner and data.draw(st.booleans()):
            place, keys = inner, list(inner)
            continue
        place[key] = data.draw(_JSON)
        break
    read = None
    refused = InvalidFault("here", "")
    try:
        read = fault(broken, where="here")
    except InvalidFault as error:
        refused = error
    assert refused.key.startswith("here")
    assert len(str(refused)) < 1000
    assert read is None or fault(read.as_dict()) == read


@settings(deadline=None)
@given(st.one_of(st.text(), st.text('act.status=503;"[]{}', max_size=40)))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever somebody types."""
    with contextlib.suppress(InvalidFault):
        fault_from_text(text)
