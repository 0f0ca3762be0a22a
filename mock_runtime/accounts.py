"""Who may come in: API tokens, and the session tokens that a login gives for them.

Tokens are kept as digests only, so that nothing that is stored, shown or logged can be used to log in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from mock_runtime.clock import Clock
from mock_runtime.domain.errors import NotAuthenticated
from mock_runtime.domain.instances import Caller
from mock_runtime.domain.logins import Login
from mock_runtime.ids import Ids, is_session_token
from mock_runtime.store import Store

LOGIN_TTL_S: Final = 1_209_600.0
"""How long a session token is good, in seconds: two weeks. A guess; clients read only the token itself."""


@dataclass(frozen=True, slots=True)
class Token:
    """An API token that is accepted: since 2022 IBM Cloud calls it an API key.

    `name` is shown instead of it, `may_upload` is the right to upload programs, `account` the id of the IBM Cloud
    account it belongs to (None: one of its own).
    """

    value: str = field(repr=False)
    name: str = ""
    may_upload: bool = True
    account: str | None = None

    def __post_init__(self) -> None:
        if not self.value.strip():
            raise ValueError("a token must not be empty")

    @property
    def caller(self) -> Caller:
        """The caller who presents it."""
        digest = _digest(self.value)
        return Caller(digest[:16], self.name or f"user-{digest[:6]}", self.may_upload)


class Accounts:
    """The tokens that are accepted: the configured ones, or, if none are configured, any that is not empty."""

    def __init__(self, *, tokens: Sequence[Token], store: Store, clock: Clock, ids: Ids) -> None:
        self._callers: Final = {_digest(token.value): token.caller for token in tokens}
        self._store: Final = store
        self._clock: Final = clock
        self._ids: Final = ids

    def by_api_token(self, token: str | None) -> Caller:
        """The caller with that API token; NotAuthenticated."""
        if token is None or not token.strip():
            raise NotAuthenticated(presented=False)
        if self._callers:
            found = self._callers.get(_digest(token))
            if found is None:
                raise NotAuthenticated(presented=True)
            return found
        return Token(token).caller

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
        return login.caller

    def log_in(self, api_token: str) -> tuple[str, Login]:
        """A new session token for an API token, and what is kept of it; NotAuthenticated."""
        caller = self.by_api_token(api_token)
        token = self._ids.session_token()
        login = Login(digest=_digest(token), caller=caller, created_at=self._clock.now(), ttl_s=LOGIN_TTL_S)
        self._store.add_login(login)
        return token, login

    def log_out(self, session_token: str) -> None:
        """End a login: its token opens no door from now on."""
        self._store.end_login(_digest(session_token))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
