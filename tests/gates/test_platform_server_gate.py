"""The server gate of today: our fake is driven through all operations of document and overlay; nothing may be found."""

from __future__ import annotations

from functools import partial

import pytest

from mock_runtime import Config, ManualClock, create_app
from mock_runtime.accounts import Token
from mock_runtime.directory import InstanceSpec
from mock_runtime.transport.server import LiveServer
from runtime_contracts import profiles
from runtime_contracts.contract import Contract
from runtime_contracts.report import Report
from runtime_contracts.server_fuzz import PHASES, fuzz_server

ALICE, BOB = "alice-key", "bob-key"
# What the document declares and a healthy server with ordinary limits and rights has no reason to answer.
NEVER = frozenset({403, 500})
NEEDS_LIMITS = {409, 413, 429}


@pytest.fixture(scope="module")
def report() -> Report:
    """The report of one full run with a fixed seed."""
    clock = ManualClock()
    config = Config(
        edition="platform",
        tokens=(Token(ALICE, name="alice"), Token(BOB, name="bob")),
        instances=(InstanceSpec(name="hers", keys=("alice",)), InstanceSpec(name="his", keys=("bob",))),
        # What is computed in another process is not there at a certain moment of a clock that is moved by hand.
        engine="synthetic",
        seed=7,
    )
    with LiveServer(create_app(config, clock=clock)) as server:
        return fuzz_server(
            server.url, token=ALICE, other_token=BOB, seed=20210507, max_examples=8, advance=partial(clock.sleep, 1.0)
        )


def test_fake_keeps_the_contract(report: Report) -> None:
    """No check finds anything, the run came to its end, and nothing was left out."""
    assert report.failures == (), report.to_text()
    assert report.problem is None
    assert report.notes == ()
    assert report.edition == "platform"
    assert report.exit_code == 0


def test_every_journey_is_made(report: Report) -> None:
    """Every journey is true of the fake, and none had to be skipped."""
    assert [(journey.name, journey.outcome) for journey in report.journeys] == [
        (journey.name, "passed") for journey in profiles.of("platform").server.journeys
    ]


def test_no_alarm_is_discarded(report: Report) -> None:
    """Generator and contract agree on every request of the run, so no alarm has to be set aside."""
    assert report.discarded == ()


def test_every_operation_is_met_in_every_phase(report: Report) -> None:
    """No operation is left out, and each phase did something."""
    assert report.left_out == ()
    assert set(report.phases) == set(PHASES)
    for operation in Contract.of("platform").operations:
        assert {"probes", "coverage", "fuzzing"} <= set(report.cases[operation]), operation


def test_every_documented_answer_is_met(report: Report) -> None:
    """Every documented status came up, apart from those that need limits, other rights, or a fault."""
    unmet = {name: set(statuses) - NEVER - NEEDS_LIMITS for name, statuses in report.unmet.items()}
    assert {name: statuses for name, statuses in unmet.items() if statuses} == {}
