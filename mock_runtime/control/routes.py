"""The control plane of one fake, put together of its rooms. `openapi.yaml` beside it says what each operation does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, request

from mock_runtime.config import InvalidConfig
from mock_runtime.control.asserting import NotSo
from mock_runtime.control.backends import add_backends
from mock_runtime.control.clock import add_clock
from mock_runtime.control.faults import NotMet, add_faults
from mock_runtime.control.jobs import add_jobs
from mock_runtime.control.journal import add_journal
from mock_runtime.control.page import add_page, page_for
from mock_runtime.control.reading import Conflict
from mock_runtime.control.scenario import add_scenario
from mock_runtime.control.scopes import add_scopes
from mock_runtime.control.server import add_server, index_of
from mock_runtime.control.tokens import add_tokens
from mock_runtime.control.world import add_world
from mock_runtime.domain import errors as domain
from mock_runtime.faults.armed import FaultNotFound
from mock_runtime.faults.values import InvalidFault
from mock_runtime.guard import guarding
from mock_runtime.scenario import InvalidScenario
from mock_runtime.scopes import InvalidScope
from mock_runtime.service.beginnings import InvalidBeginning
from mock_runtime.surface import Problem, Surface, json_response, message_of, status_of
from mock_runtime.worlds.problems import InvalidWorld

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as Answer

    from mock_runtime.control.controlled import Controlled
    from mock_runtime.guard import Guard

PREFIX: Final = "/_mock"

_ANYBODY: Final = ("health", "ready")
_PAGE: Final = ("index", "page")
_STATUSES: Final[dict[type[Exception], int]] = {
    InvalidScenario: 400,
    InvalidConfig: 400,
    InvalidFault: 400,
    InvalidScope: 400,
    InvalidBeginning: 400,
    FaultNotFound: 404,
    InvalidWorld: 400,
    domain.NotFound: 404,
    domain.JobAlreadyFinal: 409,
    domain.WrongStatus: 409,
    Conflict: 409,
    NotMet: 409,
    NotSo: 409,
}


def control_surface(runtime: Controlled, guard: Guard) -> Surface:
    """The control plane of one fake; the guard says who may use it."""
    routes = Blueprint("control", __name__)
    routes.before_request(guarding(guard, anybody=_ANYBODY, page=_PAGE))

    @routes.get("/")
    def index() -> Answer:
        return page_for(request) or json_response(index_of(runtime, PREFIX))

    add_page(routes)

    for add in (
        *(add_server, add_clock, add_scenario, add_jobs, add_backends),
        *(add_faults, add_journal, add_scopes, add_tokens, add_world),
    ):
        add(routes, runtime)
    return Surface(prefix=PREFIX, blueprint=routes, render_error=render_error)


def render_error(problem: Problem) -> Response:
    """The answer of the control plane to a problem: a sentence, or an account in several lines, in `error.message`."""
    status = status_of(problem.error, _STATUSES)
    error: dict[str, Any] = {"status": status, "message": message_of(problem.error, status)}
    if isinstance(problem.error, NotMet):
        error["unmet"] = problem.error.unmet
    return json_response({"error": error, "trace": problem.trace}, status, problem.headers)
