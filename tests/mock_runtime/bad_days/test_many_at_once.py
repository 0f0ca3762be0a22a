"""Hundreds of pollers on one socket, in twenty scopes, while everything is switched on and off behind them."""

from __future__ import annotations

import asyncio
import gc
import itertools
import ssl
import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from mock_runtime import Config, LiveServer, ManualClock, create_app
from mock_runtime.scopes import HEADER
from tests.mock_runtime.platform_fakes import Told

if TYPE_CHECKING:
    from mock_runtime import Runtime
    from mock_runtime.faults.accounts import Armed
    from mock_runtime.runtime import RuntimeSnapshot

POLLERS: Final = 300
SCOPES: Final = 20
POLLS: Final = 3
EACH: Final = 25
"""After so many polls somebody meddles."""
NO_TLS: Final = ssl.create_default_context()
WORLD: Final = """
jobs:
  - {program: runtime-simple, status: queued, outcome: stuck}
"""
STATUSES: Final = {"refused": 503, "limited": 429, "teapot": 418, "changed": 410}
"""By which status of an answer one knows the rule."""


@dataclass
class Seen:
    """What the pollers of one scope saw: how many answers of each status, and how many connections that were cut."""

    sent: int = 0
    statuses: Counter[int] = field(default_factory=Counter)

    async def ask(self, client: httpx.AsyncClient, scope: str, path: str) -> None:
        """Ask for the results of a job."""
        self.sent += 1
        try:
            answer = await client.get(path, headers={HEADER: scope})
        except httpx.TransportError:
            self.statuses[0] += 1
        else:
            self.statuses[answer.status_code] += 1


@dataclass
class Crowd:
    """All pollers; `meddle` is called each time that so many of them have been answered."""

    origin: str
    jobs: dict[str, str]
    meddle: Callable[[int], None]
    pollers: int = POLLERS
    polls: int = POLLS
    seen: dict[str, Seen] = field(default_factory=dict)
    _answered: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def poll(self) -> None:
        """Let all of them poll."""
        asyncio.run(self._all())

    async def _all(self) -> None:
        scopes = itertools.islice(itertools.cycle(self.jobs), self.pollers)
        await asyncio.gather(*(self._poller(scope) for scope in scopes))

    async def _poller(self, scope: str) -> None:
        # Each has a connection of its own: of a pool, httpx looks at all of them each time.
        headers = {"Authorization": "Bearer alice"}
        async with httpx.AsyncClient(base_url=self.origin, headers=headers, timeout=60, verify=NO_TLS) as client:
            await self._polls(client, scope)

    async def _polls(self, client: httpx.AsyncClient, scope: str) -> None:
        seen = self.seen.setdefault(scope, Seen())
        for _ in range(self.polls):
            await seen.ask(client, scope, f"/jobs/{self.jobs[scope]}/results")
            answered = next(self._answered)
            if not answered % EACH:
                self.meddle(answered // EACH)


@pytest.fixture
def server() -> Iterator[LiveServer]:
    """A server with a fake of 2021, whose jobs never leave the queue: a poll is answered 204, or what a rule says."""
    config = Config(edition="2021", tokens=["alice"], seed=7, scenario={"queue": "never"})
    with LiveServer(create_app(config, clock=ManualClock(), execution=Told())) as server:
        yield server
        server._runtime.check()


def submitted(runtime: Runtime) -> str:
    """A job of alice's, without a request."""
    client = runtime.app.test_client()
    answer = client.post("/jobs", json={"programId": "runtime-simple"}, headers={"Authorization": "Bearer alice"})
    runtime.requests.clear()
    return str(answer.get_json()["id"])


@dataclass
class Rules:
    """Arms rules in a scope, switches them and removes them, and remembers all that there ever were."""

    runtime: Runtime
    rules: list[Armed] = field(default_factory=list)
    snapshots: list[RuntimeSnapshot] = field(default_factory=list)

    def turn(self, number: int) -> None:
        """Do the next thing."""
        faults, kind = self.runtime.faults, list(STATUSES)[number % len(STATUSES)]
        armed = [rule for rule in self.rules if rule.id in faults]
        match number % 5:
            case 0 | 1:
                self.rules.append(faults.add(act(kind, f"{kind}-{number}")))
            case 2 if armed:
                (faults.off if armed[0].on else faults.on)(armed[0].id)
            case 3:
                self.rules.append(faults.add(id=f"cut-{number}", match={"calls": "every 3"}, act={"cut": "before"}))
                self.snapshots = [self.runtime.snapshot()]
            case _ if armed:
                faults.remove(armed[0].id)


def act(kind: str, id_: str) -> dict[str, Any]:
    """A rule of a kind, known by its status."""
    said: dict[str, Any] = {"status": STATUSES[kind]}
    if kind == "limited":
        said |= {"retry_after": "1s", "slow": "1s"}
    match = {"calls": "every 2", **({"status": 204} if kind == "changed" else {})}
    return {"id": id_, "match": match, "act": said, "times": 40}


def test_pollers_see_what_the_journal_and_the_rules_say(server: LiveServer) -> None:
    """No request is lost, none has two numbers, and each thing that a rule did somebody has met."""
    runtime = server._runtime
    scopes = {f"test-{number}": runtime.scopes.create(f"test-{number}") for number in range(SCOPES)}
    jobs = {name: submitted(scope) for name, scope in scopes.items()}
    before = {name: scope.requests.begin()[0] for name, scope in scopes.items()}
    rules = {name: Rules(scope) for name, scope in scopes.items()}

    def meddle(number: int) -> None:
        for name, scope in scopes.items():
            rules[name].turn(number)
            assert scope.faults.as_dicts() is not None
        churn(runtime, number)

    crowd = Crowd(server.origin, jobs, meddle)
    crowd.poll()
    assert sum(seen.sent for seen in crowd.seen.values()) == POLLERS * POLLS
    for name, scope in scopes.items():
        agrees(scope, crowd.seen[name], rules[name].rules, before[name])
        scope.check()
    assert len(runtime.requests) == 0
    assert sorted(each.scope for each in runtime.scopes) == sorted(["", *scopes])


def agrees(scope: Runtime, seen: Seen, rules: list[Armed], before: int) -> None:
    """Compare what was seen of a scope with its journal, and that with the accounts of its rules."""
    entries = scope.requests.entries()
    assert [entry.number for entry in entries] == list(range(before + 1, before + 1 + seen.sent))
    assert Counter(entry.status for entry in entries) == seen.statuses
    met = Counter(fault for entry in entries for fault in entry.faults)
    assert met == Counter({rule.id: rule.met for rule in rules if rule.met})
    assert {rule.id: rule.requests for rule in rules if rule.met} == {
        name: tuple(sorted(entry.number for entry in entries if name in entry.faults)) for name in met
    }
    assert set(seen.statuses) <= {0, 204, *STATUSES.values()}
    assert all(entry.faults for entry in entries if entry.status != 204)


def churn(runtime: Runtime, number: int) -> None:
    """Make another scope, use it, and drop it."""
    made = runtime.scopes.create(f"gone-{number}")
    submitted(made)
    runtime.scopes.drop(made.scope)


def test_worlds_come_and_go_behind_the_pollers(server: LiveServer) -> None:
    """Rolled back, begun anew, loaded and reloaded: nobody gets a 5xx, and what came last is in order afterwards."""
    runtime = server._runtime
    scopes = {f"test-{number}": runtime.scopes.create(f"test-{number}") for number in range(SCOPES)}
    jobs = {name: submitted(scope) for name, scope in scopes.items()}
    kept = {name: scope.snapshot() for name, scope in scopes.items()}

    def meddle(number: int) -> None:
        # A world that is loaded takes a hundredth of a second to make: each time it is the turn of half of them.
        for place, (name, scope) in list(enumerate(scopes.items()))[number % 2 :: 2]:
            match (number // 2 + place // 2) % 5:
                case 0:
                    scope.faults.add(act={"slow": "1s", "headers": {"X-Odd": "1"}})
                case 1:
                    scope.rollback(kept[name])
                case 2:
                    scope.reset()
                case 3:
                    scope.load_world(WORLD)
                case _:
                    scope.reload_world()
            scope.export_world()
        churn(runtime, number)

    crowd = Crowd(server.origin, jobs, meddle, polls=2)
    crowd.poll()
    for name, scope in scopes.items():
        assert set(crowd.seen[name].statuses) <= {204, 404}
        assert crowd.seen[name].sent == sum(crowd.seen[name].statuses.values())
        numbers = [entry.number for entry in scope.requests]
        assert len(set(numbers)) == len(numbers) <= crowd.seen[name].sent
        scope.check()
        calm(scope)


def calm(scope: Runtime) -> None:
    """A scope that is begun anew is as if nothing had been."""
    scope.reset()
    begun = scope.requests.begin()[0]
    client = scope.app.test_client()
    assert client.get("/jobs", headers={"Authorization": "Bearer alice"}).status_code == 200
    assert [entry.number for entry in scope.requests] == [begun + 1]
    assert not scope.faults


def test_a_crowd_leaves_nothing_behind(server: LiveServer) -> None:
    """The journal stays within its bounds, the accounts go on counting, and a scope that was dropped is gone."""
    runtime = server._runtime
    scope = runtime.scopes.create("small", {"journal": {"most_entries": 100, "most_bytes": 20_000}})
    job = submitted(scope)
    rule = scope.faults.add(act={"headers": {"X-Odd": "1"}})
    crowd = Crowd(server.origin, {"small": job}, lambda _number: None, pollers=40, polls=10)
    crowd.poll()
    assert len(scope.requests) <= 100
    assert scope.requests.dropped == 400 - len(scope.requests)
    assert scope.requests.bytes_kept <= 20_000
    assert (rule.met, len(rule.requests)) == (400, 400)
    gone = weakref.ref(scope)
    runtime.scopes.drop("small")
    del scope, rule, crowd
    gc.collect()
    assert gone() is None
