"""The two secrets of a client: the API token of the account, and the session token it is exchanged for."""

from __future__ import annotations

import enum
import re
from typing import TYPE_CHECKING

from requests.auth import AuthBase

from runtime_client.errors import ContractViolation, RuntimeClientError

if TYPE_CHECKING:
    import requests

_SENDABLE = re.compile("[!-~]+")
_MASK = "***"
# Shorter words are no secrets, and masking every "t" would make a message unreadable.
_SHORTEST_SECRET = 4


class Access(enum.Enum):
    """What an operation asks of its caller."""

    NONE = "nothing"
    ANY = "the API token or a session token"
    SESSION = "a session token"


def require_token(token: str, what: str) -> str:
    """Return `token` if a header can carry it, else raise `TypeError` or `ValueError` naming `what` and not it."""
    if not isinstance(token, str):
        raise TypeError(f"{what} must be a string, not {type(token).__name__}")
    if not _SENDABLE.fullmatch(token):
        raise ValueError(f"{what} must be one or more printable ASCII characters without spaces")
    return token


class Credentials:
    """Holds the tokens of one client, turns them into headers and masks them in whatever is quoted.

    With a session token, `X-Access-Token` is sent; without one, `Authorization: Bearer` and the API token. Evidence for
    both: recorded tutorials of May and October 2021, and IBM's client 0.14.0 on the wire.
    """

    __slots__ = ("_access_token", "_token")

    def __init__(self, *, token: str, access_token: str | None) -> None:
        self._token = require_token(token, "token")
        self._access_token = None if access_token is None else require_token(access_token, "access_token")

    def __repr__(self) -> str:
        return f"Credentials(token={_MASK}, access_token={None if self._access_token is None else _MASK})"

    @property
    def api_token(self) -> str:
        """The API token, for the body of a login."""
        return self._token

    def use_session(self, access_token: str | None) -> None:
        """Send this session token from now on, or the API token again when it is None."""
        self._access_token = access_token

    def auth(self, access: Access, operation: str) -> AuthBase:
        """Return what puts the credentials for `access` on a request.

        Raises `RuntimeClientError` when a session token is needed and there is none, and `ContractViolation` when the
        account service gave one that no header can carry.
        """
        if access is Access.NONE:
            return _Headers({})
        if self._access_token is not None:
            if not _SENDABLE.fullmatch(self._access_token):
                raise ContractViolation("login-with-token", 200, "/id: expected a token that a header can carry")
            return _Headers({"X-Access-Token": self._access_token})
        if access is Access.SESSION:
            raise RuntimeClientError(f"{operation} needs a session token: call login() first, or pass access_token")
        return _Headers({"Authorization": f"Bearer {self._token}"})

    def mask(self, text: str) -> str:
        """Return `text` with every occurrence of a token replaced."""
        # The longer one first, as one may be part of the other.
        for secret in sorted((self._token, self._access_token or ""), key=len, reverse=True):
            if len(secret) >= _SHORTEST_SECRET:
                text = text.replace(secret, _MASK)
        return text


class _Headers(AuthBase):
    """Sets headers at the very end of preparing a request.

    Given as `auth` even for calls without credentials: `requests` would otherwise look the host up in ~/.netrc and
    overwrite the `Authorization` header with what it finds.
    """

    __slots__ = ("_headers",)

    def __init__(self, headers: dict[str, str]) -> None:
        self._headers = headers

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(self._headers)
        return request
