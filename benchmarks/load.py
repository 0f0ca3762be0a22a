"""A small load generator: so many connections, each sending its next request when the last one is answered."""

from __future__ import annotations

import http.client
import json
import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

_PATIENCE_S: Final = 15.0
_TOKEN: Final = "any-token-will-do"  # noqa: S105 - the fake takes any, and the bare application none


class UnexpectedAnswer(Exception):
    """An answer that is not the one that is being measured. `str()` says what came."""


@dataclass(frozen=True, slots=True)
class Target:
    """One request to one server, and the status that it must be answered with."""

    host: str
    port: int
    request: bytes
    status: int


@dataclass(frozen=True, slots=True)
class Load:
    """What a load came to: `answers` in `seconds`, of which the generator itself computed for `busy_seconds`."""

    answers: int
    seconds: float
    busy_seconds: float

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds

    @property
    def busy(self) -> float:
        """The share of the time in which the generator computed: near 1, it is the generator that is measured."""
        return self.busy_seconds / self.seconds


def target(
    url: str, path: str, *, status: int, method: str = "GET", headers: Sequence[str] = (), body: bytes = b""
) -> Target:
    """A request with the headers that a usual client sends, and others."""
    parts = urlsplit(url)
    lines = [
        f"{method} {path} HTTP/1.1",
        f"Host: {parts.netloc}",
        "User-Agent: benchmark/1",
        "Accept-Encoding: gzip, deflate",
        "Accept: */*",
        "Connection: keep-alive",
        f"Authorization: Bearer {_TOKEN}",
        *headers,
    ]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    head = "\r\n".join(lines).encode() + b"\r\n\r\n"
    return Target(parts.hostname or "", parts.port or 80, head + body, status)


def submit_job(url: str) -> str:
    """Submit a job to a fake; its id."""
    body = json.dumps({"programId": "runtime-simple"})
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_PATIENCE_S)
    try:
        connection.request("POST", "/jobs", body, {"Authorization": f"Bearer {_TOKEN}"})
        answer = connection.getresponse()
        if answer.status != 200:
            raise UnexpectedAnswer(f"POST /jobs: {answer.status}")
        return str(json.loads(answer.read())["id"])
    finally:
        connection.close()


def wait_for(goal: Target) -> None:
    """Return as soon as the request is answered for the first time; UnexpectedAnswer if it is not for long."""
    give_up = time.perf_counter() + _PATIENCE_S
    while True:
        try:
            load(goal, connections=1, seconds=0)
        except OSError:
            if time.perf_counter() > give_up:
                raise UnexpectedAnswer(f"nobody listens on port {goal.port}") from None
            time.sleep(0.001)
        else:
            return


def load(goal: Target, *, connections: int, seconds: float) -> Load:
    """Keep so many connections busy for so long, at least one request each; UnexpectedAnswer, OSError.

    Every answer is checked. What is under way at the end is waited for and counts, so that nothing of it falls into
    the measurement of somebody else. A server that closes its connections is connected to again, as a client has to.
    """
    begun, computed = time.perf_counter(), time.process_time()
    answers = 0
    with selectors.DefaultSelector() as selector:
        try:
            for _ in range(connections):
                _connect(selector, goal)
            while selector.get_map():
                ready = selector.select(_PATIENCE_S)
                if not ready:
                    raise UnexpectedAnswer(f"no answer from port {goal.port} for {_PATIENCE_S:.0f} s")
                for key, _ in ready:
                    answers += _advance(selector, key, goal, is_last=time.perf_counter() - begun >= seconds)
        finally:
            for key in list(selector.get_map().values()):
                _close(selector, key)
    return Load(answers, time.perf_counter() - begun, time.process_time() - computed)


def _connect(selector: selectors.BaseSelector, goal: Target) -> None:
    connection = socket.create_connection((goal.host, goal.port), timeout=_PATIENCE_S)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(goal.request)
    selector.register(connection, selectors.EVENT_READ, bytearray())


def _close(selector: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
    selector.unregister(key.fileobj)
    assert isinstance(key.fileobj, socket.socket)
    key.fileobj.close()


def _advance(selector: selectors.BaseSelector, key: selectors.SelectorKey, goal: Target, *, is_last: bool) -> int:
    """Read what came on a connection; 1 if an answer is now complete, and the next request is on its way."""
    assert isinstance(key.fileobj, socket.socket)
    received: bytearray = key.data
    data = key.fileobj.recv(65536)
    received += data
    reusable = _reusable(bytes(received), goal, at_end=not data)
    if reusable is None:
        return 0
    received.clear()
    if reusable and not is_last:
        key.fileobj.sendall(goal.request)
        return 1
    _close(selector, key)
    if not is_last:
        _connect(selector, goal)
    return 1


def _reusable(received: bytes, goal: Target, *, at_end: bool) -> bool | None:
    """Whether a complete answer leaves its connection open; None if it is not complete; UnexpectedAnswer."""
    head, blank, body = received.partition(b"\r\n\r\n")
    if not blank:
        if at_end:
            raise UnexpectedAnswer(f"port {goal.port} closed the connection in the head of an answer")
        return None
    if int(head[9:12]) != goal.status:
        raise UnexpectedAnswer(f"port {goal.port} answered {head[9:12].decode()} instead of {goal.status}")
    lower = head.lower()
    length = 0 if goal.status == 204 else int(lower.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0])
    if len(body) > length:
        raise UnexpectedAnswer(f"port {goal.port} sent more than one answer")
    if len(body) < length:
        if at_end:
            raise UnexpectedAnswer(f"port {goal.port} closed the connection in the body of an answer")
        return None
    return b"\r\nconnection: close" not in lower
