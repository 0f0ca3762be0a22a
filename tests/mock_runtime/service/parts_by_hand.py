"""The use cases over parts of a test's own, with an execution that is told what to answer, and when."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from mock_runtime.clock import ManualClock
from mock_runtime.domain.backends import Backend, Calibration, Series
from mock_runtime.domain.instances import PAYGO_PLAN, Caller, Instance, Plan, crn
from mock_runtime.domain.programs import Program
from mock_runtime.domain.results import Output
from mock_runtime.ids import Ids
from mock_runtime.scenario import Script, scenario
from mock_runtime.service import Limits, ListJobs, OpenSession, Parts, RuntimeService, SubmitJob
from mock_runtime.store.memory import MemoryStore
from mock_runtime.worlds import World

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mock_runtime.domain.jobs import Job, Status
    from mock_runtime.domain.sessions import Mode
    from mock_runtime.execution import Started, Submission
    from mock_runtime.ids import Rng

T0 = 1_000_000.0
"""When these tests begin."""

CALIBRATIONS = Series(
    tuple(Calibration(id=f"day-{day}", at=T0 + day * 86400.0, qubits=(), gates=()) for day in (-1, 0, 1))
)
WORLD = World(
    programs=(
        Program(id="sampler", name="sampler", cost_s=10_800, description="", created_at=0.0, is_public=True),
        Program(id="secret", name="secret", cost_s=300, description="", created_at=0.0, author="carol"),
    ),
    backends=(
        Backend(name="ibm_one", n_qubits=5, calibrations=CALIBRATIONS),
        Backend(name="ibm_two", n_qubits=7),
        Backend(name="simulator", n_qubits=32, simulator=True),
        Backend(name="mock_one", n_qubits=5, mock=True),
    ),
)


def instance_of(guid: str, plan: Plan = PAYGO_PLAN, **settings: Any) -> Instance:
    """An instance, all of one account."""
    return Instance(crn=crn(account="a", guid=guid), name=guid, plan=plan, **settings)


MINE = instance_of("mine")
ALICE = Caller("alice", "Alice", instance=MINE)
ANNA = Caller("anna", "Anna", instance=MINE)
"""Somebody else on the same instance."""

BOB = Caller("bob", "Bob", instance=instance_of("bobs"))


@dataclass
class Told:
    """An execution that answers what it was told, or, as long as it was told nothing, futures."""

    output: Output | None = None
    futures: list[Future[Output]] = field(default_factory=list)
    submissions: list[Submission] = field(default_factory=list)

    def start(self, submission: Submission, rng: Rng) -> Started:  # noqa: ARG002 - nothing is drawn
        """What it was told, or a future that the test resolves."""
        self.submissions.append(submission)
        if self.output is not None:
            return self.output
        self.futures.append(Future())
        return self.futures[-1]

    def close(self) -> None:
        """Nothing is held open."""


@dataclass(frozen=True, kw_only=True)
class House:
    """The use cases, and what is behind them."""

    service: RuntimeService
    clock: ManualClock
    execution: Told
    store: MemoryStore
    script: Script
    ids: Ids

    def submit(self, caller: Caller = ALICE, **fields: Any) -> Job:
        """A new job of the sampler."""
        return self.service.jobs.submit(SubmitJob(caller=caller, program_id="sampler", **fields))

    def open(self, mode: Mode, caller: Caller = ALICE, **fields: Any) -> str:
        """The id of a new session."""
        return self.service.sessions.open(OpenSession(caller=caller, mode=mode, **fields)).session.id

    def status(self, job: Job, caller: Caller = ALICE) -> Status:
        """Where a job stands now."""
        return self.service.jobs.get(caller, job.id).state.status

    def listed(self, caller: Caller = ALICE, *, limit: int = 100, offset: int = 0, **filters: Any) -> list[str]:
        """The ids of the jobs on a page."""
        page = self.service.jobs.list(ListJobs(caller=caller, limit=limit, offset=offset, **filters))
        return [view.job.id for view in page.jobs]

    def reset(self) -> None:
        """Begin again, as `Runtime.reset` does it."""
        self.service.restart()


def house(
    *,
    output: Output | None = None,
    limits: Limits | None = None,
    backends: Mapping[str, Mapping[str, Any]] | None = None,
    seed: int = 0,
    **planned: object,
) -> House:
    """The use cases at T0; jobs queue for a second and run for two unless `planned` says otherwise.

    `backends` are what is to be different of some of them, by name.
    """
    other = backends or {}
    world = replace(WORLD, backends=tuple(replace(one, **other.get(one.name, {})) for one in WORLD.backends))
    clock, ids, store, script = ManualClock(T0), Ids(seed), MemoryStore(), Script(scenario(planned))
    store.restart(WORLD.programs)
    execution = Told(output)
    parts = Parts(
        store=store,
        clock=clock,
        ids=ids,
        script=script,
        execution=execution,
        world=world,
        limits=limits or Limits(),
    )
    return House(
        service=RuntimeService.of(parts), clock=clock, execution=execution, store=store, script=script, ids=ids
    )


DONE = Output(result="done", logs="bye\n")
