"""Who may use the control plane: this machine, or whoever has its token, and never the page of somebody else.

Four things are told apart. *Where from*: without a token only this machine is let in, and nobody who comes through a
proxy, behind which everybody would be this machine. *Which name*: a page whose name was made to point here (DNS
rebinding) calls us by that name, so only names and addresses that are certainly ours are answered to. *Which page*:
a browser says which page a request is from, and only our own may steer. *Which form*: what any page can make a browser
send without asking (a form) steers nothing, should a browser say nothing of the page.

`Guard.refusal` knows no Flask; `guarding` puts it before the operations of a blueprint.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from flask import request
from werkzeug.exceptions import HTTPException

from mock_runtime.domain.errors import bounded
from mock_runtime.transport.answering import is_among
from mock_runtime.transport.wsgi import IN_PROCESS

TOKEN_HEADER: Final = "Mock-Runtime-Control-Token"  # noqa: S105 - a name
"""Where the token goes if `Authorization` is taken by the API's own."""

_SAFE: Final = frozenset({"GET", "HEAD"})
_FORMS: Final = frozenset({"text/plain", "application/x-www-form-urlencoded", "multipart/form-data"})
"""The types of bodies that a browser sends across origins without asking first. Evidence: Fetch standard, 2.2.2."""
_VIA: Final = frozenset({"forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip"})
_PORTS: Final = {"http": 80, "https": 443}
_HOST: Final = re.compile(
    r"(?:(?P<name>[A-Za-z0-9_.-]{1,253})|\[(?P<v6>[0-9A-Fa-f:.]{2,45})\])(?::(?P<port>[0-9]{1,5}))?"
)
_PATTERN: Final = re.compile(r"(\*\.)?[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?|[0-9a-f:.]{2,45}")
_TOKEN: Final = re.compile(r"[!-~]{1,1024}")


class Access(Enum):
    """What an operation of the control plane is open to."""

    ANYBODY = "anybody"
    """Whoever wants to know whether the server is there, which is nothing to guard; as long as nothing is changed."""
    PAGE = "page"
    """The page and what it is made of: it has no secrets in it, and has to be there to ask for the token."""
    STEERING = "steering"
    """All others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What a guard wants to know of a request.

    `remote` is the address of the caller, `local` that on which the request came in; empty if nobody knows. `headers`
    have their names in lower case; one that was sent several times has its values parted by commas. `in_process` is
    for callers in this process, who are not on a network at all.
    """

    method: str
    remote: str
    local: str = ""
    scheme: str = "http"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    in_process: bool = False

    @property
    def changes_nothing(self) -> bool:
        """Whether it only reads."""
        return self.method in _SAFE


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request may not be carried out: the status that says so, and a sentence with what to do about it."""

    status: int
    sentence: str


class Guard:
    """The rules of one server.

    With a `token` everybody who is not in this process has to present it, this machine, too: then nothing depends on
    what stands between the caller and the server. Only a digest of it is kept. Without one only this machine is let
    in. `hosts` are names by which the server may be called beside its addresses and `localhost`: a host or, with
    `*.` before it, all names in a domain. Not `enabled`, there is no control plane. ValueError if a token or a host
    is none.
    """

    def __init__(self, *, token: str | None = None, hosts: Iterable[str] = (), enabled: bool = True) -> None:
        if token is not None and _TOKEN.fullmatch(token) is None:
            raise ValueError("a control token is 1 to 1024 printable ASCII characters without a blank")
        self._digest = None if token is None else _digest(token)
        self._hosts = tuple(host.lower().removesuffix(".") for host in hosts)
        for host in self._hosts:
            if _PATTERN.fullmatch(host) is None:
                raise ValueError(f"{bounded(host)} is no name of a host such as fake.example.org, without a port")
        self._is_enabled = enabled

    def __repr__(self) -> str:
        return f"<Guard {'with a token' if self.wants_token else 'of this machine'}>"

    @property
    def wants_token(self) -> bool:
        """Whether there is a token to be presented."""
        return self._digest is not None

    def refusal(self, asking: Asking, access: Access = Access.STEERING) -> Refusal | None:
        """Why a request may not be carried out; None if it may."""
        if not self._is_enabled:
            return Refusal(404, "the control plane of this server is switched off")
        if asking.in_process or (access is Access.ANYBODY and asking.changes_nothing):
            return None
        has_token = self._digest is not None and _has_token(asking, self._digest)
        page = _foreign_page(asking, access, has_token=has_token) or _form(asking)
        if page is not None or has_token:
            return page
        if self._digest is not None:
            return None if access is Access.PAGE else _no_token(asking)
        return _not_this_machine(asking) or _through_a_proxy(asking) or self._odd_name(asking)

    def _odd_name(self, asking: Asking) -> Refusal | None:
        """The refusal of a name that may be somebody else's, made to point here."""
        host = asking.headers.get("host", "")
        found = _HOST.fullmatch(host)
        if found is not None:
            name = (found["name"] or found["v6"]).lower().removesuffix(".")
            address = _address(name)
            if name == "localhost" or is_among(name, self._hosts) or (address is not None and address.is_loopback):
                return None
            if address is not None and address == _address(asking.local):
                return None
        what = f"says {bounded(host)}" if host else "is missing"
        return Refusal(
            403,
            f"the header Host {what}, and the control plane answers to localhost and to the addresses of this server "
            "only: call it by one of these, or start it with --control-host and that name",
        )


def guarding(guard: Guard, *, anybody: Collection[str] = (), page: Collection[str] = ()) -> Callable[[], None]:
    """A hook for `Blueprint.before_request` that refuses what the guard does, as werkzeug's HTTPException.

    `anybody` and `page` are the names of the view functions that are open to these; all others steer.
    """
    accesses = {**dict.fromkeys(page, Access.PAGE), **dict.fromkeys(anybody, Access.ANYBODY)}

    def refuse() -> None:
        view = (request.endpoint or "").rpartition(".")[2]
        refusal = guard.refusal(asking_of(request.environ), accesses.get(view, Access.STEERING))
        if refusal is not None:
            raise Refused(refusal)

    return refuse


class Refused(HTTPException):
    """A request to the control plane is refused."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.sentence)
        self.code = refusal.status

    def get_headers(self, *args: Any, **kwargs: Any) -> list[tuple[str, str]]:
        """HTTP's own headers; of a 401, how to present a token."""
        challenge = [("WWW-Authenticate", 'Bearer realm="control plane"')] if self.code == 401 else []
        return [*super().get_headers(*args, **kwargs), *challenge]


def asking_of(environ: Mapping[str, Any]) -> Asking:
    """What a guard wants to know, of a WSGI environ."""
    headers = {
        name[5:].replace("_", "-").lower(): str(value) for name, value in environ.items() if name.startswith("HTTP_")
    }
    headers["content-type"] = str(environ.get("CONTENT_TYPE", ""))
    return Asking(
        method=environ["REQUEST_METHOD"],
        remote=environ.get("REMOTE_ADDR", ""),
        local=environ.get("SERVER_NAME", ""),
        scheme=environ.get("wsgi.url_scheme", "http"),
        headers=headers,
        in_process=environ.get(IN_PROCESS) is True,
    )


def _has_token(asking: Asking, digest: bytes) -> bool:
    kind, _, credentials = asking.headers.get("authorization", "").partition(" ")
    presented = [asking.headers.get(TOKEN_HEADER.lower(), ""), credentials.strip() if kind.lower() == "bearer" else ""]
    matches = [hmac.compare_digest(_digest(token), digest) for token in presented]
    return any(matches)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _no_token(asking: Asking) -> Refusal:
    tried = TOKEN_HEADER.lower() in asking.headers or "authorization" in asking.headers
    fact = "what was sent is not its control token" if tried else "its control token is missing"
    return Refusal(
        401,
        f"the control plane is closed: {fact}. Send it as Authorization: Bearer TOKEN, or in the header {TOKEN_HEADER}",
    )


def _foreign_page(asking: Asking, access: Access, *, has_token: bool) -> Refusal | None:
    """The refusal of what a page of another origin makes a browser send."""
    origin, site = asking.headers.get("origin"), asking.headers.get("sec-fetch-site")
    if origin is not None and not _is_own_origin(origin, asking, has_token=has_token):
        return Refusal(403, f"a page of {bounded(origin)} may not steer this server; only its own page may, at /_mock/")
    fine = {None, "same-origin"} | ({"none"} if asking.changes_nothing else set())
    if site in fine or (access is Access.PAGE and _follows_a_link(asking)):
        return None
    return Refusal(
        403,
        f"a browser sends this for somebody else (Sec-Fetch-Site: {bounded(site or '')}), and only the page of this "
        "server may steer it: open /_mock/ itself",
    )


def _follows_a_link(asking: Asking) -> bool:
    """Whether a browser is about to show the answer as a page of its own, which the one with the link cannot read."""
    headers = asking.headers
    return (
        asking.method == "GET"
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
    )


def _is_own_origin(origin: str, asking: Asking, *, has_token: bool) -> bool:
    """Whether an origin is what the caller calls us. Who has the token may have come by TLS, which ended elsewhere."""
    scheme, separator, authority = origin.partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in _PORTS or not (scheme == asking.scheme or (has_token and scheme == "https")):
        return False
    theirs, ours = _place(scheme, authority), _place(scheme, asking.headers.get("host", ""))
    return theirs is not None and theirs == ours


def _place(scheme: str, authority: str) -> tuple[str, int] | None:
    """Host and port; None if it is neither."""
    found = _HOST.fullmatch(authority)
    if found is None:
        return None
    name = (found["name"] or found["v6"]).lower().removesuffix(".")
    address = _address(name)
    return str(address or name), int(found["port"] or _PORTS[scheme])


def _form(asking: Asking) -> Refusal | None:
    """The refusal of a change in the form in which any page may send it without being asked."""
    kinds = {part.partition(";")[0].strip().lower() for part in asking.headers.get("content-type", "").split(",")}
    found = kinds & _FORMS
    if asking.changes_nothing or not found:
        return None
    return Refusal(
        415,
        f"a body of the type {min(found)} may be the form of any page in a browser: send it as application/json "
        "(curl --json does), or without a type",
    )


def _not_this_machine(asking: Asking) -> Refusal | None:
    address = _address(asking.remote)
    if address is not None and address.is_loopback:
        return None
    where = f"from {bounded(asking.remote)}" if asking.remote else "from nobody knows where"
    return Refusal(
        403,
        f"the control plane answers this machine only, and the request came {where}: start the server with "
        "--control-token, and send that token",
    )


def _through_a_proxy(asking: Asking) -> Refusal | None:
    found = sorted(name for name in asking.headers if name in _VIA or name.startswith("x-forwarded"))
    if not found:
        return None
    return Refusal(
        403,
        f"the request came through a proxy (it has the header {found[0]}), behind which everybody looks like this "
        "machine: start the server with --control-token, and send that token",
    )


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address in its usual form, one of IPv4 within IPv6 as that of IPv4; None if it is none."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return (isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped) or address
