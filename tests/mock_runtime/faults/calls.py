"""Calls, and worlds that misbehave, made by hand."""

from __future__ import annotations

import itertools
from typing import Any, Final

from mock_runtime.clock import ManualClock
from mock_runtime.faults.armed import Faults
from mock_runtime.faults.call import Call
from mock_runtime.faults.deciding import Decision
from mock_runtime.faults.injected import Injected
from mock_runtime.ids import Ids
from mock_runtime.transport.delivery import Delivery

JSON: Final = b'{"id": "c2b0"}\n'


def call(number: int = 1, at: float = 1000.0, **said: Any) -> Call:
    """A request for the results of a job."""
    settings: dict[str, Any] = {
        "method": "GET",
        "path": "/v1/jobs/j1/results",
        "operation": "get-results",
        "operation_id": "get_job_results_jid",
        "job": "j1",
        "find_caller": lambda: "alice",
        "find_job_number": lambda: 1,
        **said,
    }
    return Call(number=number, at=at, **settings)


def delivery(status: int = 200, body: bytes = JSON) -> Delivery:
    """An answer as the fake gives it."""
    return Delivery(
        status=status,
        headers=[("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("X-Own", "1")],
        body=body,
    )


def render(refusal: Injected) -> Delivery:
    """A refusal in an envelope of ours."""
    body = f"{refusal.status} {refusal.code} {refusal.message} {refusal.solution}".encode()
    headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(body))), *refusal.answer_headers.items()]
    return Delivery(status=refusal.status, headers=headers, body=body)


class Bad:
    """A world that misbehaves, and the calls that come to it."""

    def __init__(self, *rules: dict[str, Any], seed: int = 1) -> None:
        self.clock = ManualClock(1000.0)
        self.faults = Faults(Ids(seed), self.clock, rules)
        self._numbers = itertools.count(1)

    def decide(self, **said: Any) -> Decision:
        """What is decided about a call that comes now."""
        return self.faults.decide(call(next(self._numbers), self.clock.now(), **said))

    def ask(self, status: int = 200, body: bytes = JSON, **said: Any) -> Delivery:
        """What becomes of a call that comes now, and that the fake would answer so."""
        return self.answer(self.decide(**said), status, body)

    @staticmethod
    def answer(decision: Decision, status: int = 200, body: bytes = JSON) -> Delivery:
        """What becomes of a call about which that is decided."""
        if decision.cut_request:
            return decision.dropped()
        answered = delivery(status, body) if decision.refusal is None else render(decision.refusal)
        return decision.answered(answered, render)

    def statuses(self, count: int, **said: Any) -> list[int]:
        """The statuses of so many answers in a row."""
        return [self.ask(**said).status for _ in range(count)]


def header(answer: Delivery, name: str) -> str | None:
    """The one value of a header; None if it is not there."""
    values = [value for key, value in answer.headers if key.lower() == name.lower()]
    assert len(values) <= 1
    return values[0] if values else None
