"""Bytes on a socket, for what no well-behaved client would send."""

from __future__ import annotations

import json
import socket
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mock_runtime import LiveServer

TIMEOUT_S = 20.0
"""After so many seconds of silence a test has failed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response as it came, taken apart at its empty line."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


def address_of(server: LiveServer) -> tuple[str, int]:
    """Host and port of a server."""
    parts = urlsplit(server.url)
    assert parts.hostname is not None
    assert parts.port is not None
    return parts.hostname, parts.port


@contextmanager
def connection(server: LiveServer) -> Iterator[socket.socket]:
    """A connection that does not wait for ever."""
    with socket.create_connection(address_of(server), timeout=TIMEOUT_S) as opened:
        yield opened


def read_to_end(opened: socket.socket) -> bytes:
    """Everything that comes until the other side closes."""
    parts = []
    while part := opened.recv(65536):
        parts.append(part)
    return b"".join(parts)


def parsed(raw: bytes) -> Answer:
    """The one response in these bytes."""
    head, _, body = raw.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    return Answer(int(lines[0].split(" ")[1]), headers, body)


def exchange(server: LiveServer, *parts: bytes) -> Answer:
    """The answer to these bytes, after which the server is to close the connection."""
    with connection(server) as opened:
        for part in parts:
            opened.sendall(part)
        return parsed(read_to_end(opened))


def request(method: str, target: str, body: bytes | None = None, **headers: str) -> bytes:
    """The bytes of a request of `alice` that asks the server to close the connection afterwards."""
    fields = {"Host": "x", "Authorization": "Bearer alice", "Connection": "close"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    if body is not None:
        fields.setdefault("Content-Length", str(len(body)))
    head = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items() if value)]
    return "\r\n".join([*head, "", ""]).encode("latin-1") + (body or b"")
