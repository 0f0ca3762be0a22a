"""`mock-runtime proxy --chaos` as a process of its own, between a program and a fake that behaves."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest

from mock_runtime import LiveServer
from tests.mock_runtime.bad_days.scenes import IBM_URL, KEY, new_fake

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mock_runtime import Runtime

TIMEOUT_S: Final = 120
REQUESTS: Final = 60
PROGRAM: Final = """
import runtime_client

with runtime_client.connect("%(url)s", token="%(key)s", retries=0) as client:
    for number in range(%(requests)d):
        try:
            print(number, len(client.list_programs()))
        except runtime_client.RuntimeClientError as error:
            print(number, type(error).__name__)
"""


@pytest.fixture
def fake() -> Iterator[Runtime]:
    """A server of somebody else's."""
    runtime = new_fake("2021")
    yield runtime
    runtime.check()


def clean() -> dict[str, str]:
    """An environment without what this machine says of proxies and certificates."""
    unwanted = ("_proxy", "ca_bundle", "ssl_cert_file")
    names = [name for name in os.environ if not name.lower().endswith(unwanted)]
    return {name: os.environ[name] for name in names if not name.startswith(("QISKIT", "MOCK_RUNTIME"))}


def begun(upstream: str, seed: int) -> subprocess.Popen[str]:
    """The proxy with the program, as they have begun."""
    code = PROGRAM % {"url": IBM_URL["2021"], "key": KEY, "requests": REQUESTS}
    words = ["--edition", "2021", "--upstream", upstream, "--chaos", "flaky-network", "--seed", str(seed)]
    return subprocess.Popen(
        [sys.executable, "-m", "mock_runtime", "proxy", *words, "--", sys.executable, "-c", code],
        env=clean(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[list[str], list[str]]:
    """What the program has seen, and what the proxy has told of faults."""
    out, told = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 0, told
    return out.splitlines(), [line for line in told.splitlines() if line.startswith("fault ")]


def test_the_same_seed_is_the_same_bad_day_in_every_process(fake: Runtime) -> None:
    """A program at IBM's hosts, through TLS, sees the same twice; with another seed it sees something else."""
    with LiveServer(fake.app) as server:
        first, again, other = [ended(process) for process in [begun(server.origin, seed) for seed in (3, 3, 4)]]
    seen, told = first
    assert again == first
    assert other != first
    failed = {int(line.split()[0]) + 1 for line in seen if line.endswith(" TransportError")}
    assert failed == cut(told)
    assert 0 < len(failed) < len(seen) == REQUESTS


def cut(told: list[str]) -> set[int]:
    """The numbers of the requests whose answers did not arrive, from the accounts that the proxy gives at its end."""
    accounts = [line for line in told if re.search(r"(dropped|no-answer|half-answer): met ", line)]
    assert len(accounts) == 3
    return {int(number) for line in accounts for number in re.findall(r"#(\d+)", line)}
