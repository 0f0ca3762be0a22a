"""Jobs for tests of the domain, with what a test does not care about filled in."""

from __future__ import annotations

import math

from mock_runtime.domain.instances import OPEN_PROJECT
from mock_runtime.domain.jobs import Job, Length, Seconds, Status, Timeline
from mock_runtime.domain.results import Output

T0 = 1000.0
"""When the jobs of these tests are submitted."""

ONE_SECOND = Seconds(1.0)
TWO_SECONDS = Seconds(2.0)


def job_with(
    *,
    queue: Length = ONE_SECOND,
    run: Length = TWO_SECONDS,
    ending: Status = Status.COMPLETED,
    limit_s: float = math.inf,
    cancel_lag_s: float = 0.0,
    output: Output | None = None,
) -> Job:
    """A job of `alice`, submitted at T0."""
    return Job(
        id="c2b04fot418h0qp0peh0",
        number=1,
        owner="alice",
        program_id="runtime-simple",
        backend="ibmq_qasm_simulator",
        project=OPEN_PROJECT,
        inputs=(),
        image=None,
        submitted_at=T0,
        timeline=Timeline(queue=queue, run=run, ending=ending, limit_s=limit_s, cancel_lag_s=cancel_lag_s),
        output=output or Output(result="All done!", logs="hello\n"),
    )
