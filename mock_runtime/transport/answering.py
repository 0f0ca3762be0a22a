"""A request that never was on a socket, answered from the application with the time that a socket would have taken."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from mock_runtime.transport.wsgi import Environ, Headers, WSGIApp, call, path_info

if TYPE_CHECKING:
    from mock_runtime.clock import Clock
    from mock_runtime.transport.hosts import Hosts
    from mock_runtime.transport.latency import Latency

Answer: TypeAlias = tuple[int, Headers, bytes]
"""Status, headers and body."""


class OutOfPatience(TimeoutError):
    """The answer would have come later than the client waits for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it would have been on the wire. `host` is the name that it goes to, with a port if it has one.

    `target` is the path with the query, percent-encoded; `headers` are names and values in the order they were sent.
    """

    method: str
    scheme: str
    host: str
    target: str
    headers: Iterable[tuple[str, str]]
    body: bytes

    @property
    def url(self) -> str:
        """The address as a person would write it."""
        return f"{self.scheme}://{self.host}{self.target}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """Answers requests from a WSGI application that has no latency of its own; latency passes on `clock`.

    A client that gives up before its answer is there has had its request carried out all the same: that is why a
    POST which timed out is not simply sent again. OutOfPatience after as many seconds as it was willing to wait.
    """

    app: WSGIApp
    hosts: Hosts
    clock: Clock
    latency: Latency

    def answer(self, request: Request, patience_s: float | None = None) -> Answer:
        """The answer, after the latency, which blocks this thread as far as the clock blocks at all."""
        environ = self._environ(request)
        wait, in_time = self._wait(environ, patience_s)
        if wait:
            self.clock.sleep(wait)
        return self._answer(environ, request, in_time=in_time)

    async def answer_async(self, request: Request, patience_s: float | None = None) -> Answer:
        """The same without blocking the event loop, be it that of asyncio or of trio."""
        environ = self._environ(request)
        wait, in_time = self._wait(environ, patience_s)
        if wait:
            await self._sleep(wait)
        return self._answer(environ, request, in_time=in_time)

    def _wait(self, environ: Environ, patience_s: float | None) -> tuple[float, bool]:
        delay = self.latency.of(environ["PATH_INFO"])
        if patience_s is not None and delay > patience_s:
            return patience_s, False
        return delay, True

    def _answer(self, environ: Environ, request: Request, *, in_time: bool) -> Answer:
        answer = call(self.app, environ)
        if not in_time:
            raise OutOfPatience(f"no answer in time to {request.method} {request.url}")
        return answer

    async def _sleep(self, seconds: float) -> None:
        import asyncio  # noqa: PLC0415 - whoever has no event loop does not pay for one

        try:
            asyncio.get_running_loop()
        except RuntimeError:
            # Another kind of loop: httpx brings the library that knows how to wait on it.
            from anyio.to_thread import run_sync  # noqa: PLC0415

            await run_sync(self.clock.sleep, seconds, abandon_on_cancel=True)
        else:
            await self.clock.sleep_async(seconds)

    def _environ(self, request: Request) -> Environ:
        name, port = split_host(request.host)
        environ: Environ = {
            "REQUEST_METHOD": request.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path_info(request.target.encode("latin-1", "replace")),
            "QUERY_STRING": request.target.partition("?")[2],
            "REQUEST_URI": request.target,
            "SERVER_NAME": name,
            "SERVER_PORT": str(port or (443 if request.scheme == "https" else 80)),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": request.scheme,
            "wsgi.input": io.BytesIO(request.body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "wsgi.input_terminated": True,
        }
        for header, value in request.headers:
            _add_header(environ, header, value)
        environ.setdefault("HTTP_HOST", request.host)
        self.hosts.redirect(environ)
        # What is there counts, not what was announced: a chunked body announces nothing.
        environ["CONTENT_LENGTH"] = str(len(request.body))
        return environ


def is_among(host: str, patterns: Iterable[str]) -> bool:
    """Whether a host, in lower case, is one of these names or in one of these domains, written `*.example.org`."""
    names = [pattern.lower() for pattern in patterns]
    return host in names or any(name.startswith("*.") and host.endswith(name[1:]) for name in names)


def split_host(host: str) -> tuple[str, int | None]:
    """Name and port of `name:port`, `name`, `[::1]:port` or `[::1]`, in lower case, without the final dot of a name."""
    name, colon, port = host.rpartition(":")
    if not colon or port.endswith("]"):
        name, port = host, ""
    number = int(port) if port.isascii() and port.isdecimal() and len(port) <= 5 else None
    return name.strip("[]").lower().removesuffix("."), number


def _add_header(environ: Environ, name: str, value: str) -> None:
    # A name with an underscore would pass for the one with a hyphen.
    if "_" in name:
        return
    key = name.upper().replace("-", "_")
    if key not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
        key = f"HTTP_{key}"
        if key in environ:
            value = f"{environ[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{value}"
    environ[key] = value
