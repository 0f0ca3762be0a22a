"""Coming in, as in 2021: an API token as a bearer, or the session token that the account service gives for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runtime_contracts.exchange import Exchange, ServerUnreachableError, bearer, json_body, session_header
from runtime_contracts.options import PROBES
from runtime_contracts.profiles.profile import Attempt, CouldNotRunError, Keys
from runtime_contracts.reproducing import NOBODYS_TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runtime_contracts.operation import Operation

_OPEN_SERVER = (
    "the server lets any token in, so the checks of credentials must fail; start it with fixed tokens, as in "
    "`mock-runtime serve --token TOKEN`, and pass one of them"
)
_NO_LOGIN = (
    "what needs a session token: logging in makes a session, and the run is read-only (--access-token gives it one)"
)
# Ending the session that the whole run uses would break everything after it.
_SPENDS_A_SESSION = "logout-user"


@dataclass(slots=True)
class LegacyAccess:
    """A caller of 2021, and the ways in which it may call."""

    exchange: Exchange
    keys: Keys
    access_token: str = field(default="", repr=False)
    remark: str | None = None
    turns: int = 0

    @property
    def headers(self) -> Mapping[str, str]:
        """Credentials of the caller."""
        return bearer(self.keys.token)

    @property
    def others(self) -> Mapping[str, str] | None:
        """Credentials of somebody else, if there is anybody."""
        return None if self.keys.other_token is None else bearer(self.keys.other_token)

    def login(self) -> str:
        """Return a new session token each time, so that somebody may spend it.

        Raises:
            CouldNotRunError: the account service gives none.
        """
        path = "/api/users/loginWithToken"
        headers = {"Content-Type": "application/json"}
        answer = self.exchange.send("POST", path, headers=headers, body=json_body({"apiToken": self.keys.token}))
        session = answer.get("id")
        if answer.status != 200 or not isinstance(session, str) or not session:
            raise CouldNotRunError(f"logging in at {path} answered {answer.status} without a session token")
        self.exchange.collector.secrets.add(session)
        self.exchange.variables[session] = "ACCESS_TOKEN"
        self.exchange.collector.count("login-with-token", phase=PROBES, status=answer.status)
        return session

    def may_call(self, operation: Operation) -> bool:
        """Tell whether there are credentials for an operation; some take nothing but a session token."""
        return bool(self.access_token) or not operation.security or "bearer" in _kinds(operation)

    def turn(self, operation_id: str) -> Mapping[str, str]:
        """Return credentials for the next call; the two ways that the runtime service knows take turns."""
        if operation_id == _SPENDS_A_SESSION:
            return session_header(self.login())
        if "bearer" not in _kinds(self.exchange.contract.operations[operation_id]):
            return session_header(self.access_token)
        self.turns += 1
        return self.headers if self.turns % 2 or not self.access_token else session_header(self.access_token)

    def refused(self, operation: Operation) -> Iterator[Attempt]:
        """Yield the ways that must not let anybody in."""
        yield Attempt("no credentials", {}, check="credentials_required")
        yield Attempt("an unknown API token", bearer(NOBODYS_TOKEN))
        yield Attempt("an unknown session token", session_header(NOBODYS_TOKEN))
        yield Attempt("an empty session token", session_header(""))
        yield Attempt("an API token under another scheme", {"Authorization": f"Basic {self.keys.token}"})
        if "bearer" not in _kinds(operation):
            yield Attempt("an API token in place of a session token", self.headers)

    def accepted(self, operation: Operation) -> Iterator[tuple[str, Mapping[str, str]]]:
        """Yield the ways each of which must let the caller in alone."""
        kinds = _kinds(operation)
        if "bearer" in kinds:
            yield "the API token alone", self.headers
        if "header" in kinds and self.access_token:
            spent = operation.id == _SPENDS_A_SESSION
            yield "the session token alone", session_header(self.login() if spent else self.access_token)


def sign_in(exchange: Exchange, keys: Keys) -> LegacyAccess:
    """Begin a run: see that the server is there and knows the token, and log in.

    Raises:
        CouldNotRunError: it is not, or does not.
    """
    origin = exchange.origin
    try:
        answer = exchange.send("GET", "/programs", headers=bearer(keys.token))
    except ServerUnreachableError as error:
        raise CouldNotRunError(f"{origin} does not answer ({error})") from None
    if answer.status == 401:
        raise CouldNotRunError(f"{origin} refuses the token; pass one that it knows")
    exchange.variables[keys.token] = "TOKEN"
    if keys.other_token is not None:
        exchange.variables[keys.other_token] = "OTHER_TOKEN"
    access = LegacyAccess(exchange, keys)
    access.access_token = keys.access_token or ("" if keys.read_only else access.login())
    if not access.access_token:
        exchange.collector.not_done.append(_NO_LOGIN)
    if exchange.send("GET", "/programs", headers=bearer(NOBODYS_TOKEN)).status == 200:
        access.remark = _OPEN_SERVER
    return access


def _kinds(operation: Operation) -> set[str]:
    return {kind for alternative in operation.security for kind, _ in alternative}
