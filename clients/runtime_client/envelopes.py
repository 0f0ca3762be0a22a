"""Error bodies: the runtime's envelope, the account service's, and whatever a proxy in front of them sends instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runtime_client.errors import ApiError, api_error_class, one_line
from runtime_client.wire import JsonError, JsonValue, parse_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime_client.exchange import Reply


@dataclass(frozen=True, slots=True)
class _Facts:
    message: str
    code: str | None = None
    trace: str | None = None


def api_error(operation: str, reply: Reply, *, retry_after_s: float | None, mask: Callable[[str], str]) -> ApiError:
    """Return (not raise) the error for a reply of status 400 or above.

    The class follows the status alone, so that a broken or foreign body never hides what happened. `mask` removes the
    client's tokens from everything quoted.
    """
    text = reply.body.decode(errors="replace")
    # Masked before it is cut: the cut may fall inside a token, and its first half is nobody's business either.
    facts = _from_envelope(text) or _Facts(message=one_line(mask(text)) or "(no body)")
    return api_error_class(reply.status)(
        status=reply.status,
        code=None if facts.code is None else mask(facts.code),
        message=mask(facts.message),
        trace=None if facts.trace is None else mask(facts.trace),
        operation=operation,
        retry_after_s=retry_after_s,
    )


def _from_envelope(text: str) -> _Facts | None:
    try:
        body = parse_json(text)
    except JsonError:
        return None
    return (_runtime_facts(body) or _account_facts(body)) if isinstance(body, dict) else None


def _runtime_facts(body: dict[str, JsonValue]) -> _Facts | None:
    """Read `{"errors": [{"code", "message"}], "trace"}`. Evidence: one recorded 410 of November 2021."""
    match body:
        case {"errors": [{"code": str(code), "message": str(message)}, *others]}:
            trace = body.get("trace")
            more = f" (and {len(others)} more)" if others else ""
            return _Facts(message=message + more, code=code, trace=trace if isinstance(trace, str) else None)
    return None


def _account_facts(body: dict[str, JsonValue]) -> _Facts | None:
    """Read `{"error": {"message", "code"?, ...}}` of the account service. Evidence: the tests of IBM's client."""
    match body:
        case {"error": {"message": str(message), **others}}:
            code = others.get("code")
            return _Facts(message=message, code=code if isinstance(code, str) else None)
    return None
