"""Calls on the caller's standing: sessions, logging out, and things that do not exist."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runtime_contracts.exchange import Exchange, json_body, session_header
from runtime_contracts.lifecycle_model import LifecycleFaultError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class SessionCalls:
    """Calls that concern the caller and not a job or a program."""

    exchange: Exchange
    headers: Mapping[str, str]
    program_id: str
    login: Callable[[], str]

    def forget_rights(self) -> None:
        """Log out of the runtime service; the token must go on working."""
        self._steps("token_survives_logout", self.headers, (("logout", 204), ("get-jobs", 200)))

    def end_session(self) -> None:
        """Open a session and end it; its token must work before and be refused afterwards."""
        before = (("get-user", 200), ("get-jobs", 200), ("logout-user", 200))
        after = (("get-user", 401), ("get-jobs", 401))
        session = session_header(self.login())
        # The login is a step as well: without it there is no session to end.
        self._steps("session_ends_at_logout", session, (*before, *after), earlier=1)

    def _steps(
        self, check: str, headers: Mapping[str, str], steps: tuple[tuple[str, int], ...], *, earlier: int = 0
    ) -> None:
        for number, (operation, wanted) in enumerate(steps, start=1):
            answer = self.exchange.call(operation, headers=headers)
            if answer.status != wanted:
                message = f"expected {wanted}, found {answer.status}"
                made = self.exchange.steps(number + earlier)
                raise LifecycleFaultError(check, operation, message=message, steps=made)

    def submit_nonsense(self, unknown: str) -> None:
        """Submit a job that names a program or a device that does not exist; `unknown` is the key that names it."""
        body = json_body({"programId": self.program_id, unknown: "no-such-thing-anywhere"})
        headers = {**self.headers, "Content-Type": "application/json"}
        answer = self.exchange.call("post-program-id", headers=headers, body=body)
        if answer.status != 404:
            raise LifecycleFaultError(
                "unknown_is_refused",
                "post-program-id",
                message=f"an unknown {unknown}: expected 404, found {answer.status}",
                steps=self.exchange.steps(1),
            )
