"""What is a secret by its name: of a field, a parameter or a header."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_CREDENTIALS: Final = re.compile(
    r"token|apikey|secret|passw|passphrase|credential|privatekey|accesskey|signature|authorization|cookie|assertion"
    r"|securitycode|otp$|^pin$|^sig$|^jwt$|^auth$|^key$|^code$|^bearer$"
)
_NO_CREDENTIALS: Final = frozenset({
    "tokentype", "refreshtokenexpiration", "tokenexpiration", "tokenexpiry", "tokenexpiresin", "xamzsignedheaders",
    "signedheaders", "responsetype", "tokensused", "maxtokens",
})  # fmt: skip
_PEOPLE: Final = re.compile(
    r"email|^(iam|user|account|owner|author|creator|ims(user|account)|sub|unique|profile|customer|realm|bss|login)id$"
    r"|^(account|bss|owner|author|creator|createdby|updatedby|modifiedby|sub|subject|user|username|userid|uid|login"
    r"|givenname|familyname|firstname|lastname|fullname|displayname|phone|phonenumber|ip|ipaddress|clientip"
    r"|uniquesecurityname|preferredusername|sourceip|remoteaddr)$"
)
_SHORT: Final = re.compile(r"[^0-9a-z]")

HEADERS: Final = frozenset({
    "accept", "accept-charset", "accept-encoding", "accept-language", "accept-ranges", "age", "allow", "cache-control",
    "connection", "host", "content-encoding", "content-language", "content-length", "content-type", "date", "expires",
    "ibm-api-version", "last-modified", "location", "mock-runtime-case", "mock-runtime-fault", "mock-runtime-policy",
    "mock-runtime-scope", "mock-runtime-trace", "parent-job-id", "pragma", "retry-after", "server", "service-crn",
    "strict-transport-security", "transfer-encoding", "user-agent", "vary", "www-authenticate",
    "x-content-type-options", "x-frame-options", "x-qx-client-application", "x-ratelimit-limit",
    "x-ratelimit-remaining", "x-ratelimit-reset", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset",
})  # fmt: skip
"""The headers whose values are kept, cleaned; every other value is masked."""


@lru_cache(maxsize=4096)
def is_credential(name: str) -> bool:
    """Whether what has this name opens a door."""
    short = _SHORT.sub("", name.lower()[:200])
    return short not in _NO_CREDENTIALS and _CREDENTIALS.search(short) is not None


@lru_cache(maxsize=4096)
def is_personal(name: str) -> bool:
    """Whether what has this name tells who somebody is."""
    return _PEOPLE.search(_SHORT.sub("", name.lower()[:200])) is not None
