"""The numbers of a server: where they come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING

from mock_runtime.domain.jobs import Status
from mock_runtime.observing.metrics import Metrics, Sources
from mock_runtime.service.views import view_jobs

if TYPE_CHECKING:
    from mock_runtime.runtime import Runtime


def metrics_of(runtime: Runtime) -> Metrics:
    """The numbers of the server that this fake is the own one of."""
    return Metrics(
        version=lambda: version("mock-runtime"),
        edition=runtime.edition.name,
        sources=Sources(
            jobs=lambda: jobs_by_status(runtime),
            exchanges=lambda: len(runtime.requests),
            dropped=lambda: runtime.requests.dropped,
            scopes=lambda: len(runtime.scopes) - 1,
            faults=lambda: sum(armed.on for armed in runtime.faults),
        ),
    )


def jobs_by_status(runtime: Runtime) -> Mapping[str, int]:
    """How many jobs there are in each state, in all scopes of the server."""
    counts = Counter(dict.fromkeys((status.value for status in Status), 0))
    for scope in runtime.scopes:
        jobs, _ = scope.store.all_jobs()
        counts.update(view.state.status.value for view in view_jobs(scope.store, jobs, scope.clock.now()))
    return counts
