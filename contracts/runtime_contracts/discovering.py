"""Finding out what a client without a driver is about: it is called once, and every answer is a good one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from runtime_contracts.client_catalogue import good_case
from runtime_contracts.feeding import Feed
from runtime_contracts.neighbours import neighbour
from runtime_contracts.wire_faults import Policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runtime_contracts.client_cases import ClientCase
    from runtime_contracts.contract import Contract
    from runtime_contracts.feeding import SentRequest
    from runtime_contracts.operation import Operation
    from runtime_contracts.paging import Pages

_PATIENCE: Final = 6
"""So often a broken answer of success is fed in one call."""
_NEAR: Final = 0.6
_FINAL: Final = {
    "Queued": "Completed", "Running": "Completed", "queued": "completed", "running": "completed",
    "pending": "completed", "in_progress": "completed", "QUEUED": "DONE", "RUNNING": "DONE",
}  # fmt: skip
_PAGING: Final = frozenset({"offset", "next", "next_cursor", "cursor", "skip", "page"})
_TOTALS: Final = frozenset({"count", "total", "total_count"})
_ELSEWHERE: Final = "elsewhere.test"
_FAILED: Final = ("failed", "cancelled", "canceled", "error")
_ABSENT: Final = object()


@dataclass(slots=True)
class Answering:
    """Answers a client that may take several steps: all of them well, but for what the present case is about.

    Attributes:
        target: the operation under test; None to answer every one well.
        case: what it is fed.
        asked: how often it was asked for, in the present call.
        pages: serves the target in place of the case, if set.
    """

    contract: Contract
    target: Operation | None = None
    case: ClientCase | None = None
    asked: int = 0
    pages: Pages | None = None

    def begin(self, case: ClientCase | None, pages: Pages | None = None) -> None:
        """Begin another call."""
        self.pages = pages
        self.case = case
        self.target = None if case is None else case.operation
        self.asked = 0

    def choose(self, request: SentRequest) -> tuple[Feed, bool]:
        """Return what a request is answered, and whether it is one to the API."""
        parts = urlsplit(request.url)
        if parts.hostname == _ELSEWHERE:
            return self._well(self.target), False
        path = request.path
        operation = operation_at(self.contract, request.method, path)
        if operation is None:
            beside = neighbour(request)
            if beside is not None:
                return beside, False
            operation = self.target or nearest(self.contract, request)
        if self.case is None or operation is not self.target:
            return self._well(operation), True
        self.asked += 1
        if self.pages is not None:
            return self.pages.page(request), True
        # An answer may mean "ask again"; so that a client which does comes to an end, the next ones say "done". A
        # broken one comes more often: a client that has noticed it may try again.
        often = 1 if self.case.policy is Policy.ACCEPT else _PATIENCE
        fed = self.case.feed
        goes_on = self.asked > often and fed.status < 300 and not fed.cut and not fed.missing
        if self.case.policy is Policy.ACCEPT and tells_failure(self.case.value) and not _is_paged(operation):
            goes_on = False  # This is an end, too.
        return (self._done(operation) if goes_on else self.case.feed), True

    def _well(self, operation: Operation | None) -> Feed:
        if operation is None:
            return Feed(200, {"Content-Type": "application/json"}, b"{}")
        return self._settled(operation, good_case(self.contract, operation).feed)

    def _done(self, operation: Operation | None) -> Feed:
        assert operation is not None  # noqa: S101 - narrows the type
        feed = self._well(operation)
        value = _decoded(feed)
        if not _is_paged(operation) or not isinstance(value, dict):
            return feed
        for key, item in list(value.items()):
            # The page after the last one: nothing on it, nothing after it, and no more than was already seen.
            end = [] if isinstance(item, list) else 0 if key in _TOTALS else _ABSENT if key in _PAGING else item
            value = self._kept_if_valid(operation, feed, value, {**value, key: end})
        return _with_value(feed, value)

    def _settled(self, operation: Operation, feed: Feed) -> Feed:
        value = _decoded(feed)
        if value is None:
            return feed
        for path, word in list(_open_states(value, ())):
            value = self._kept_if_valid(operation, feed, value, _put(value, path, _FINAL[word]))
        return _with_value(feed, value)

    @staticmethod
    def _kept_if_valid(operation: Operation, feed: Feed, before: Any, after: Any) -> Any:
        if isinstance(after, dict):
            after = {key: item for key, item in after.items() if item is not _ABSENT}
        return after if operation.responses[feed.status]["application/json"].accepts(after) else before


def _is_paged(operation: Operation | None) -> bool:
    names = {found.name for found in operation.parameters if found.location == "query"} if operation else set()
    return bool(names & _PAGING)


def tells_failure(value: Any) -> bool:
    """Tell whether an answer says that a job has come to nothing."""
    match value:
        case dict():
            return any(
                (key == "status" and isinstance(item, str) and item.lower().startswith(_FAILED)) or tells_failure(item)
                for key, item in value.items()
            )
        case list():
            return any(map(tells_failure, value))
    return False


@lru_cache(maxsize=4096)
def operation_at(contract: Contract, method: str, path: str) -> Operation | None:
    """Return the operation behind a method and a path; most requests of a run are to the same few."""
    return contract.operation_for(method, path)


def nearest(contract: Contract, request: SentRequest) -> Operation | None:
    """Return the operation that a request to an undocumented path most likely means, or None."""
    path = request.path
    best, found = _NEAR, None
    for operation in contract.operations.values():
        for base in operation.bases:
            score = _likeness(path, base + operation.path) - (0.0 if operation.method == request.method else 0.1)
            if score > best:
                best, found = score, operation
    return found


def _likeness(path: str, template: str) -> float:
    pairs = list(zip_longest(path.split("/")[1:], template.split("/")[1:], fillvalue=""))
    alike = (
        1.0 if wanted.startswith("{") and given else SequenceMatcher(None, given, wanted).ratio()
        for given, wanted in pairs
    )
    return sum(alike) / len(pairs)


def _decoded(feed: Feed) -> Any:
    if feed.headers.get("Content-Type", "").partition(";")[0] != "application/json":
        return None
    return json.loads(feed.body)


def _with_value(feed: Feed, value: Any) -> Feed:
    return Feed(feed.status, feed.headers, json.dumps(value).encode())


def _open_states(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield each place in a JSON value that says that something is still going on, and the word that says so."""
    match value:
        case dict():
            for key, item in value.items():
                if key == "status" and isinstance(item, str) and item in _FINAL:
                    yield (*path, key), item
                yield from _open_states(item, (*path, key))
        case list():
            for index, item in enumerate(value):
                yield from _open_states(item, (*path, index))


def _put(value: Any, path: tuple[str | int, ...], word: str) -> Any:
    if not path:
        return word
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[path[0]] = _put(value[path[0]], path[1:], word)  # type: ignore[index]
    return copied
