"""The two secrets of a client: the API token of the account, and the session token it is exchanged for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runtime_client.calls import Access
from runtime_client.errors import ContractViolation, RuntimeClientError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime_client.flows import Flow

_SENDABLE = re.compile("[!-~]+")
_MASK = "***"
# Shorter words are no secrets, and masking every "t" would make a message unreadable.
_SHORTEST_SECRET = 4


def require_token(token: str, what: str) -> str:
    """Return `token` if a header can carry it, else raise `TypeError` or `ValueError` naming `what` and not it."""
    if not isinstance(token, str):
        raise TypeError(f"{what} must be a string, not {type(token).__name__}")
    if not _SENDABLE.fullmatch(token):
        raise ValueError(f"{what} must be one or more printable ASCII characters without spaces")
    return token


def masked(text: str, *secrets: str | None) -> str:
    """Return `text` with every occurrence of a secret replaced, but for those too short to be secret."""
    # The longer one first, as one may be part of another.
    for secret in sorted((secret for secret in secrets if secret is not None), key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, _MASK)
    return text


def is_sendable(token: str) -> bool:
    """Tell whether a header can carry `token`."""
    return _SENDABLE.fullmatch(token) is not None


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

    @property
    def renewals(self) -> int:
        """None: a session token that has run out is the caller's to renew."""
        return 0

    def refuse(self, headers: Mapping[str, str]) -> bool:
        """Tell that there are no other credentials than those in `headers`."""
        del headers
        return False

    def headers(self, access: Access, operation: str) -> Flow[dict[str, str]]:
        """Return the headers that carry the credentials for `access`; there is nothing to be sent for that.

        Raises `RuntimeClientError` when a session token is needed and there is none, and `ContractViolation` when the
        account service gave one that no header can carry.
        """
        yield from ()
        if access is Access.NONE:
            return {}
        if self._access_token is not None:
            if not _SENDABLE.fullmatch(self._access_token):
                raise ContractViolation("login-with-token", 200, "/id: expected a token that a header can carry")
            return {"X-Access-Token": self._access_token}
        if access is Access.SESSION:
            raise RuntimeClientError(f"{operation} needs a session token: call login() first, or pass access_token")
        return {"Authorization": f"Bearer {self._token}"}

    def mask(self, text: str) -> str:
        """Return `text` with every occurrence of a token replaced."""
        return masked(text, self._token, self._access_token)
