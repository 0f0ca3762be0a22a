"""Servers that answer with other types than anybody would: the run comes to its end, and says what it found."""

from __future__ import annotations

import json
from itertools import cycle
from typing import Any

import pytest
from werkzeug.wrappers import Request

from runtime_contracts.report import Report
from runtime_contracts.server_fuzz import fuzz_server
from tests.broken.serving import ALICE, BOB, Ask, Reply, served

ODD: tuple[Any, ...] = (None, 7, -1.5, True, "x", [], {}, [None], {"a": 1}, [[7]], 10**30)
BEGINNING = 12


class Odd:
    """Change the type of every n-th value in its answers, after the beginning of a run."""

    def __init__(self, every: int) -> None:
        self._every = every
        self._odd = cycle(ODD)
        self._values = self._asked = 0

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        reply = ask(request)
        self._asked += 1
        if self._asked <= BEGINNING or reply.body[:1] not in {b"{", b"["} or request.path.startswith("/identity"):
            return reply
        return reply.changed(body=json.dumps(self._changed(json.loads(reply.body))).encode())

    def _changed(self, value: Any) -> Any:
        self._values += 1
        if self._values % self._every == 0:
            return next(self._odd)
        if isinstance(value, dict):
            return {key: self._changed(item) for key, item in value.items()}
        return [self._changed(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("edition", ["platform", "legacy-2021"])
@pytest.mark.parametrize("every", [3, 40])
def test_answers_without_sense_are_findings(edition: str, every: int) -> None:
    """No answer ends the run early: each becomes a finding, and the report can be written."""
    phases = ("requests", "journeys", "lifecycle")
    with served(Odd(every), edition=edition) as server:
        report = fuzz_server(
            server.url,
            edition=edition,
            token=ALICE,
            other_token=BOB,
            phases=phases,
            operations=(),
            max_examples=1,
            advance=server.advance,
        )
    assert report.problem is None
    assert report.exit_code == 1
    assert len(report.journeys) > 20
    for form in (Report.to_text, Report.to_json, Report.to_junit, Report.to_github):
        assert form(report)


def test_sign_in_without_sense_is_a_problem() -> None:
    """A server that makes no sense from the first answer on cannot be looked at."""

    def plant(request: Request, ask: Ask) -> Reply:
        reply = ask(request)
        backends = request.path.endswith("/v1/backends")
        return reply.changed(status=500, body=b"[7]") if backends else reply

    with served(plant, edition="platform") as server:
        report = fuzz_server(server.url, token=ALICE)
    assert report.exit_code == 2
    assert "answers 500 for the instance" in str(report.problem)
