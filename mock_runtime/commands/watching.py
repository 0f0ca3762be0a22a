"""What the proxy does with what it sees: it checks, shows, records, refuses; and a recording in place of a server."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from mock_runtime.transport.forwarding import OWN, Asked, Replied
from runtime_contracts.recording.replaying import answer_headers, renewed
from runtime_contracts.violation import Violation
from runtime_contracts.watching import Answer, Exchange, Request, Sightings, Watch
from runtime_contracts.watching.outcome import Outcome
from runtime_contracts.watching.watch import Finding

if TYPE_CHECKING:
    from runtime_contracts.recording import Recorder, Redaction, Replay

MORE_INFO: Final = "https://mock-runtime.invalid/proxy"
SHOWN_AT_MOST: Final = 3
"""So often a finding of one kind is shown; further ones are counted."""

_NUMBERS: Final[Mapping[int, int]] = {400: 1208, 404: 1296, 501: 1296, 502: 1000, 504: 1000}
_WORDS: Final[Mapping[int, str]] = {400: "bad_request", 404: "not_found"}
_QUOTED_AT_MOST: Final = 5


def envelope(edition: str, status: int, message: str, trace: str) -> Replied:
    """An answer of the proxy itself, in the edition's words for errors, so that clients show it to their users."""
    error: dict[str, Any] = {"code": _NUMBERS.get(status, 1000), "message": message}
    if edition == "platform":
        error["solution"] = "See what mock-runtime proxy says on its own terminal."
    else:
        error["code"] = _WORDS.get(status, "internal_error")
    body = json.dumps({"errors": [{**error, "more_info": MORE_INFO}], "trace": trace}).encode()
    return Replied(
        status=status,
        headers=(("content-type", "application/json"), ("x-mock-runtime-proxy", HTTPStatus(status).phrase)),
        body=body,
        size=len(body),
    )


@dataclass(slots=True, kw_only=True)
class Watching:
    """Watches exchanges: a `Watcher` of the proxy.

    `show` is told each line for people. `trace` gives ids for the answers of the proxy itself.
    """

    edition: str
    watch: Watch
    sightings: Sightings
    redaction: Redaction
    show: Callable[[str], None]
    trace: Callable[[], str]
    now_s: Callable[[], float]
    recorder: Recorder | None = None
    replay: Replay | None = None
    paced: bool = False
    enforce: str = ""
    show_all: bool = True
    holds_requests: bool = False
    holds_answers: bool = False
    broken_record: str = ""
    _begun_s: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.holds_requests = self.enforce in {"requests", "both"}
        self.holds_answers = self.enforce in {"responses", "both"}

    def asked(self, asked: Asked) -> Replied | None:
        """Refuse a request that breaks the contract; only called if requests are to be enforced."""
        request = _request(asked)
        with self._lock:
            self.redaction.learn(request)
            self.redaction.foresee(Exchange(number=asked.number, request=request, answer=Answer(status=0)))
            found = [each for each in self.watch.request(request, number=asked.number) if each.is_violation]
            self.redaction.foresee(None)
            if not found:
                return None
            self.sightings.exchanges += 1
            for each in found:
                self._seen(each, asked)
        sentence = f"the request breaks the contract and was not passed on: {_listed(found)}"
        return envelope(self.edition, 400, sentence, self.trace())

    def answered(self, asked: Asked, replied: Replied, *, seconds: float) -> Replied | None:
        """Check an exchange, show what is found and record it; a breaking answer is replaced if that is asked for."""
        now = self.now_s()
        if self._begun_s is None:
            self._begun_s = now - seconds
        exchange = Exchange(
            number=asked.number,
            request=_request(asked),
            answer=Answer(status=replied.status, headers=replied.headers, body=replied.body),
            at_s=max(0.0, now - seconds - self._begun_s),
            took_s=max(0.0, seconds),
        )
        with self._lock:
            self.redaction.learn(exchange.request)
            if self.recorder is not None:
                self.redaction.exchange(exchange)
            self._line(exchange)
            # What is said of it must not tell what only its bodies show to be a secret.
            self.redaction.foresee(exchange)
            found = self.sightings.count(exchange)
            self.redaction.foresee(None)
            for each in found:
                self._seen(each, asked, counted=True)
            self._record(exchange)
        broken = [each for each in found if each.side == "answer" and each.is_violation]
        if self.holds_answers and broken:
            return envelope(self.edition, 502, f"the answer breaks the contract: {_listed(broken)}", self.trace())
        return None

    def failed(self, asked: Asked, status: int, sentence: str) -> Replied:
        """Word the answer to a request that has none, and count it."""
        with self._lock:
            self.sightings.failed[self.redaction.text(sentence)] += 1
            self.show(f"#{asked.number} {asked.method} {_path(asked.inside)}: {self.redaction.text(sentence)}")
        return envelope(self.edition, status or 502, f"mock-runtime proxy: {sentence}", self.trace())

    def own(self, target: str) -> Replied:
        """Answer below the proxy's own path: what was found so far, as JSON."""
        path = target.partition("?")[0]
        if path == f"{OWN}violations":
            with self._lock:
                value = self.document()
        elif path == OWN:
            value = {"violations": f"{OWN}violations"}
        else:
            return envelope(self.edition, 404, f"the proxy has {OWN}violations", self.trace())
        body = json.dumps(value, indent=2).encode() + b"\n"
        return Replied(status=200, headers=(("content-type", "application/json"),), body=body, size=len(body))

    def unmatched(self, asked: Asked, sentence: str) -> None:
        """Count a request that the recording has no answer to."""
        with self._lock:
            self.sightings.exchanges += 1
            violation = Violation("", "a request that was recorded", sentence)
            self._seen(
                Finding(
                    exchange=asked.number,
                    side="request",
                    check="not_recorded",
                    operation="",
                    status=404,
                    violation=violation,
                ),
                asked,
            )

    def outcome(self, target: str) -> Outcome:
        """What was seen, as a report."""
        with self._lock:
            found = self.sightings.outcome(kind="proxy", target=self.redaction.text(target))
        notes = [*found.notes, *([self.broken_record] if self.broken_record else [])]
        if self.recorder is not None:
            left_out = f", {self.recorder.left_out} without their bodies" if self.recorder.left_out else ""
            notes.append(f"{self.recorder.file} holds {self.recorder.written} exchanges{left_out}")
        return replace(found, notes=tuple(notes))

    def document(self) -> dict[str, Any]:
        """What was found so far."""
        return {
            "exchanges": self.sightings.exchanges,
            "violations": self.sightings.violations,
            "unchecked": dict(self.sightings.unchecked),
            "failed": dict(self.sightings.failed),
            "findings": [
                {
                    "side": kind.first.side,
                    "check": kind.first.check,
                    "operation": kind.first.operation,
                    "status": kind.first.status,
                    "where": kind.first.violation.where,
                    "expected": kind.first.violation.expected,
                    "found": kind.first.violation.found,
                    "is_violation": kind.first.is_violation,
                    "count": kind.count,
                    "exchanges": list(kind.numbers),
                }
                for kind in self.sightings.kinds
            ],
        }

    def _line(self, exchange: Exchange) -> None:
        if self.show_all:
            request, answer = exchange.request, exchange.answer
            path = self.redaction.text(_path(request.target))
            self.show(f"#{exchange.number} {answer.status} {request.method:<6} {path}  {exchange.took_s * 1000:.1f} ms")

    def _seen(self, finding: Finding, asked: Asked, *, counted: bool = False) -> None:
        kind = self.sightings.kind_of(finding) if counted else self.sightings.add(finding)
        count = 1 if kind is None else kind.count
        if count > SHOWN_AT_MOST:
            return
        mark = "VIOLATION" if finding.is_violation else "undocumented"
        where = finding.operation or self.redaction.text(f"{asked.method} {_path(asked.inside)}")
        status = f" {finding.status}" if finding.status else ""
        more = "; more of this kind are only counted" if count == SHOWN_AT_MOST else ""
        self.show(f"#{finding.exchange} {mark} {where}{status}: {finding}{more}")

    def _record(self, exchange: Exchange) -> None:
        if self.recorder is None or self.broken_record:
            return
        try:
            self.recorder.record(exchange)
        except OSError as error:
            # A full disk must not take the traffic down with it.
            self.broken_record = f"{self.recorder.file} cannot be written any more: {error.strerror or error}"
            self.show(f"WARNING {self.broken_record}")


def _request(asked: Asked) -> Request:
    return Request(method=asked.method, target=asked.inside, headers=asked.headers, body=asked.body, host=asked.host)


def _path(target: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in target.partition("?")[0][:200])


def _listed(found: list[Finding]) -> str:
    texts = [str(each.violation) for each in found[:_QUOTED_AT_MOST]]
    more = f"; and {len(found) - _QUOTED_AT_MOST} more" if len(found) > _QUOTED_AT_MOST else ""
    return "; ".join(texts) + more


def replies(watching: Watching, replay: Replay, *, paced: bool) -> Callable[[Asked], tuple[Replied, float, bool]]:
    """What a recording answers: the answer, how long it takes, and whether it is one of the recording's."""

    def find(asked: Asked) -> tuple[Replied, float, bool]:
        request = _request(asked)
        watching.redaction.learn(request)
        exchange = replay.find(request)
        if exchange is None:
            sentence = watching.redaction.text(replay.sentence(request))
            watching.unmatched(asked, sentence)
            return envelope(watching.edition, 404, sentence, watching.trace()), 0.0, False
        body = renewed(request, exchange.answer, now=watching.now_s())
        if body is None:
            sentence = f"the body of exchange {exchange.number} is not in the recording: it was too large, or packed"
            return watching.failed(asked, 502, sentence), 0.0, False
        headers = tuple(answer_headers(exchange.answer))
        replied = Replied(status=exchange.answer.status, headers=headers, body=body, size=len(body))
        return replied, exchange.took_s if paced else 0.0, True

    return find
