"""The present world of a fake as a world file."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from mock_runtime.service.views import view_jobs
from mock_runtime.world_settings import as_written
from mock_runtime.worlds.exporting import export_world

if TYPE_CHECKING:
    from mock_runtime.runtime import Runtime


def exported(runtime: Runtime, *, schema: str | None = None) -> str:
    """The world file of a fake as it is now: its configuration, what was changed of it since, its sessions and jobs.

    What is armed of faults is written with the profiles it came from spelled out. CannotExport if there is a backend
    that no file can describe.
    """
    now = runtime.clock.now()
    config = runtime.config.with_changes(
        seed=runtime.ids.seed,
        scenario=runtime.script.current,
        latency=runtime.latency.duration,
        latencies=runtime.latency.durations,
        faults=runtime.faults.settings(),
        chaos=(),
        clock_start=now,
        speed=getattr(runtime.clock, "speed", 1.0),
    )
    store = runtime.store
    jobs, _ = store.all_jobs()
    sessions = runtime.service.sessions.all().sessions
    return export_world(
        settings=as_written(config),
        world=replace(runtime.world, programs=tuple(store.programs())),
        base=runtime.edition.world,
        told=partial(runtime.edition.told, runtime.site),
        now=now,
        sessions=[view.session for view in reversed(sessions)],
        jobs=[view.job for view in view_jobs(store, list(reversed(jobs)), now)],
        schema=schema,
    )
