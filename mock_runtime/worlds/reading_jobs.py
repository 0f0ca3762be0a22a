"""Reading the jobs and sessions of a world file, which are there already when the fake starts."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from mock_runtime.domain.instances import Project
from mock_runtime.domain.jobs import Status
from mock_runtime.domain.results import Output, failure
from mock_runtime.domain.sessions import Mode
from mock_runtime.durations import NEVER, Fixed, NotADuration, parse_duration
from mock_runtime.worlds import World
from mock_runtime.worlds.beginnings import JobBeginning, Moment, SessionBeginning
from mock_runtime.worlds.nodes import Place, Problems, near

MOST_JOBS: Final = 5_000
MOST_SESSIONS: Final = 1_000
OUTCOMES: Final = {
    "completed": Status.COMPLETED,
    "failed": Status.FAILED,
    "cancelled": Status.CANCELLED,
    "ran-too-long": Status.RAN_TOO_LONG,
    "stuck": None,
}
"""How a job that is not over will end; one that is stuck never leaves the queue."""

ID: Final = r"[0-9a-z]{20}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
USER_ID: Final = re.compile(r"IBMid-[0-9A-F]{10}|[0-9a-f]{16}")
"""The ids of users: of today's, and of those of 2021. What owns a job where any token is welcome has no name."""

_QISKITS: Final = {"done": Status.COMPLETED, "error": Status.FAILED, "initializing": Status.QUEUED}
"""What Qiskit's `JobStatus` calls states, where it is another word."""
_LONGEST_TTL_S: Final = 365 * 86400
_MOST_TAGS: Final = 100
_FIELDS: Final = {
    **{key: f"{key}_s" for key in ("max_ttl", "interactive_ttl", "active_ttl", "cancel_lag", "cost")},
    "calibration": "calibration_id",
}
_AGO: Final = re.compile(r"(.{1,40}?)\s+ago")
_IN: Final = re.compile(r"in\s+(.{1,40})")
ANY_TEXT: Final = r"(?s:.*)"
"""What clients may send; a file has to be able to say it again."""
_PROJECT: Final = r"[^\x00-\x1f/]{0,64}(/[^\x00-\x1f/]{0,64}){2}"
_MOMENT: Final = "expected a moment such as 5m ago, now or 2026-11-22T09:00:00Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What jobs and sessions may refer to; `owners` and `start` are None where they are not known."""

    world: World
    owners: Collection[str] | None = None
    start: float | None = None


def read_sessions(place: Place, known: Known) -> list[SessionBeginning]:
    """The sessions of a list; InvalidWorld."""
    keys: set[str] = set()

    def read(item: Place) -> SessionBeginning:
        entries, said = item.entries(SESSION_READERS), item.read(SESSION_READERS)
        problems = Problems()
        names = [said[key] for key in ("id", "name") if key in said]
        with problems.kept():
            _refuse_repeated(item, entries, keys, ("id", "name"))
        keys.update(names)
        with problems.kept():
            _check_owner(item, entries, known)
        with problems.kept():
            _check_backend(entries, known)
        problems_of_time(entries, said, ("opened", "stopped", "closed"), known, problems)
        problems.settle()
        key = said.pop("name", said.get("id", item.key))
        return SessionBeginning(key=key, where=item.where, **_renamed(said))

    return place.each("sessions", read, most=MOST_SESSIONS)


def read_jobs(place: Place, known: Known, sessions: Mapping[str, SessionBeginning] | None = None) -> list[JobBeginning]:
    """The jobs of a list, which may be in these sessions (None: nobody knows in which); InvalidWorld."""
    ids: set[str] = set()
    in_session = dict(sessions or {})
    in_session.update({one.id: one for one in in_session.values() if one.id is not None})

    def read(item: Place) -> JobBeginning:
        entries, said = item.entries(JOB_READERS), item.read(JOB_READERS)
        problems = Problems()
        with problems.kept():
            _refuse_repeated(item, entries, ids, ("id",))
        ids.update([said["id"]] if "id" in said else [])
        with problems.kept():
            _check_program(item, entries, known)
        with problems.kept():
            _check_backend(entries, known)
        session = None
        with problems.kept():
            if "session" in said and sessions is not None:
                session = _session(entries, in_session)
        with problems.kept():
            _check_owner(item, entries, known, session)
        _check_life(entries, said, problems)
        problems_of_time(entries, said, ("submitted", "started", "ended", "read"), known, problems)
        problems.settle()
        return _job(item, said, session)

    return place.each("jobs", read, most=MOST_JOBS)


def _job(item: Place, said: dict[str, Any], session: SessionBeginning | None) -> JobBeginning:
    """The job that an entry describes; what it leaves open is as in its session."""
    output = _output(said)
    status = said.pop("status", Status.COMPLETED if output is None or output.error is None else Status.FAILED)
    if "outcome" in said:
        outcome = said.pop("outcome")
        said["ending"] = OUTCOMES[outcome]
        if outcome == "stuck":
            said["queue"] = NEVER
    if session is not None:
        said["session"] = session.key
        inherited = {"owner": session.owner, "instance": session.instance, "backend": session.backend}
        said = {**{key: value for key, value in inherited.items() if value is not None}, **said}
    return JobBeginning(status=status, output=output, where=item.where, **_renamed(said))


def _renamed(said: Mapping[str, Any]) -> dict[str, Any]:
    """What is said, under the names of fields: a file needs no units in its keys, as its values have them."""
    return {_FIELDS.get(key, key): value for key, value in said.items()}


def _output(said: dict[str, Any]) -> Output | None:
    """What a job leaves behind, as far as that is said: taken out of what is said."""
    keys = ("result", "reason", "error", "error_code", "logs", "interim")
    told = {key: said.pop(key) for key in keys if key in said}
    if not told:
        return None
    if "reason" in told:
        died = failure(told["reason"])
        told = {"error": died.error, "logs": died.logs, **{key: told[key] for key in told if key != "reason"}}
    return Output(**told)


def _check_life(entries: Mapping[str, Place], said: Mapping[str, Any], problems: Problems) -> None:
    """What cannot be said of a job in its state."""
    default = Status.FAILED if entries.keys() & {"reason", "error"} else Status.COMPLETED
    status: Status = said.get("status", default)
    outcome = said.get("outcome")
    ends: Status | None = status if status.is_final else OUTCOMES.get(outcome or "", None)
    for key, is_wrong, text in (
        ("queue", status is not Status.QUEUED, f"expected nothing of the kind: a job that is {status} does not wait"),
        ("run", status.is_final, f"expected nothing of the kind: a job that is {status} is over"),
        ("outcome", status.is_final, f"expected nothing of the kind: a job that is {status} is over"),
        ("cancelled", status.is_final, f"expected nothing of the kind: a job that is {status} is over; say ended"),
        ("cancel_lag", status.is_final, f"expected nothing of the kind: a job that is {status} is over"),
        ("started", status is Status.QUEUED, "expected nothing of the kind: a job that is queued has not begun"),
        ("ended", not status.is_final, f"expected nothing of the kind: a job that is {status} is not over"),
        ("read", not (status.is_final and said.get("private")), "expected it of a private job that is over, only"),
        ("queue", outcome == "stuck", "expected nothing of the kind: a job that is stuck waits for ever"),
        ("outcome", outcome == "stuck" and status is Status.RUNNING, "expected no job at work to be stuck"),
        ("result", ends not in {None, Status.COMPLETED}, f"expected no result of a job that ends {ends}"),
        ("reason", ends not in {None, Status.FAILED}, f"expected no reason of a job that ends {ends}"),
        ("error", ends not in {None, Status.FAILED}, f"expected no error of a job that ends {ends}"),
        ("lost", status is not Status.COMPLETED, "expected it of a job that is completed, only"),
        ("error", "reason" in entries, "expected a reason or an error, not both"),
        ("result", bool(entries.keys() & {"reason", "error"}), "expected a result or a reason, not both"),
    ):
        if key in entries and is_wrong:
            with problems.kept():
                entries[key].refuse(text, show=False)


def problems_of_time(
    entries: Mapping[str, Place], said: Mapping[str, Any], order: tuple[str, ...], known: Known, problems: Problems
) -> None:
    """Keep what is wrong with moments that have to come one after the other, and not after the start."""
    last: tuple[str, Moment] | None = None
    for key in order:
        moment: Moment | None = said.get(key)
        if moment is None:
            continue
        with problems.kept():
            if _is_later(moment, Moment(0.0), known):
                entries[key].refuse("expected a moment that is not after the start of the fake")
            if last is not None and _is_later(last[1], moment, known):
                entries[key].refuse(f"expected a moment that is not before {last[0]}")
        last = key, moment


def _is_later(one: Moment, other: Moment, known: Known) -> bool:
    """Whether a moment is surely later than another one."""
    if known.start is not None:
        return one.at(known.start) > other.at(known.start)
    return one.is_instant is other.is_instant and one.seconds > other.seconds


def _refuse_repeated(item: Place, entries: Mapping[str, Place], have: Collection[str], keys: tuple[str, ...]) -> None:
    for key in keys:
        if key in entries and entries[key].name in have:
            entries[key].refuse(f"expected each {key} once in {item.key.partition('[')[0]}")


def _check_owner(
    item: Place, entries: Mapping[str, Place], known: Known, session: SessionBeginning | None = None
) -> None:
    """Refuse an owner whom nobody knows, or none where there is nobody to take."""
    if "owner" in entries:
        name = entries["owner"].name
        if session is not None and session.owner is not None and session.owner != name:
            entries["owner"].refuse(f"expected the owner of its session, {session.owner}")
        if known.owners is None or name in known.owners or USER_ID.fullmatch(name):
            return
        hint = near(name, tuple(known.owners)) if known.owners else "there are none"
        entries["owner"].refuse(f"expected the name of a token ({hint})")
    if known.owners is not None and not known.owners and (session is None or session.owner is None):
        item.refuse("expected an owner: the name of one of the tokens, of which there are none")


def _check_backend(entries: Mapping[str, Place], known: Known) -> None:
    if "backend" in entries and known.world.backend(entries["backend"].name) is None:
        names = [backend.name for backend in known.world.backends]
        entries["backend"].refuse(f"expected a backend of this world ({near(entries['backend'].name, names)})")


def _check_program(item: Place, entries: Mapping[str, Place], known: Known) -> None:
    names = [program.id for program in known.world.programs]
    if "program" not in entries:
        item.refuse(f"expected a program, one of {', '.join(names)}")
    if entries["program"].name not in names:
        entries["program"].refuse(f"expected a program of this world ({near(entries['program'].name, names)})")


def _session(entries: Mapping[str, Place], sessions: Mapping[str, SessionBeginning]) -> SessionBeginning:
    place = entries["session"]
    session = sessions.get(place.name)
    if session is None:
        hint = near(place.name, tuple(sessions)) if sessions else "there are none"
        place.refuse(f"expected the name or id of an entry of sessions ({hint})")
    if "backend" in entries and session.backend not in {None, entries["backend"].name}:
        entries["backend"].refuse(f"expected the backend of its session, {session.backend}")
    if "instance" in entries and session.instance not in {None, entries["instance"].name}:
        entries["instance"].refuse(f"expected the instance of its session, {session.instance}")
    return session


def read_moment(place: Place) -> Moment:
    """A moment: before or after the start, or an instant; InvalidWorld."""
    text = place.text(_MOMENT.removeprefix("expected "), r"[^\x00-\x1f]{1,60}").strip()
    if text == "now":
        return Moment(0.0)
    for form, sign in ((_AGO, -1.0), (_IN, 1.0)):
        if found := form.fullmatch(text):
            try:
                length = parse_duration(found[1])
            except NotADuration:
                place.refuse(_MOMENT)
            if not isinstance(length, Fixed) or length.is_endless:
                place.refuse(_MOMENT)
            return Moment(sign * length.seconds + 0.0)
    try:
        instant = datetime.fromisoformat(text)
        return Moment((instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp(), is_instant=True)
    except (ValueError, OverflowError):
        place.refuse(_MOMENT)


def _ttl(place: Place) -> int:
    seconds = place.seconds()
    if seconds != int(seconds) or not 1 <= seconds <= _LONGEST_TTL_S:
        place.refuse("expected whole seconds, at least one and at most a year")
    return int(seconds)


def _project(place: Place) -> Project:
    """A project: three names with slashes, or a list of them if they have slashes of their own."""
    if place.is_text():
        return Project(*place.text("a hub, group and project such as ibm-q/open/main", _PROJECT).split("/"))
    names = place.each("three names", lambda item: item.text("a name", ANY_TEXT), most=3)
    if len(names) != 3:
        place.refuse("expected three names: a hub, a group and a project")
    return Project(*names)


def _interim(place: Place) -> tuple[Any, ...]:
    return tuple(place.each("values", Place.plain, most=10_000))


def _tag(place: Place) -> str:
    return place.text("a tag of at most 86 characters", r"(?s:.{0,86})")


def _name(place: Place) -> str:
    return place.text("a name", r"[^\x00-\x1f]{1,200}")


def _long_text(place: Place) -> str:
    return place.text("a text", ANY_TEXT)


SESSION_READERS: Final[Mapping[str, Callable[[Place], Any]]] = {
    "name": _name,
    "id": lambda place: place.text("20 digits and small letters, or a UUID", ID),
    "owner": _name,
    "instance": _name,
    "mode": lambda place: Mode(place.choice(Mode)),
    "backend": _name,
    "opened": read_moment,
    "max_ttl": _ttl,
    "interactive_ttl": _ttl,
    "active_ttl": _ttl,
    "stopped": read_moment,
    "closed": read_moment,
}
"""The keys of a session."""

JOB_READERS: Final[Mapping[str, Callable[[Place], Any]]] = {
    "id": lambda place: place.text("20 digits and small letters, or a UUID", ID),
    "program": _name,
    "backend": _name,
    "owner": _name,
    "instance": _name,
    "session": _name,
    "status": lambda place: Status(place.choice(Status, elsewhere=_QISKITS)),
    "submitted": read_moment,
    "started": read_moment,
    "ended": read_moment,
    "cancelled": read_moment,
    "read": read_moment,
    "queue": Place.length,
    "run": Place.length,
    "outcome": lambda place: place.choice(OUTCOMES),
    "cancel_lag": Place.seconds,
    "inputs": Place.plain,
    "result": Place.plain,
    "reason": _long_text,
    "error": _long_text,
    "error_code": lambda place: place.whole(0, 10**6),
    "logs": _long_text,
    "interim": _interim,
    "tags": lambda place: tuple(place.each("tags", _tag, most=_MOST_TAGS)),
    "project": _project,
    "image": _long_text,
    "calibration": _long_text,
    "cost": Place.seconds,
    "private": Place.flag,
    "lost": Place.flag,
    "withheld": Place.flag,
}
"""The keys of a job."""
