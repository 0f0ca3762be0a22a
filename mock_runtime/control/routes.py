"""The operations of the control plane.

`GET /_mock/` lists them: `GET /_mock/health`, `POST /_mock/reset`, `GET|PUT /_mock/latency`, `GET|POST
/_mock/clock`, `GET|PUT|PATCH /_mock/scenario`, `PATCH /_mock/scenario/programs/{id}`, `POST /_mock/scenario/jobs`
(the next submission), `PATCH /_mock/jobs/{id}` (a job that is there already). No token is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from flask import Blueprint, current_app, request

from mock_runtime.clock import Clock, ManualClock
from mock_runtime.domain import errors as domain
from mock_runtime.domain.errors import bounded
from mock_runtime.durations import Duration, Fixed, NotADuration, parse_duration
from mock_runtime.parsing import MalformedRequest, parse_object
from mock_runtime.scenario import InvalidScenario, Script, plan, scenario
from mock_runtime.surface import Problem, Surface, json_response, message_of, no_content, origin_of, readable, status_of

if TYPE_CHECKING:
    from flask import Response

    from mock_runtime.config import Config
    from mock_runtime.ids import Ids
    from mock_runtime.service import RuntimeService
    from mock_runtime.transport.latency import Latency

PREFIX = "/_mock"


class TimeIsReal(Exception):
    """Somebody wants to move a clock that follows the real time."""


class ForeignOrigin(Exception):
    """A browser shows a page of somebody else, which calls this server."""


class Controlled(Protocol):
    """What the control plane steers: a fake."""

    config: Config
    clock: Clock
    ids: Ids
    latency: Latency
    script: Script
    service: RuntimeService

    def reset(self) -> None:
        """Begin again."""
        ...


def control_surface(runtime: Controlled) -> Surface:
    """The control plane of one fake."""
    routes = Blueprint("control", __name__)
    routes.before_request(refuse_strangers)
    _add_world(routes, runtime)
    _add_time(routes, runtime)
    _add_scenario(routes, runtime)
    return Surface(prefix=PREFIX, blueprint=routes, render_error=render_error)


def render_error(problem: Problem) -> Response:
    """The answer of the control plane to a problem: one sentence, in `error.message`."""
    statuses = {
        InvalidScenario: 400,
        ForeignOrigin: 403,
        TimeIsReal: 409,
        domain.NotFound: 404,
        domain.JobAlreadyFinal: 409,
    }
    status = status_of(problem.error, statuses)
    body = {"error": {"status": status, "message": message_of(problem.error, status)}, "trace": problem.trace}
    return json_response(body, status, problem.headers)


def _add_world(routes: Blueprint, runtime: Controlled) -> None:
    @routes.get("/")
    def index() -> Response:
        operations = {
            f"{method} {readable(rule.rule)}"
            for rule in current_app.url_map.iter_rules()
            for method in (rule.methods or set()) - {"HEAD"}
            if rule.rule.startswith(PREFIX)
        }
        return json_response({"edition": runtime.config.edition, "operations": sorted(operations)})

    @routes.get("/health")
    def health() -> Response:
        return json_response({"status": "ok", "edition": runtime.config.edition, "seed": runtime.ids.seed})

    @routes.post("/reset")
    def reset() -> Response:
        runtime.reset()
        return no_content()


def _add_time(routes: Blueprint, runtime: Controlled) -> None:
    @routes.get("/latency")
    def read_latency() -> Response:
        return json_response({"latency": str(runtime.latency.duration)})

    @routes.put("/latency")
    def put_latency() -> Response:
        duration = _duration("latency")
        if duration.is_endless:
            raise MalformedRequest("latency: an answer that never comes is not a latency")
        runtime.latency.set(duration)
        return read_latency()

    @routes.get("/clock")
    def read_clock() -> Response:
        return json_response(_present_clock(runtime.clock))

    @routes.post("/clock")
    def move_clock() -> Response:
        length = _duration("advance")
        if not isinstance(length, Fixed) or length.is_endless:
            raise MalformedRequest("advance: time moves by one length, such as 5s")
        if not isinstance(runtime.clock, ManualClock):
            raise TimeIsReal("this server follows the real time; start it with --clock manual to move its clock")
        try:
            runtime.clock.advance(length.seconds)
        except ValueError as error:
            raise MalformedRequest(str(error)) from None
        return json_response(_present_clock(runtime.clock))


def _add_scenario(routes: Blueprint, runtime: Controlled) -> None:
    script = runtime.script

    def body() -> dict[str, Any]:
        return dict(parse_object(request.get_data(cache=False)))

    @routes.get("/scenario")
    def read() -> Response:
        return json_response(script.current.as_dict())

    @routes.put("/scenario")
    def put() -> Response:
        script.replace(scenario(body()))
        return read()

    @routes.patch("/scenario")
    def patch() -> Response:
        script.set(**body())
        return read()

    @routes.patch("/scenario/programs/<id_>")
    def patch_program(id_: str) -> Response:
        script.program(id_, **body())
        return read()

    @routes.post("/scenario/jobs")
    def next_job() -> Response:
        script.next_job(**body())
        return read()

    @routes.patch("/jobs/<jid>")
    def replan(jid: str) -> Response:
        view = runtime.service.jobs.replan(jid, plan(body()))
        return json_response({"id": view.job.id, "status": view.state.status})


def _duration(name: str) -> Duration:
    """The length of time in a body that holds nothing else."""
    fields = parse_object(request.get_data(cache=False))
    if set(fields) != {name}:
        raise MalformedRequest(f'send {{"{name}": "5s"}}')
    try:
        return parse_duration(fields[name])
    except NotADuration as error:
        raise MalformedRequest(f"{name}: {error}") from None


def refuse_strangers() -> None:
    """Let no page of another origin steer this server from a browser."""
    origin = request.headers.get("Origin")
    if origin is not None and origin != origin_of(request):
        raise ForeignOrigin(f"a page of {bounded(origin)} may not steer this server")


def _present_clock(clock: Clock) -> dict[str, object]:
    return {"now": clock.now(), "manual": isinstance(clock, ManualClock)}
