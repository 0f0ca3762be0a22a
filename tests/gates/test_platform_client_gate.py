"""The client gate of today: the reference client is fed every answer of document and overlay; nothing may be found."""

from __future__ import annotations

import pytest

from runtime_contracts.client_fuzz import PHASES, fuzz_client
from runtime_contracts.contract import Contract
from runtime_contracts.report import Report
from tests.runtime_contracts.reference_driver_platform import driver


@pytest.fixture(scope="module")
def report() -> Report:
    """The report of one full run with a fixed seed."""
    return fuzz_client(driver, seed=20210507, profile="quick", phases=PHASES, max_examples=4)


def test_reference_client_keeps_the_contract(report: Report) -> None:
    """No check finds anything."""
    assert report.failures == (), report.to_text()
    assert report.exit_code == 0


def test_every_operation_and_answer_is_fed(report: Report) -> None:
    """No operation is left out, every documented status was fed, and each phase did something."""
    assert report.left_out == ()
    assert report.unmet == {}
    assert report.edition == "platform"
    assert set(report.phases) == set(PHASES)
    assert set(report.cases) == set(Contract.of("platform").operations)
