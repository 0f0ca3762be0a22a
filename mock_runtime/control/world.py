"""Operations on the world as a whole: as a file, and as snapshots to which it goes back."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Response, request

from mock_runtime.control.clock import written
from mock_runtime.control.reading import Conflict, fields_of, last, one_of, query, read, text
from mock_runtime.domain.errors import NotFound, bounded
from mock_runtime.parsing import MalformedRequest
from mock_runtime.surface import json_response, no_content

if TYPE_CHECKING:
    from mock_runtime.control.controlled import Controlled

MOST: Final = 100
"""So many snapshots are kept."""

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class SnapshotNotFound(NotFound):
    """No such snapshot."""

    noun = "snapshot"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that changes in a fake, as it was `at` an instant of its clock."""

    name: str
    at: float
    jobs: int
    kept: Any

    def as_dict(self) -> dict[str, Any]:
        """What can be said of it."""
        return {"name": self.name, "at": self.at, "time": written(self.at), "jobs": self.jobs}


class Snapshots:
    """The snapshots of one fake, by name, in the order in which they were taken."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._named: dict[str, Snapshot] = {}
        self._serial = 0

    def __repr__(self) -> str:
        return f"<Snapshots: {', '.join(self._named) or 'none'}>"

    def all(self) -> list[Snapshot]:
        """All of them, the oldest first."""
        with self._lock:
            return list(self._named.values())

    def take(self, runtime: Controlled, name: str | None) -> Snapshot:
        """A new one; MalformedRequest, or Conflict if there is one of that name, or too many."""
        if name is not None and _NAME.fullmatch(name) is None:
            raise MalformedRequest(
                f"name: {bounded(name)} is none: expected at most 64 letters, digits, '.', '_' and '-'"
            )
        with self._lock:
            name = self._free() if name is None else name
            if name in self._named:
                raise Conflict(f"there is a snapshot {name!r} already: drop it first, or choose another name")
            if len(self._named) >= MOST:
                raise Conflict(f"there are {MOST} snapshots already: drop those that are not used any more")
            taken = Snapshot(name, runtime.clock.now(), runtime.store.all_jobs(limit=0)[1], runtime.snapshot())
            self._named[name] = taken
            return taken

    def __getitem__(self, name: str) -> Snapshot:
        found = self._named.get(name)
        if found is None:
            raise SnapshotNotFound(name)
        return found

    def drop(self, name: str) -> None:
        """Forget one; SnapshotNotFound."""
        with self._lock:
            if self._named.pop(name, None) is None:
                raise SnapshotNotFound(name)

    def _free(self) -> str:
        while True:
            self._serial += 1
            if f"snapshot-{self._serial}" not in self._named:
                return f"snapshot-{self._serial}"


def add_world(routes: Blueprint, runtime: Controlled) -> None:
    """Put the operations on the world as a whole on the control plane."""
    snapshots = Snapshots()

    @routes.get("/snapshots")
    def list_snapshots() -> Response:
        return json_response({"snapshots": [one.as_dict() for one in snapshots.all()]})

    @routes.post("/snapshots")
    def take_snapshot() -> Response:
        name = read(fields_of(("name",), optional=True), "name", text)
        return json_response(snapshots.take(runtime, name).as_dict(), 201)

    @routes.post("/snapshots/<name>/rollback")
    def roll_back(name: str) -> Response:
        runtime.rollback(snapshots[name].kept)
        return no_content()

    @routes.delete("/snapshots/<name>")
    def drop_snapshot(name: str) -> Response:
        snapshots.drop(name)
        return no_content()

    @routes.get("/world")
    def export_world() -> Response:
        form = one_of(last(query(("format",)), "format") or "yaml", ("yaml", "json"), "query parameter format")
        exported = _exported(runtime)
        if form == "json":
            from mock_runtime.worlds.files import world_file  # noqa: PLC0415 - only who asks for a world pays

            return json_response(world_file(exported).plain())
        return Response(exported, mimetype="application/yaml")

    @routes.put("/world")
    def load_world() -> Response:
        try:
            runtime.load_world(request.get_data(cache=False).decode())
        except UnicodeDecodeError:
            raise MalformedRequest("the body is not UTF-8 text: expected a world file, as YAML or JSON") from None
        return no_content()

    @routes.get("/world.schema.json")
    def world_schema() -> Response:
        from mock_runtime.worlds.schema import world_schema as schema  # noqa: PLC0415 - for editors alone

        return json_response(schema())


def _exported(runtime: Controlled) -> str:
    """The present world, as a file; Conflict if it has what no file can say."""
    from mock_runtime.worlds.exporting_backends import CannotExport  # noqa: PLC0415 - only who exports pays for it

    try:
        return runtime.export_world()
    except CannotExport as error:
        raise Conflict(str(error)) from None
