"""Operations on time: how it stands, how fast it runs, and moving it, also until a job is somewhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Response

from mock_runtime.clock import Clock, Steerable, parse_speed
from mock_runtime.control.jobs import STATUSES, one_job, present_job
from mock_runtime.control.reading import (
    Conflict,
    body_object,
    duration,
    fields_of,
    one_of,
    read,
    refuse_unknown,
    seconds,
    text,
    wrong,
)
from mock_runtime.domain.errors import bounded
from mock_runtime.domain.foresight import Foresight, Unforeseen
from mock_runtime.domain.jobs import Status
from mock_runtime.durations import Duration
from mock_runtime.operations import OPERATIONS
from mock_runtime.parsing import MalformedRequest
from mock_runtime.surface import json_response

if TYPE_CHECKING:
    from mock_runtime.control.controlled import Controlled

FINAL: Final = "final"
"""In the place of a status: whichever of the final ones."""

_COMPUTATION_S: Final = 10.0
"""So long, in real seconds, a computation is waited for that has to be done before anybody can tell."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class TimeIsReal(Conflict):
    """Somebody wants to move a clock that follows the real time."""

    def __init__(self) -> None:
        super().__init__(
            "this fake was given a clock that cannot be moved: give it a SteerableClock, or none of your own"
        )


def add_clock(routes: Blueprint, runtime: Controlled) -> None:
    """Put the operations on time on the control plane."""
    _add_latency(routes, runtime)

    @routes.get("/clock")
    def read_clock() -> Response:
        return json_response(present_clock(runtime.clock))

    @routes.patch("/clock")
    def set_speed() -> Response:
        _set_speed(runtime.clock, fields_of(("speed",), required=("speed",))["speed"])
        return read_clock()

    @routes.post("/clock")
    def move_clock() -> Response:
        fields = body_object()
        if "until" in fields:
            return json_response(_move_until(runtime, fields))
        if set(fields) != {"advance"}:
            raise MalformedRequest('send {"advance": "5s"}, or {"until": {"job": ID, "status": "running"}}')
        length_s = seconds(fields["advance"], "advance")
        clock = steerable(runtime.clock)
        try:
            clock.advance(length_s)
        except ValueError as error:
            raise MalformedRequest(str(error)) from None
        return read_clock()


def _add_latency(routes: Blueprint, runtime: Controlled) -> None:
    @routes.get("/latency")
    def read_latency() -> Response:
        latency = runtime.latency
        of = {name: str(length) for name, length in latency.durations.items()}
        return json_response({"latency": str(latency.duration), "of": of})

    @routes.put("/latency")
    def put_latency() -> Response:
        fields = fields_of(("latency", "of"))
        if "latency" not in fields:
            raise MalformedRequest('send {"latency": "5s"}')
        of = fields.get("of", {})
        if not isinstance(of, dict):
            wrong("of", 'latencies of operations such as {"submit-job": "1s"}', of)
        refuse_unknown(of, OPERATIONS, "operation")
        lengths = {name: _latency(value, f"of.{name}") for name, value in of.items()}
        runtime.latency.set(_latency(fields["latency"], "latency"))
        runtime.latency.set_of(lengths)
        return read_latency()


def _latency(value: object, at: str) -> Duration:
    found = duration(value, at)
    if found.is_endless:
        raise MalformedRequest(f"{at}: an answer that never comes is not a latency")
    return found


def _set_speed(clock: Clock, said: object) -> None:
    """Let time run at another speed; Conflict if this clock cannot."""
    try:
        speed = parse_speed(said)
    except ValueError as error:
        raise MalformedRequest(f"speed: {error}") from None
    try:
        steerable(clock).set_speed(speed)
    except ValueError as error:
        raise Conflict(str(error)) from None


def steerable(clock: Clock) -> Steerable:
    """The clock, if it can be moved; TimeIsReal."""
    if not isinstance(clock, Steerable):
        raise TimeIsReal
    return clock


def present_clock(clock: Clock) -> dict[str, Any]:
    """How time stands."""
    now = clock.now()
    speed = clock.speed if isinstance(clock, Steerable) else 1.0
    return {"now": now, "time": written(now), "speed": speed, "manual": not speed}


def written(instant: float) -> str:
    """An instant as ISO 8601 writes it, in UTC and to the millisecond."""
    return (_EPOCH + timedelta(seconds=instant)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _move_until(runtime: Controlled, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Move the clock to where a job is in a status."""
    refuse_unknown(list(fields), ("until", "at_most"), "key")
    until = fields["until"]
    if not isinstance(until, dict) or set(until) != {"job", "status"}:
        raise MalformedRequest('until: send {"job": ID, "status": "running"}')
    job_id = text(until["job"], "until.job")
    wanted = one_of(until["status"], (*STATUSES, FINAL), "until.status")
    at_most_s = read(fields, "at_most", seconds)
    clock = steerable(runtime.clock)
    instant = _instant(runtime, job_id, wanted)
    now = clock.now()
    if at_most_s is not None and instant > now + at_most_s:
        raise Conflict(
            f"job {bounded(job_id)} is {wanted} in {instant - now:g} s, and time was to move by at most {at_most_s:g} s"
        )
    if instant > now:
        _forward(clock, instant)
    return {**present_clock(clock), "job": present_job(one_job(runtime, job_id), clock.now())}


def _forward(clock: Steerable, instant: float) -> None:
    try:
        clock.advance_to(instant)
    except ValueError as error:
        # A clock that runs may have come there by itself.
        if clock.now() < instant:
            raise Conflict(str(error)) from None


def _instant(runtime: Controlled, job_id: str, wanted: str) -> float:
    """When a job is in a status, from now on; Conflict says why nobody can tell, or that it never is."""
    found = _foreseen(runtime, job_id, wanted)
    if found is Unforeseen.COMPUTATION:
        runtime.service.jobs.settle(_COMPUTATION_S)
        found = _foreseen(runtime, job_id, wanted)
    name = bounded(job_id)
    if isinstance(found, float | int):
        return found
    if found is Unforeseen.COMPUTATION:
        raise Conflict(f"the result of job {name} is still being computed, which takes real time: ask again")
    if found is Unforeseen.POLLS:
        raise Conflict(
            f"when job {name} is {wanted} depends on polls, not on time: ask for its results or its status as often as "
            "its plan says, or PATCH it with lengths of time"
        )
    raise Conflict(f"job {name} will never be {wanted} if nobody interferes: {_fate(runtime, job_id)}")


def _foreseen(runtime: Controlled, job_id: str, wanted: str) -> Foresight:
    statuses = [one for one in Status if one.is_final] if wanted == FINAL else [Status(wanted)]
    found = [runtime.service.jobs.when(job_id, status) for status in statuses]
    if Unforeseen.COMPUTATION in found:
        return Unforeseen.COMPUTATION
    instants = [one for one in found if isinstance(one, float | int)]
    if instants:
        return min(instants)
    return next((one for one in found if one is not None), None)


def _fate(runtime: Controlled, job_id: str) -> str:
    found = one_job(runtime, job_id)
    status, ahead = found.view.state.status, found.ahead
    if status.is_final or not isinstance(ahead.ends, float | int):
        return f"it is {status}"
    return f"it is {status}, and will be {ahead.ending}"
