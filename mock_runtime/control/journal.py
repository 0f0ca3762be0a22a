"""Operations on the journal: what was asked and answered, what can be said of it, and what an operator would say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Response, request

from mock_runtime.control.asserting import assertion
from mock_runtime.control.jobs import MOST
from mock_runtime.control.reading import body_object, last, number_parameter, query
from mock_runtime.control.server import last_number
from mock_runtime.domain.errors import NotFound, bounded
from mock_runtime.domain.sessions import SessionState
from mock_runtime.journal.query import Choice
from mock_runtime.parsing import MalformedRequest
from mock_runtime.surface import json_response, no_content, text_response

if TYPE_CHECKING:
    from mock_runtime.control.controlled import Controlled
    from mock_runtime.journal.entry import Entry
    from mock_runtime.journal.scorecard import Scorecard

FILTERS: Final = (
    "operation",
    "job",
    "session",
    "backend",
    "caller",
    "status",
    "method",
    "path",
    "fault",
    "since",
    "after",
)
"""The query parameters by which exchanges are chosen."""


class ExchangeNotFound(NotFound):
    """No exchange of that number, or it is forgotten."""

    noun = "exchange"


def add_journal(routes: Blueprint, runtime: Controlled) -> None:
    """Put the operations on the journal on the control plane."""

    @routes.get("/journal")
    def list_exchanges() -> Response:
        from mock_runtime.journal.presenting import summary  # noqa: PLC0415 - it brings what takes secrets out

        journal = runtime.requests
        position, found = journal.position, _chosen(runtime, most=10 * MOST, usual=MOST)
        return json_response(
            {
                "exchanges": [summary(entry) for entry in found],
                "last": last_number(runtime),
                "position": position,
                "dropped": journal.dropped,
            }
        )

    @routes.delete("/journal")
    def forget_exchanges() -> Response:
        runtime.requests.clear()
        return no_content()

    @routes.get("/journal/<int:number>")
    def get_exchange(number: int) -> Response:
        from mock_runtime.journal.presenting import as_dict  # noqa: PLC0415 - as above

        found = next(
            (entry for entry in runtime.requests.entries(since=max(0, number - 1)) if entry.number == number), None
        )
        if found is None:
            raise ExchangeNotFound(str(number))
        return json_response(as_dict(found))

    @routes.get("/journal.har")
    def get_har() -> Response:
        from mock_runtime.journal.har import har  # noqa: PLC0415 - as above

        answer = json_response(har(_chosen(runtime, most=10 * MOST, usual=MOST)))
        answer.headers["Content-Disposition"] = 'attachment; filename="mock-runtime.har"'
        return answer

    @routes.post("/journal/assert")
    def assert_exchanges() -> Response:
        return json_response(assertion(runtime.requests, body_object()))

    @routes.get("/scorecard")
    def get_scorecard() -> Response:
        card = _scorecard(runtime, last(query(("caller",)), "caller"))
        if request.accept_mimetypes.best_match(("application/json", "text/plain")) == "text/plain":
            return text_response("\n".join(card.lines()) + "\n")
        return json_response(card.as_dict())


def _chosen(runtime: Controlled, *, most: int, usual: int) -> list[Entry]:
    """The exchanges that the request's query chooses."""
    parameters = query((*FILTERS, "limit"))
    choice: dict[str, Any] = {"limit": number_parameter(parameters, "limit", usual, most)}
    for name in ("job", "session", "backend", "caller", "method", "path"):
        choice[name] = last(parameters, name)
    if parameters.get("operation"):
        choice["operation"] = parameters["operation"]
    choice["status"] = _statuses(parameters.get("status", []))
    fault = last(parameters, "fault")
    choice["fault"] = True if fault == "*" else fault
    for name in ("since", "after"):
        choice[name] = number_parameter(parameters, name, 0) if last(parameters, name) else None
    try:
        return runtime.requests.entries(**_choice(choice))
    except ValueError as error:
        raise MalformedRequest(f"query parameter {error}") from None


def _choice(choice: Mapping[str, Any]) -> Choice:
    found: Choice = {**choice}  # type: ignore[typeddict-item]
    return found


def _statuses(given: list[str]) -> int | str | list[int] | None:
    """One status or class of them from a query, or several statuses."""
    if not given:
        return None
    if len(given) == 1 and given[0][-2:].lower() == "xx":
        return given[0]
    for one in given:
        if not (one.isascii() and one.isdigit() and len(one) <= 3):
            expected = "expected a status such as 204, or a class such as 4xx"
            raise MalformedRequest(f"query parameter status: {expected}, found {bounded(one)}")
    return [int(one) for one in given]


def _scorecard(runtime: Controlled, caller: str | None) -> Scorecard:
    from mock_runtime.journal.scorecard import scorecard  # noqa: PLC0415 - not needed to serve

    sessions = runtime.service.sessions.all(limit=10 * MOST).sessions
    open_ = [view.session.id for view in sessions if view.life.state is not SessionState.CLOSED]
    card = scorecard(runtime.requests.entries(), now=runtime.clock.now(), sessions_open=open_)
    return card if caller is None else card.of(caller)
