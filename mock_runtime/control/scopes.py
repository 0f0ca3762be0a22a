"""Operations on scopes: worlds of their own on this server, made and dropped by tests in any language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from flask import Blueprint, Response, request

from mock_runtime.control.reading import body_object, text
from mock_runtime.parsing import MalformedRequest
from mock_runtime.scopes import HEADER, PREFIX
from mock_runtime.surface import json_response, no_content, origin_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mock_runtime.control.controlled import Controlled
    from mock_runtime.runtime import Runtime

_CONTROL: Final = "/_mock/"
_OF_THE_SERVER: Final = ("world", "control", "max_body_bytes")


def add_scopes(routes: Blueprint, runtime: Controlled) -> None:
    """Put the operations on scopes on the control plane."""

    @routes.get("/scopes")
    def list_scopes() -> Response:
        return json_response({"scopes": [_present(one) for one in runtime.scopes]})

    @routes.post("/scopes")
    def create_scope() -> Response:
        settings = body_object() if request.get_data().strip() else {}
        name = settings.pop("name", None)
        _refuse_what_is_the_servers(settings)
        made = runtime.scopes.create(None if name is None else text(name, "name"), settings)
        return json_response(_present(made), 201)

    @routes.get("/scopes/<name>")
    def get_scope(name: str) -> Response:
        return json_response(_present(runtime.scopes[name]))

    @routes.delete("/scopes/<name>")
    def drop_scope(name: str) -> Response:
        if name == runtime.scope:
            raise MalformedRequest("name: the scope of this very request cannot be dropped: ask without naming it")
        runtime.scopes.drop(name)
        return no_content()


def _refuse_what_is_the_servers(settings: Mapping[str, Any]) -> None:
    """Refuse settings that are about the server, or its machine, and not about a world."""
    wrong = next((key for key in _OF_THE_SERVER if key in settings), None)
    if wrong == "world":
        raise MalformedRequest(
            "world: no file of the server's machine is read for others: make the scope, then PUT its /_mock/world"
        )
    if wrong is not None:
        raise MalformedRequest(f"{wrong}: this is the server's, and the same for all of its scopes")


def _present(scope: Runtime) -> dict[str, Any]:
    """A scope, and how to reach it."""
    mount = f"{origin_of(request)}{f'{PREFIX}/{quote(scope.scope)}' if scope.scope else ''}"
    return {
        "name": scope.scope,
        "edition": scope.config.edition,
        "url": f"{mount}{scope.prefix}/",
        "control": f"{mount}{_CONTROL}",
        "header": {HEADER: scope.scope} if scope.scope else {},
        "now": scope.clock.now(),
        "exchanges": len(scope.requests),
        "jobs": scope.store.all_jobs(limit=0)[1],
    }
