"""The API key of an account and the IAM token it is exchanged for: kept, renewed in time, shown to nobody."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

from runtime_client.calls import Access, Call
from runtime_client.credentials import is_sendable, masked, require_token
from runtime_client.errors import RuntimeClientError
from runtime_client.shapes import Integer, Record, Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime_client.polling import Monotonic
    from runtime_client.wire import Answer

OPERATION = "iam-token"
_GRANT = "urn:ibm:params:oauth:grant-type:apikey"
# As IBM's SDK does: a token is renewed when four fifths of its life are over.
_SPENT = 0.8
_CENTURY_S = 3_155_760_000


@dataclass(frozen=True, slots=True, kw_only=True)
class IamToken:
    """A token as IAM gave it; `expires_in` is its life in seconds. The token is a secret and so in no `repr`."""

    access_token: Annotated[str, Text(at_least=1)] = field(repr=False)
    expires_in: Annotated[int, Integer(at_least=1, at_most=_CENTURY_S)]


def token_call(api_key: str) -> Call:
    """Return the call that exchanges an API key for a token; it changes nothing, so it may be repeated.

    Evidence: IBM's guide to the REST API, and IBM's client on the wire.
    """
    return Call(
        operation=OPERATION,
        method="POST",
        path=("identity", "token"),
        access=Access.NONE,
        form={"grant_type": _GRANT, "apikey": api_key, "response_type": "cloud_iam"},
        repeatable=True,
    )


def decode_token(answer: Answer) -> IamToken:
    """Return the token of an answer; raises `ContractViolation` for one that no header can carry."""
    token = Record(IamToken).read(answer.json())
    if not is_sendable(token.access_token):
        raise answer.violation("/access_token: expected a token that a header can carry")
    return token


class Credentials:
    """Holds the secrets of one client of today's API and turns them into headers.

    With an API key, a token is fetched when the first call needs one and again when four fifths of its life are over;
    `exchange` does the fetching. Threads that need one at the same time wait for a single exchange. With an access
    token of the caller's own there is nothing to fetch, and nothing to renew.
    """

    __slots__ = ("_access_token", "_api_key", "_exchange", "_instance", "_lock", "_monotonic", "_renew_at_s", "_spent")

    def __init__(
        self, *, api_key: str | None, access_token: str | None, instance: str | None, monotonic: Monotonic
    ) -> None:
        if (api_key is None) == (access_token is None):
            raise ValueError("either token (an API key) or access_token must be given, and not both")
        self._api_key = None if api_key is None else require_token(api_key, "token")
        self._access_token = None if access_token is None else require_token(access_token, "access_token")
        self._instance = None if instance is None else require_token(instance, "instance")
        self._monotonic = monotonic
        self._renew_at_s = 0.0
        self._spent: tuple[str, ...] = ()
        self._exchange: Callable[[Call], Answer] | None = None
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"Credentials(instance={self._instance!r})"

    def fetch_with(self, exchange: Callable[[Call], Answer]) -> None:
        """Say what carries the call to IAM."""
        self._exchange = exchange

    def headers(self, access: Access, operation: str) -> dict[str, str]:
        """Return the headers for `access`, after an exchange if there is no token or the one there is will soon end.

        Raises the errors of the exchange.
        """
        del operation
        if access is Access.NONE:
            return {}
        found = {"Authorization": f"Bearer {self._token()}"}
        return found if self._instance is None else found | {"Service-CRN": self._instance}

    def mask(self, text: str) -> str:
        """Return `text` with the key and every token of this client replaced."""
        return masked(text, self._api_key, self._access_token, *self._spent)

    def forget(self) -> None:
        """Drop the fetched token, so that the next call gets a new one: the service has refused it.

        A token of the caller's own stays.
        """
        with self._lock:
            if self._api_key is not None and self._access_token is not None:
                self._set_aside(self._access_token)
                self._access_token = None

    def _set_aside(self, token: str) -> None:
        # The last two are still masked: a late answer may quote them.
        self._spent = (*self._spent[-1:], token)

    def _token(self) -> str:
        with self._lock:
            if self._api_key is None:
                return self._access_token or ""
            begun_s = self._monotonic()
            if self._access_token is None or begun_s >= self._renew_at_s:
                if self._exchange is None:
                    raise RuntimeClientError(f"{OPERATION}: there is nothing to fetch a token with")
                fetched = decode_token(self._exchange(token_call(self._api_key)))
                if self._access_token is not None:
                    self._set_aside(self._access_token)
                self._access_token = fetched.access_token
                # Counted from before the exchange, as its life may have begun any time since.
                self._renew_at_s = begun_s + _SPENT * fetched.expires_in
            return self._access_token
