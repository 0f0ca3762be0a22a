"""Who may come in: API tokens, and the session tokens that a login gives for them.

Tokens are kept as digests only, so that nothing that is stored, shown or logged can be used to log in.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from mock_runtime.clock import Clock
from mock_runtime.domain.errors import NotAuthenticated
from mock_runtime.domain.instances import Caller
from mock_runtime.domain.logins import Login
from mock_runtime.ids import Ids, is_session_token
from mock_runtime.standing import Standing
from mock_runtime.store import Store

LOGIN_TTL_S: Final = 1_209_600.0
"""How long a session token is good, in seconds: two weeks. A guess; clients read only the token itself."""

_CALLER_ID: Final = re.compile("[0-9a-f]{16}")


class UnknownOwner(LookupError):
    """Nobody of that name may come in, or has no such instance. `str()` says who may."""


@dataclass(frozen=True, slots=True)
class Token:
    """An API token that is accepted: since 2022 IBM Cloud calls it an API key.

    `name` is shown instead of it, `may_upload` is the right to upload programs, `account` the id of the IBM Cloud
    account it belongs to (None: one of its own). Instead of the token itself its digest will do, as 64 hexadecimal
    digits: `sha256` is that of the token, `iam_sha256` that of `iam:` and the token, from which users, accounts and
    instances of IBM Cloud have their ids. Who gives the former alone gets other ids than with the token itself. Two
    tokens are equal if their digests are. ValueError if there is neither.
    """

    value: str = field(default="", repr=False, compare=False)
    name: str = ""
    may_upload: bool = True
    account: str | None = None
    sha256: str = field(default="", repr=False)
    iam_sha256: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if self.value:
            if not self.value.strip():
                raise ValueError("a token must not be empty")
            own, iam = _digest(self.value), _digest(f"iam:{self.value}")
            if self.sha256 not in {"", own} or self.iam_sha256 not in {"", iam}:
                raise ValueError("a token and its digest do not agree: give one of them")
        else:
            if not self.sha256:
                raise ValueError("a token must not be empty")
            own = self.sha256
            iam = self.iam_sha256 or _digest(f"iam:{own}")
        object.__setattr__(self, "sha256", own)
        object.__setattr__(self, "iam_sha256", iam)

    @property
    def caller(self) -> Caller:
        """The caller who presents it."""
        return Caller(self.sha256[:16], self.name or f"user-{self.sha256[:6]}", self.may_upload)


class Accounts:
    """The tokens that are accepted: the configured ones, or, if none are configured, any that is not empty."""

    def __init__(
        self, *, tokens: Sequence[Token], store: Store, clock: Clock, ids: Ids, standing: Standing | None = None
    ) -> None:
        self._standing: Final = standing or Standing()
        self._callers: Final = {token.sha256: token.caller for token in tokens}
        self._store: Final = store
        self._clock: Final = clock
        self._ids: Final = ids

    def by_api_token(self, token: str | None) -> Caller:
        """The caller with that API token; NotAuthenticated."""
        if token is None or not token.strip():
            raise NotAuthenticated(presented=False)
        found = self._callers.get(_digest(token)) if self._callers else Token(token).caller
        if found is None:
            raise NotAuthenticated(presented=True)
        self._standing.admit(found.name)
        return found

    def caller_named(self, name: str | None) -> Caller:
        """The caller of that name or id, of whom a world file tells; None: the first there is. UnknownOwner.

        Where any token is welcome, whoever has that id may come.
        """
        callers = tuple(self._callers.values())
        if name is None:
            if not callers:
                raise UnknownOwner("expected an owner: where any token is accepted, nobody is the first")
            return callers[0]
        found = next((caller for caller in callers if name in {caller.name, caller.id}), None)
        if found is not None:
            return found
        if callers or _CALLER_ID.fullmatch(name) is None:
            raise UnknownOwner(nobody_named(name, [caller.name for caller in callers]))
        return Caller(name, f"user-{name[:6]}")

    def told(self, caller_id: str) -> str:
        """The caller of that id, as `caller_named` finds it again: a name, or else the id."""
        return next((caller.name for caller in self._callers.values() if caller.id == caller_id), caller_id)

    def by_session_token(self, token: str | None) -> Caller:
        """The caller whose login gave that token; NotAuthenticated, also when it has expired or was logged out.

        A server that accepts any token accepts one that no login gave, too, and takes it for an API token; but never
        one of our own making that is forgotten: its owner would turn into somebody else.
        """
        if token is None or not token.strip():
            raise NotAuthenticated(presented=False)
        login = self._store.login(_digest(token))
        if login is None:
            if self._callers or is_session_token(token):
                raise NotAuthenticated(presented=True)
            return self.by_api_token(token)
        if not login.is_valid_at(self._clock.now()):
            raise NotAuthenticated(presented=True)
        self._standing.admit(login.caller.name, login.number)
        return login.caller

    def log_in(self, api_token: str) -> tuple[str, Login]:
        """A new session token for an API token, and what is kept of it; NotAuthenticated."""
        caller = self.by_api_token(api_token)
        token = self._ids.session_token()
        login = Login(
            digest=_digest(token),
            caller=caller,
            created_at=self._clock.now(),
            ttl_s=LOGIN_TTL_S,
            number=self._standing.give(),
        )
        self._store.add_login(login)
        return token, login

    def knows(self, token: str) -> bool:
        """Whether a token is one of those that are configured, or was given by a log-in here."""
        return _digest(token) in self._callers or self.gave(token)

    def gave(self, token: str) -> bool:
        """Whether a log-in here gave that token."""
        return self._store.login(_digest(token)) is not None

    def log_out(self, session_token: str) -> None:
        """End a login: its token opens no door from now on."""
        self._store.end_login(_digest(session_token))


def nobody_named(name: str, names: Sequence[str]) -> str:
    """A sentence about somebody who is not known, and those who are."""
    return f"there is nobody of the name {name!r}; there is {', '.join(names) or 'nobody of a name'}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
