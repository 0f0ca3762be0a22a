"""Each check of the client gate catches something: a table of planted mistakes and what notices them."""

from __future__ import annotations

import pytest

from runtime_contracts.client_fuzz import fuzz_client
from tests.broken.clients import PLANTS, UNUSUAL, PlantedDriver
from tests.runtime_contracts.reference_driver import ACCESS_TOKEN, TOKEN, driver


def _operations(planted: PlantedDriver, check: str) -> tuple[str, ...]:
    if check == "operation_left_out":
        return ("get-version", "get-network")
    return (planted.operation,)


@pytest.mark.parametrize("name", PLANTS)
def test_planted_mistake_is_noticed(name: str) -> None:
    """The named check notices the planted mistake, and the report tells no token."""
    planted, check = PLANTS[name]
    phases = ("arguments",) if name.startswith(("an id", "an argument")) else ("answers",)
    operations = _operations(planted, check)
    report = fuzz_client(planted, operations=operations, phases=phases, max_examples=30, max_call_time_s=1.0)
    assert check in {failure.check for failure in report.failures}, report.to_text()
    assert report.exit_code == 1
    assert TOKEN not in report.to_json()
    assert ACCESS_TOKEN not in report.to_json()


@pytest.mark.parametrize("name", UNUSUAL)
def test_lenient_run_lets_the_unusual_pass(name: str) -> None:
    """What a strict run calls a broken answer that is taken, and nothing else, passes in a lenient run."""
    planted = UNUSUAL[name]
    strict = fuzz_client(planted, operations=(planted.operation,), phases=("answers",))
    assert {failure.check for failure in strict.failures} == {"accepts_broken"}
    assert strict.failures[0].message.splitlines()[0].endswith("(a lenient run lets this pass)")
    lenient = fuzz_client(planted, operations=(planted.operation,), phases=("answers",), lenient=True)
    assert lenient.failures == (), lenient.to_text()


def test_operations_that_are_left_out_are_one_failure() -> None:
    """A driver with one call gets one failure that lists the others, not one for each."""
    planted, _ = PLANTS["an operation is left out"]
    operations = ("get-network", "get-version", "get-jobs")
    report = fuzz_client(planted, operations=operations, phases=())
    assert [(failure.title, failure.message) for failure in report.failures] == [
        ("operation_left_out", "the driver has no call for get-network, get-jobs")
    ]


def test_random_answers_find_what_is_planted() -> None:
    """The phase fuzzing notices a client that leaks KeyError, and shows the smallest answer that makes it."""
    planted, _ = PLANTS["a missing key becomes KeyError"]
    report = fuzz_client(planted, operations=_operations(planted, ""), phases=("fuzzing",), max_examples=25)
    leaks = [failure for failure in report.failures if failure.check == "leaks_exception"]
    assert leaks, report.to_text()
    assert {failure.phase for failure in leaks} == {"fuzzing"}


def test_reference_client_passes_where_plants_were_noticed() -> None:
    """The reference client itself passes the operations of the plants, so it is the mistakes that are noticed."""
    operations = ("get-programs-id-jobs-jid", "get-jobs", "delete-job", "get-program", "post-program-id", "logout")
    report = fuzz_client(driver, operations=operations, phases=("answers", "arguments"), max_examples=5)
    assert report.failures == (), report.to_text()
    assert report.exit_code == 0
