"""Logins at the account service: a session token stands for the account that logged in."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mock_runtime.domain.instances import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """One login. `digest` is of the session token, which itself is kept nowhere; times are in seconds.

    `number` is which of all tokens was given by it.
    """

    digest: str
    caller: Caller
    created_at: float
    ttl_s: float
    ended: bool = False
    number: int = 0

    def is_valid_at(self, now: float) -> bool:
        """Whether its token still opens the door."""
        return not self.ended and now < self.created_at + self.ttl_s

    def over(self) -> Login:
        """The same login, logged out."""
        return replace(self, ended=True)
