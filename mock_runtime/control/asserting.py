"""Assertions on the journal, as JSON says them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from mock_runtime.control.reading import flag, number, one_of, refuse_unknown, text, texts, wrong
from mock_runtime.parsing import MalformedRequest

if TYPE_CHECKING:
    from mock_runtime.journal.entry import Entry
    from mock_runtime.journal.journal import Journal

_FILTERS: Final = ("job", "session", "backend", "caller", "status", "method", "path", "since", "fault")
KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "polled": ("job", "times", "interval", "operation"),
    "sequence": ("job", "statuses", "operation"),
    "called": ("operation", "times", *_FILTERS),
    "not-called": ("operation", *_FILTERS),
    "order": ("steps", *_FILTERS),
    "retried": ("operation", "after", "times", *_FILTERS),
    "submitted-once": ("program", "caller", "body"),
    "no-unknown-fields": ("headers", "allow", *_FILTERS),
}
"""What can be asserted, and with which keys."""

_REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "polled": ("job",),
    "sequence": ("job", "statuses"),
    "called": ("operation",),
    "not-called": ("operation",),
    "order": ("steps",),
    "retried": ("operation",),
}


class NotSo(Exception):
    """What was asserted is not so. `str()` is the account of what was seen instead."""


def assertion(journal: Journal, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Assert what a mapping says: `{"ok": true}` with the numbers of the exchanges that bear it out; NotSo."""
    if "assert" not in fields:
        raise MalformedRequest(f"assert: it is missing; expected one of {', '.join(KEYS)}")
    name = one_of(fields["assert"], KEYS, "assert")
    given = {key: value for key, value in fields.items() if key != "assert" and value is not None}
    refuse_unknown(given, KEYS[name], f"key of {name}")
    for key in _REQUIRED.get(name, ()):
        if key not in given:
            raise MalformedRequest(f"{key}: it is missing; {name} needs it")
    read_fields = {key: _READERS[key](value, key) for key, value in given.items()}
    call = getattr(journal, f"assert_{name.replace('-', '_')}")
    positional = [read_fields.pop(key) for key in _REQUIRED.get(name, ())]
    try:
        found = call(*positional, **read_fields)
    except AssertionError as error:
        raise NotSo(str(error)) from None
    except (TypeError, ValueError) as error:
        raise MalformedRequest(str(error)) from None
    return {"ok": True, **_borne_out(found)}


def _borne_out(found: list[Entry] | str | None) -> dict[str, Any]:
    if isinstance(found, str):
        return {"job": found}
    return {} if found is None else {"numbers": [entry.number for entry in found]}


def _bounds(value: Any, at: str) -> float | tuple[float | None, float | None]:
    """A number, or a pair of the least and the most, null for no bound."""
    if not isinstance(value, list):
        return number(value, at)
    if len(value) != 2 or value == [None, None]:
        wrong(at, "a number, or a pair such as [1.5, 2.5] or [2, null]", value)
    low, high = (None if each is None else number(each, f"{at}[{index}]") for index, each in enumerate(value))
    return low, high


def _statuses(value: Any, at: str) -> list[int]:
    if not isinstance(value, list):
        wrong(at, "a list of statuses such as [204, 204, 200]", value)
    return [_whole(each, f"{at}[{index}]") for index, each in enumerate(value)]


def _status(value: Any, at: str) -> int | str | list[int]:
    if isinstance(value, str):
        return text(value, at)
    return _statuses(value, at) if isinstance(value, list) else _whole(value, at)


def _steps(value: Any, at: str) -> list[Any]:
    """Operations, or pairs of one and the status of its answer."""
    if not isinstance(value, list) or not value:
        wrong(at, 'a list of operations such as ["submit-job", ["get-results", 200]]', value)
    return [_step(each, f"{at}[{index}]") for index, each in enumerate(value)]


def _step(value: Any, at: str) -> str | tuple[str, int]:
    if not isinstance(value, list):
        return text(value, at)
    if len(value) != 2:
        wrong(at, 'an operation, or a pair such as ["get-results", 200]', value)
    return text(value[0], f"{at}[0]"), _whole(value[1], f"{at}[1]")


def _whole(value: Any, at: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
        wrong(at, "a whole number", value)
    return value


def _fault(value: Any, at: str) -> str | bool:
    return value if isinstance(value, bool) else text(value, at)


def _mapping(value: Any, at: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        wrong(at, "an object with fields of the body", value)
    return value


_READERS: Final[Mapping[str, Callable[[Any, str], Any]]] = {
    **dict.fromkeys(("job", "session", "backend", "caller", "method", "path", "operation", "program"), text),
    **dict.fromkeys(("times", "interval", "after"), _bounds),
    "status": _status,
    "statuses": _statuses,
    "steps": _steps,
    "since": _whole,
    "fault": _fault,
    "headers": flag,
    "allow": texts,
    "body": _mapping,
}
