"""Calls carried out: addresses, credentials, safe repeats, and errors by status."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runtime_client.addresses import encoded_segment
from runtime_client.calls import Call, Holder, Reply
from runtime_client.envelopes import api_error, facts_of_2021
from runtime_client.errors import ApiError, ContractViolation, TransportError, one_line
from runtime_client.exchange import DirectSession, exchange
from runtime_client.retries import REPEATABLE_METHODS, REPEATABLE_STATUSES, retry_after_s
from runtime_client.wire import Answer

if TYPE_CHECKING:
    import requests

    from runtime_client.envelopes import EnvelopeReader
    from runtime_client.settings import TransportSettings

_log = logging.getLogger("runtime_client")


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why an attempt gave no success answer, whether to try again, and whether it may have had its effect anyway."""

    error: TransportError | ApiError
    repeatable: bool
    maybe_done: bool
    retry_after_s: float | None = None


class Transport:
    """Carries calls out over one `requests.Session` and returns success answers; everything else is raised.

    Repeats a call only where that is safe: GET, PUT, DELETE and what calls itself repeatable, after a lost connection
    or a status of `retries.REPEATABLE_STATUSES`; any call after a connection that was never made. A DELETE that was
    repeated because its first answer was lost, or was an error of the server, counts as done when the repeat finds
    nothing (404).
    """

    def __init__(
        self,
        *,
        url: str,
        account_url: str,
        credentials: Holder,
        settings: TransportSettings,
        envelope: EnvelopeReader = facts_of_2021,
    ) -> None:
        self._url = url
        self._account_url = account_url
        self._credentials = credentials
        self._settings = settings
        self._envelope = envelope
        self._policy = settings.policy
        self._session: requests.Session = DirectSession() if settings.session is None else settings.session

    def close(self) -> None:
        """Close the session, unless it is the caller's own."""
        if self._settings.session is None:
            self._session.close()

    def send(self, call: Call) -> Answer:
        """Carry out a call and return its success answer.

        Raises `TransportError`, `ApiError` or `ContractViolation`, and `ValueError` for a path that cannot be built.
        """
        base = self._account_url if call.account else self._url
        url = "/".join([base, *(encoded_segment(segment) for segment in call.path)])
        repeat, maybe_deleted = 0, False
        while True:
            repeat += 1
            outcome = self._attempt(call, url)
            if isinstance(outcome, Reply):
                return self._answer(call, outcome)
            if maybe_deleted and isinstance(outcome.error, ApiError) and outcome.error.status == 404:
                return Answer(operation=call.operation, status=204, content_type=None, body=b"")
            pause = self._pause_s(repeat, outcome)
            if pause is None:
                raise outcome.error
            maybe_deleted = maybe_deleted or (call.method == "DELETE" and outcome.maybe_done)
            _log.debug("%s: again in %.2f s", call.operation, pause)
            self._settings.sleep(pause)

    def _attempt(self, call: Call, url: str) -> Reply | _Failure:
        credentials = self._credentials.headers(call.access, call.operation)
        safe = call.method in REPEATABLE_METHODS if call.repeatable is None else call.repeatable
        try:
            reply = exchange(self._session, call, url=url, credentials=credentials, settings=self._settings)
        except TransportError as error:
            _log.debug("%s: %s %s failed: %s", call.operation, call.method, url, error.detail)
            return _Failure(
                error=error,
                repeatable=error.transient and (safe or not error.sent),
                maybe_done=error.sent,
            )
        _log.debug("%s: %s %s answered %d", call.operation, call.method, url, reply.status)
        if reply.status < 400:
            return reply
        wanted = retry_after_s(reply.status, reply.retry_after, reply.date)
        return _Failure(
            error=api_error(
                call.operation, reply, retry_after_s=wanted, mask=self._credentials.mask, read=self._envelope
            ),
            repeatable=safe and reply.status in REPEATABLE_STATUSES,
            maybe_done=reply.status >= 500,
            retry_after_s=wanted,
        )

    def _pause_s(self, repeat: int, failure: _Failure) -> float | None:
        if not failure.repeatable:
            return None
        return self._policy.pause_s(repeat, chance=self._settings.jitter(), retry_after_s=failure.retry_after_s)

    def _answer(self, call: Call, reply: Reply) -> Answer:
        """Return the answer of a reply below 400, if its status is one that the operation documents."""
        if reply.status not in call.success:
            expected = " or ".join(str(status) for status in sorted(call.success))
            detail = f"expected status {expected}"
            if reply.location is not None:
                detail += f"; redirects are not followed (to {one_line(self._credentials.mask(reply.location), 120)})"
            raise ContractViolation(call.operation, reply.status, detail)
        if reply.status == 204 and (reply.body or reply.content_length not in {None, "0"}):
            raise ContractViolation(call.operation, reply.status, "expected no body")
        return Answer(operation=call.operation, status=reply.status, content_type=reply.content_type, body=reply.body)
