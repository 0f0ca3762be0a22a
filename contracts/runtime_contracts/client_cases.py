"""The cases that a client is fed: for every operation and status the good answers, and every way to spoil them."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from runtime_contracts.feeding import Feed
from runtime_contracts.mutations import mutations
from runtime_contracts.operation import Judge, resolved
from runtime_contracts.sampling import sampled
from runtime_contracts.schema_conversion import definitions
from runtime_contracts.strict_json import InvalidJsonError, decode_json
from runtime_contracts.violation import generalised
from runtime_contracts.wire_faults import OF_ANY_BODY, OF_JSON, OF_NO_BODY, OF_THE_STATUS, Policy, WireFault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runtime_contracts.contract import Contract
    from runtime_contracts.operation import Operation

_TEXTS = (
    "All done!", "", "null", '{"counts": {"00": 512}}', '"quoted"', " \n", "\u00e4\u6f22\U0001f300", "\x00",
    "Traceback (most recent call last):\n  ...\nKeyError: 'iterations'\n", "7" * 5000, "[" * 100_000,
)  # fmt: skip
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII)
# Wrong in a way that makes a value meaningless; breaking any other keyword makes it unusual.
_STRUCTURAL = frozenset({"type", "required"})


@dataclass(frozen=True, slots=True)
class ClientCase:
    """One answer to feed, and what the client has to do with it.

    Attributes:
        name: what is special about the answer.
        value: what a good answer says: its JSON, its text, or None without a body.
        place: what of the answer is special: a JSON pointer, in which `*` stands for any index, or a part of the answer
            in words; "" for the whole.
    """

    operation: Operation
    name: str
    feed: Feed
    policy: Policy
    value: Any = None
    place: str = ""


def cases(contract: Contract, operation: Operation) -> Iterator[ClientCase]:
    """Yield every case of an operation, in a fixed order."""
    yield from _spoiled(operation, next(_good(contract, operation)), OF_THE_STATUS)
    for status, bodies in operation.responses.items():
        if not bodies:
            good = Feed(status)
            yield ClientCase(operation, "as documented", good, Policy.ACCEPT)
            yield from _spoiled(operation, good, OF_NO_BODY)
        for media, judge in bodies.items():
            if media == "application/json":
                yield from _json_cases(contract, operation, status=status, judge=judge)
            else:
                yield from _text_cases(operation, status, media=media, judge=judge)


def judged(
    operation: Operation, status: int, name: str, *, judge: Judge, value: Any, place: str | None = None
) -> ClientCase:
    """Return the case of a JSON answer; a validator says whether it is a good one, and if need be in which place."""
    feed = Feed(status, {"Content-Type": "application/json"}, json.dumps(value).encode())
    if place is None:
        place = next((violation.where for violation in judge.violations(value, "")), "")
    return ClientCase(operation, name, feed, policy_of(status, judge, value), value, generalised(place))


def policy_of(status: int, judge: Judge, value: Any) -> Policy:
    """Return what a client has to do with an answer whose body is `value`, where `judge` says what it should be."""
    if status >= 400:
        return Policy.REFUSE
    broken = judge.broken_keywords(value)
    if broken & _STRUCTURAL:
        return Policy.REFUSE
    if broken:
        return Policy.UNUSUAL
    # The integer 1 written as 1.0: by the letter of JSON Schema it is one, but not every reader can see that. A 31st of
    # February has the form of a moment, but no reader that makes one of it can.
    odd = _has_integral_fraction(value) or _has_impossible_moment(value)
    return Policy.EITHER if odd else Policy.ACCEPT


def _has_integral_fraction(value: Any) -> bool:
    match value:
        case float():
            return value.is_integer()
        case dict():
            return any(map(_has_integral_fraction, value.values()))
        case list():
            return any(map(_has_integral_fraction, value))
    return False


def _has_impossible_moment(value: Any) -> bool:
    match value:
        case str():
            return _MOMENT.fullmatch(value) is not None and not _is_moment(value)
        case dict():
            return any(map(_has_impossible_moment, value.values()))
        case list():
            return any(map(_has_impossible_moment, value))
    return False


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _json_cases(contract: Contract, operation: Operation, *, status: int, judge: Judge) -> Iterator[ClientCase]:
    example = _example(contract, operation, status)
    for mutation in mutations(contract.document, judge.schema, example):
        yield judged(operation, status, mutation.name, judge=judge, value=mutation.value, place=mutation.place)
    # What goes wrong with the bytes has nothing to do with what they say: the least is enough to show it.
    example = _least(contract, operation, status)
    good = Feed(status, {"Content-Type": "application/json"}, json.dumps(example).encode())
    yield from _spoiled(operation, good, (*OF_ANY_BODY, *OF_JSON))
    spellings = {"white space around it": b" \r\n\t%b\n", "a charset": b"%b"}
    for name, pattern in spellings.items():
        media = "application/json; charset=UTF-8" if name == "a charset" else "application/json"
        feed = Feed(status, {"Content-Type": media}, pattern % good.body)
        yield ClientCase(operation, name, feed, policy_of(status, judge, example), example)


def _text_cases(operation: Operation, status: int, *, media: str, judge: Judge) -> Iterator[ClientCase]:
    for text in _TEXTS:
        if judge.accepts(text):
            name = f"the text {text[:20]!r}"
            policy = Policy.REFUSE if status >= 400 else Policy.ACCEPT
            feed = Feed(status, {"Content-Type": f"{media}; charset=utf-8"}, text.encode())
            yield ClientCase(operation, name, feed, policy, text)
    plain = "" if not judge.accepts("text") else "text"
    yield from _spoiled(operation, Feed(status, {"Content-Type": media}, plain.encode()), OF_ANY_BODY)


def _spoiled(operation: Operation, good: Feed, faults: Iterable[WireFault]) -> Iterator[ClientCase]:
    for fault in faults:
        feed = fault.plant(good)
        documented = feed.status in operation.responses
        # Whatever is wrong with it, an error stays an error.
        policy = Policy.REFUSE if feed.status >= 400 else fault.policy
        if feed.status < 400 and documented and fault.policy is not Policy.EITHER and _is_still_good(good, feed):
            continue
        yield ClientCase(operation, fault.name, feed, policy, _value(feed), _part(good, feed))


def _part(good: Feed, feed: Feed) -> str:
    """Say in words what a fault has spoiled."""
    if feed.cut or feed.missing:
        return "the connection"
    if feed.status != good.status:
        return "the status"
    return "the bytes" if feed.headers == good.headers else "the headers"


def _is_still_good(good: Feed, feed: Feed) -> bool:
    # A fault may not take: there is no last byte to leave out of an empty text.
    return (feed.headers, feed.body, feed.cut, feed.missing) == (good.headers, good.body, good.cut, good.missing)


def _value(feed: Feed) -> Any:
    if feed.cut or not feed.body:
        return None
    try:
        return decode_json(feed.body)
    except InvalidJsonError:
        return None


def _good(contract: Contract, operation: Operation) -> Iterator[Feed]:
    for status, bodies in operation.responses.items():
        if not bodies:
            yield Feed(status)
        for media, judge in bodies.items():
            if media == "application/json":
                body = json.dumps(_least(contract, operation, status)).encode()
            else:
                body = b"text" if judge.accepts("text") else b""
            yield Feed(status, {"Content-Type": media}, body)


def _example(contract: Contract, operation: Operation, status: int) -> Any:
    """Return the example that the document gives for a JSON answer, or one that is made from its schema.

    Raises:
        NoSampleError: it gives none, and none could be made.
    """
    return _examples(contract).of(operation, status)


def _least(contract: Contract, operation: Operation, status: int) -> Any:
    """Return the example with everything left out of it that its schema does not require."""
    return _examples(contract).least_of(operation, status)


@lru_cache(maxsize=4)
def _examples(contract: Contract) -> _Examples:
    return _Examples(contract)


class _Examples:
    """The good answers of one contract; making one costs something, and each is needed often."""

    def __init__(self, contract: Contract) -> None:
        self._document = contract.document
        self._shared = definitions(contract.document, "response")
        self._known: dict[tuple[str, int], Any] = {}
        self._judges: dict[str, Judge] = {}

    def of(self, operation: Operation, status: int) -> Any:
        if (operation.id, status) not in self._known:
            raw = self._document["paths"][operation.path][operation.method.lower()]["responses"][str(status)]
            content = resolved(self._document, raw)["content"]["application/json"]
            judge = operation.responses[status]["application/json"]
            found = content["example"] if "example" in content else sampled(self._document, judge, self._judge)
            self._known[operation.id, status] = found
        return copy.deepcopy(self._known[operation.id, status])

    def least_of(self, operation: Operation, status: int) -> Any:
        value = self.of(operation, status)
        judge = operation.responses[status]["application/json"]
        for path in list(_keys(value, ())):
            smaller = _without(value, path)
            if judge.accepts(smaller):
                value = smaller
        return value

    def _judge(self, schema: dict[str, Any]) -> Judge:
        key = json.dumps(schema, sort_keys=True)
        if key not in self._judges:
            self._judges[key] = Judge(schema, shared=self._shared, direction="response")
        return self._judges[key]


def _keys(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    """Yield the path to every property in a JSON value, the outer ones first."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield (*path, key)
            yield from _keys(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _keys(item, (*path, index))


def _without(value: Any, path: tuple[str | int, ...]) -> Any:
    """Return a JSON value without the property at a path, or the value itself if the path is not there any more."""
    head, *rest = path
    if isinstance(value, dict) and head in value:
        if not rest:
            return {key: item for key, item in value.items() if key != head}
        return {**value, str(head): _without(value[str(head)], tuple(rest))}
    if isinstance(value, list) and isinstance(head, int) and head < len(value) and rest:
        return [*value[:head], _without(value[head], tuple(rest)), *value[head + 1 :]]
    return value
