"""The present world as a world file: what is loaded from it is equal to what was there."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import islice
from typing import Any, Final

from yaml.emitter import Emitter
from yaml.representer import SafeRepresenter
from yaml.resolver import Resolver
from yaml.serializer import Serializer

from mock_runtime.domain.instances import NO_PROJECT, Project
from mock_runtime.domain.jobs import Job, Length, Polls, State, Status
from mock_runtime.domain.programs import Program
from mock_runtime.domain.results import Output, failure
from mock_runtime.domain.sessions import Session
from mock_runtime.domain.timelines import end_of
from mock_runtime.durations import NEVER, Fixed, PollCount
from mock_runtime.worlds import World, platform
from mock_runtime.worlds.composing import MOST_BYTES, MOST_NODES, CoreResolver
from mock_runtime.worlds.exporting_backends import CannotExport, backends_of
from mock_runtime.worlds.files import MOST_PROGRAMS
from mock_runtime.worlds.reading_jobs import MOST_JOBS, MOST_SESSIONS

__all__ = ["CannotExport", "Told", "export_world"]

Told = Callable[[str, str], tuple[str, str | None]]
"""Who a user (an id) and a tenant are, for a file: the name of a token or the id, and the instance where there are."""

_MOST_INTERIM: Final = 1000
"""Of interim results, which may be made when looked at without end, so many are written."""
_WIDTH: Final = 120
_V1_1: Final = Resolver()
_BREAKS: Final = frozenset("\x85\u2028\u2029\ufeff")
"""What some readers take for the end of a line, or for nothing at all, and others do not."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def export_world(
    *,
    settings: Mapping[str, Any],
    world: World,
    base: World,
    told: Told,
    now: float,
    sessions: Iterable[Session] = (),
    jobs: Iterable[Job] = (),
    schema: str | None = None,
) -> str:
    """A world file, as YAML.

    `settings` are the keys that belong to the configuration, as `mock_runtime.world_settings.as_written` gives them;
    `base` is the edition's own world, of which only the differences are written. `sessions` and `jobs` are as they are
    seen at `now` (jobs as the ends of their sessions leave them), oldest first. `schema` is where editors find the JSON
    Schema. CannotExport if there is a backend that no file can describe, or more than a file may have.
    """
    known, lived = list(sessions), list(jobs)
    for what, many, most in (
        ("jobs", len(lived), MOST_JOBS),
        ("sessions", len(known), MOST_SESSIONS),
        ("programs", len(world.programs), MOST_PROGRAMS),
    ):
        if many > most:
            raise CannotExport(f"there are {many} {what}, and a world file has at most {most}: delete some first")
    value: dict[str, Any] = {**settings, **backends_of(world, base), **_programs(world, base)}
    if known:
        value["sessions"] = [_session(session, told) for session in known]
    if lived:
        ids = {session.id for session in known}
        value["jobs"] = [_job(job, now, told, ids) for job in lived]
    nodes, characters = _size(value)
    is_small = nodes <= MOST_NODES and characters <= MOST_BYTES
    modeline = "" if schema is None else f"# yaml-language-server: $schema={schema}\n"
    text = "" if not is_small else f"{modeline}# A fake as it was at {instant(now)}.\n{_yaml(value)}"
    if not is_small or len(text.encode()) > MOST_BYTES:
        raise CannotExport(
            f"the file would be larger than what is read, {MOST_BYTES >> 20} MiB or {MOST_NODES} keys and values: "
            "delete some jobs first"
        )
    return text


def _size(value: Any) -> tuple[int, int]:
    """How many nodes a value has in a file, and how many characters its texts have."""
    if isinstance(value, str):
        return 1, len(value)
    if isinstance(value, Mapping):
        inner = [_size(part) for pair in value.items() for part in pair]
    else:
        inner = [_size(item) for item in value] if isinstance(value, list | tuple) else []
    return 1 + sum(nodes for nodes, _ in inner), sum(characters for _, characters in inner)


def instant(seconds: float) -> str:
    """An instant as a file has it, to the microsecond."""
    return (_EPOCH + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def _yaml(value: Mapping[str, Any]) -> str:
    """YAML that our reader, and any of YAML 1.2, reads as this value."""
    stream = StringIO()
    dumper = _Dumper(stream)
    dumper.open()
    dumper.represent(_printable(value))
    dumper.close()
    return stream.getvalue()


def _printable(value: Any) -> Any:
    """The same value without halves of surrogate pairs, which no file in UTF-8 can have."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8") if not value.isascii() else value
    if isinstance(value, Mapping):
        return {_printable(key): _printable(item) for key, item in value.items()}
    return [_printable(item) for item in value] if isinstance(value, list | tuple) else value


class _Dumper(Emitter, Serializer, SafeRepresenter, CoreResolver):
    """A dumper that puts into quotes what the core schema would take for something else than a text."""

    def __init__(self, stream: StringIO) -> None:
        Emitter.__init__(self, stream, width=_WIDTH, allow_unicode=True)
        Serializer.__init__(self)
        SafeRepresenter.__init__(self, default_flow_style=False, sort_keys=False)
        CoreResolver.__init__(self)

    def represent_str(self, data: str) -> Any:
        """A text; in quotes also where a reader of YAML 1.1 would not take it for one."""
        node = super().represent_str(data)
        if _V1_1.resolve(type(node), data, (True, False)) != node.tag:  # type: ignore[no-untyped-call]
            node.style = "'"
        if not _BREAKS.isdisjoint(data):
            node.style = '"'
        elif "\n" in data and all(line.isprintable() and line == line.rstrip() for line in data.split("\n")):
            node.style = "|"
        return node

    def ignore_aliases(self, _data: Any) -> bool:
        """Values are written out: a file is for people."""
        return True


_Dumper.add_representer(str, _Dumper.represent_str)


def _programs(world: World, base: World) -> dict[str, Any]:
    if world.programs == base.programs:
        return {}
    return {"programs": [_program(program, base) for program in world.programs]}


def _program(program: Program, base: World) -> Any:
    known = next((one for one in base.programs if one.id == program.id), platform.program(program.id, ""))
    entry: dict[str, Any] = {"name": program.id}
    if program.description != known.description:
        entry["description"] = program.description
    if program.cost_s != known.cost_s:
        entry["longest_run_s"] = program.cost_s
    return program.id if len(entry) == 1 else entry


def _session(session: Session, told: Told) -> dict[str, Any]:
    owner, instance = told(session.user, session.owner)
    entry: dict[str, Any] = {
        "id": session.id,
        "owner": owner,
        "instance": instance,
        "mode": str(session.mode),
        "backend": session.backend,
        "opened": instant(session.created_at),
        "max_ttl": f"{session.max_ttl_s}s",
        "interactive_ttl": f"{session.interactive_ttl_s}s",
        "active_ttl": None if session.active_ttl_s is None else f"{session.active_ttl_s}s",
        "stopped": _moment(session.stopped_at),
        "closed": _moment(session.cancelled_at),
    }
    return {key: value for key, value in entry.items() if value is not None}


def _job(job: Job, now: float, told: Told, sessions: set[str]) -> dict[str, Any]:
    owner, instance = told(job.user or job.owner, job.owner)
    state = _state(job, now)
    entry: dict[str, Any] = {
        "id": job.id,
        "program": job.program_id,
        "backend": job.backend,
        "owner": owner,
        "instance": instance,
        "session": job.session_id if job.session_id in sessions else None,
        "status": str(state.status),
        "submitted": instant(job.submitted_at),
        "started": _moment(state.started_at),
        "ended": _moment(state.ended_at),
        "read": _moment(job.read_at) if job.private and state.status.is_final else None,
        "tags": list(job.tags) or None,
        "project": None if job.project == NO_PROJECT else _project(job.project),
        "image": job.image,
        "calibration": job.calibration_id,
        "cost": None if job.cost_s is None else str(Fixed(job.cost_s)),
        "private": job.private or None,
        "lost": job.lost or None,
        "withheld": job.withheld or None,
        "inputs": job.inputs if job.inputs not in ((), {}, []) else None,
        **({} if state.status.is_final else _to_come(job, state.started_at, now)),
    }
    ends = state.status if state.status.is_final else job.timeline.ending
    return {key: value for key, value in entry.items() if value is not None} | _left(job.output, ends)


def _project(project: Project) -> str | list[str]:
    parts = [project.hub, project.group, project.project]
    return parts if any(not part.isprintable() or "/" in part for part in parts) else str(project)


def _state(job: Job, now: float) -> State:
    """Where a job stands; what began as completed and is still being computed begins so again."""
    state = job.state_at(now)
    if state.status is Status.RUNNING and job.output is None and -math.inf < job.computed_at <= now:
        return State(job.timeline.ending, state.started_at, job.computed_at)
    return state


def _to_come(job: Job, started_at: float | None, now: float) -> dict[str, Any]:
    """What becomes of a job that is not over, counted from now."""
    timeline, most = job.timeline, job.looks.most
    entry: dict[str, Any] = {
        "outcome": str(timeline.ending),
        "cancel_lag": str(Fixed(timeline.cancel_lag_s)) if timeline.cancel_lag_s else None,
        "cancelled": _moment(job.cancelled_at),
    }
    needed = timeline.queue.count if isinstance(timeline.queue, Polls) else 0
    if started_at is not None:
        ends = end_of(timeline.run, started_at, job.looks.run_ended_at)
        return {"run": _rest(timeline.run, most - needed, ends - now), **entry}
    starts = job.course().started_at
    whole_s = end_of(timeline.run, 0.0 if math.isinf(starts) else starts, math.inf) - (
        starts if starts < math.inf else 0
    )
    return {
        "queue": _rest(timeline.queue, most, starts - now),
        "run": _rest(timeline.run, 0, whole_s),
        **entry,
    }


def _rest(length: Length, looked: int, left_s: float) -> str:
    """What is left of a phase: seconds if they are known, else polls, else there is no end of it."""
    if math.isinf(left_s):
        return str(PollCount(max(length.count - looked, 0)) if isinstance(length, Polls) else NEVER)
    return str(Fixed(max(left_s, 0.0)))


def _left(output: Output | None, ends: Status) -> dict[str, Any]:
    """What a job leaves behind, or will."""
    if output is None or ends not in {Status.COMPLETED, Status.FAILED}:
        return {}
    entry: dict[str, Any] = {}
    logs = ""
    if ends is Status.COMPLETED:
        entry["result"] = output.result
    elif output.error is not None:
        reason = output.error.rstrip("\n").rpartition("\n")[2]
        died = failure(reason)
        if reason and output.error == died.error:
            entry["reason"], logs = reason, died.logs
        else:
            entry["error"] = output.error
        if output.error_code is not None:
            entry["error_code"] = output.error_code
    if output.logs != logs:
        entry["logs"] = output.logs
    interim = list(islice(output.interim, _MOST_INTERIM))
    if interim:
        entry["interim"] = interim
    return entry


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None or math.isinf(seconds) else instant(seconds)
