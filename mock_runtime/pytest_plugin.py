"""Fixtures for tests against the fake; installing the package loads them.

`runtime` is the fake itself: `runtime.requests` is its journal, `runtime.faults` are its rules. `runtime_app` is the
same as an application, `runtime_server` on a socket, `runtime_intercept` puts it in place of IBM's hosts,
`runtime_client` is a client of it that needs no socket, `runtime_clock` its time, `runtime_scenario` how its jobs
unfold. `client_contract` holds a client to the contract and needs no fake. All others are of one fake, made
afresh for each test. Time is virtual, and a job is done after two polls unless the test says otherwise:

    @pytest.mark.mock_runtime(polls=23, tokens=["alice"], latency="50ms")

takes the settings of a scenario and of `Config`. To change them for a whole module, override the fixture
`runtime_config`. The fake is one of today's API, and so is the client; `edition="2021"` makes both of that year. What
really computes a result takes real time: virtual time stands still meanwhile.

Nothing of the fake is imported before a fixture is used.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from flask import Flask

    from mock_runtime.clock import ManualClock
    from mock_runtime.config import Config
    from mock_runtime.runtime import Runtime
    from mock_runtime.scenario import Script
    from mock_runtime.transport.server import LiveServer
    from runtime_client.legacy_2021 import RuntimeClient as ClientOf2021
    from runtime_client.platform import RuntimeClient
    from runtime_client.settings import TransportOptions
    from runtime_contracts.client_contract import ClientContract


def pytest_addoption(parser: pytest.Parser) -> None:
    """Tell pytest of the option."""
    parser.getgroup("mock-runtime").addoption(
        "--client-contract-report",
        metavar="FOLDER",
        help="Where client_contract writes the report of a client that breaks the contract, in a folder for each test.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Tell pytest of the marker."""
    config.addinivalue_line(
        "markers",
        "mock_runtime(**settings): settings of the fake for this test, e.g. polls=23, run='5s', tokens=['alice']",
    )


_LINES_SHOWN: Final = 40
_USED: Final = pytest.StashKey["Runtime"]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show with a test that fails what its code asked the fake, and what it was answered."""
    report = yield
    used = item.stash.get(_USED, None)
    if call.when == "call" and report.failed and used is not None and len(used.requests):
        from mock_runtime.journal.timeline import timeline

        shown = timeline(used.requests.entries(limit=_LINES_SHOWN), most=_LINES_SHOWN)
        report.sections.append(("mock-runtime: the last requests", "\n".join(shown)))
    return report


@pytest.fixture
def runtime_config(request: pytest.FixtureRequest) -> Config:
    """The configuration of the fake: the defaults of a test, under what its markers say."""
    from mock_runtime.config import for_a_test

    settings: dict[str, object] = {}
    if any(marker.args for marker in request.node.iter_markers("mock_runtime")):
        raise pytest.UsageError("mock_runtime takes settings by name only, e.g. mock_runtime(polls=3)")
    for marker in reversed(list(request.node.iter_markers("mock_runtime"))):
        settings.update(marker.kwargs)
    return for_a_test(settings)


@pytest.fixture
def runtime_clock() -> ManualClock:
    """The time of the fake, which stands still until the test calls `advance` or a client waits on it."""
    from mock_runtime.clock import ManualClock

    return ManualClock()


@pytest.fixture
def runtime_app(request: pytest.FixtureRequest, runtime_config: Config, runtime_clock: ManualClock) -> Iterator[Flask]:
    """The fake as a Flask application, without a socket: `runtime_app.test_client()`.

    If the fake itself fails while answering, its error is raised here, at the end of the test.
    """
    from mock_runtime.app import create_app, runtime_of

    app = create_app(runtime_config, clock=runtime_clock)
    runtime = runtime_of(app)
    runtime.hold_time()
    request.node.stash[_USED] = runtime
    try:
        yield app
        runtime.check()
    finally:
        runtime.close()


@pytest.fixture
def runtime(runtime_app: Flask) -> Runtime:
    """The fake itself: `runtime.faults.add(...)`, `runtime.requests.assert_polled(job)`, `runtime.snapshot()`."""
    from mock_runtime.app import runtime_of

    return runtime_of(runtime_app)


@pytest.fixture
def runtime_scenario(runtime_app: Flask) -> Script:
    """How jobs unfold: `runtime_scenario.set(run="5s", outcome="failed")`, also for one program or the next job."""
    from mock_runtime.app import runtime_of

    return runtime_of(runtime_app).script


@pytest.fixture
def runtime_server(runtime_app: Flask) -> Iterator[LiveServer]:
    """The fake on a loopback port of its own: `runtime_server.url` is its base URL, with a slash at the end."""
    from mock_runtime.transport.server import LiveServer

    with LiveServer(runtime_app) as server:
        yield server


@pytest.fixture
def runtime_intercept(runtime_app: Flask) -> Iterator[Runtime]:
    """The fake in place of IBM's hosts: what `requests` and `httpx` ask them in this process, it answers."""
    from mock_runtime.interception import intercept

    with intercept(runtime_app) as runtime:
        yield runtime


@pytest.fixture
def runtime_client(runtime_app: Flask, runtime_clock: ManualClock) -> Iterator[RuntimeClient | ClientOf2021]:
    """A reference client that calls the fake in-process; when it waits between two polls, virtual time passes.

    It is that of the edition: `runtime_client.platform.RuntimeClient`, at work on the first instance of its user, or
    `runtime_client.legacy_2021.RuntimeClient`. Its token is the first of the configuration.
    """
    import requests

    from mock_runtime.app import runtime_of
    from mock_runtime.transport.in_process import HOST, WSGIAdapter

    runtime = runtime_of(runtime_app)
    session = requests.Session()
    session.mount("http://", WSGIAdapter(runtime_app))
    url = f"http://{HOST}{runtime.prefix}/"
    token = runtime.config.first_token or "a-token-for-tests"
    options: TransportOptions = {
        "session": session,
        "sleep": runtime_clock.sleep,
        "monotonic": runtime_clock.now,
    }
    with contextlib.ExitStack() as stack:
        stack.callback(session.close)
        if runtime.edition.name == "legacy-2021":
            from runtime_client.legacy_2021 import RuntimeClient as ClientOf2021

            yield stack.enter_context(ClientOf2021(url, token=token, **options))
        else:
            from runtime_client.platform import RuntimeClient

            instances = runtime.directory.instances_of(runtime.directory.by_api_key(token))
            if not instances:
                raise pytest.UsageError("runtime_client: none of the configured instances is the first token's")
            yield stack.enter_context(RuntimeClient(url, token=token, instance=instances[0].crn, **options))


@pytest.fixture
def client_contract(request: pytest.FixtureRequest, tmp_path: Path) -> ClientContract:
    """Holds a client of yours to the contract: `client_contract.check(my_package.get_job, operation="get_job")`.

    It needs no fake: answers are made up, and nothing leaves the process. The edition is that of the marker, or else
    the one whose paths the client asks for. If a client breaks the contract, the test fails with the most important
    findings, and the whole report is in a folder of the test, or of `--client-contract-report`.
    """
    try:
        from runtime_contracts.client_contract import ClientContract
    except ImportError as error:
        pytest.fail(
            f"client_contract needs the parts for contract testing ({error.name} is not there); "
            "install mock-runtime[contract]",
            pytrace=False,
        )
    markers = request.node.iter_markers("mock_runtime")
    marked = [marker.kwargs["edition"] for marker in markers if "edition" in marker.kwargs]
    given = request.config.getoption("--client-contract-report")
    name = re.sub(r"[^\w.-]+", "-", request.node.nodeid).strip("-")
    folder = tmp_path / "client-contract" if given is None else Path(given) / name
    return ClientContract(edition=marked[0] if marked else None, report_dir=folder)
