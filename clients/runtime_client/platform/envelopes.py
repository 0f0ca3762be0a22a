"""The error bodies of today's API: two published containers, what is seen beside them, and IAM's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime_client.envelopes import Facts

if TYPE_CHECKING:
    from runtime_client.wire import JsonValue


def facts(body: dict[str, JsonValue]) -> Facts | None:
    """Return what an error body says, or None when it is no envelope of the API or of IAM.

    `{"errors": [{"code", "message", "solution", "more_info"}], "trace"}`: the code is a string in one published
    container and a number in the other, and the service sends numbers in both. Evidence: the published document 0.45.3;
    a stored 400 of POST sessions with the number 1352. `{"errorCode", "errorMessage", "context": {"requestId"}}` is
    IAM's. Evidence: IBM's documentation of the IAM Identity API.
    """
    match body:
        case {"errors": [{"message": str(message), **first}, *others]}:
            more = f" (and {len(others)} more)" if others else ""
            return Facts(
                message=message + more,
                code=_code(first.get("code")),
                trace=_text(body.get("trace")),
                solution=_text(first.get("solution")),
                more_info=_text(first.get("more_info")),
            )
        case {"errorMessage": str(message), **rest}:
            context = rest.get("context")
            trace = context.get("requestId") if isinstance(context, dict) else None
            return Facts(
                message=message,
                code=_code(rest.get("errorCode")),
                trace=_text(trace),
                more_info=_text(rest.get("errorDetails")),
            )
    return None


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) else None


def _code(value: JsonValue) -> str | None:
    """Return a code as text: 1352, 1352.0 and "1352" are the same number to whoever looks it up."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return str(int(value)) if value == int(value) else str(value)
