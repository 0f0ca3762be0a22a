"""The lifecycle of jobs and programs: walks over the API, step by step compared with a model.

What goes wrong only in a certain order, such as a deleted job that is still readable, is what a search through single
requests seldom meets. A fixed tour takes every step once; the walks after it are drawn by Hypothesis, and a fixed seed
draws the same ones again.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, Any, cast

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from runtime_contracts.exchange import bearer
from runtime_contracts.lifecycle_jobs import KNOWN_PROGRAM, JobCalls, inputs_text
from runtime_contracts.lifecycle_model import Job, LifecycleFaultError
from runtime_contracts.lifecycle_programs import Program, ProgramCalls
from runtime_contracts.lifecycle_sessions import SessionCalls
from runtime_contracts.lifecycle_tour import tour
from runtime_contracts.options import LIFECYCLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime_contracts.exchange import Exchange
    from runtime_contracts.probes import Credentials

PHASE = LIFECYCLE
_STEPS = 30
_PAUSE_S = 0.25


@dataclass(frozen=True, slots=True)
class LifecycleOptions:
    """What the walks depend on.

    Attributes:
        seed: draws the same walks again.
        other_token: API token of a second account, or None.
        advance: lets time pass on a server whose clock is moved by hand; None for one that goes by itself, where the
            tour waits in real time.
        max_examples: how many walks to take.
    """

    seed: int
    credentials: Credentials
    other_token: str | None
    advance: Callable[[], None] | None
    max_examples: int


@dataclass(slots=True)
class _World:
    """What all walks share."""

    exchange: Exchange
    options: LifecycleOptions
    program_id: str
    prefix: str
    knows: bool
    walks: int = 0
    fault: LifecycleFaultError | None = None

    @property
    def headers(self) -> dict[str, str]:
        """Credentials of the caller."""
        return bearer(self.options.credentials.token)

    def wait(self) -> None:
        """Let some time pass."""
        if self.options.advance is not None:
            self.options.advance()
            self.exchange.moved += 1
        else:
            # An event that nobody sets: a sleep that Ctrl-C ends.
            Event().wait(_PAUSE_S)
            self.exchange.slept_s += _PAUSE_S

    def calls(self) -> tuple[JobCalls, ProgramCalls, SessionCalls]:
        """Return the calls of a new walk, which knows nothing of earlier ones."""
        self.walks += 1
        own, other = self.headers, self.options.other_token
        others = None if other is None else bearer(other)
        counted = self.exchange.call("get-jobs", headers=own, query="limit=0").get("count")
        jobs = JobCalls(self.exchange, own, others, counted if isinstance(counted, int) else 0)
        programs = ProgramCalls(self.exchange, own, others, f"{self.prefix}-{self.walks}")
        return jobs, programs, SessionCalls(self.exchange, own, self.program_id, self.options.credentials.login)


def run_lifecycle(exchange: Exchange, options: LifecycleOptions) -> None:
    """Take the tour and the walks; the first thing that goes wrong becomes a failure of the collector.

    Raises:
        ServerUnreachableError: the server stopped answering.
    """
    world = _world(exchange, options)
    if world is None:
        return
    rules = settings(
        max_examples=options.max_examples,
        stateful_step_count=_STEPS,
        deadline=None,
        database=None,
        # The calls of the one job or program that went wrong say more than a shrunk walk, and at once.
        phases=(Phase.generate,),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )

    @seed(options.seed)
    def walk() -> RuleBasedStateMachine:
        return Walk(world)

    try:
        tour(*world.calls(), program_id=world.program_id, knows=world.knows, wait=world.wait)
        run_state_machine_as_test(cast("type[RuleBasedStateMachine]", walk), settings=rules)
        # By now some jobs of earlier phases have ended even where nobody can move the clock.
        JobCalls(exchange, world.headers, None, 0).ended()
    except LifecycleFaultError as found:
        world.fault = world.fault or found
    except Exception:
        # Hypothesis wraps what it caught, in a different way when the second try went well.
        if world.fault is None:
            raise
    fault = world.fault
    if fault is not None:
        exchange.collector.fail(
            fault.check,
            fault.operation,
            phase=PHASE,
            message=fault.message,
            reproduce="\n".join(exchange.script(fault.steps)),
        )


def _world(exchange: Exchange, options: LifecycleOptions) -> _World | None:
    listed = exchange.call("get-programs", headers=bearer(options.credentials.token)).json()
    ids = [str(entry.get("id")) for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    if not ids:
        exchange.collector.note("the lifecycle was left out: the server lists no program to run")
        return None
    public = [entry["id"] for entry in listed if entry.get("isPublic", True)]
    taken = sum(1 for name in ids if name.startswith("walk-"))
    return _World(exchange, options, (public or ids)[0], f"walk-{options.seed}-{taken}", KNOWN_PROGRAM in ids)


class Walk(RuleBasedStateMachine):
    """One walk: a fresh caller's view of the server, and the steps that may be taken."""

    jobs: Bundle[Job] = Bundle("jobs")

    def __init__(self, world: _World) -> None:
        super().__init__()
        self._world = world
        self._jobs, self._programs, self._sessions = world.calls()

    def _step(self, action: Callable[[], Any]) -> Any:
        try:
            return action()
        except LifecycleFaultError as fault:
            if self._world.fault is None:
                self._world.fault = fault
            raise

    @rule(target=jobs, iterations=st.integers(0, 2**63), named=st.booleans())
    def submit(self, *, iterations: int, named: bool) -> Job:
        """Submit a job, with inputs or without."""
        request: dict[str, Any] = {"programId": self._world.program_id}
        if named:
            request["params"] = [inputs_text({"iterations": iterations})]
        return cast("Job", self._step(lambda: self._jobs.submit(request)))

    @rule(job=jobs)
    def read(self, job: Job) -> None:
        """Read a job."""
        self._step(lambda: self._jobs.read(job))

    @rule(job=jobs)
    def results(self, job: Job) -> None:
        """Read the result of a job."""
        self._step(lambda: self._jobs.results(job))

    @rule(job=jobs)
    def logs(self, job: Job) -> None:
        """Read the logs of a job."""
        self._step(lambda: self._jobs.logs(job))

    @rule(job=jobs)
    def cancel(self, job: Job) -> None:
        """Cancel a job."""
        self._step(lambda: self._jobs.cancel(job))

    @rule(job=jobs)
    def delete(self, job: Job) -> None:
        """Delete a job."""
        self._step(lambda: self._jobs.delete(job))

    @rule(job=jobs)
    def strangers(self, job: Job) -> None:
        """Let somebody else try a job."""
        self._step(lambda: self._jobs.strangers(job))

    @rule(limit=st.integers(0, 5), offset=st.integers(0, 5))
    def list_page(self, limit: int, offset: int) -> None:
        """Read a page of the list of jobs."""
        self._step(lambda: self._jobs.list_page(limit=limit, offset=offset))

    @rule(page=st.integers(1, 3))
    def list_all(self, page: int) -> None:
        """Read the list of jobs page by page."""
        self._step(lambda: self._jobs.list_all(page=page))

    @rule(pending=st.booleans())
    def list_pending(self, *, pending: bool) -> None:
        """Read the jobs that are pending, or that are not."""
        self._step(lambda: self._jobs.list_pending(pending=pending))

    @precondition(lambda self: self.can_wait)
    @rule()
    def wait(self) -> None:
        """Let time pass."""
        self._world.wait()

    @precondition(lambda self: self.can_wait)
    @rule(job=jobs)
    def finish(self, job: Job) -> None:
        """Let time pass until a job has ended."""
        self._step(lambda: self._jobs.finish(job, self._world.wait))

    @property
    def can_wait(self) -> bool:
        """Tell whether time can be moved by hand."""
        return self._world.options.advance is not None

    @property
    def can_upload(self) -> bool:
        """Tell whether the account may upload programs, as far as is known."""
        return self._programs.may_upload

    @precondition(lambda self: self.can_upload)
    @rule(cost=st.integers(1, 10_800), description=st.text(st.characters(codec="utf-8", exclude_categories=["C"])))
    def create_program(self, cost: int, description: str) -> None:
        """Upload a program."""
        self._step(lambda: self._programs.create(cost=cost, description=description))

    @precondition(lambda self: self.has_programs)
    @rule(data=st.data(), public=st.booleans())
    def publish_program(self, data: st.DataObject, *, public: bool) -> None:
        """Make a program public or private."""
        program = self._some_program(data)
        self._step(lambda: self._programs.publish(program, public=public))

    @precondition(lambda self: self.has_programs)
    @rule(
        data=st.data(), source=st.sampled_from([b"# short\n", "# \u00e4\u6f22 \U0001f300\n".encode(), b"x = 1\n" * 200])
    )
    def replace_source(self, data: st.DataObject, source: bytes) -> None:
        """Replace the source of a program."""
        program = self._some_program(data)
        self._step(lambda: self._programs.replace(program, source=source))

    @precondition(lambda self: self.has_programs)
    @rule(data=st.data())
    def run_program(self, data: st.DataObject) -> None:
        """Run a program of one's own."""
        program = self._some_program(data)
        self._step(lambda: self._programs.run(program))

    @precondition(lambda self: self.has_programs)
    @rule(data=st.data())
    def delete_program(self, data: st.DataObject) -> None:
        """Delete a program."""
        program = self._some_program(data)
        self._step(lambda: self._programs.delete(program))

    @rule()
    def list_programs(self) -> None:
        """Read the list of programs."""
        self._step(self._programs.listed)

    @property
    def has_programs(self) -> bool:
        """Tell whether this walk has made a program."""
        return bool(self._programs.programs)

    def _some_program(self, data: st.DataObject) -> Program:
        number = data.draw(st.integers(0, len(self._programs.programs) - 1))
        return self._programs.programs[number]

    @rule()
    def forget_rights(self) -> None:
        """Log out of the runtime service."""
        self._step(self._sessions.forget_rights)

    @rule()
    def end_session(self) -> None:
        """Open a session and end it."""
        self._step(self._sessions.end_session)

    @rule(unknown=st.sampled_from(["programId", "backend"]))
    def submit_nonsense(self, unknown: str) -> None:
        """Submit a job for a program or a device that does not exist."""
        self._step(lambda: self._sessions.submit_nonsense(unknown))

    def teardown(self) -> None:
        """Delete what this walk has left on the server."""
        if self._world.fault is not None:
            return
        for job in list(self._jobs.jobs):
            self._world.exchange.call("delete-job", headers=self._world.headers, values={"jid": job.id})
        for program in self._programs.programs:
            if not program.deleted:
                self._world.exchange.call("delete-program", headers=self._world.headers, values={"id": program.id})
