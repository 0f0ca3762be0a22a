"""Whose tokens are good no longer: expired before their time, or revoked, because a fault or a person wants it.

What a log-in gives (an IAM token, a session token of 2021) can expire: its owner has to log in again. A key or API
token can be revoked: its owner cannot, and what was given for it is worth nothing either. A key does not expire.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from mock_runtime.domain.errors import NotAuthenticated


@dataclass(frozen=True, slots=True)
class StandingSnapshot:
    """What was expired and revoked at one moment."""

    given: int
    expired: dict[str | None, int]
    revoked: frozenset[str | None]


class Standing:
    """The standing of everybody, by the name that is shown instead of a token; None stands for all of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.restart()

    def __repr__(self) -> str:
        return f"<Standing: {len(self._expired)} expired, {len(self._revoked)} revoked>"

    def restart(self) -> None:
        """Everybody is in good standing."""
        with self._lock:
            self._given = 0
            self._expired: dict[str | None, int] = {}
            self._revoked: frozenset[str | None] = frozenset()

    def give(self) -> int:
        """The number of a token that is given now: 1, 2, 3, ..."""
        with self._lock:
            self._given += 1
            return self._given

    def expire(self, name: str | None = None) -> None:
        """Let what was given to somebody so far, or to all, be expired."""
        with self._lock:
            self._expired = {**self._expired, name: self._given}

    def revoke(self, name: str | None = None) -> None:
        """Let the keys of somebody, or of all, be revoked."""
        with self._lock:
            self._revoked |= {name}

    def restore(self, name: str | None = None) -> None:
        """Let revoked keys of somebody be good again; None: everybody's."""
        with self._lock:
            self._revoked = frozenset() if name is None else self._revoked - {name}

    def admit(self, name: str, given: int | None = None) -> None:
        """NotAuthenticated if that person's key is revoked, or the token of that number expired."""
        if not self._revoked and not self._expired:
            return
        if name in self._revoked or None in self._revoked:
            raise NotAuthenticated(presented=True)
        if given is not None and given <= max(self._expired.get(name, 0), self._expired.get(None, 0)):
            raise NotAuthenticated(presented=True)

    def snapshot(self) -> StandingSnapshot:
        """What is expired and revoked, to be put back by `rollback`."""
        with self._lock:
            return StandingSnapshot(self._given, self._expired, self._revoked)

    def rollback(self, kept: StandingSnapshot) -> None:
        """Put it back. What is given afterwards has numbers of its own all the same."""
        with self._lock:
            self._given = max(self._given, kept.given)
            self._expired, self._revoked = kept.expired, kept.revoked
