"""Worlds as files: what is loaded from an export is what was exported."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_runtime.accounts import Accounts, Token
from mock_runtime.clock import ManualClock
from mock_runtime.config import Config
from mock_runtime.directory import Directory, InstanceSpec
from mock_runtime.domain.backends import Backend
from mock_runtime.domain.instances import PAYGO_PLAN, Caller, Project
from mock_runtime.domain.jobs import Job, Looks, Polls, Seconds, Status, Timeline, Until, Window
from mock_runtime.domain.results import Output, failure
from mock_runtime.domain.sessions import Mode, Session
from mock_runtime.ids import Ids
from mock_runtime.scenario import Script
from mock_runtime.service import Limits, Parts, RuntimeService
from mock_runtime.service.views import view_jobs
from mock_runtime.store.memory import MemoryStore
from mock_runtime.world_settings import Start, as_written
from mock_runtime.worlds import World, exporting, platform
from mock_runtime.worlds.exporting import CannotExport, export_world, instant
from mock_runtime.worlds.exporting_backends import same_backend
from mock_runtime.worlds.files import world_file
from tests.mock_runtime.service.parts_by_hand import DONE, Told
from tests.mock_runtime.worlds.world_texts import GOOD, WORLDS, start

T0 = 1_795_338_000.0
ALL_DAY = (0.0, 0.5, 3.0, 61.0, 601.0, 3600.0, 86400.0)


@dataclass(frozen=True)
class Alive:
    """A fake that began with a world file, as far as an export can see it."""

    start: Start
    service: RuntimeService
    directory: Directory
    accounts: Accounts
    clock: ManualClock
    parts: Parts

    def told(self, user: str, tenant: str) -> tuple[str, str | None]:
        """Who that is, for a file."""
        if self.start.config.edition == "platform":
            return self.directory.told(user, tenant)
        return self.accounts.told(user), None

    def jobs(self) -> list[Job]:
        """All jobs as they are seen, oldest first."""
        kept, _ = self.parts.store.all_jobs()
        return [view.job for view in view_jobs(self.parts.store, kept[::-1], self.clock.now())]

    def sessions(self) -> list[Session]:
        """All sessions, oldest first."""
        kept, _ = self.parts.store.all_sessions()
        return list(kept[::-1])

    def exported(self) -> str:
        """The present world as a file."""
        config = self.start.config.with_changes(
            seed=self.parts.ids.seed, clock_start=self.clock.now(), scenario=self.parts.script.current
        )
        return export_world(
            settings=as_written(config),
            world=self.start.world,
            base=WORLDS[config.edition],
            told=self.told,
            now=self.clock.now(),
            sessions=self.sessions(),
            jobs=self.jobs(),
        )


def alive(text: str, *, output: Output | None = DONE) -> Alive:
    """A fake that begins with this world file."""
    begun = start(text)
    config = begun.config
    clock = ManualClock(T0 if config.clock_start is None else config.clock_start)
    ids, store = Ids(0 if config.seed is None else config.seed), MemoryStore()
    store.restart(begun.world.programs)
    parts = Parts(
        store=store,
        clock=clock,
        ids=ids,
        script=Script(config.scenario),
        execution=Told(output),
        world=begun.world,
        limits=Limits(),
    )
    directory = Directory(
        tokens=config.tokens, instances=config.instances, also=config.also_instances, clock=clock, ids=ids
    )
    accounts = Accounts(tokens=config.tokens, store=store, clock=clock, ids=ids)
    service = RuntimeService.of(parts)

    def find_caller(owner: str | None, instance: str | None) -> Caller:
        if config.edition == "platform":
            return directory.caller_named(owner, instance)
        return accounts.caller_named(owner)

    service.begin(begun.beginnings, find_caller=find_caller, as_inputs=lambda value: {} if value is None else value)
    return Alive(begun, service, directory, accounts, clock, parts)


def same_world(one: World, other: World) -> bool:
    """Whether two worlds are equal, with the calibrations of their backends."""
    return (
        one == other
        and len(one.backends) == len(other.backends)
        and all(map(same_backend, one.backends, other.backends))
    )


def course_of(job: Job, begun: float) -> list[tuple[Any, ...]]:
    """What is seen of a job, through a day."""
    return [
        (
            *(
                job.id,
                job.owner,
                job.user,
                job.program_id,
                job.backend,
                job.inputs,
                job.tags,
                job.session_id,
                job.private,
            ),
            (state := job.state_at(begun + later_s)).status,
            *(None if at is None else pytest.approx(at, abs=1e-4) for at in (state.started_at, state.ended_at)),
            job.output if state.status in {Status.COMPLETED, Status.FAILED} else None,
        )
        for later_s in ALL_DAY
    ]


@pytest.mark.parametrize("computed", [DONE, None], ids=["computed", "being computed"])
@pytest.mark.parametrize("text", [text for text in GOOD if "0123456789abcdef'" not in text])
def test_an_export_is_the_world_again(text: str, computed: Output | None) -> None:
    """Configuration, backends, programs, sessions and jobs; and exporting that gives the same file."""
    one = alive(text, output=computed)
    exported = one.exported()
    other = alive(exported, output=computed)
    ours, theirs = one.start.config, other.start.config
    for name in ("edition", "tokens", "instances", "also_instances", "scenario", "latency", "latencies", "faults"):
        assert getattr(theirs, name) == getattr(ours, name), name
    assert (theirs.chaos, theirs.speed, theirs.clock_start) == (ours.chaos, ours.speed, one.clock.now())
    assert {plan.name: plan for plan in ours.plans} == {plan.name: plan for plan in theirs.plans}
    assert same_world(one.start.world, other.start.world)
    assert other.sessions() == [
        replace(s, number=o.number) for s, o in zip(one.sessions(), other.sessions(), strict=True)
    ]
    begun = one.clock.now()
    assert [course_of(job, begun) for job in other.jobs()] == [course_of(job, begun) for job in one.jobs()]
    assert other.exported() == exported


@pytest.mark.parametrize("later_s", [0.5, 100.25, 4000.125])
def test_a_world_that_has_lived_is_exported_as_it_is_then(later_s: float) -> None:
    """What was to come is reckoned from then."""
    one = alive(
        """
tokens: [{token: a, name: alice}]
sessions: [{name: s, mode: batch, max_ttl: 1000s, opened: 1h ago}]
jobs:
  - {program: estimator, status: running, run: 3000.5, cancel_lag: 2s}
  - {program: sampler, status: queued, session: s, queue: 50s, run: 100s}
  - {program: sampler, status: queued, session: s, queue: 3 polls, run: never, cancelled: in 200s}
  - {program: sampler, status: running, run: 90s, outcome: failed, reason: why}
"""
    )
    one.clock.advance(later_s)
    other = alive(one.exported())
    assert other.clock.now() == one.clock.now()
    begun = one.clock.now()
    assert [course_of(job, begun) for job in other.jobs()] == [course_of(job, begun) for job in one.jobs()]


def test_an_export_has_no_token() -> None:
    """Its digests open the same doors, for the same users with the same accounts and instances."""
    one = alive("tokens: [{token: top-secret, name: alice}, very-secret]\ninstances: [main]")
    exported = one.exported()
    assert "secret" not in exported
    other = alive(exported)
    for key in ("top-secret", "very-secret"):
        user = one.directory.by_api_key(key)
        assert other.directory.by_api_key(key) == user
        assert other.directory.instances_of(user) == one.directory.instances_of(user)
        assert other.accounts.by_api_token(key) == one.accounts.by_api_token(key)


def test_where_any_token_is_welcome_jobs_find_their_owners_again() -> None:
    """By the ids that are made of their tokens, of today and of 2021."""
    one = alive("")
    user = one.directory.by_api_key("any")
    tenant = one.directory.instances_of(user)[0].crn
    job = _job(owner=tenant, user=user.id)
    text = _exported(job, told=one.directory.told)
    other = alive(text)
    assert [(found.owner, found.user) for found in other.jobs()] == [(tenant, user.id)]
    (instance,) = other.directory.instances_of(other.directory.by_api_key("any"))
    assert instance.crn == tenant

    caller = one.accounts.by_api_token("any")
    text = _exported(
        _job(owner=caller.id, user=caller.id, program_id="vqe", backend="ibmq_lima"),
        told=lambda user, _: (one.accounts.told(user), None),
        edition="2021",
    )
    assert [found.owner for found in alive(text).jobs()] == [caller.id]


def _exported(*jobs: Job, told: Any = lambda user, owner: (user, owner), edition: str = "platform") -> str:
    config = Config(edition=edition, clock_start=T0)
    world = WORLDS[config.edition]
    return export_world(settings=as_written(config), world=world, base=world, told=told, now=T0, jobs=jobs)


def _job(**fields: Any) -> Job:
    usual: dict[str, Any] = {
        "id": "c2b04fot418h0qp0peh0",
        "number": 1,
        "owner": "o",
        "user": "u",
        "program_id": "sampler",
        "backend": "ibm_fez",
        "inputs": {},
        "submitted_at": T0 - 10.0,
        "timeline": Timeline(queue=Seconds(5.0), run=Seconds(8.0)),
        "output": Output(result=1),
    }
    return Job(**{**usual, **fields})


def _entry(job: Job) -> dict[str, Any]:
    value: dict[str, Any] = world_file(_exported(job)).plain()
    entry: dict[str, Any] = value["jobs"][0]
    return entry


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {},
            {"status": "running", "started": "2026-11-22T08:59:55Z", "run": "3s", "outcome": "completed", "result": 1},
        ),
        (
            {"timeline": Timeline(queue=Seconds(math.inf), run=Seconds(1))},
            {"status": "queued", "queue": "never", "run": "1s"},
        ),
        (
            {"timeline": Timeline(queue=Polls(5), run=Polls(3)), "looks": Looks(status=2)},
            {"status": "queued", "queue": "3 polls", "run": "3 polls"},
        ),
        (
            {"timeline": Timeline(queue=Polls(5), run=Polls(3)), "looks": Looks(results=6, queue_ended_at=T0 - 1)},
            {"status": "running", "run": "2 polls", "started": "2026-11-22T08:59:59Z"},
        ),
        (
            {"timeline": Timeline(queue=Until(T0 + 5), run=Until(T0 + 7.5))},
            {"status": "queued", "queue": "5s", "run": "2.5s"},
        ),
        ({"held": (Window(T0 - 6, T0 + 60),)}, {"status": "queued", "queue": "60s", "run": "8s"}),
        ({"output": None}, {"status": "running", "run": "3s"}),
        (
            {"output": None, "timeline": Timeline(queue=Seconds(1), run=Seconds(2))},
            {"status": "running", "run": "0s", "started": "2026-11-22T08:59:51Z"},
        ),
        ({"cancelled_at": T0 + 1}, {"status": "running", "cancelled": "2026-11-22T09:00:01Z"}),
        ({"cancelled_at": T0 - 7}, {"status": "cancelled", "ended": "2026-11-22T08:59:53Z"}),
        (
            {"output": failure("ValueError: no"), "timeline": Timeline(queue=Seconds(0), run=Seconds(1)).failing()},
            {"status": "failed", "reason": "ValueError: no", "ended": "2026-11-22T08:59:51Z"},
        ),
        (
            {
                "output": Output(error="torn", logs="before", error_code=1234),
                "timeline": Timeline(queue=Seconds(0), run=Seconds(1)).failing(),
            },
            {"status": "failed", "error": "torn", "logs": "before", "error_code": 1234},
        ),
        (
            {"output": Output(interim=range(5000)), "timeline": Timeline(queue=Seconds(0), run=Seconds(1))},
            {"status": "completed", "result": None, "interim": list(range(1000))},
        ),
        (
            {"private": True, "read_at": T0 - 1, "lost": True, "timeline": Timeline(queue=Seconds(0), run=Seconds(1))},
            {"private": True, "read": "2026-11-22T08:59:59Z", "lost": True},
        ),
        (
            {"timeline": Timeline(queue=Seconds(0), run=Seconds(9), limit_s=2.0)},
            {"status": "ran-too-long", "ended": "2026-11-22T08:59:52Z"},
        ),
        (
            {"project": Project("a", "", "c"), "image": "i", "calibration_id": "c", "cost_s": 60.0, "tags": ("t",)},
            {"project": "a//c", "image": "i", "calibration": "c", "cost": "60s", "tags": ["t"]},
        ),
        (
            {"project": Project("a/b", "", "c\n"), "image": "", "tags": ("a\tb", "", "\x00")},
            {"project": ["a/b", "", "c\n"], "image": "", "tags": ["a\tb", "", "\x00"]},
        ),
        ({"inputs": ('{"a": 1}',), "withheld": True}, {"inputs": ['{"a": 1}'], "withheld": True}),
    ],
)
def test_a_job_says_what_it_was_and_what_is_to_come(fields: dict[str, Any], said: dict[str, Any]) -> None:
    """Instants for the past, lengths from now on for the future, and what it leaves behind."""
    entry = _entry(_job(**fields))
    assert {key: entry.get(key) for key in said} == said
    if entry["status"] in {"cancelled", "ran-too-long"}:
        assert "result" not in entry


def test_a_session_says_when_it_was_stopped_and_closed() -> None:
    """And its jobs name it; a session that is gone is named by nobody."""
    session = Session(
        id="01234567-89ab-4cde-af01-23456789abcd",
        number=1,
        owner="o",
        user="u",
        mode=Mode.BATCH,
        backend="ibm_fez",
        created_at=T0 - 60,
        max_ttl_s=600,
        active_ttl_s=30,
        stopped_at=T0 - 20,
        cancelled_at=T0 - 10.5,
    )
    text = export_world(
        settings={},
        world=platform.WORLD,
        base=platform.WORLD,
        told=lambda user, owner: (user, owner),
        now=T0,
        sessions=[session],
        jobs=[_job(session_id=session.id), _job(session_id="gone")],
        schema="world.schema.json",
    )
    assert text.splitlines()[:2] == [
        "# yaml-language-server: $schema=world.schema.json",
        "# A fake as it was at 2026-11-22T09:00:00Z.",
    ]
    value = world_file(text).plain()
    assert value["sessions"] == [
        {
            "id": session.id,
            "owner": "u",
            "instance": "o",
            "mode": "batch",
            "backend": "ibm_fez",
            "opened": "2026-11-22T08:59:00Z",
            "max_ttl": "600s",
            "interactive_ttl": "60s",
            "active_ttl": "30s",
            "stopped": "2026-11-22T08:59:40Z",
            "closed": "2026-11-22T08:59:49.500000Z",
        }
    ]
    assert [job.get("session") for job in value["jobs"]] == [session.id, None]


def test_only_what_is_different_is_written() -> None:
    """Of a fake that nobody configured, nothing but its edition."""
    assert alive("").exported().splitlines()[1:] == [
        "edition: platform",
        "seed: 0",
        "clock:",
        "  start: '2026-11-22T09:00:00Z'",
    ]


def test_plans_and_instances_that_were_made_in_python() -> None:
    """A plan that only an instance has is written, too."""
    own = replace(PAYGO_PLAN, name="own", id="x", allocation_s=60)
    config = Config(instances=[InstanceSpec(name="a", plan=own)], tokens=[Token("t", account="abc", may_upload=False)])
    written = as_written(config)
    assert [plan["name"] for plan in written["plans"]] == ["own"]
    again = start(json.dumps(written)).config
    assert (again.instances, again.tokens, again.plans) == (config.instances, config.tokens, (own,))


BACKENDS = (
    "from: ibm_fez, name: ibm_x, queue_length: 50, availability: paused, reason: m",
    "from: ibm_osaka, availability: online, reason: ''",
    "from: ibm_fez, seed: 3",
    "from: ibm_torino, faulty_qubits: []",
    "from: ibm_kyiv, n_qubits: 30, name: a_b",
    "from: ibmq_manila, name: ab, basis_gates: [ecr, rz]",
    "from: ibm_brisbane, coupling: [[0, 1], [2, 1]], one_way: true, t1_us: 300.1, t2_us: 77",
    "from: ibm_fez, n_qubits: 9, coupling: line, one_way: true",
    "name: own, coupling: [[0, 2]], processor: {family: Osprey, revision: 1, segment: L}, control_flow: [if_else]",
    "name: own, n_qubits: 1, coupling: [], version: 2.0.1, online_date: 2026-02-01, clops: 7, quantum_volume: 8",
    "name: sim, simulator: true, n_qubits: 3, max_shots: 5",
    "from: fake_fez, name: x_y, coupling: line, n_qubits: 3",
    "from: FakeManilaV2",
)


@pytest.mark.parametrize(
    ("jobs", "sentence"),
    [
        ([_job()] * 5_001, "there are 5001 jobs, and a world file has at most 5000: delete some first"),
        ([_job(output=Output(result="x" * 9_000_000))], "the file would be larger than what is read, 8 MiB or 200000"),
        ([_job(output=Output(result=[0] * 200_000))], "the file would be larger than what is read, 8 MiB or 200000"),
    ],
    ids=["jobs", "bytes", "values"],
)
def test_what_would_not_be_read_again_is_not_written(jobs: list[Job], sentence: str) -> None:
    """And it is said what to do."""
    with pytest.raises(CannotExport) as refused:
        _exported(*jobs)
    assert str(refused.value).startswith(sentence)


def test_what_grows_by_being_written_is_not_written_either(monkeypatch: pytest.MonkeyPatch) -> None:
    """A character that has to be escaped takes several."""
    monkeypatch.setattr(exporting, "MOST_BYTES", 1 << 20)
    with pytest.raises(CannotExport, match="the file would be larger than what is read, 1 MiB"):
        _exported(_job(output=Output(result="\x01" * 300_000)))


def test_what_a_client_sent_is_read_again() -> None:
    """Whatever characters are in it."""
    job = _job(project=Project("a/b", "", "c\n"), image="", tags=("a\tb", "", "\x00"), calibration_id=" ")
    (read,) = start(_exported(job, told=lambda *_: ("IBMid-0123456789", None))).beginnings.jobs
    assert (read.project, read.image, read.tags, read.calibration_id) == (job.project, "", job.tags, " ")


@pytest.mark.parametrize("description", BACKENDS)
@pytest.mark.parametrize("extends", ["true", "false"])
def test_a_backend_is_described_by_what_is_different(description: str, extends: str) -> None:
    """Whatever a file can say of one, an export says it again."""
    world = start(f"extends: {extends}\nbackends: [{{{description}}}]").world
    text = export_world(settings={}, world=world, base=platform.WORLD, told=lambda user, owner: (user, owner), now=T0)
    assert same_world(world, start(text).world)
    assert len(text) < 500


def test_a_backend_that_no_file_can_describe() -> None:
    """Is named: an export that left it out would not be the world."""
    odd = replace(platform.WORLD, backends=(Backend(name="odd", n_qubits=3, dt_s=1.0),))
    with pytest.raises(CannotExport, match="the backend 'odd' cannot be told in a world file"):
        export_world(settings={}, world=odd, base=platform.WORLD, told=lambda user, owner: (user, owner), now=T0)


def test_without_ibms_client_its_examples_cannot_be_described(monkeypatch: pytest.MonkeyPatch) -> None:
    """They were made where it is installed."""
    world = start("backends: [{from: fake_fez, name: elsewhere}]").world
    monkeypatch.setattr("mock_runtime.worlds.fake_provider._folders", _no_folders)
    with pytest.raises(CannotExport, match="'elsewhere'"):
        export_world(settings={}, world=world, base=platform.WORLD, told=lambda user, owner: (user, owner), now=T0)


def _no_folders() -> None:
    from mock_runtime.worlds.fake_provider import NoSuchFakeDevice  # noqa: PLC0415 - beside its only use

    raise NoSuchFakeDevice("nothing is installed")


_ODD = (
    "on",
    "1e-4",
    "0o7",
    "1:30",
    "null",
    "~",
    "<<",
    "=",
    "- a",
    "a: b",
    "#",
    "2026-01-01",
    "1_000",
    " ",
    "\ufeff",
    "\x85",
    "a\n b\n",
    " a\nb",
    "\na",
    "a\n\n",
    "\n\n  a\n",
    "- a\n\n# b",
    "\n",
)
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(_ODD)
_NUMBERS = st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False)
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | _NUMBERS
    | _TEXTS
    | st.lists(st.sampled_from(["a", "b c", " d", "", "# e", "- f", "g: h"]), max_size=6).map("\n".join),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(result=_VALUES, inputs=st.dictionaries(_TEXTS, _VALUES, max_size=3))
def test_values_come_back_as_they_were(result: Any, inputs: dict[str, Any]) -> None:
    """Whatever JSON a job has: our reader has it back, and so has one of YAML 1.1."""
    text = _exported(_job(inputs=inputs, output=Output(result=result)))
    (entry,) = world_file(text).plain()["jobs"]
    assert entry["result"] == result
    assert type(entry["result"]) is type(result)
    assert entry.get("inputs", {}) == inputs
    (read,) = yaml.safe_load(text)["jobs"]
    assert (read["result"], read.get("inputs", {})) == (result, inputs)


def test_half_a_surrogate_pair_is_replaced() -> None:
    """No file in UTF-8 can have it."""
    assert _entry(_job(output=Output(result={"a\ud800": ["\udfff"]})))["result"] == {"a?": ["?"]}


_PHASES = st.floats(0, 1e6).map(Seconds) | st.integers(0, 50).map(Polls) | st.just(Seconds(math.inf))


@settings(max_examples=60, deadline=None)
@given(
    queue=_PHASES,
    run=_PHASES,
    ending=st.sampled_from([status for status in Status if status.is_final]),
    age_s=st.floats(0, 1e6),
    cancelled=st.none() | st.floats(-1e6, 1e6),
)
def test_any_life_goes_on_as_it_would_have(
    queue: Any, run: Any, ending: Status, age_s: float, cancelled: float | None
) -> None:
    """A job of whatever timeline is loaded in its state, and is in the same one later."""
    timeline = Timeline(queue=queue, run=run, ending=ending)
    output = failure("no") if ending is Status.FAILED else Output(result=1)
    at = math.inf if cancelled is None else max(T0 + cancelled, T0 - age_s)
    one = alive("tokens: [{token: a, name: alice}]")
    caller = one.directory.caller_named("alice")
    job = _job(
        owner=caller.tenant,
        user=caller.id,
        submitted_at=T0 - age_s,
        timeline=timeline,
        output=output,
        cancelled_at=at,
        cost_s=1e9,
    )
    one.parts.store.add_job(job)
    text = one.exported()
    value = world_file(text).plain()
    assert value["jobs"][0]["status"] == str(job.state_at(T0).status)
    if _is_within_limits(job):
        (found,) = alive(text).jobs()
        assert [found.state_at(T0 + later_s + 1e-3).status for later_s in ALL_DAY] == [
            job.state_at(T0 + later_s).status for later_s in ALL_DAY
        ] or _is_on_the_edge(job)


def _is_within_limits(job: Job) -> bool:
    """Whether it is over before the service would end it for its length."""
    run = job.timeline.run
    return not isinstance(run, Seconds) or run.value < 10_000


def _is_on_the_edge(job: Job) -> bool:
    """Whether it moves within a millisecond of one of the instants at which it is looked at."""
    course = job.course()
    return any(abs(at - T0 - later_s) < 2e-3 for later_s in ALL_DAY for at in (course.started_at, course.ended_at))


def test_an_instant_is_written_to_the_microsecond() -> None:
    """In UTC, before and after 1970."""
    assert [instant(at) for at in (0.0, T0 + 0.25, -1.5)] == [
        "1970-01-01T00:00:00Z",
        "2026-11-22T09:00:00.250000Z",
        "1969-12-31T23:59:58.500000Z",
    ]
