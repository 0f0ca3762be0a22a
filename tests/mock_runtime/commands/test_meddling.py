"""Faults between a client and a server that is somebody else's."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import requests
from click.testing import CliRunner

from mock_runtime import Config, LiveServer, ManualClock, create_app, runtime_of
from mock_runtime.cli import main
from mock_runtime.commands.meddling import Meddling, rules_of
from mock_runtime.faults.reading import InvalidFault
from mock_runtime.transport.asgi import FlaskOnASGI
from mock_runtime.transport.faulty import Faulty
from mock_runtime.transport.server import ProxyServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mock_runtime import Runtime

ALICE = {"Authorization": "Bearer alice"}


@pytest.fixture
def upstream() -> Runtime:
    """A server of somebody else's: a fake that behaves well."""
    return runtime_of(create_app(Config(edition="2021", seed=7), clock=ManualClock()))


@contextmanager
def meddled(upstream: Runtime, *faults: str, chaos: tuple[str, ...] = (), kept: int = 10_000_000) -> Iterator[Reached]:
    """A way to the server on which these faults are met."""
    own = runtime_of(create_app(Config(edition="2021", seed=1, control=False), clock=ManualClock()))
    shown: list[str] = []
    meddling = Meddling(own, rules_of(faults, chaos), shown.append)
    inner = FlaskOnASGI(responder=upstream, app=upstream.wsgi, max_body_bytes=1_000_000)
    served = Faulty(inner=inner, app=upstream.wsgi, decide=meddling.decide, clock=own.clock, largest_kept_bytes=kept)
    with ProxyServer(served) as server, requests.Session() as session:
        session.headers.update(ALICE)
        yield Reached(server.origin, session, meddling, own, shown)


class Reached:
    """A server behind faults, and a session for it."""

    def __init__(
        self, origin: str, session: requests.Session, meddling: Meddling, own: Runtime, shown: list[str]
    ) -> None:
        self.origin = origin
        self.session = session
        self.meddling = meddling
        self.own = own
        self.shown = shown

    def get(self, path: str) -> requests.Response:
        """The answer to a GET."""
        return self.session.get(f"{self.origin}{path}", timeout=60)


def test_a_refusal_never_reaches_the_server(upstream: Runtime) -> None:
    """It is in the words of the edition, and shown; other requests pass."""
    with meddled(upstream, "id=storm;match.operation=list-jobs;act.status=503;act.retry_after=5s;times=2") as there:
        answers = [there.get("/jobs?limit=1") for _ in range(3)]
        assert there.get("/programs").status_code == 200
        there.meddling.faults.assert_all_met()
    assert [answer.status_code for answer in answers] == [503, 503, 200]
    assert answers[0].json()["errors"][0]["code"] == "service_unavailable"
    assert answers[0].headers["Retry-After"] == "5"
    assert [entry.path for entry in upstream.requests] == ["/jobs", "/programs"]
    assert there.shown == ["fault storm: GET /jobs is answered 503"] * 2


def test_the_answer_of_the_server_is_changed_on_its_way(upstream: Runtime) -> None:
    """The server has answered as ever, and does not come packed for that."""
    with meddled(upstream, "match.operation=list-jobs;match.status=200;act.body=truncated;times=1") as there:
        half, whole = there.get("/jobs").content, there.get("/jobs").content
    assert 0 < len(half) < len(whole)
    assert whole.startswith(half)
    first, _ = upstream.requests
    assert ("Accept-Encoding", "identity") in first.request_headers
    assert there.shown == ["fault fault-1: GET /jobs was answered 200, and that is changed"]


@pytest.mark.parametrize(("where", "carried_out"), [("request", 0), ("before", 1), ("within", 1)])
def test_a_connection_is_cut(upstream: Runtime, where: str, carried_out: int) -> None:
    """Before or after the server has carried the request out."""
    with meddled(upstream, f"match.path=/programs;act.cut={where};times=1") as there:
        with pytest.raises(requests.RequestException):
            there.get("/programs")
        assert len(upstream.requests) == carried_out
        assert there.get("/programs").status_code == 200


def test_what_takes_long_takes_time_of_the_proxy(upstream: Runtime) -> None:
    """The first byte is late, the body trickles."""
    with meddled(upstream, "act.slow=3s;act.trickle.bytes=1000;act.trickle.every=1s") as there:
        begun = there.own.clock.now()
        size = len(there.get("/programs").content)
        assert there.own.clock.now() - begun == 3 + -(-size // 1000)


def test_an_answer_that_is_too_large_to_be_kept_comes_unchanged(upstream: Runtime) -> None:
    """And whole."""
    with meddled(upstream, "act.body=truncated", kept=100) as there:
        assert there.get("/programs").json()


def test_a_body_is_read_though_its_request_is_refused(upstream: Runtime) -> None:
    """So that the client gets to read the refusal."""
    with meddled(upstream, "act.status=429") as there:
        answer = there.session.post(f"{there.origin}/jobs", data=b"x" * 900_000, timeout=60)
    assert answer.status_code == 429
    assert len(upstream.requests) == 0


def test_what_is_done_to_a_world_cannot_be_done_upstream() -> None:
    """A rule that wants that is refused; of a profile what can be done is done."""
    with pytest.raises(InvalidFault, match=r"act\.job is done to the world of a fake"):
        rules_of(["match.operation=get-job;act.job=requeue"], [])
    with pytest.raises(InvalidFault, match="there is no 'flaky'"):
        rules_of([], ["flaky"])
    assert rules_of([], ["flaky-network"])


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--fault", "act.status=teapot"), "--fault.act.status: expected a status"),
        (("--fault", "act.token=revoked"), "act.token is done to the world of a fake"),
        (("--chaos", "flaky"), "there is no 'flaky'"),
    ],
)
def test_rules_that_cannot_be_are_refused(options: tuple[str, ...], sentence: str) -> None:
    """Before anything listens."""
    run = CliRunner().invoke(main, ["proxy", "--upstream", "http://127.0.0.1:1", *options])
    assert run.exit_code == 2
    assert sentence in " ".join(run.stderr.split())


def test_the_command_meddles(upstream: Runtime) -> None:
    """A program behind the proxy meets the fault; one that is never met makes exit code 1 if all are required."""
    code = (
        "import sys, urllib.request, urllib.error\n"
        "try: urllib.request.urlopen('https://runtime-us-east.quantum-computing.ibm.com/jobs')\n"
        "except urllib.error.HTTPError as error: sys.exit(0 if error.code == 418 else 9)\n"
        "sys.exit(8)\n"
    )
    with LiveServer(upstream.app) as server:
        command = ["proxy", "--edition", "2021", "--upstream", server.origin, "--fault", "id=tea;act.status=418"]
        program = ["--", sys.executable, "-c", code]
        met = CliRunner().invoke(main, [*command, "--require-faults", *program])
        never = ["--fault", "id=never;match.operation=delete-job;act.status=500", "--require-faults"]
        unmet = CliRunner().invoke(main, [*command, *never, *program])
    assert (met.exit_code, unmet.exit_code) == (0, 1), met.stderr + unmet.stderr
    assert "fault tea: GET /jobs is answered 418" in met.stderr
    assert "never" in unmet.stderr
