"""The services beside the Runtime API that a client signs in at and finds its instance with, answered as they should.

They are no operations of the document, so nothing is spoiled here: a client that is held to the contract gets through.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from runtime_contracts.feeding import Feed

if TYPE_CHECKING:
    from runtime_contracts.feeding import SentRequest

ACCESS_TOKEN: Final = "an-access-token-of-the-contract"  # noqa: S105 - it opens nothing
CRN: Final = "crn:v1:bluemix:public:quantum-computing:us-east:a/0123456789abcdef:contract::"
_LATER: Final = 4_102_444_800  # the year 2100, in seconds
_INSTANCE: Final = {"crn": CRN, "name": "contract", "resource_plan_id": "contract", "state": "active"}


def neighbour(request: SentRequest) -> Feed | None:
    """Return the answer of a service beside the API to a request, or None if it is for none of them.

    IAM's tokens, Global Search and the Resource Controller of IBM Cloud are known, by their paths.
    """
    path = unquote(urlsplit(request.target).path).rstrip("/")
    if path.endswith(("/identity/token", "/oidc/token")):
        return _json(
            {
                "access_token": ACCESS_TOKEN,
                "refresh_token": "not_supported",
                "token_type": "Bearer",
                "expires_in": 3600,
                "expiration": _LATER,
                "scope": "ibm openid",
            }
        )
    if path.endswith("/resources/search"):
        return _json({"items": [_INSTANCE], "limit": 100})
    if path.endswith("/v2/resource_instances"):
        return _json({"rows_count": 1, "next_url": None, "resources": [{"id": CRN, "guid": "contract", **_INSTANCE}]})
    if "/v2/resource_instances/" in path:
        return _json({"id": CRN, "guid": "contract", **_INSTANCE})
    return None


def _json(value: Any) -> Feed:
    return Feed(200, {"Content-Type": "application/json"}, json.dumps(value).encode())
