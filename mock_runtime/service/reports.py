"""The use cases that look back: lists of workloads, what an account has, sums of what was used."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from mock_runtime.domain import analytics, workloads
from mock_runtime.domain.analytics import Dated, Entry, Key, Selection, Sums
from mock_runtime.domain.errors import InstanceNotFound
from mock_runtime.domain.instances import Caller, Instance, Plan
from mock_runtime.domain.jobs import Status
from mock_runtime.domain.sessions import SessionState
from mock_runtime.domain.subscriptions import Subscription
from mock_runtime.domain.workloads import Criteria, Kind, Page, Progress, Window, Workload
from mock_runtime.service.parts import Parts
from mock_runtime.service.views import JobView, SessionView, view_members, view_session

DEFAULT_INTERVAL_S: Final = 28.0 * analytics.DAY_S
"""How long the interval of sums by date is if nobody says: as long as the period of a plan. A guess."""

_LONGEST_REASON: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ListWorkloads:
    """List workloads of the caller's instance. `mine`: only those that the caller has made."""

    caller: Caller
    window: Window
    criteria: Criteria
    mine: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadUsage:
    """Sum up what was used on some instances.

    `start` and `end` are None for an open interval. The conditions are those of `Selection`.
    """

    instances: tuple[Instance, ...]
    start: float | None = None
    end: float | None = None
    simulators: bool = True
    wanted: tuple[tuple[Key, frozenset[str]], ...] = ()

    @property
    def selection(self) -> Selection:
        """What counts."""
        return Selection(
            start=-math.inf if self.start is None else self.start,
            end=math.inf if self.end is None else self.end,
            simulators=self.simulators,
            wanted=self.wanted,
        )


@dataclass(frozen=True, slots=True)
class DatedUsage:
    """Sums by group and date, and the interval that they are of."""

    start: float
    end: float
    rows: Sequence[Dated]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What usage can be selected by: whatever has any."""

    backends: Sequence[str]
    instances: Sequence[str]
    users: Sequence[str]
    plans: Sequence[str]
    subscriptions: Sequence[Subscription]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPlan:
    """A plan as an account has it. `limit_s` is what its instances are limited to, None for no limit.

    `unallocated_s` is what is left to allot to instances, None where the plan allocates nothing.
    """

    plan: Plan
    subscription: Subscription
    backends: Sequence[str]
    limit_s: int | None
    unallocated_s: int | None


class ReportService:
    """Workloads, accounts and analytics, for callers who are already known."""

    def __init__(self, parts: Parts) -> None:
        self._store: Final = parts.store
        self._clock: Final = parts.clock
        self._world: Final = parts.world

    def workloads(self, command: ListWorkloads) -> Page:
        """One page of workloads; InstanceNotFound for a caller without an instance."""
        now = self._clock.now()
        caller = command.caller
        if caller.instance is None:
            raise InstanceNotFound("")
        criteria = replace(command.criteria, user=caller.id) if command.mine else command.criteria
        have = (_workload(*group) for group in self._groups(caller.instance, now))
        return workloads.page(filter(criteria.admits, have), command.window)

    def plans(self, account: str, instances: Iterable[Instance]) -> Sequence[AccountPlan]:
        """The plans of an account, as far as these instances tell."""
        by_plan: dict[str, list[Instance]] = {}
        for instance in instances:
            if instance.account == account:
                by_plan.setdefault(instance.plan.id, []).append(instance)
        return [self._account_plan(account, have) for have in by_plan.values()]

    def usage(self, command: ReadUsage) -> Sums:
        """What was used in all."""
        return Sums.of(self._entries(command))

    def usage_by(self, command: ReadUsage, key: Key) -> dict[str, Sums]:
        """What each group has used."""
        return analytics.grouped(self._entries(command), key)

    def usage_by_date(self, command: ReadUsage, key: Key) -> DatedUsage:
        """What each group has used on each day; without an interval in the last 28 days."""
        now = self._clock.now()
        end = now if command.end is None else command.end
        start = end - DEFAULT_INTERVAL_S if command.start is None else command.start
        within = replace(command, start=start, end=end)
        return DatedUsage(start, end, analytics.grouped_by_date(self._entries(within, now), key, start=start, end=end))

    def filters(self, command: ReadUsage) -> Filters:
        """What there is any usage of."""
        have = {key: set[str]() for key in Key}
        for entry in self._entries(command):
            for key, values in have.items():
                values.add(entry.value(key))
        subscriptions = {Subscription.of(instance) for instance in command.instances}
        return Filters(
            backends=sorted(have[Key.BACKEND] - {""}),
            instances=sorted(have[Key.INSTANCE]),
            users=sorted(have[Key.USER]),
            plans=sorted(have[Key.PLAN]),
            subscriptions=sorted(
                (one for one in subscriptions if one.id in have[Key.SUBSCRIPTION]), key=lambda one: one.id
            ),
        )

    def _groups(
        self, instance: Instance, now: float, *, deleted: bool = False
    ) -> Iterator[tuple[Instance, SessionView | None, list[JobView]]]:
        """The sessions of an instance with their jobs, and its other jobs, each without a session.

        `deleted`: with those of which only the books know. The jobs of a session have them in any case.
        """
        sessions = self._store.sessions_of(instance.crn)
        known = {session.id for session in sessions}
        for session in sessions:
            view = view_session(self._store, session, now)
            yield instance, view, view_members(self._store, view)
        jobs = self._store.jobs_of(instance.crn)
        for job in (*jobs, *self._store.deleted_of(instance.crn)) if deleted else jobs:
            if job.session_id not in known:
                yield instance, None, [JobView(job, job.state_at(now))]

    def _entries(self, command: ReadUsage, now: float | None = None) -> list[Entry]:
        at = self._clock.now() if now is None else now
        found: list[Entry] = []
        for instance in command.instances:
            for group in self._groups(instance, at, deleted=True):
                found += self._entries_of(*group)
        return list(filter(command.selection.admits, found))

    def _entries_of(self, instance: Instance, view: SessionView | None, jobs: Sequence[JobView]) -> Iterator[Entry]:
        subscription = Subscription.of(instance).id
        session, mode = (None, None) if view is None else (view.session.id, view.session.mode)
        if view is not None:
            backend = _backend(view, jobs)
            yield Entry(
                instance=instance.crn,
                backend=backend,
                user=view.session.user,
                plan=instance.plan.name,
                subscription=subscription,
                at=view.session.created_at,
                simulator=self._is_simulator(backend),
                session=session,
                mode=mode,
                is_job=False,
            )
        for found in jobs:
            job = found.job
            yield Entry(
                instance=instance.crn,
                backend=job.backend,
                user=job.user,
                plan=instance.plan.name,
                subscription=subscription,
                at=job.submitted_at,
                simulator=self._is_simulator(job.backend),
                session=session,
                mode=mode,
                usage_s=found.usage_s,
                queue_s=_waited(found),
            )

    def _is_simulator(self, backend: str) -> bool:
        found = self._world.backend(backend)
        return found is not None and found.simulator

    def _account_plan(self, account: str, instances: Sequence[Instance]) -> AccountPlan:
        plan = instances[0].plan
        limits = [self._store.limit(instance.crn, instance.limit_s) for instance in instances]
        given = [limit for limit in limits if limit is not None]
        limited = len(given) == len(limits)
        allotted = None if plan.allocation_s is None else sum(plan.allocation_s if n is None else n for n in limits)
        return AccountPlan(
            plan=plan,
            subscription=Subscription.to(plan, account),
            backends=[
                backend.name
                for backend in self._world.backends
                if not backend.mock and any(one.may_use(backend.name) for one in instances)
            ],
            limit_s=sum(given) if limited else None,
            unallocated_s=None if allotted is None else max(0, (plan.allocation_s or 0) - allotted),
        )


def _workload(instance: Instance, view: SessionView | None, jobs: Sequence[JobView]) -> Workload:
    return _of_job(instance, jobs[0]) if view is None else _of_session(instance, view, jobs)


def _of_job(instance: Instance, view: JobView) -> Workload:
    job, state = view.job, view.state
    return Workload(
        id=job.id,
        number=job.number,
        kind=Kind.JOB,
        progress=Progress.of_job(state.status),
        reason=_reason(view),
        created_at=job.submitted_at,
        ended_at=state.ended_at,
        backend=job.backend,
        instance=instance.crn,
        user=job.user,
        tags=job.tags,
        usage_s=view.usage_s,
        settled=state.status.is_final,
    )


def _of_session(instance: Instance, view: SessionView, jobs: Sequence[JobView]) -> Workload:
    """A session as a workload. It has the tags of its jobs, and uses what they use."""
    session, life = view.session, view.life
    closed_at = life.first(SessionState.CLOSED)
    return Workload(
        id=session.id,
        number=session.number,
        kind=Kind.of(session.mode),
        progress=Progress.of_session(life),
        reason=life.reason.value,
        created_at=session.created_at,
        ended_at=closed_at,
        backend=_backend(view, jobs),
        instance=instance.crn,
        user=session.user,
        accepting=life.accepting,
        tags=tuple(dict.fromkeys(tag for found in jobs for tag in found.job.tags)),
        usage_s=math.fsum(found.usage_s for found in jobs),
        settled=closed_at is not None and all(found.state.status.is_final for found in jobs),
    )


def _backend(view: SessionView, jobs: Sequence[JobView]) -> str:
    """The backend of a session: its own, else that of its first job, else none."""
    if view.session.backend is not None:
        return view.session.backend
    return jobs[0].job.backend if jobs else ""


def _reason(view: JobView) -> str | None:
    """Why a job ended badly, in one line."""
    if view.state.status is Status.RAN_TOO_LONG:
        return "Ran too long"
    if view.state.status is not Status.FAILED:
        return None
    lines = [line for line in (view.job.produced.error or "").splitlines() if line.strip()]
    return lines[-1].strip()[:_LONGEST_REASON] if lines else "The job failed."


def _waited(view: JobView) -> float | None:
    """Seconds in the queue of a job that has left it."""
    left = view.state.ended_at if view.state.started_at is None else view.state.started_at
    return None if left is None else left - view.job.submitted_at
