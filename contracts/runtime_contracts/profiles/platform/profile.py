"""The profile of today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from runtime_contracts.profiles.platform.access import exchanges, sign_in
from runtime_contracts.profiles.platform.arguments import PlatformArguments
from runtime_contracts.profiles.platform.goods import QUERIES, existing, goods, usual
from runtime_contracts.profiles.platform.journeys import JOURNEYS
from runtime_contracts.profiles.platform.known import known, links
from runtime_contracts.profiles.platform.places import PLACES, strategy
from runtime_contracts.profiles.platform.scene import scene
from runtime_contracts.profiles.platform.walk import lifecycle
from runtime_contracts.profiles.profile import ClientSide, Profile, ServerSide

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from runtime_contracts.operation import Operation

_API: Final = "/api"
# The services behind these write their errors in the newer of the two published forms.
_GENERIC: Final = ("/v1/workloads", "/v1/analytics", "/v1/instances/usage")


def _address(url: str) -> str:
    """Return the URL below which `/v1` is; an address without a path means IBM's own, `/api`."""
    given = url.rstrip("/")
    if not urlsplit(given).path:
        return given + _API
    return given.removesuffix("/v1")


def _harmless(operation: Operation) -> tuple[bytes, str]:
    # No operation takes an array, so nothing is made of it.
    return (b"[]", "application/json") if operation.bodies else (b"", "")


def _unknown_paths(_: Collection[Operation]) -> Iterable[str]:
    return ("/v1/no/such/path", "/no/such/path")


def _error_schema(path: str) -> str:
    return "GenericErrorDto" if path.startswith(_GENERIC) else "ErrorContainer"


PROFILE = Profile(
    edition="platform",
    server=ServerSide(
        address=_address,
        sign_in=sign_in,
        open_operations=frozenset({"get_versions"}),
        harmless=_harmless,
        unknown_paths=_unknown_paths,
        error_schema=_error_schema,
        known=known,
        links=links,
        # IAM, where the secrets are, is no operation of the document.
        secret_in=lambda _, __: None,
        lifecycle=lifecycle,
        goods=goods,
        scene=scene,
        journeys=JOURNEYS,
        existing=existing,
        usual=usual,
        exchanges=exchanges,
        queries=QUERIES,
        makers={"/v1/jobs": "JOB", "/v1/sessions": "SESSION"},
        preamble={
            "ACCESS_TOKEN": (
                'ACCESS_TOKEN=$(curl -s {origin}/identity/token --data-urlencode "apikey=$TOKEN" '
                "-d grant_type=urn:ibm:params:oauth:grant-type:apikey | "
                r"""sed -n 's/.*"access_token" *: *"\([^"]*\)".*/\1/p')"""
            )
        },
    ),
    client=ClientSide(
        arguments=PlatformArguments,
        strategy=strategy,
        places=PLACES,
        never_repeated=frozenset({"create_job", "create_session"}),
    ),
)
