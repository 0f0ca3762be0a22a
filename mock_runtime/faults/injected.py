"""A refusal that a rule asks for, before an edition says it in its own way."""

from __future__ import annotations

import math
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

MESSAGES: Final[Mapping[int, str]] = {
    400: "the request is not valid",
    401: "the credentials are not valid",
    402: "the plan does not include this",
    403: "the caller is not allowed to do this",
    404: "there is nothing here",
    405: "the method is not possible here",
    406: "no such representation is available",
    408: "the request took too long to arrive",
    409: "the request conflicts with the state of the resource",
    410: "the resource is gone",
    412: "a condition of the request does not hold",
    413: "the body is too large",
    415: "the media type is not supported",
    422: "the request cannot be processed",
    423: "the resource is locked",
    424: "something that this depends on failed",
    429: "too many requests",
    500: "internal server error",
    501: "this is not implemented",
    502: "the gateway got no valid answer",
    503: "the service is unavailable",
    504: "the gateway got no answer in time",
}
"""What is said by default. Guesses: what the real services say with most of these is not on record."""


class Injected(Exception):
    """An answer in place of the fake's own: not a bug of the mock, whatever its status.

    `code`, `message` and `solution` are as the rule says them; where it says nothing, each surface has its own default.
    `retry_after_s` is in seconds and goes out in whole ones, rounded up, unless `headers` have a Retry-After.
    """

    def __init__(
        self,
        status: int,
        *,
        code: int | str | None = None,
        message: str | None = None,
        solution: str | None = None,
        retry_after_s: float | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.status: Final = status
        self.code: Final = code
        self.message: Final = message or default_message(status)
        self.solution: Final = solution
        self.retry_after_s: Final = retry_after_s
        self.headers: Final = headers
        super().__init__(self.message)

    @property
    def answer_headers(self) -> dict[str, str]:
        """The headers that go out with it."""
        named = dict(self.headers)
        if self.retry_after_s is not None and not any(name.lower() == "retry-after" for name in named):
            named["Retry-After"] = str(math.ceil(self.retry_after_s))
        return named


def default_message(status: int) -> str:
    """What is said with a status if nobody says more."""
    if status in MESSAGES:
        return MESSAGES[status]
    return f"the answer is {status} {phrase(status)}".strip()


def phrase(status: int) -> str:
    """The reason phrase of a status; empty if it has none."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
