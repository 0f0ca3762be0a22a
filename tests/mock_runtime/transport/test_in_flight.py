"""Requests that wait, clients that go away, and servers that stop in between."""

from __future__ import annotations

import asyncio
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from mock_runtime import Config, LiveServer, ManualClock, create_app, runtime_of
from tests.mock_runtime.fakes import EDITION_2021
from tests.mock_runtime.transport.sockets import (
    TIMEOUT_S,
    address_of,
    connection,
    exchange,
    parsed,
    read_to_end,
    request,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from mock_runtime.journal.entry import Entry

SUBMISSION = b'{"programId": "runtime-simple"}'


class Gate(ManualClock):
    """A clock on which sleepers sleep until the test wakes them; `waiting` counts them."""

    def __init__(self, expected: int = 1) -> None:
        super().__init__()
        self.waiting = 0
        self.all_there = threading.Event()
        self._expected = expected
        self._loop: asyncio.AbstractEventLoop | None = None
        self._open: asyncio.Event | None = None

    async def sleep_async(self, seconds: float) -> None:
        """Wait at the gate, for however many seconds it was to be."""
        assert seconds > 0
        if self._open is None:
            self._loop, self._open = asyncio.get_running_loop(), asyncio.Event()
        self.waiting += 1
        if self.waiting == self._expected:
            self.all_there.set()
        await self._open.wait()

    def open(self) -> None:
        """Let everybody through, now and from now on; from any thread."""
        assert self._loop is not None
        assert self._open is not None
        self._loop.call_soon_threadsafe(self._open.set)


def gated(expected: int = 1) -> tuple[Flask, Gate]:
    """A fake whose every answer waits at a gate."""
    gate = Gate(expected)
    return create_app(Config(edition=EDITION_2021, seed=0, latency="1h"), clock=gate), gate


@pytest.fixture
def calls() -> Iterator[ThreadPoolExecutor]:
    """Threads for clients that wait."""
    with ThreadPoolExecutor(4) as pool:
        yield pool


def jobs_of(app: Flask) -> int:
    """How many jobs `alice` has."""
    runtime = runtime_of(app)
    answer = runtime.app.test_client().get("/jobs", headers={"Authorization": "Bearer alice"})
    return int(answer.get_json()["count"])


def test_three_hundred_answers_wait_without_a_thread() -> None:
    """All of them are under way at once, on the one thread of the server, and all are answered in the end."""
    app, gate = gated(expected=300)

    async def call(address: tuple[str, int]) -> bytes:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(request("GET", "/programs"))
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return answer

    async def all_at_once(address: tuple[str, int]) -> list[bytes]:
        calls = [asyncio.create_task(call(address)) for _ in range(300)]
        there = await asyncio.to_thread(gate.all_there.wait, TIMEOUT_S)
        assert there
        assert [task.done() for task in calls] == [False] * 300
        names.extend(thread.name for thread in threading.enumerate())
        gate.open()
        return list(await asyncio.gather(*calls))

    names: list[str] = []
    before = {thread.name for thread in threading.enumerate()}
    with LiveServer(app) as server:
        answers = asyncio.run(all_at_once(address_of(server)))
    assert {parsed(answer).status for answer in answers} == {200}
    new = sorted(name for name in names if name not in before)
    assert [name for name in new if not name.startswith("asyncio_")] == ["mock-runtime"]
    assert len(new) <= 2


def test_a_waiting_answer_holds_up_no_other(calls: ThreadPoolExecutor) -> None:
    """The control plane has no latency and is served while others wait."""
    app, gate = gated()
    with LiveServer(app) as server:
        held = calls.submit(exchange, server, request("GET", "/programs"))
        assert gate.all_there.wait(TIMEOUT_S)
        assert exchange(server, request("GET", "/_mock/health")).status == 200
        assert not held.done()
        gate.open()
        assert held.result(TIMEOUT_S).status == 200


def test_a_client_that_leaves_in_the_middle_submits_nothing() -> None:
    """Neither within the head nor within the body, with either framing."""
    app = create_app(Config(edition=EDITION_2021, seed=0), clock=ManualClock())
    whole = request("POST", "/jobs", SUBMISSION)
    unfinished = [
        whole[:20],
        whole[: -len(SUBMISSION)],
        whole[:-1],
        request("POST", "/jobs", Transfer_Encoding="chunked") + b"1f\r\n" + SUBMISSION + b"\r\n",
        request("POST", "/jobs", Content_Length="300000") + SUBMISSION * 5000,
    ]
    with LiveServer(app) as server:
        for raw in unfinished:
            with connection(server) as opened:
                opened.sendall(raw)
        assert exchange(server, request("GET", "/jobs")).json["count"] == 0
        assert exchange(server, whole).status == 200
        assert exchange(server, request("GET", "/jobs")).json["count"] == 1
    assert not runtime_of(app).bugs


def test_a_client_that_leaves_after_its_request_has_submitted_a_job() -> None:
    """The service cannot know that nobody listens; neither could the real one."""
    app, gate = gated()
    with LiveServer(app) as server:
        with connection(server) as opened:
            opened.sendall(request("POST", "/jobs", SUBMISSION))
            assert gate.all_there.wait(TIMEOUT_S)
        gate.open()
        assert exchange(server, request("GET", "/jobs")).json["count"] == 1
    assert not runtime_of(app).bugs


def test_stopping_cuts_off_what_is_under_way(calls: ThreadPoolExecutor, caplog: pytest.LogCaptureFixture) -> None:
    """At once and without a word, though the answer was to be held back for an hour; nothing is submitted."""
    app, gate = gated()
    server = LiveServer(app)
    server.start()

    def submit() -> bytes:
        with connection(server) as opened:
            opened.sendall(request("POST", "/jobs", SUBMISSION))
            try:
                return read_to_end(opened)
            except ConnectionResetError:
                return b""

    with caplog.at_level(logging.DEBUG):
        held = calls.submit(submit)
        assert gate.all_there.wait(TIMEOUT_S)
        server.stop()
        assert held.result(TIMEOUT_S) == b""
    assert not server.is_running
    assert jobs_of(app) == 0
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_an_answer_that_is_not_read_does_not_keep_a_server_from_stopping() -> None:
    """A client that never listens is cut off like any other."""
    app = create_app(Config(edition=EDITION_2021, seed=0), clock=ManualClock())
    with LiveServer(app) as server, connection(server) as opened:
        opened.sendall(request("GET", "/openapi/swagger-ui-bundle.js", Connection="keep-alive") * 20)
        server.stop()
        assert not server.is_running


def test_exchanges_are_observed_with_their_latency() -> None:
    """Method, path without its query, status, and seconds by the clock of the fake; who looks at that is not."""
    seen: list[Entry] = []
    app = create_app(Config(edition=EDITION_2021, seed=0, latency="2s"), clock=ManualClock())
    with LiveServer(app, observe=seen.append) as server:
        exchange(server, request("GET", "/programs?secret=1"))
        exchange(server, request("POST", "/nothing", b"{}"))
        exchange(server, request("GET", "/_mock/health"))
    assert [(each.method, each.path, each.status, each.seconds) for each in seen] == [
        ("GET", "/programs", 200, 2.0),
        ("POST", "/nothing", 404, 2.0),
    ]
