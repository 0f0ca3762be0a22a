"""Questions to the journal: which of its exchanges are wanted."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from fnmatch import translate
from typing import Final, TypeAlias, TypedDict

from mock_runtime.journal.entry import Entry

Status: TypeAlias = int | str | Collection[int]
"""A status, a class of them such as "4xx", or several; 0 is none at all."""
Names: TypeAlias = str | Collection[str]
"""A name or several."""

_CLASS: Final = re.compile(r"([1-5])xx", re.IGNORECASE)
_OF_JOB: Final = ("job_id", "id")
_OF_SESSION: Final = ("session_id", "id")
_OF_BACKEND: Final = ("name", "backend_name", "id")

_Test: TypeAlias = Callable[[Entry], bool]


class Filters(TypedDict, total=False):
    """What exchanges are chosen by; each of them narrows.

    `job`, `session` and `backend` are ids or objects that have one. `path` is a pattern with `*` and `?`, of the path
    as it was called or as it is in this server. `since` keeps the numbers above it. `fault` is the id of a rule that
    was met, or True for any.
    """

    job: object
    session: object
    backend: object
    caller: str | None
    status: Status | None
    method: str | None
    path: str | None
    since: int | None
    fault: str | bool | None


class Choice(Filters, total=False):
    """What entries are taken out of a journal.

    `operation` is a name of `mock_runtime.operations` or an id of the edition's document, or several of them. `after`
    keeps what was added after that position of the journal. `limit` keeps the newest so many.
    """

    operation: Names | None
    after: int | None
    limit: int | None


NAMES: Final = frozenset(Choice.__annotations__)
"""The names of the filters."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question, ready to be asked of many entries."""

    tests: Sequence[_Test]
    job: str | None = None
    after: int | None = None
    limit: int | None = None

    def matches(self, entry: Entry) -> bool:
        """Whether an entry is wanted, as far as the entry alone tells."""
        return all(test(entry) for test in self.tests)


def query(filters: Choice) -> Query:
    """Make a question of filters; TypeError or ValueError says which of them is none."""
    unknown = sorted(set(filters) - NAMES)
    if unknown:
        raise TypeError(f"{unknown[0]!r} is nothing to choose entries by; there is {', '.join(sorted(NAMES))}")
    job = id_of(filters.get("job"), "job", _OF_JOB)
    return Query(
        tests=[test for test in _tests(filters, job) if test is not None],
        job=job,
        after=_count(filters.get("after"), "after"),
        limit=_count(filters.get("limit"), "limit"),
    )


def id_of_job(job: object) -> str:
    """Return the id of a job: itself, or what an object has as `job_id` or `id`. TypeError if it has none."""
    found = id_of(job, "job", _OF_JOB)
    if found is None:
        raise TypeError("job: expected an id, or an object that has one; found None")
    return found


def id_of(value: object, what: str, names: Sequence[str]) -> str | None:
    """Return the id that a value is or has; None for None, TypeError if it has none.

    Some clients have a property for it, and some a method.
    """
    if value is None or isinstance(value, str):
        return value
    for name in names:
        found = getattr(value, name, None)
        if callable(found):
            found = found()
        if isinstance(found, str):
            return found
    raise TypeError(f"{what}: expected an id, or an object with {' or '.join(names)}; found {type(value).__name__}")


def _tests(filters: Choice, job: str | None) -> Sequence[_Test | None]:
    return [
        None if job is None else lambda entry: entry.job == job,
        _equal("session", id_of(filters.get("session"), "session", _OF_SESSION)),
        _equal("backend", id_of(filters.get("backend"), "backend", _OF_BACKEND)),
        _equal("caller", filters.get("caller")),
        _of_operation(filters.get("operation")),
        _of_status(filters.get("status")),
        _of_method(filters.get("method")),
        _of_path(filters.get("path")),
        _of_fault(filters.get("fault")),
        _since(_count(filters.get("since"), "since")),
    ]


def _equal(name: str, value: str | None) -> _Test | None:
    return None if value is None else lambda entry: getattr(entry, name) == value


def _of_operation(value: Names | None) -> _Test | None:
    if value is None:
        return None
    names = frozenset([value] if isinstance(value, str) else value)
    return lambda entry: entry.operation in names or entry.operation_id in names


def _of_status(value: Status | None) -> _Test | None:
    if value is None:
        return None
    if isinstance(value, int):
        return lambda entry: entry.status == value
    if not isinstance(value, str):
        return lambda entry: entry.status in value
    found = _CLASS.fullmatch(value)
    if found is None:
        raise ValueError(f'status: expected a number such as 204, a class such as "4xx", or several; found {value!r}')
    first = int(found[1])
    return lambda entry: entry.status // 100 == first


def _of_method(value: str | None) -> _Test | None:
    if value is None:
        return None
    method = value.upper()
    return lambda entry: entry.method == method


def _of_path(value: str | None) -> _Test | None:
    if value is None:
        return None
    pattern = re.compile(translate(value))
    return lambda entry: pattern.match(entry.path) is not None or pattern.match(entry.inside) is not None


def _of_fault(value: str | bool | None) -> _Test | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return lambda entry: bool(entry.faults) is value
    return lambda entry: value in entry.faults


def _since(value: int | None) -> _Test | None:
    return None if value is None else lambda entry: entry.number > value


def _count(value: object, name: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{name}: expected a number of 0 or more, found {value!r}")
    return value
