"""Sending the requests of a recording to another server, and saying in what its answers are unlike those recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from runtime_contracts.recording.shapes import Difference, differences, is_under, maps_of, parsed, shape_of
from runtime_contracts.recording.translating import Translation, state_of
from runtime_contracts.report import Failure, counted
from runtime_contracts.violation import generalised
from runtime_contracts.watching.message import Answer, Exchange, Request, UndecodableBodyError, header
from runtime_contracts.watching.outcome import Outcome
from runtime_contracts.watching.watch import Watch

if TYPE_CHECKING:
    from runtime_contracts.contract import Contract
    from runtime_contracts.operation import Operation
    from runtime_contracts.recording.accepting import Accepted
    from runtime_contracts.recording.record import Recording

Sent = Callable[[Request], Answer]
"""Sends a request to the other server; ConnectionError or OSError if there is no answer."""

_HEADERS: Final = ("Allow", "Retry-After", "WWW-Authenticate", "Location")
_RANKS: Final = {
    "queued": 0, "pending": 0, "initializing": 0, "open": 0, "running": 1, "active": 1, "inactive": 1,
    "completed": 2, "failed": 2, "cancelled": 2, "cancelled - ran too long": 2, "closed": 2,
}  # fmt: skip
_PATIENCE: Final = 40
_NUMBERS: Final = 8


@dataclass(slots=True)
class _Found:
    difference: Difference
    status: int
    numbers: list[int] = field(default_factory=list)
    count: int = 0


def compare(  # noqa: PLR0913 - what a comparison may depend on
    recording: Recording,
    send: Sent,
    *,
    contract: Contract,
    names: tuple[str, str] = ("real", "the fake"),
    ignore: Collection[str] = (),
    accepted: Sequence[Accepted] = (),
    translation: Translation | None = None,
    wait: Callable[[], None] | None = None,
    progress: Callable[[str], None] | None = None,
    target: str = "",
) -> Outcome:
    """Send the requests of a recording in their order, and report how the answers differ in shape from those recorded.

    Args:
        recording: what to compare with.
        send: sends a request to the other server.
        contract: the document; it names operations, and says which keys of an object are data.
        names: what the recorded server and the other one are called in the report.
        ignore: patterns of JSON pointers at which differences do not count.
        accepted: differences that are listed and do not count.
        translation: names that the other server has for what the recorded one names.
        wait: lets time pass on the other server, so that a job of its gets as far as the recorded one was; None for
            not to wait.
        progress: is told how far it is.
        target: what the report is about.
    """
    run = _Comparing(recording, send, contract, names, translation or Translation(), wait)
    run.ignore, run.accepted = tuple(ignore), tuple(accepted)
    interrupted = False
    try:
        for index, exchange in enumerate(recording.exchanges, start=1):
            run.exchange(exchange)
            if progress is not None:
                progress(f"{index} of {len(recording.exchanges)} exchanges, {counted(len(run.found), 'difference')}")
    except KeyboardInterrupt:
        interrupted = True
    except OSError as error:
        return Outcome(
            kind="recording", target=target, edition=recording.edition, problem=f"there was no answer: {error}"
        )
    return run.outcome(target, interrupted=interrupted)


class _Comparing:
    """One comparison under way."""

    ignore: tuple[str, ...] = ()
    accepted: tuple[Accepted, ...] = ()

    def __init__(
        self,
        recording: Recording,
        send: Sent,
        contract: Contract,
        names: tuple[str, str],
        translation: Translation,
        wait: Callable[[], None] | None,
    ) -> None:
        self.found: dict[tuple[str, int, str, str], _Found] = {}
        self._recording = recording
        self._send = send
        self._contract = contract
        self._watch = Watch(contract)
        self._names = names
        self._translation = translation
        self._wait = wait
        self._hopeless: set[str] = set()
        self._skipped: Counter[str] = Counter()
        self._statuses: dict[str, Counter[int]] = {}
        self._accepted: Counter[tuple[str, str]] = Counter()
        self._total = 0

    def exchange(self, exchange: Exchange) -> None:
        """Send one request and compare the answers."""
        recorded = exchange.answer
        if exchange.request.body is None:
            self._skipped["whose request is not whole in the recording"] += 1
            return
        request = self._translation.request(exchange.request)
        answer = self._in_time(request, recorded)
        self._total += 1
        operation = self._watch.operation_of(exchange.request)
        name = self._name_of(exchange.request, operation)
        self._statuses.setdefault(name, Counter())[answer.status] += 1
        if recorded.body is not None:
            self._translation.learn(_plain(recorded), _plain(answer))
        if _ahead(recorded, answer):
            self._skipped["that found a job or session in another state than the recorded one"] += 1
            return
        for difference in self._differences(exchange, operation, recorded, answer):
            self._add(name, difference, exchange)

    def outcome(self, target: str, *, interrupted: bool) -> Outcome:
        """Return what was found as a report."""
        damaged = self._recording.damaged
        notes = [f"{counted(count, 'exchange')} {what}" for what, count in self._skipped.items()]
        notes += [f"left out, {each}" for each in damaged[:20]]
        if len(damaged) > 20:
            notes.append(f"left out, {counted(len(damaged) - 20, 'other line')} that cannot be read")
        return Outcome(
            kind="recording",
            target=target,
            edition=self._recording.edition,
            total=self._total,
            statuses={name: dict(statuses) for name, statuses in sorted(self._statuses.items())},
            failures=tuple(_failure(operation, found) for (operation, *_), found in sorted(self.found.items())),
            notes=tuple(notes),
            accepted=tuple(f"{what} ({count}x): {reason}" for (what, reason), count in self._accepted.items()),
            interrupted=interrupted,
        )

    def _in_time(self, request: Request, recorded: Answer) -> Answer:
        """The answer when the other server has got as far as the recorded one, if it gets there by waiting."""
        answer = self._send(request)
        if self._wait is None or request.method != "GET" or request.path in self._hopeless:
            return answer
        for _ in range(_PATIENCE):
            if not _behind(recorded, answer):
                return answer
            self._wait()
            answer = self._send(request)
        # It will not get there for later exchanges either.
        self._hopeless.add(request.path)
        return answer

    def _name_of(self, request: Request, operation: Operation | None) -> str:
        if operation is not None:
            return operation.id
        service = self._watch.service_of(request)
        return f"{service}: {request.method} {request.path}" if service else f"{request.method} {request.path}"[:200]

    def _differences(
        self, exchange: Exchange, operation: Operation | None, recorded: Answer, answer: Answer
    ) -> list[Difference]:
        first, second = self._names
        if recorded.status != answer.status:
            text = f"{first} answers {recorded.status}, {second} {answer.status}"
            return [Difference(kind="status", where="/status", text=text)]
        found = list(self._of_headers(recorded, answer))
        if recorded.body is None or exchange.request.method == "HEAD":
            return found
        found += self._of_bodies(operation, recorded, answer)
        said = {each.where for each in found}
        return [*found, *self._of_document(exchange.request, recorded, answer, said)]

    def _of_headers(self, recorded: Answer, answer: Answer) -> list[Difference]:
        first, second = self._names
        one, other = (_media(each) for each in (recorded, answer))
        found = []
        if one != other:
            text = f"{first} has the content type {one or 'none'}, {second} {other or 'none'}"
            found.append(Difference(kind="content_type", where="/headers/Content-Type", text=text))
        for name in _HEADERS:
            has = [bool(header(each.headers, name)) for each in (recorded, answer)]
            if has[0] != has[1]:
                holder, lacking = (first, second) if has[0] else (second, first)
                text = f"{holder} has the header {name}, {lacking} has not"
                found.append(Difference(kind="header", where=f"/headers/{name}", text=text))
        return found

    def _of_bodies(self, operation: Operation | None, recorded: Answer, answer: Answer) -> list[Difference]:
        first, second = self._names
        one, other = _plain(recorded), _plain(answer)
        if bool(one) != bool(other):
            has, lacks = (first, second) if one else (second, first)
            return [Difference(kind="body", where="/body", text=f"{has} has a body, {lacks} has none")]
        (is_json, value), (is_json_too, mine) = parsed(one), parsed(other)
        if is_json != is_json_too:
            has, lacks = (first, second) if is_json else (second, first)
            text = f"{has} has JSON in the body, {lacks} has something else"
            return [Difference(kind="body", where="/body", text=text)] if one else []
        if not is_json:
            return []
        judge = None if operation is None else operation.responses.get(recorded.status, {}).get("application/json")
        is_map = maps_of(self._contract.document, judge.schema if judge else None)
        shapes = [shape_of(each, is_map=is_map) for each in (value, mine)]
        return list(differences(shapes[0], shapes[1], names=self._names))

    def _of_document(self, request: Request, recorded: Answer, answer: Answer, said: set[str]) -> list[Difference]:
        """What of the document the other server breaks and the recorded one keeps: words of an enumeration, bounds.

        What is unlike in shape was `said` before.
        """
        first, second = self._names
        kept = {generalised(each.violation.where) for each in self._watch.answer(request, recorded)}
        found: dict[str, Difference] = {}
        for each in self._watch.answer(request, answer):
            where = generalised(each.violation.where)
            plain = where.removeprefix("/body")
            if each.check == "body" and each.is_violation and where not in kept and not _near(plain, said):
                text = f"{first} keeps the document at `{plain or '/'}`, {second} breaks it: {each.violation}"
                found.setdefault(plain, Difference(kind="document", where=plain, text=text))
        return list(found.values())

    def _add(self, name: str, difference: Difference, exchange: Exchange) -> None:
        if any(is_under(difference.where, pattern) for pattern in self.ignore):
            return
        for each in self.accepted:
            if each.covers(name, difference):
                self._accepted[f"{name}: {difference.text}", each.reason] += 1
                return
        status = exchange.answer.status
        found = self.found.setdefault((name, status, difference.where, difference.text), _Found(difference, status))
        found.count += 1
        if len(found.numbers) < _NUMBERS:
            found.numbers.append(exchange.number)


def _near(where: str, said: set[str]) -> bool:
    """Whether something was said of a place, or of one below or above it."""
    return any(each == where or each.startswith(f"{where}/") or where.startswith(f"{each}/") for each in said)


def _failure(operation: str, found: _Found) -> Failure:
    numbers = ", ".join(map(str, found.numbers)) + (", ..." if found.count > len(found.numbers) else "")
    exchanges = "exchange" if found.count == 1 else "exchanges"
    return Failure(
        check=found.difference.kind,
        operation=operation,
        phase=f"status {found.status}",
        message=f"{found.difference.text}\n{exchanges} {numbers}",
        count=found.count,
    )


def _behind(recorded: Answer, answer: Answer) -> bool:
    """Whether the other server may give the recorded kind of answer later."""
    if recorded.status == 200 and answer.status == 204:
        return True
    if recorded.status == answer.status == 200:
        state, mine = state_of(_plain(recorded)), state_of(_plain(answer))
        return state != mine and mine in _RANKS and _RANKS[mine] < _RANKS.get(state, 0)
    return False


def _ahead(recorded: Answer, answer: Answer) -> bool:
    """Whether the other server has got further than the recorded one was: what differs then is no difference."""
    if {recorded.status, answer.status} == {200, 204}:
        return recorded.status == 204
    if recorded.status == answer.status == 200:
        state, mine = state_of(_plain(recorded)), state_of(_plain(answer))
        return state != mine and state in _RANKS and mine in _RANKS and _RANKS[mine] != _RANKS[state]
    return False


def _plain(answer: Answer) -> bytes:
    try:
        return answer.decoded() or b""
    except UndecodableBodyError:
        return b""


def _media(answer: Answer) -> str:
    return header(answer.headers, "content-type").partition(";")[0].strip().lower()
