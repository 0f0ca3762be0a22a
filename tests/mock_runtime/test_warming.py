"""What gets a fake ready for jobs, and when."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from mock_runtime import Config, create_app, runtime_of
from mock_runtime.domain.results import Output
from mock_runtime.warming import Warming
from tests.mock_runtime.fakes import shown

if TYPE_CHECKING:
    from mock_runtime.execution import Submission
    from mock_runtime.ids import Rng
    from mock_runtime.journal.entry import Entry
    from mock_runtime.runtime import Runtime

PROPERTIES = "/api/v1/backends/ibm_fez/properties"


class Cold:
    """An execution that notes when it is warmed up."""

    def __init__(self) -> None:
        self.warmed = threading.Semaphore(0)

    def start(self, submission: Submission, rng: Rng) -> Output:  # noqa: ARG002 - nothing is run
        """Nothing."""
        return Output()

    def warm_up(self) -> None:
        """Note it."""
        self.warmed.release()

    def close(self) -> None:
        """Nothing."""


@pytest.fixture
def cold() -> Cold:
    """An execution to be warmed up."""
    return Cold()


@pytest.fixture
def runtime(cold: Cold) -> Runtime:
    """A fake with that execution."""
    return runtime_of(create_app(Config(seed=0), execution=cold))


def exchange(path: str, status: int = 200, method: str = "GET") -> Entry:
    """A request that was answered."""
    return shown(method, path, status, 0.0)


@pytest.mark.parametrize("sign", [exchange(PROPERTIES), exchange("/api/v1/sessions", method="POST")])
def test_who_is_about_to_send_a_job_finds_the_fake_warm(runtime: Runtime, cold: Cold, sign: Entry) -> None:
    """Once: signs that follow change nothing."""
    warming = Warming(runtime)
    for _ in range(3):
        warming(sign)
    assert cold.warmed.acquire(timeout=30)
    assert not cold.warmed.acquire(blocking=False)


@pytest.mark.parametrize(
    "other",
    [
        exchange("/identity/token", method="POST"),
        exchange("/api/v1/backends"),
        exchange("/api/v1/backends/ibm_fez/configuration"),
        exchange(PROPERTIES, status=401),
        exchange("/api/v1/sessions", status=400, method="POST"),
    ],
)
def test_who_only_looks_around_pays_for_nothing(runtime: Runtime, other: Entry) -> None:
    """No thread is started; nor for those who are refused."""
    before = threading.active_count()
    Warming(runtime)(other)
    assert threading.active_count() == before


def test_somebody_else_may_watch(runtime: Runtime) -> None:
    """Every exchange, in order."""
    seen: list[Entry] = []
    warming = Warming(runtime, seen.append)
    exchanges = [exchange("/a"), exchange(PROPERTIES), exchange("/b", status=500)]
    for each in exchanges:
        warming(each)
    assert seen == exchanges


def test_an_execution_that_is_always_warm_is_left_alone() -> None:
    """Such as that of 2021, which needs nothing."""
    runtime = runtime_of(create_app(Config(edition="legacy-2021", seed=0)))
    before = threading.active_count()
    runtime.warm_up()
    assert threading.active_count() == before
