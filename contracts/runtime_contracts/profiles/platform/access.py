"""Coming in, as today: an API key is exchanged for a bearer token at IAM, and a CRN names the instance that pays."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode, urlsplit

import requests

from runtime_contracts.exchange import Exchange, ServerUnreachableError, json_body
from runtime_contracts.profiles.profile import Attempt, CouldNotRunError, Keys
from runtime_contracts.reproducing import NOBODYS_TOKEN
from runtime_contracts.strict_json import InvalidJsonError, decode_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runtime_contracts.operation import Operation

CRN: Final = "Service-CRN"
_TIMEOUT_S: Final = 10.0
_GRANT: Final = "urn:ibm:params:oauth:grant-type:apikey"
_FORM: Final = "application/x-www-form-urlencoded"
_UNKNOWN_CRN: Final = (
    "crn:v1:bluemix:public:quantum-computing:us-east:a/00000000000000000000000000000000:"
    "00000000-0000-4000-8000-000000000000::"
)
# With real instances a token lives an hour; a clock that is moved by hand may be there much sooner.
_MOVES: Final = 100
_OPEN_SERVER: Final = (
    "the server lets any API key in, so the checks of credentials must fail; start it with fixed keys, as in "
    "`mock-runtime serve --token TOKEN`, and pass one of them"
)
_SEARCH_WRITES: Final = (
    "a run that only reads sends nothing but GET, and an instance is searched for with POST; name it: --instance CRN"
)
_LEARNS: Final = (
    "the server takes an instance that nobody has for the caller's, as a fake does that has none configured, so that "
    "an unknown one is refused was not looked at"
)


@dataclass(slots=True)
class PlatformAccess:
    """A caller of today, with its instance, and the ways in which it may call.

    The usual way is `Authorization: apikey KEY`: it never runs out, and a line that repeats a step needs nothing
    before it. The bearer tokens have their turns in the probes and in the engine's calls.
    """

    exchange: Exchange
    keys: Keys
    iam: str
    instance: str
    other_instance: str | None = None
    bearer: str = field(default="", repr=False)
    remark: str | None = None
    learns: bool = False
    moved: int = 0
    turns: int = 0

    @property
    def headers(self) -> Mapping[str, str]:
        """Credentials of the caller."""
        return with_key(self.keys.token, self.instance)

    @property
    def others(self) -> Mapping[str, str] | None:
        """Credentials of somebody else, if there is anybody."""
        other = self.keys.other_token
        return None if other is None or self.other_instance is None else with_key(other, self.other_instance)

    @property
    def account(self) -> str:
        """The account in the CRN of the instance, without `a/`."""
        return self.instance.split(":")[6].removeprefix("a/")

    def may_call(self, operation: Operation) -> bool:
        """Tell whether there are credentials for an operation: there are for all."""
        del operation
        return True

    def turn(self, operation_id: str) -> Mapping[str, str]:
        """Return credentials for the next call; key and bearer token take turns."""
        if not self.exchange.contract.operations[operation_id].security:
            return {}
        if self.exchange.moved - self.moved > _MOVES:
            self.renew()
        self.turns += 1
        if not self.turns % 2:
            return self.headers
        return {"Authorization": f"Bearer {self.bearer}", CRN: self.instance}

    def renew(self) -> None:
        """Exchange the key for a new bearer token.

        Raises:
            CouldNotRunError: IAM gives none.
        """
        self.bearer = bearer_for(self.exchange, self.iam, self.keys.token)
        self.moved = self.exchange.moved

    def refused(self, operation: Operation) -> Iterator[Attempt]:
        """Yield the ways that must not let anybody in."""
        del operation  # they are the same everywhere
        required = "credentials_required"
        yield Attempt("no credentials", {}, check=required)
        yield Attempt("an instance alone", {CRN: self.instance}, check=required)
        for what, value in (
            ("an unknown bearer token", f"Bearer {NOBODYS_TOKEN}"),
            ("an unknown API key", f"apikey {NOBODYS_TOKEN}"),
            ("an API key under another scheme", f"Basic {self.keys.token}"),
            ("an empty bearer token", "Bearer "),
        ):
            yield Attempt(what, {"Authorization": value, CRN: self.instance})
        key = {"Authorization": f"apikey {self.keys.token}"}
        yield Attempt("an API key without an instance", key, 400, check=required)
        yield Attempt("an instance that is no CRN", {**key, CRN: "crn:v1"}, 400)
        if not self.learns:
            yield Attempt("an instance that does not exist", {**key, CRN: _UNKNOWN_CRN}, 404)
        if self.other_instance is not None:
            yield Attempt("somebody else's instance", {**key, CRN: self.other_instance}, 404)

    def accepted(self, operation: Operation) -> Iterator[tuple[str, Mapping[str, str]]]:
        """Yield the ways each of which must let the caller in alone."""
        del operation
        yield "the API key", self.headers
        yield "the bearer token of IAM", {"Authorization": f"Bearer {self.bearer}", CRN: self.instance}


def with_key(key: str, instance: str) -> dict[str, str]:
    """Return the headers of a caller who sends the API key itself."""
    return {"Authorization": f"apikey {key}", CRN: instance}


def sign_in(exchange: Exchange, keys: Keys) -> PlatformAccess:
    """Begin a run: exchange the key, find the instance if none was given, and see that it is let in.

    Raises:
        CouldNotRunError: the server is not there, or does not know the key or the instance.
    """
    iam = (keys.iam_url or _root(exchange)).rstrip("/")
    exchange.variables[keys.token] = "TOKEN"
    bearer = keys.access_token or bearer_for(exchange, iam, keys.token)
    if keys.read_only and keys.instance is None:
        raise CouldNotRunError(_SEARCH_WRITES)
    instance = keys.instance or _instance_of(exchange, bearer)
    _name(exchange, "INSTANCE", instance)
    access = PlatformAccess(exchange, keys, iam, instance, bearer=bearer)
    try:
        answer = exchange.call("list_backends", headers=access.headers)
    except ServerUnreachableError as error:
        raise CouldNotRunError(f"{exchange.origin} does not answer ({error})") from None
    if not 200 <= answer.status < 300:
        raise CouldNotRunError(f"{exchange.origin} answers {answer.status} for the instance {instance}")
    if keys.other_token is not None:
        exchange.variables[keys.other_token] = "OTHER_TOKEN"
        other = bearer_for(exchange, iam, keys.other_token)
        if keys.read_only and keys.other_instance is None:
            raise CouldNotRunError(_SEARCH_WRITES.replace("--instance", "--other-instance"))
        access.other_instance = keys.other_instance or _instance_of(exchange, other)
        _name(exchange, "OTHER_INSTANCE", access.other_instance)
        theirs = exchange.call("list_backends", headers=with_key(keys.other_token, access.other_instance))
        if not 200 <= theirs.status < 300:
            found = f"answers {theirs.status} for the second caller's instance {access.other_instance}"
            raise CouldNotRunError(f"{exchange.origin} {found}")
    nobody = {"Authorization": f"apikey {NOBODYS_TOKEN}", CRN: instance}
    if exchange.call("list_backends", headers=nobody, conforming=False).status == 200 or _takes_anybody(iam, keys):
        access.remark = _OPEN_SERVER
    if exchange.call("list_backends", headers=with_key(keys.token, _UNKNOWN_CRN)).status == 200:
        access.learns = True
        access.remark = access.remark or _LEARNS
    return access


def exchanges(origin: str, keys: Keys) -> frozenset[str]:
    """Return the URL where a key is exchanged for a token; that changes nothing."""
    parts = urlsplit(origin)
    iam = (keys.iam_url or f"{parts.scheme}://{parts.netloc}").rstrip("/")
    return frozenset({f"{iam}/identity/token"})


def _name(exchange: Exchange, variable: str, instance: str) -> None:
    """Let lines for the shell name an instance by a variable, which a line before them sets."""
    exchange.variables[instance] = variable
    exchange.preamble[variable] = f"{variable}='{instance}'"


def bearer_for(exchange: Exchange, iam: str, key: str) -> str:
    """Exchange an API key for a bearer token at IAM.

    Raises:
        CouldNotRunError: IAM is not there, or gives none.
    """
    answer = _exchanged(iam, key)
    if isinstance(answer, str):
        raise CouldNotRunError(f"{iam} does not answer (POST /identity/token: {answer})")
    try:
        value = decode_json(answer.content)
    except InvalidJsonError:
        value = None
    bearer = value.get("access_token") if isinstance(value, dict) else None
    if answer.status_code != 200 or not isinstance(bearer, str) or not bearer:
        raise CouldNotRunError(f"{iam}/identity/token answers {answer.status_code} and no token; pass a key it knows")
    exchange.collector.secrets.add(bearer)
    exchange.variables[bearer] = "ACCESS_TOKEN"
    return bearer


def _takes_anybody(iam: str, keys: Keys) -> bool:
    """Tell whether IAM takes a key that nobody has; a live one is not bothered with it."""
    if keys.read_only:
        return False
    answer = _exchanged(iam, NOBODYS_TOKEN)
    return not isinstance(answer, str) and answer.status_code == 200


def _exchanged(iam: str, key: str) -> requests.Response | str:
    """Return the answer of IAM, or the name of what went wrong."""
    form = urlencode({"grant_type": _GRANT, "apikey": key})
    with requests.Session() as session:
        session.trust_env = False
        try:
            return session.post(
                f"{iam}/identity/token",
                data=form,
                headers={"Content-Type": _FORM, "Accept": "application/json"},
                timeout=_TIMEOUT_S,
                allow_redirects=False,
            )
        except (requests.RequestException, OSError) as error:
            return type(error).__name__


def _instance_of(exchange: Exchange, bearer: str) -> str:
    """Ask Global Search for the account's first instance, as real clients do.

    Raises:
        CouldNotRunError: it names none.
    """
    body = json_body({"query": "service_name:quantum-computing", "fields": ["crn", "name"]})
    with requests.Session() as session:
        session.trust_env = False
        try:
            answer = session.post(
                f"{_root(exchange)}/v3/resources/search?limit=100",
                data=body,
                headers={"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"},
                timeout=_TIMEOUT_S,
                allow_redirects=False,
            )
            value = decode_json(answer.content)
        except (requests.RequestException, InvalidJsonError, OSError):
            value = None
    items = value.get("items") if isinstance(value, dict) else None
    found = [item.get("crn") for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    crns = [crn for crn in found if isinstance(crn, str) and crn.count(":") >= 9]
    if not crns:
        raise CouldNotRunError("no instance was given, and the server lists none for the key; pass its CRN")
    return crns[0]


def _root(exchange: Exchange) -> str:
    parts = urlsplit(exchange.origin)
    return f"{parts.scheme}://{parts.netloc}"
