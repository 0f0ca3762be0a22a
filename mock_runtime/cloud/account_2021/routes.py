"""The operations of the account service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint, request

from mock_runtime.cloud.account_2021 import wire
from mock_runtime.domain.errors import ProjectNotFound
from mock_runtime.domain.instances import Project
from mock_runtime.operations import LOG_IN, Operation, called_by
from mock_runtime.surface import base_of, json_response, text_response

if TYPE_CHECKING:
    from flask import Response

    from mock_runtime.accounts import Accounts
    from mock_runtime.domain.instances import Caller
    from mock_runtime.worlds import World


OPERATIONS: Final = {"login_with_token": Operation("login-with-token", LOG_IN)}
"""What a log-in is called in all editions."""


def blueprint(accounts: Accounts, world: World, *, runtime_prefix: str, prefix: str) -> Blueprint:
    """All operations, over the accounts of one fake."""
    routes = Blueprint("account_2021", __name__)

    def caller() -> Caller:
        found = accounts.by_session_token(request.headers.get("X-Access-Token"))
        called_by(request.environ, found.name)
        return found

    @routes.post("/users/loginWithToken")
    def login_with_token() -> Response:
        token, login = accounts.log_in(wire.parse_login(request))
        called_by(request.environ, login.caller.name)
        return json_response(wire.present_login(token, login))

    @routes.get("/users/me")
    def get_user() -> Response:
        origin = base_of(request)
        return json_response(wire.present_user(caller(), origin=origin, prefix=prefix, runtime_prefix=runtime_prefix))

    @routes.post("/users/logout")
    def logout_user() -> Response:
        caller()
        accounts.log_out(request.headers["X-Access-Token"])
        return text_response("")

    @routes.get("/version")
    def get_version() -> Response:
        return json_response(wire.VERSION)

    @routes.get("/Network")
    def get_network() -> Response:
        caller()
        return json_response(wire.present_hubs(world.projects))

    @routes.get("/Network/<hub>/Groups/<group>/Projects/<project>/devices/v/1")
    def get_devices(hub: str, group: str, project: str) -> Response:
        caller()
        asked = Project(hub, group, project)
        if asked not in world.projects:
            raise ProjectNotFound(str(asked))
        return json_response([wire.present_device(backend) for backend in world.backends])

    return routes
