"""Who calls, and for which instance, in today's API.

Evidence: IBM's client sends `Service-CRN` and `Authorization: Bearer <IAM token>`, or `apikey <key>` where no token can
be had; the region is in the host, and an instance of another one answers 404 with the code 1279.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mock_runtime.directory import DEFAULT_REGION
from mock_runtime.domain.errors import NotAuthenticated, bounded
from mock_runtime.domain.instances import CRN
from mock_runtime.site import IBM_CLOUD

if TYPE_CHECKING:
    from flask import Request

    from mock_runtime.accounts import Accounts
    from mock_runtime.directory import Directory, User
    from mock_runtime.domain.instances import Caller

HEADER: Final = "Service-CRN"
CLASSIC_HEADER: Final = "X-Access-Token"
_LONGEST: Final = 500
_REGIONAL: Final = tuple(f".{name}.{domain}" for domain in IBM_CLOUD for name in ("quantum", "quantum-computing"))


class NoInstance(Exception):
    """The request says no instance, or none that there can be."""


def user_of(request: Request, directory: Directory, accounts: Accounts) -> User:
    """The user behind the credentials of a request; NotAuthenticated.

    Releases of the client up to 0.40 may come by way of IBM Quantum, with the token of a login there.
    """
    if _is_classic(request):
        return directory.classic_user(accounts.by_session_token(request.headers[CLASSIC_HEADER]))
    header = request.headers.get("Authorization", "").strip()
    scheme, _, credentials = header.partition(" ")
    credentials = credentials.strip()
    if not credentials:
        raise NotAuthenticated(presented=bool(header))
    if scheme.lower() == "bearer":
        return directory.by_access_token(credentials)
    if scheme.lower() == "apikey":
        return directory.by_api_key(credentials)
    raise NotAuthenticated(presented=True)


def caller_of(request: Request, directory: Directory, accounts: Accounts) -> Caller:
    """The user, at work on the instance that the request names; NotAuthenticated, NoInstance, InstanceNotFound."""
    user = user_of(request, directory, accounts)
    if _is_classic(request):
        # Hubs, groups and projects are gone: whoever comes that way has one instance.
        return user.on(directory.classic_instance(user))
    named = request.headers.get(HEADER, "").strip()
    if not named:
        raise NoInstance(f"the header {HEADER} is missing: send the CRN of your instance in it")
    if len(named) > _LONGEST or CRN.fullmatch(named) is None:
        raise NoInstance(f"the header {HEADER} holds no CRN of an instance: {bounded(named)}")
    return user.on(directory.instance(user, named, region=region_of(request.environ.get("HTTP_HOST", ""))))


def _is_classic(request: Request) -> bool:
    return CLASSIC_HEADER in request.headers and "Authorization" not in request.headers


def region_of(host: str) -> str | None:
    """The region that a host of IBM's serves; None for any other host, which serves all of them."""
    name = host.partition(":")[0].lower().rstrip(".")
    for domain in _REGIONAL:
        if name == domain[1:]:
            return DEFAULT_REGION
        if name.endswith(domain):
            return name.removesuffix(domain).removeprefix("private.") or DEFAULT_REGION
    return None
