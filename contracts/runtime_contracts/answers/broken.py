"""Broken answers to one operation, each with one fault that has a name: first those of a fixed list, then random ones.

What can be wrong inside of a body, with its bytes, its headers and its status is what `verify client` feeds to a client
in Python (`client_cases`). On a socket more can go wrong, and does here: connections that end, lengths that lie. A
validator has found each of them wrong; those that it cannot see break HTTP itself.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

from runtime_contracts.answers import wire
from runtime_contracts.answers.case import Answer, in_ascii
from runtime_contracts.answers.draws import Draws
from runtime_contracts.answers.generated import JSON, Generated
from runtime_contracts.answers.growing import REMOVED, UNKNOWN, edited, kind_of
from runtime_contracts.answers.scalars import fits
from runtime_contracts.client_cases import cases, policy_of
from runtime_contracts.feeding import Feed
from runtime_contracts.violation import pointer, shown
from runtime_contracts.wire_faults import Policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from runtime_contracts.answers.growing import Growing, Path
    from runtime_contracts.contract import Contract
    from runtime_contracts.operation import Operation

_ATTEMPTS: Final = 24
_STRANGERS: Final[tuple[Any, ...]] = (None, True, 7, 1.5, "text", [], {}, "", -1, 10**30, [None])
_WRONG_TEXTS: Final = (
    "", "x", "no such word", "2026-13-45T99:99:99Z", "2026-03-04 05:06:07", "yesterday", "not-a-uuid", "a\nb", "\u00e9",
    "a" * 70_000,
)  # fmt: skip
_WRONG_NUMBERS: Final = (-1, 0, 0.5, -0.5, 1.5, 2**31, 2**63, 10**30, -(10**30), 1e308)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """How a broken answer is made.

    Attributes:
        feed: the status, headers and body.
        wire: makes the bytes on the wire out of the answer, where they are what is broken.
        value: what the body says, if it can be read.
        place: where in the body the fault is, "" if that is not one place.
        unusual: whether a client could make sense of it if it wanted to.
    """

    name: str
    feed: Feed
    wire: Callable[[Answer], bytes] | None = None
    value: Any = None
    place: str = ""
    unusual: bool = False


class Broken:
    """The broken answers to one operation. They depend on document, seed and operation, and on nothing else."""

    def __init__(self, contract: Contract, growing: Growing, operation: Operation, seed: int) -> None:
        self._contract = contract
        self._growing = growing
        self._operation = operation
        self._seed = seed
        self._right = Generated(contract, growing, operation, seed)

    @cached_property
    def designed(self) -> tuple[Fault, ...]:
        """The faults of the list: those of the body, of its bytes and of the connection by turns."""
        known, of_the_wire = [], []
        for case in cases(self._contract, self._operation):
            feed = case.feed
            if feed.cut or (not feed.missing and not self._is_wrong(feed.status, feed.headers, feed.body)):
                continue
            if feed.missing:
                of_the_wire.append(Fault(name=f"{feed.status}: {case.name}", feed=feed, wire=_too_short(feed.missing)))
            else:
                name = f"{feed.status}: {case.name}"
                unusual = case.policy in {Policy.UNUSUAL, Policy.EITHER}
                known.append(Fault(name=name, feed=feed, value=case.value, place=case.place, unusual=unusual))
        of_the_wire += self._of_the_wire()
        inside = [fault for fault in (*known, *self._of_places()) if fault.place.startswith("/") or "/" in fault.name]
        around = [fault for fault in known if fault not in inside]
        return tuple(_distinct(_by_turns(inside, around, of_the_wire)))

    def status(self, number: int) -> int:
        """Return the status of a case."""
        return self.designed[number].feed.status if number < len(self.designed) else self.answer(number).status

    def name(self, number: int) -> str:
        """Return the name of a case."""
        return in_ascii(self.designed[number].name) if number < len(self.designed) else "random"

    def answer(self, number: int) -> Answer:
        """Return the answer with a number, from 0 on without end."""
        if number < len(self.designed):
            return self._made(self.designed[number], number)
        for attempt in range(_ATTEMPTS):
            answer = self._random(number, attempt)
            if answer is not None and self.is_broken(answer):
                return answer
        return self._made(self.designed[number % len(self.designed)], number)

    def is_broken(self, answer: Answer) -> bool:
        """Tell whether the document, or HTTP, does not allow an answer."""
        return answer.wire is not None or self._is_wrong(answer.status, dict(answer.headers), answer.body)

    def _is_wrong(self, status: int, headers: Mapping[str, str], body: bytes) -> bool:
        return bool(self._contract.check_response(self._operation, status, headers=headers, body=body))

    def _made(self, fault: Fault, number: int) -> Answer:
        name = in_ascii(fault.name)
        answer = Answer(
            operation=self._operation.id,
            number=number,
            name=name,
            status=fault.feed.status,
            headers=tuple(fault.feed.headers.items()),
            body=fault.feed.body,
            fault=name,
            unusual=fault.unusual,
            value=fault.value,
            layout="compact" if isinstance(fault.value, dict) else "",
        )
        return answer if fault.wire is None else _on_the_wire(answer, fault.wire)

    def _of_the_wire(self) -> Iterator[Fault]:
        good = [self._right.answer(number) for number in range(len(self._right.designed))]
        first: dict[int, Answer] = {}
        for answer in good:
            kept = first.get(answer.status)
            # One with something in it: half of `{}` is no half.
            if kept is None or (len(kept.body) < 40 < len(answer.body) and not answer.framing):
                first[answer.status] = answer
        for status, answer in first.items():
            for name, spoil in _OF_THE_CONNECTION.items():
                if answer.body or name in _WITHOUT_BODY:
                    feed = Feed(status, dict(answer.headers), answer.body)
                    yield Fault(name=f"{status}: {name}", feed=feed, wire=spoil)

    def _of_places(self) -> Iterator[Fault]:
        """Yield what is wrong in one place in a way that its schema alone tells: formats, patterns, bounds, words."""
        for status, bodies in self._operation.responses.items():
            judge = bodies.get(JSON)
            if judge is None:
                continue
            base = self._right.base(judge)
            for path, node in self._places(judge.schema, base, ()):
                for wrong, how in _wrong_for(node):
                    value = edited(base, ((path, wrong),))
                    if not judge.accepts(value):
                        body = wire.encoded(value, "compact")
                        yield Fault(
                            name=f"{status}: {pointer(*path) or '/'} {how}, {shown(wrong, limit=40)}",
                            feed=Feed(status, {"Content-Type": JSON}, body),
                            value=value,
                            place=pointer(*path),
                            unusual=policy_of(status, judge, value) is Policy.UNUSUAL,
                        )

    def _places(self, schema: Any, value: Any, path: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
        node = self._growing.plain(schema)
        branches = self._growing.branches(node)
        if branches:
            yield from self._places(branches[0], value, path)
            return
        yield path, node
        if isinstance(value, dict):
            for name, item in node.get("properties", {}).items():
                if name in value:
                    yield from self._places(item, value[name], (*path, name))
        elif isinstance(value, list) and value:
            yield from self._places(node.get("items", {}), value[0], (*path, 0))

    def _random(self, number: int, attempt: int) -> Answer | None:
        """Return a random right answer with one random fault in it, or None if that came to nothing."""
        draws = Draws("broken", self._seed, self._operation.id, number, attempt)
        # What is made wrong may be any case; those without JSON in them have no places.
        right = self._right.answer(len(self._right.designed) + draws.below(2**40))
        if not isinstance(right.value, (dict, list)) or not right.content_type.lower().startswith(JSON):
            name = draws.pick(tuple(_OF_THE_CONNECTION) if right.body else _WITHOUT_BODY)
            renamed = self._renamed(right, number, f"{right.status}: {name}", right.body, right.value)
            return _on_the_wire(renamed, _OF_THE_CONNECTION[name])
        places = list(_paths(right.value))
        path = draws.pick(places)
        wrong: Any = draws.pick((REMOVED, UNKNOWN, None, None, None))
        if wrong is REMOVED:
            if not path or isinstance(path[-1], int):
                return None
            how = "is missing"
        elif wrong is UNKNOWN:
            if not isinstance(_at(right.value, path), dict):
                return None
            path, wrong, how = (*path, UNKNOWN), 1, "is there, which nobody knows"
        else:
            wrong = draws.pick((*_STRANGERS, *_WRONG_TEXTS, *_WRONG_NUMBERS))
            how = f"is {shown(wrong, limit=40)}"
        value = edited(right.value, ((path, wrong),))
        body = wire.encoded(value, "compact")
        return self._renamed(right, number, f"{right.status}: {pointer(*path) or '/'} {how}", body, value)

    def _renamed(self, right: Answer, number: int, name: str, body: bytes, value: Any) -> Answer:
        return Answer(
            operation=right.operation,
            number=number,
            name=in_ascii(name),
            status=right.status,
            headers=right.headers,
            body=body,
            fault=in_ascii(name),
            unusual=self._is_unusual(right.status, value),
            value=value,
            layout="compact",
        )

    def _is_unusual(self, status: int, value: Any) -> bool:
        judge = self._operation.responses[status].get(JSON)
        return judge is not None and policy_of(status, judge, value) is Policy.UNUSUAL


def _wrong_for(node: Mapping[str, Any]) -> Iterator[tuple[Any, str]]:
    """Yield values of the right type that a schema does not allow, and what is wrong with them."""
    own = {name: item for name, item in node.items() if name not in {"nullable", "discriminator"}}
    kind = kind_of(node)
    if "enum" in node and kind == "string":
        yield from ((text, "is no word of the list") for text in ("no such word", str(node["enum"][0]).swapcase()))
    if kind == "string":
        named = "is no " + str(node["format"]) if "format" in node else "breaks its pattern or length"
        if {"format", "pattern", "minLength", "maxLength"} & set(node):
            yield from ((text, named) for text in _WRONG_TEXTS if not fits(own, text))
    elif kind in {"integer", "number"}:
        if {"minimum", "maximum", "multipleOf"} & set(node) or kind == "integer":
            wrong = (number for number in _WRONG_NUMBERS if not fits(own, number))
            yield from ((number, "is out of bounds or no integer") for number in wrong)
    elif kind == "array" and node.get("minItems"):
        yield [], "has too few items"


def _paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the way to every part of a value: of long lists to the first and the last."""
    yield path
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _paths(item, (*path, name))
    elif isinstance(value, list):
        for index in dict.fromkeys((0, 1, len(value) - 1)):
            if 0 <= index < len(value):
                yield from _paths(value[index], (*path, index))


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def _on_the_wire(answer: Answer, spoil: Callable[[Answer], bytes]) -> Answer:
    return replace(answer, value=None, layout="", wire=spoil(answer), unusual=False)


def _too_short(missing: int) -> Callable[[Answer], bytes]:
    return lambda answer: _head(answer, ("Content-Length", str(len(answer.body) + missing))) + answer.body


def _head(answer: Answer, *framing: tuple[str, str]) -> bytes:
    headers = (*answer.sent_headers, *framing, ("Connection", "close"))
    lines = [f"HTTP/1.1 {answer.status} As It Is", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1", "replace")


def _half(body: bytes) -> bytes:
    return body[: len(body) // 2]


def _length(answer: Answer, more: int = 0) -> tuple[str, str]:
    return "Content-Length", str(len(answer.body) + more)


def _chunked(answer: Answer, body: bytes) -> bytes:
    return _head(answer, ("Transfer-Encoding", "chunked")) + body


def _size(answer: Answer) -> bytes:
    return f"{len(answer.body):x}".encode()


_OF_THE_CONNECTION: Final[Mapping[str, Callable[[Answer], bytes]]] = {
    "the connection is cut before the answer": lambda _: b"",
    "the connection is cut inside the head": lambda answer: _head(answer, _length(answer))[:-9],
    "the connection is cut inside the body": lambda answer: _head(answer, _length(answer)) + _half(answer.body),
    "the connection is cut before the last byte": lambda answer: _head(answer, _length(answer)) + answer.body[:-1],
    "the connection is cut inside a chunk": lambda answer: _chunked(
        answer, _size(answer) + b"\r\n" + _half(answer.body)
    ),
    "the connection is cut before the last chunk": lambda answer: _chunked(
        answer, _size(answer) + b"\r\n" + answer.body + b"\r\n"
    ),
    "a chunk whose size is no number": lambda answer: _chunked(answer, b"zz\r\n" + answer.body + b"\r\n0\r\n\r\n"),
    "two lengths that differ": lambda answer: _head(answer, _length(answer), _length(answer, 7)) + answer.body,
    "a length that is no number": lambda answer: _head(answer, ("Content-Length", "many")) + answer.body,
    "a negative length": lambda answer: _head(answer, ("Content-Length", "-1")) + answer.body,
    "a line that is no header": lambda answer: (
        _head(answer, _length(answer)).replace(b"\r\nConnection", b"\r\nthis is no header\r\nConnection") + answer.body
    ),
    "a status line that is none": lambda answer: b"HELLO\r\n\r\n" + answer.body,
}
_WITHOUT_BODY: Final = (
    "the connection is cut before the answer",
    "the connection is cut inside the head",
    "a status line that is none",
)


def _by_turns(*groups: Iterable[Fault]) -> Iterator[Fault]:
    """Take one fault of each group by turns, so that a short run meets every sort."""
    left = [deque(group) for group in groups]
    for turn in zip_longest(*left):
        yield from (fault for fault in turn if fault is not None)


def _distinct(faults: Iterable[Fault]) -> Iterator[Fault]:
    names: set[str] = set()
    for fault in faults:
        if fault.name not in names:
            names.add(fault.name)
            yield fault
