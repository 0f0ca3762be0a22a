"""The use cases of sessions and batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mock_runtime.domain.errors import ModeNotAllowed
from mock_runtime.domain.instances import Caller
from mock_runtime.domain.sessions import INTERACTIVE_TTL_S, Mode, Session, SessionState
from mock_runtime.service.backends import backend_for
from mock_runtime.service.parts import Parts
from mock_runtime.service.prospects import AllSessions
from mock_runtime.service.views import SessionView, view_session

DEFAULT_MAX_TTL_S: Final = 28_800
"""Seconds a session may last if nobody says, where the plan allows as much. Evidence: a default of IBM's document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """Open a session or a batch. What is None gets the default; a plan's own longest time counts if it is less."""

    caller: Caller
    mode: Mode
    backend: str | None = None
    max_ttl_s: int | None = None
    interactive_ttl_s: int | None = None
    active_ttl_s: int | None = None


class SessionService:
    """Sessions, for callers who are already known."""

    def __init__(self, parts: Parts) -> None:
        self._store: Final = parts.store
        self._clock: Final = parts.clock
        self._ids: Final = parts.ids
        self._world: Final = parts.world
        self._lock: Final = parts.lock

    def open(self, command: OpenSession) -> SessionView:
        """A new session; ModeNotAllowed, BackendNotFound."""
        with self._lock:
            return self._open(command, self._clock.now())

    def _open(self, command: OpenSession, now: float) -> SessionView:
        instance = command.caller.instance
        if instance is not None and command.mode is Mode.DEDICATED and not instance.plan.dedicated:
            raise ModeNotAllowed(command.mode, instance.plan.name)
        if command.backend is not None:
            backend_for(self._world, command.caller, command.backend)
        session = Session(
            id=self._ids.session_id(),
            number=self._ids.serial(),
            owner=command.caller.tenant,
            user=command.caller.id,
            mode=command.mode,
            backend=command.backend,
            created_at=now,
            max_ttl_s=longest_life_s(command.caller, command.max_ttl_s),
            interactive_ttl_s=command.interactive_ttl_s or INTERACTIVE_TTL_S,
            active_ttl_s=command.active_ttl_s,
        )
        self._store.add_session(session)
        return view_session(self._store, session, now)

    def get(self, caller: Caller, session_id: str) -> SessionView:
        """The session and its life; SessionNotFound."""
        return view_session(self._store, self._store.session(session_id).owned_by(caller), self._clock.now())

    def all(self, *, offset: int = 0, limit: int = 100) -> AllSessions:
        """At most `limit` sessions of whatever tenant after the newest `offset`: for the control plane."""
        now = self._clock.now()
        sessions, count = self._store.all_sessions(offset=offset, limit=limit)
        return AllSessions([view_session(self._store, session, now) for session in sessions], count)

    def set_accepting(self, caller: Caller, session_id: str, accepting: bool) -> None:
        """Let a session take more jobs, or none; SessionNotFound. Its jobs run to their end.

        One that is closed stays closed. That telling it to accept is no error then is a guess.
        """
        now = self._clock.now()

        def told(session: Session) -> Session:
            life = view_session(self._store, session.owned_by(caller), now).life
            return session if life.state is SessionState.CLOSED else session.accepting(accepting, now)

        self._store.change_session(session_id, told)

    def cancel(self, caller: Caller, session_id: str) -> None:
        """Close a session at once; SessionNotFound. Jobs that wait are cancelled, jobs at work run to their end.

        Evidence: IBM's client says of its `cancel` that it cancels the pending jobs. Closing twice is no error: a
        guess.
        """
        now = self._clock.now()
        self._store.change_session(session_id, lambda session: session.owned_by(caller).cancelled(now))


def longest_life_s(caller: Caller, wanted_s: int | None) -> int:
    """How long a session of the caller's may last: as long as is wanted, if the plan allows as much."""
    longest = DEFAULT_MAX_TTL_S if caller.instance is None else caller.instance.plan.max_ttl_s
    return min(wanted_s or DEFAULT_MAX_TTL_S, longest)
