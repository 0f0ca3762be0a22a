"""Whether a call is one that a rule waits for: prepared once, asked for each request."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias
from urllib.parse import parse_qsl

from mock_runtime.faults.call import Call
from mock_runtime.faults.patterns import Test, is_like, parted
from mock_runtime.faults.rule import Match, Patterns

Matcher: TypeAlias = Callable[[Call], bool]


def matcher(match: Match) -> Matcher:
    """A test of all that is known of a call before anything is done about it.

    What costs something is asked last: who calls, and which submission made the job.
    """
    tests = [
        _by_method(match.method),
        _by_names(match.operation, _operations),
        _by_names(match.path, _paths, path=True),
        _by_text(match.session, lambda call: call.session),
        _by_text(match.backend, lambda call: call.backend),
        *(_by_header(name, patterns) for name, patterns in match.header),
        _by_query(match.query),
        _by_text(match.caller, lambda call: call.caller),
        _by_job(match.job),
    ]
    asked = tuple(test for test in tests if test is not None)
    if len(asked) == 1:
        return asked[0]
    return lambda call: all(test(call) for test in asked)


def _by_method(patterns: Patterns) -> Matcher | None:
    return _by_text(patterns, lambda call: call.method)


def _operations(call: Call) -> list[str]:
    return [name for name in (call.operation, call.operation_id) if name is not None]


def _paths(call: Call) -> list[str]:
    return [call.path, *call.also]


def _by_names(patterns: Patterns, names_of: Callable[[Call], list[str]], *, path: bool = False) -> Matcher | None:
    """By any of several names for the same; what is excluded by one of them is excluded."""
    if not patterns:
        return None
    wanted, unwanted = parted(patterns)
    wants, excludes = is_like(wanted, path=path), is_like(unwanted, path=path)

    def test(call: Call) -> bool:
        names = names_of(call)
        if unwanted and any(excludes(name) for name in names):
            return False
        return not wanted or any(wants(name) for name in names)

    return test


def _by_text(patterns: Patterns, value: Callable[[Call], str | None]) -> Matcher | None:
    if not patterns:
        return None
    test = is_like(patterns)
    return lambda call: test(value(call))


def _by_header(name: str, patterns: Patterns | None) -> Matcher:
    if patterns is None:
        return lambda call: name not in call.headers
    test = is_like(patterns)
    return lambda call: test(call.headers.get(name))


def _by_query(conditions: tuple[tuple[str, Patterns | None], ...]) -> Matcher | None:
    if not conditions:
        return None
    tests: list[tuple[str, Test | None]] = [
        (name, None if patterns is None else is_like(patterns)) for name, patterns in conditions
    ]

    def test(call: Call) -> bool:
        sent: dict[str, list[str | None]] = {}
        for name, value in parse_qsl(call.query, keep_blank_values=True):
            sent.setdefault(name, []).append(value)
        return all(
            name not in sent if wants is None else any(map(wants, sent.get(name, [None]))) for name, wants in tests
        )

    return test


def _by_job(patterns: Patterns) -> Matcher | None:
    """By the id, or by the number of the submission, which is asked for only if a pattern has one."""
    if not patterns:
        return None
    wanted, unwanted = parted(patterns)
    wants, excludes = _is_job(wanted), _is_job(unwanted)

    def test(call: Call) -> bool:
        return (not wanted or wants(call)) and not (unwanted and excludes(call))

    return test


def _is_job(patterns: list[str]) -> Matcher:
    numbers = frozenset(int(pattern[1:]) for pattern in patterns if pattern.startswith("#"))
    ids = is_like([pattern for pattern in patterns if not pattern.startswith("#")] or ["#"])

    def test(call: Call) -> bool:
        if call.job is None:
            return False
        return ids(call.job) or (bool(numbers) and call.job_number in numbers)

    return test
