"""Who calls, in the edition of 2021.

Evidence: the tutorials send the API token itself as a bearer token, IBM's clients the session token of a login in
`X-Access-Token`. Which one wins if both are there is a guess.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_runtime.domain.errors import NotAuthenticated

if TYPE_CHECKING:
    from flask import Request

    from mock_runtime.accounts import Accounts
    from mock_runtime.domain.instances import Caller


def authenticate(request: Request, accounts: Accounts) -> Caller:
    """The caller behind the credentials of a request; NotAuthenticated."""
    header = request.headers.get("Authorization")
    if header is None:
        return accounts.by_session_token(request.headers.get("X-Access-Token"))
    scheme, _, token = header.strip().partition(" ")
    if scheme.lower() != "bearer":
        raise NotAuthenticated(presented=True)
    return accounts.by_api_token(token.strip())
