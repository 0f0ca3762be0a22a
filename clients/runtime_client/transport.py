"""Calls carried out: addresses, credentials, safe repeats, and errors by status."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runtime_client.addresses import encoded_segment
from runtime_client.calls import Access, Call, Reply
from runtime_client.envelopes import api_error, facts_of_2021
from runtime_client.errors import ApiError, ContractViolation, NotAuthorized, TransportError, one_line
from runtime_client.flows import Pause, sent
from runtime_client.retries import REPEATABLE_METHODS, REPEATABLE_STATUSES, retry_after_s
from runtime_client.wire import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime_client.calls import Holder
    from runtime_client.envelopes import EnvelopeReader
    from runtime_client.flows import Flow
    from runtime_client.settings import CommonSettings

_log = logging.getLogger("runtime_client")


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why an attempt gave no success answer, whether to try again, and whether it may have had its effect anyway."""

    error: TransportError | ApiError
    repeatable: bool
    maybe_done: bool
    retry_after_s: float | None = None


class Transport:
    """Carries calls out and returns success answers; everything else is raised. What sends them is the runner's affair.

    Repeats a call only where that is safe: GET, PUT, DELETE and what calls itself repeatable, after a lost connection
    or a status of `retries.REPEATABLE_STATUSES`; any call after a connection that was never made, and once after a 401
    if the credentials were older than the call and can be renewed, as the service has then refused to look at it. A
    DELETE that was repeated because its first answer was lost, or was an error of the server, counts as done when the
    repeat finds nothing (404).
    """

    def __init__(
        self,
        *,
        url: str,
        account_url: str,
        credentials: Holder,
        settings: CommonSettings,
        envelope: EnvelopeReader = facts_of_2021,
    ) -> None:
        self._url = url
        self._account_url = account_url
        self._credentials = credentials
        self._envelope = envelope
        self._policy = settings.policy
        self._jitter = settings.jitter

    def send(self, call: Call) -> Flow[Answer]:
        """Carry out a call and return its success answer.

        Raises `TransportError`, `ApiError` or `ContractViolation`, and `ValueError` for a path that cannot be built.
        """
        base = self._account_url if call.account else self._url
        url = "/".join([base, *(encoded_segment(segment) for segment in call.path)])
        repeat, maybe_deleted, renewed = 1, False, False
        before = self._credentials.renewals
        while True:
            headers = yield from self._credentials.headers(call.access, call.operation)
            old = self._credentials.renewals == before
            outcome = yield from self._attempt(call, url, headers)
            if isinstance(outcome, Reply):
                return self._answer(call, outcome)
            if maybe_deleted and isinstance(outcome.error, ApiError) and outcome.error.status == 404:
                return Answer(operation=call.operation, status=204, content_type=None, body=b"")
            if self._may_renew(call, outcome, headers) and old and not renewed:
                _log.debug("%s: again with new credentials", call.operation)
                renewed = True
                continue
            pause = self._pause_s(repeat, outcome)
            if pause is None:
                raise outcome.error
            maybe_deleted = maybe_deleted or (call.method == "DELETE" and outcome.maybe_done)
            _log.debug("%s: again in %.2f s", call.operation, pause)
            repeat += 1
            yield Pause(pause)

    def _may_renew(self, call: Call, failure: _Failure, headers: Mapping[str, str]) -> bool:
        """Tell whether the service refused credentials that can be renewed, and see to it that they are."""
        if call.access is Access.NONE or not isinstance(failure.error, NotAuthorized):
            return False
        return self._credentials.refuse(headers)

    def _attempt(self, call: Call, url: str, headers: Mapping[str, str]) -> Flow[Reply | _Failure]:
        safe = call.method in REPEATABLE_METHODS if call.repeatable is None else call.repeatable
        reply = yield from sent(call, url, headers)
        if isinstance(reply, TransportError):
            _log.debug("%s: %s %s failed: %s", call.operation, call.method, url, reply.detail)
            return _Failure(error=reply, repeatable=reply.transient and (safe or not reply.sent), maybe_done=reply.sent)
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
        return self._policy.pause_s(repeat, chance=self._jitter(), retry_after_s=failure.retry_after_s)

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
