"""Reading rules: a mapping, as YAML, JSON and Python's keywords give it, or the text of a command line.

`docs/faults.md` shows all keys. Reading is strict: an unknown key, a value that cannot be, and two that contradict one
another are refused, with the place and what was expected.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import replace
from difflib import get_close_matches
from functools import partial
from typing import Any, Final

from mock_runtime.faults import values
from mock_runtime.faults.acts import act
from mock_runtime.faults.patterns import NOT
from mock_runtime.faults.rule import Calls, Fault, Match
from mock_runtime.faults.values import InvalidFault, below, one_or_many, patterns, read, refuse
from mock_runtime.operations import OPERATIONS

__all__ = ["InvalidFault", "fault", "fault_from_text", "settings_from_text"]

KEYS: Final = ("id", "match", "act", "times", "on")
MATCH_KEYS: Final = (
    *("operation", "method", "path", "header", "query", "caller", "job", "session", "backend"),
    *("status", "calls", "probability", "after", "for"),
)
SECRET_NAMES: Final = frozenset(
    {
        *("authorization", "proxy-authorization", "cookie", "x-access-token", "backend-authentication"),
        *("external-service-token", "access_token", "token", "apikey", "api_key"),
    }
)
"""Headers and query parameters that carry secrets, which have no place in a rule."""

_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_METHOD: Final = re.compile(r"(not )?[A-Za-z]{1,20}|\*")
_SCHEME: Final = re.compile(r"([A-Za-z]{1,20} )?\*")
_STATUS: Final = re.compile(r"[1-5]xx", re.IGNORECASE)
_RANGE: Final = re.compile(r"([0-9]{1,9})\.\.([0-9]{1,9})?")
_EVERY: Final = re.compile(r"every ([0-9]{1,9})")
_EXAMPLE: Final = "match: {operation: get-results}, act: {status: 503}"


def fault(settings: object, *, where: str = "", operations: Collection[str] = ()) -> Fault:
    """The rule that a mapping describes; InvalidFault says where it describes none.

    `where` goes in front of the keys in errors. With `operations`, the ids of a document, an operation that is neither
    one of them nor a name of all editions is refused.
    """
    said = values.plain(settings, where)
    entries = values.mapping(said, where, KEYS, _EXAMPLE)
    if "act" not in entries:
        raise InvalidFault(below(where, "act"), "it is missing: expected what happens, such as {status: 503}")
    match = _match(entries.get("match", {}), below(where, "match"), operations)
    doing = act(entries["act"], below(where, "act"), on_answer=bool(match.status))
    if doing.maintenance is not None and "times" in entries:
        raise InvalidFault(below(where, "times"), "a maintenance takes place once: leave it out")
    return Fault(
        id=read(entries, "id", where, _id) or "",
        match=match,
        act=doing,
        times=read(entries, "times", where, values.whole(1)),
        on=read(entries, "on", where, values.flag, True) is not False,
        said=said,
    )


def check_operations(rule: Fault, *, where: str = "", operations: Collection[str] = ()) -> None:
    """Refuse a rule, read without them, that waits for none of these operations; InvalidFault."""
    for pattern in rule.match.operation:
        _operation(pattern, below(below(where, "match"), "operation"), known=operations)


def named(rule: Fault, id_: str) -> Fault:
    """The same rule under an id."""
    return replace(rule, id=id_, said={"id": id_, **{key: value for key, value in rule.said.items() if key != "id"}})


def fault_from_text(text: str, *, where: str = "", operations: Collection[str] = ()) -> Fault:
    """The rule that a text such as `match.operation=get-results;act.status=503;times=3` describes; InvalidFault."""
    return fault(settings_from_text(text, where=where), where=where, operations=operations)


def settings_from_text(text: str, *, where: str = "") -> dict[str, Any]:
    """The mapping that a text describes: keys with dots between, `;` between the settings.

    A value is a number, true, false, null, JSON in brackets, braces or quotes, or else text as it is.
    """
    settings: dict[str, Any] = {}
    at = 0
    while at < len(text):
        equals, end = text.find("=", at), _end(text, at)
        if not text[at:end].strip():
            at = end + 1
            continue
        if not 0 <= equals < end:
            refuse(where, "KEY=VALUE, several of them parted by ';'", text[at:end].strip())
        value, end = _value(text, equals + 1)
        _put(settings, text[at:equals].strip(), value, where)
        at = end + 1
    return settings


def _value(text: str, start: int) -> tuple[Any, int]:
    """The value that begins there, and where it ends."""
    begin = start
    while text[begin : begin + 1].isspace():
        begin += 1
    if text[begin : begin + 1] in {'"', "[", "{"}:
        try:
            value, end = json.JSONDecoder().raw_decode(text, begin)
        except (ValueError, RecursionError):
            pass
        else:
            closed = _end(text, end)
            if not text[end:closed].strip():
                return value, closed
    end = _end(text, start)
    word = text[start:end].strip()
    if word in {"true", "false", "null"} or re.fullmatch(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?", word):
        return json.loads(word), end
    return word, end


def _end(text: str, start: int) -> int:
    """Where the setting ends that goes on there."""
    semicolon = text.find(";", start)
    return len(text) if semicolon < 0 else semicolon


def _put(settings: dict[str, Any], key: str, value: Any, where: str) -> None:
    # The name of a header may have dots.
    parts = key.split(".", 2) if key.startswith(("match.header.", "match.query.", "act.headers.")) else key.split(".")
    inner = settings
    for part in parts[:-1]:
        inner = inner.setdefault(part, {})
        if not isinstance(inner, dict):
            raise InvalidFault(below(where, key), f"expected no more below {part!r}, which has a value already")
    if not all(parts) or parts[-1] in inner:
        raise InvalidFault(below(where, key), "expected a key" if not all(parts) else "expected each key once")
    inner[parts[-1]] = value


def _match(value: object, at: str, operations: Collection[str]) -> Match:
    entries = values.mapping(value, at, MATCH_KEYS, "operation: get-results")
    operation = partial(_operation, known=operations)
    return Match(
        operation=read(entries, "operation", at, lambda found, place: one_or_many(found, place, operation)) or (),
        method=read(entries, "method", at, lambda found, place: one_or_many(found, place, _method)) or (),
        path=read(entries, "path", at, patterns) or (),
        header=read(entries, "header", at, partial(_named, lower=True)) or (),
        query=read(entries, "query", at, _named) or (),
        caller=read(entries, "caller", at, patterns) or (),
        job=read(entries, "job", at, lambda found, place: one_or_many(found, place, _job)) or (),
        session=read(entries, "session", at, patterns) or (),
        backend=read(entries, "backend", at, patterns) or (),
        status=read(entries, "status", at, lambda found, place: one_or_many(found, place, _status)) or (),
        calls=read(entries, "calls", at, _calls),
        probability=read(entries, "probability", at, values.part, 1.0) or 0.0,
        after_s=read(entries, "after", at, values.seconds) or 0.0,
        for_s=read(entries, "for", at, values.span, float("inf")) or 0.0,
    )


def _id(value: object, at: str) -> str:
    text = values.text(value, at)
    if _ID.fullmatch(text) is None:
        refuse(at, "an id of at most 64 letters, digits, '.', '_' and '-'", text)
    return text


def _operation(value: object, at: str, *, known: Collection[str]) -> str:
    pattern = values.pattern(value, at)
    name = pattern.removeprefix(NOT).strip()
    if known and "*" not in name and name not in known and name not in OPERATIONS:
        near = get_close_matches(name, (*OPERATIONS, *known), n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(OPERATIONS)}, and ids of the document"
        raise InvalidFault(at, f"there is no operation {values.shown(name)}; {hint}")
    return pattern


def _method(value: object, at: str) -> str:
    if not isinstance(value, str) or _METHOD.fullmatch(value) is None:
        refuse(at, "a method such as GET", value)
    return NOT + value[4:].upper() if value.startswith(NOT) else value.upper()


def _job(value: object, at: str) -> str:
    pattern = values.pattern(value, at)
    name = pattern.removeprefix(NOT).strip()
    if name.startswith("#") and re.fullmatch(r"#[1-9][0-9]{0,8}", name) is None:
        refuse(at, "the id of a job, or '#2' for the second submission", value)
    return pattern


def _named(value: object, at: str, *, lower: bool = False) -> tuple[tuple[str, tuple[str, ...] | None], ...]:
    """Patterns by name; null wants the name to be absent."""
    if not isinstance(value, dict) or not 0 < len(value) <= 50:
        refuse(at, "names and patterns such as {Prefer: '*'}, null for what has to be absent", value)
    found: dict[str, tuple[str, ...] | None] = {}
    for name, entry in value.items():
        place = below(at, name[:100])
        key = values.header_name(name, place).lower() if lower else values.text(name, place)
        if key in found:
            raise InvalidFault(place, "expected each header once: their case does not count")
        if key.lower() in SECRET_NAMES and not _tells_nothing(entry):
            raise InvalidFault(place, "expected '*', null or 'Bearer *': a secret has no place in a rule, use `caller`")
        found[key] = None if entry is None else patterns(entry, place)
    return tuple(found.items())


def _tells_nothing(entry: object) -> bool:
    """Whether the pattern of a secret names none."""
    entries = entry if isinstance(entry, list) else [entry]
    return all(one is None or (isinstance(one, str) and _SCHEME.fullmatch(one) is not None) for one in entries)


def _status(value: object, at: str) -> tuple[int, int]:
    if value == "any":
        return 100, 599
    if isinstance(value, str) and _STATUS.fullmatch(value):
        return int(value[0]) * 100, int(value[0]) * 100 + 99
    if isinstance(value, bool) or not isinstance(value, int) or not 100 <= value <= 599:
        refuse(at, "a status such as 200, a group such as 2xx, or 'any'", value)
    return value, value


def _calls(value: object, at: str) -> Calls:
    ranges: list[tuple[int, float]] = []
    every: list[int] = []
    for low, high, step in one_or_many(value, at, _call_numbers):
        if step:
            every.append(step)
        else:
            ranges.append((low, high))
    return Calls(ranges=tuple(ranges), every=tuple(every))


def _call_numbers(value: object, at: str) -> tuple[int, float, int]:
    """The first, the last, or a step."""
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= values.MOST:
        return value, value, 0
    if isinstance(value, str) and (every := _EVERY.fullmatch(value)) and int(every[1]):
        return 0, 0, int(every[1])
    if isinstance(value, str) and (bounds := _RANGE.fullmatch(value)):
        low, high = int(bounds[1]), float(bounds[2] or "inf")
        if 1 <= low <= high:
            return low, high, 0
    raise InvalidFault(at, f"expected 3, '2..5', '3..' or 'every 3', counted from 1, found {values.shown(value)}")
