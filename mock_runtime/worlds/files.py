"""World files: a whole world in YAML, from the edition and the tokens to the jobs that are there already.

`docs/worlds.md` shows all keys. A file is read strictly: an unknown key, or a value that cannot be, is refused with
its line, together with the other mistakes in the file. What belongs to the configuration stays a `Place`:
`mock_runtime.world_settings` reads it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from mock_runtime.domain.programs import Program
from mock_runtime.worlds import World, platform
from mock_runtime.worlds.beginnings import NOTHING, Beginnings
from mock_runtime.worlds.composing import read_text
from mock_runtime.worlds.nodes import InvalidWorld, Place, Problems, root
from mock_runtime.worlds.reading_backends import read_backends
from mock_runtime.worlds.reading_jobs import Known, read_jobs, read_sessions

__all__ = ["InvalidWorld", "WorldFile", "load_world", "read_world_file", "world_file", "world_from_text"]

SETTINGS: Final = (
    *("edition", "seed", "clock", "tokens", "tenants", "plans", "instances", "also_instances"),
    *("scenario", "latency", "latencies", "faults", "chaos"),
)
"""The keys that belong to the configuration."""

KEYS: Final = (*SETTINGS, "extends", "backends", "programs", "sessions", "jobs")
"""All keys of a file. Those that begin with `x-` are its author's own: a place for anchors."""

OWN: Final = "x-"
MOST_PROGRAMS: Final = 1000
_PROGRAM_KEYS: Final = ("name", "description", "longest_run_s")


@dataclass(frozen=True, slots=True)
class WorldFile:
    """What a world file says, by its keys: its form is known to be right, its values are read when they are asked for.

    `name` is what errors call the file.
    """

    name: str
    entries: Mapping[str, Place] = field(repr=False)

    @property
    def settings(self) -> dict[str, Place]:
        """What it says of the configuration."""
        return {key: place for key, place in self.entries.items() if key in SETTINGS}

    def world(self, base: World) -> World:
        """The world that it describes; what it leaves out is as in `base`. InvalidWorld.

        Devices get twins for dry runs if those of `base` have some.
        """
        entries, world, problems = self.entries, base, Problems()
        extends = False
        with problems.kept():
            extends = "extends" in entries and entries["extends"].flag()
        if "programs" in entries:
            with problems.kept():
                world = replace(world, programs=_programs(entries["programs"], base))
        if "backends" in entries:
            with problems.kept():
                backends = read_backends(entries["backends"], base)
                if extends:
                    named = {backend.name for backend in backends}
                    backends += tuple(one for one in base.backends if one.name not in named and not one.mock)
                rehearses = any(backend.mock for backend in base.backends)
                world = replace(world, backends=platform.with_mocks(backends) if rehearses else backends)
        problems.settle()
        return world

    def beginnings(
        self, world: World, *, owners: Collection[str] | None = None, start: float | None = None
    ) -> Beginnings:
        """The jobs and sessions that are there already; InvalidWorld.

        `owners` are the names of the tokens, None if they are not known; `start` is when the fake starts, in seconds
        since 1970, None if that is not known.
        """
        if not self.entries.keys() & {"sessions", "jobs"}:
            return NOTHING
        known, problems = Known(world=world, owners=owners, start=start), Problems()
        sessions, jobs = [], []
        if "sessions" in self.entries:
            with problems.kept():
                sessions = read_sessions(self.entries["sessions"], known)
        if "jobs" in self.entries:
            # Where the sessions could not be read, nobody knows which of them a job may name.
            named = {session.key: session for session in sessions} if not problems.found else None
            with problems.kept():
                jobs = read_jobs(self.entries["jobs"], known, named)
        problems.settle()
        return Beginnings(sessions=tuple(sessions), jobs=tuple(jobs))

    def plain(self) -> dict[str, Any]:
        """All that it says, as JSON has it; InvalidWorld."""
        return {key: place.plain() for key, place in self.entries.items()}


def world_file(text: str, file: str = "world") -> WorldFile:
    """The world file of a YAML text; `file` is what errors call it. InvalidWorld."""
    place = root(text, file)
    return WorldFile(file, {} if place is None else place.entries(KEYS, own=OWN))


def read_world_file(path: str | Path) -> WorldFile:
    """A world file; InvalidWorld names the file, the line, the key and what was expected."""
    return world_file(read_text(path), str(path))


def load_world(path: str | Path, base: World = platform.WORLD) -> World:
    """The world in a file: its backends and programs; InvalidWorld."""
    return read_world_file(path).world(base)


def world_from_text(text: str, file: str = "world", base: World = platform.WORLD) -> World:
    """The world that a YAML text describes; InvalidWorld."""
    return world_file(text, file).world(base)


def _programs(place: Place, base: World) -> tuple[Program, ...]:
    """Programs, each a name or a mapping."""
    programs: dict[str, Program] = {}

    def read(item: Place) -> None:
        entries = item.entries(_PROGRAM_KEYS) if item.is_mapping() else {"name": item}
        if "name" not in entries:
            item.refuse("expected a name")
        name = entries["name"].text("the name of a program", r"[A-Za-z0-9._~-]{1,1000}")
        if name in programs:
            item.refuse(f"expected each program once, and {name!r} is there before", show=False)
        known = next((program for program in base.programs if program.id == name), None)
        program = known or platform.program(name, "")
        if "description" in entries:
            program = replace(program, description=entries["description"].text("a description", _DESCRIPTION))
        if "longest_run_s" in entries:
            program = replace(program, cost_s=entries["longest_run_s"].whole(1, 30 * 86400))
        programs[name] = program

    if not place.each("programs", read, most=MOST_PROGRAMS):
        place.refuse("expected at least one program")
    return tuple(programs.values())


_DESCRIPTION: Final = r"(?s:.{0,100000})"
