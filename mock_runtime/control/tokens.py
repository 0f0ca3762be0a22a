"""Operations on the standing of callers: whose tokens are good no longer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response

from mock_runtime.control.reading import fields_of, one_of, read, text
from mock_runtime.domain.errors import NotFound
from mock_runtime.surface import no_content

if TYPE_CHECKING:
    from mock_runtime.control.controlled import Controlled


class CallerNotFound(NotFound):
    """Nobody of that name has a token."""

    noun = "caller"


EVENTS: Final = ("expire", "revoke", "restore")
"""What can happen to tokens."""


def add_tokens(routes: Blueprint, runtime: Controlled) -> None:
    """Put the operation on tokens on the control plane."""

    @routes.post("/tokens")
    def change_standing() -> Response:
        fields = fields_of(("event", "caller"), required=("event",))
        event, caller = one_of(fields["event"], EVENTS, "event"), read(fields, "caller", text)
        if caller is not None:
            _refuse_nobody(runtime, caller)
        standing = runtime.site.standing
        {"expire": standing.expire, "revoke": standing.revoke, "restore": standing.restore}[event](caller)
        return no_content()


def _refuse_nobody(runtime: Controlled, caller: str) -> None:
    """CallerNotFound, where it is known who there is."""
    known = [token.caller.name for token in runtime.config.tokens]
    if known and caller not in known:
        raise CallerNotFound(caller)
