"""The API key of an account and the IAM token it is exchanged for: kept, renewed in time, shown to nobody."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

from runtime_client.calls import Access, Call
from runtime_client.credentials import is_sendable, masked, require_token
from runtime_client.errors import RuntimeClientError
from runtime_client.flows import alone
from runtime_client.shapes import Integer, Record, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from runtime_client.flows import Flow
    from runtime_client.polling import Monotonic
    from runtime_client.wire import Answer

OPERATION = "iam-token"
_GRANT = "urn:ibm:params:oauth:grant-type:apikey"
# As IBM's SDK does: a token is renewed when four fifths of its life are over.
_SPENT = 0.8
_BEARER = "Bearer "
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


@dataclass(frozen=True, slots=True)
class _Held:
    """A token that is at hand, and when it is to be renewed, on the client's clock."""

    token: str = field(repr=False)
    renew_at_s: float


class Credentials:
    """Holds the secrets of one client of today's API and turns them into headers.

    With an API key, a token is fetched when the first call needs one and again when four fifths of its life are over,
    or when the service refuses it; `exchange` does the fetching. Whoever needs one at the same time, threads or tasks,
    waits for a single exchange. With an access token of the caller's own there is nothing to fetch or to renew.
    """

    __slots__ = ("_api_key", "_exchange", "_held", "_instance", "_lock", "_monotonic", "_renewals", "_spent")

    def __init__(
        self, *, api_key: str | None, access_token: str | None, instance: str | None, monotonic: Monotonic
    ) -> None:
        if (api_key is None) == (access_token is None):
            raise ValueError("either token (an API key) or access_token must be given, and not both")
        self._api_key = None if api_key is None else require_token(api_key, "token")
        self._instance = None if instance is None else require_token(instance, "instance")
        self._monotonic = monotonic
        own = None if access_token is None else require_token(access_token, "access_token")
        self._held = None if own is None else _Held(own, math.inf)
        self._spent: tuple[str, ...] = ()
        self._renewals = 0
        self._exchange: Callable[[Call], Flow[Answer]] | None = None
        # Held for a moment only, never while something is fetched.
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"Credentials(instance={self._instance!r})"

    @property
    def renewals(self) -> int:
        """How many tokens were fetched so far."""
        return self._renewals

    def fetch_with(self, exchange: Callable[[Call], Flow[Answer]]) -> None:
        """Say what carries the call to IAM."""
        self._exchange = exchange

    def headers(self, access: Access, operation: str) -> Flow[dict[str, str]]:
        """Return the headers for `access`, after an exchange if there is no token or the one there is will soon end.

        Raises the errors of the exchange.
        """
        del operation
        if access is Access.NONE:
            return {}
        token = self._at_hand()
        if token is None:
            token = yield from alone(self._fetched())
        found = {"Authorization": f"{_BEARER}{token}"}
        return found if self._instance is None else found | {"Service-CRN": self._instance}

    def mask(self, text: str) -> str:
        """Return `text` with the key and every token of this client replaced."""
        held = None if self._held is None else self._held.token
        return masked(text, self._api_key, held, *self._spent)

    def refuse(self, headers: Mapping[str, str]) -> bool:
        """Drop the token in `headers`, unless another one has taken its place already: the service has refused it.

        Tell whether another one can be had. A token of the caller's own stays.
        """
        if self._api_key is None:
            return False
        refused = headers.get("Authorization", "").removeprefix(_BEARER)
        with self._lock:
            if self._held is not None and self._held.token == refused:
                self._hold(None)
        return True

    def _hold(self, held: _Held | None) -> None:
        if self._held is not None:
            # The last two are still masked: a late answer may quote them.
            self._spent = (*self._spent[-1:], self._held.token)
        self._held = held

    def _at_hand(self) -> str | None:
        held = self._held
        return None if held is None or self._monotonic() >= held.renew_at_s else held.token

    def _fetched(self) -> Flow[str]:
        """Return a new token, or the one that somebody else has fetched while this flow waited for its turn."""
        token = self._at_hand()
        if token is not None or self._api_key is None:
            return token or ""
        if self._exchange is None:
            raise RuntimeClientError(f"{OPERATION}: there is nothing to fetch a token with")
        begun_s = self._monotonic()
        answer = yield from self._exchange(token_call(self._api_key))
        fetched = decode_token(answer)
        with self._lock:
            # Counted from before the exchange, as its life may have begun any time since.
            self._hold(_Held(fetched.access_token, begun_s + _SPENT * fetched.expires_in))
            self._renewals += 1
        return fetched.access_token
