"""Error bodies: the runtime's envelope, the account service's, and whatever a proxy in front of them sends instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runtime_client.errors import ApiError, api_error_class, one_line
from runtime_client.wire import JsonError, JsonValue, parse_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime_client.calls import Reply

    EnvelopeReader = Callable[[dict[str, JsonValue]], "Facts | None"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What an error body says."""

    message: str
    code: str | None = None
    trace: str | None = None
    solution: str | None = None
    more_info: str | None = None


def api_error(
    operation: str,
    reply: Reply,
    *,
    retry_after_s: float | None,
    mask: Callable[[str], str],
    read: EnvelopeReader,
) -> ApiError:
    """Return (not raise) the error for a reply of status 400 or above.

    The class follows the status alone, so that a broken or foreign body never hides what happened. `mask` removes the
    client's tokens from everything quoted; `read` knows the envelopes of the edition.
    """
    text = reply.body.decode(errors="replace")
    # Masked before it is cut: the cut may fall inside a token, and its first half is nobody's business either.
    facts = _from_envelope(text, read) or Facts(message=one_line(mask(text)) or "(no body)")
    return api_error_class(reply.status)(
        status=reply.status,
        code=_masked(facts.code, mask),
        message=mask(facts.message),
        trace=_masked(facts.trace, mask),
        solution=_masked(facts.solution, mask),
        more_info=_masked(facts.more_info, mask),
        operation=operation,
        retry_after_s=retry_after_s,
    )


def _masked(text: str | None, mask: Callable[[str], str]) -> str | None:
    return None if text is None else mask(text)


def facts_of_2021(body: dict[str, JsonValue]) -> Facts | None:
    """Return what an error body of edition legacy-2021 says: the runtime's envelope, or the account service's."""
    return _runtime_facts(body) or _account_facts(body)


def _from_envelope(text: str, read: EnvelopeReader) -> Facts | None:
    try:
        body = parse_json(text)
    except JsonError:
        return None
    return read(body) if isinstance(body, dict) else None


def _runtime_facts(body: dict[str, JsonValue]) -> Facts | None:
    """Read `{"errors": [{"code", "message"}], "trace"}`. Evidence: one recorded 410 of November 2021."""
    match body:
        case {"errors": [{"code": str(code), "message": str(message)}, *others]}:
            trace = body.get("trace")
            more = f" (and {len(others)} more)" if others else ""
            return Facts(message=message + more, code=code, trace=trace if isinstance(trace, str) else None)
    return None


def _account_facts(body: dict[str, JsonValue]) -> Facts | None:
    """Read `{"error": {"message", "code"?, ...}}` of the account service. Evidence: the tests of IBM's client."""
    match body:
        case {"error": {"message": str(message), **others}}:
            code = others.get("code")
            return Facts(message=message, code=code if isinstance(code, str) else None)
    return None
