"""The client gate over httpx: what is decided in the client is decided alike, so the answers of a few operations do."""

from __future__ import annotations

import pytest

from runtime_contracts.client_driver import ClientDriver
from runtime_contracts.client_fuzz import fuzz_client
from tests.runtime_contracts import reference_driver, reference_driver_platform

# One that gives a value, one that gives nothing, one that sends a form.
OF_2021 = ("delete-job", "post-program")
OF_TODAY = ("get_job_results_jid", "delete_job")


@pytest.mark.parametrize(
    ("driver", "operations"),
    [
        (reference_driver.httpx_driver, OF_2021),
        (reference_driver_platform.async_driver, OF_TODAY),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_reference_clients_keep_the_contract_over_httpx(driver: ClientDriver, operations: tuple[str, ...]) -> None:
    """No check finds anything."""
    report = fuzz_client(driver, seed=20210507, max_examples=1, phases=["answers"], operations=list(operations))
    assert report.failures == (), report.to_text()
    assert report.exit_code == 0
    assert set(report.cases) == set(operations)
