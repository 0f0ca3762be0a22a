"""The list of checks is complete, and each of them has a server or a client that it catches."""

from __future__ import annotations

import re
from pathlib import Path

import runtime_contracts
from runtime_contracts import documents
from runtime_contracts.checks import (
    CLIENT_CHECKS,
    JOURNEY_CHECKS,
    LIFECYCLE_CHECKS,
    PROBE_CHECKS,
    REQUEST_CHECKS,
    SERVER_CHECKS,
)
from runtime_contracts.contract import Contract
from tests.broken.clients import PLANTS
from tests.runtime_contracts import test_broken_platform_servers as today
from tests.runtime_contracts import test_journeys, test_requests_phase, test_strangers
from tests.runtime_contracts.test_broken_servers import ROWS

# Slow answers have a test of their own; engine errors are told apart from what a server does.
CAUGHT_ELSEWHERE = {"answer_makes_sense", "max_response_time", "engine_error", "operation_left_out"}


def test_every_server_check_has_a_broken_server() -> None:
    """The table of planted deviations covers the checks of servers, and names no other."""
    of_requests = {check for _, _, check, _ in test_requests_phase.ROWS}
    found = {row.check for row in (*ROWS, *today.ROWS)} | of_requests | set(test_journeys.CHECKS)
    assert found == set(SERVER_CHECKS) - CAUGHT_ELSEWHERE


def test_every_client_check_has_a_broken_client() -> None:
    """The table of planted mistakes covers the checks of clients, and names no other."""
    found = {check for _, check in PLANTS.values()} | {planted.check for planted in test_strangers.ZOO.values()}
    assert found == set(CLIENT_CHECKS)


def test_every_name_in_the_code_is_described() -> None:
    """A check that is reported under a name has a description under it."""
    folder = Path(runtime_contracts.__path__[0])
    files = [file for file in folder.rglob("*.py") if file.name != "checks.py"]
    everything = "\n".join(file.read_text(encoding="utf-8") for file in files)
    for name in {**LIFECYCLE_CHECKS, **JOURNEY_CHECKS, **REQUEST_CHECKS, **PROBE_CHECKS, **CLIENT_CHECKS}:
        assert f'"{name}"' in everything, name
    used = set(re.findall(r'(?:Verdict|_list_fault|_steps)\(\s*"(\w+)"', everything))
    used |= set(re.findall(r'(?:_expect|fault)\([^)]*?"([a-z]+(?:_[a-z]+)+)"', everything))
    operations = {name for edition in documents.names() for name in Contract.of(edition).operations}
    assert used - {*SERVER_CHECKS, *CLIENT_CHECKS} - operations == set()
