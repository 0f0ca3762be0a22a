"""A fake on a socket: uvicorn's protocol over the Flask application, in a thread or in the foreground."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from types import TracebackType
from typing import TYPE_CHECKING, ClassVar, Final, Protocol, Self

import uvicorn

from mock_runtime.app import runtime_of
from mock_runtime.transport.asgi import FlaskOnASGI
from mock_runtime.transport.protocol import HTTPProtocol

if TYPE_CHECKING:
    from flask import Flask

    from mock_runtime.exchanges import Front
    from mock_runtime.observing import Observer
    from mock_runtime.transport.asgi import Receive, Scope, Send
    from mock_runtime.transport.proxy import ForwardProxy
    from mock_runtime.transport.wsgi import WSGIApp

_DATE_EVERY_S: Final = 1.0
_BACKLOG: Final = 2048


class CannotListen(OSError):
    """The address is taken, not ours, or no address at all. `str()` says what to do."""


class _Listening(ABC):
    """What listens on a socket, in a thread of its own, from `start` to `stop`, or as long as a `with` lasts."""

    _name: ClassVar = "mock-runtime"

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._thread: threading.Thread | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.origin if self._thread else 'not started'}>"

    @abstractmethod
    def _made(self) -> _Server:
        """What answers."""

    @property
    def origin(self) -> str:
        """Scheme, host and port, without a slash: where everything is, the API and its neighbours."""
        return url_of(self._host, self._port).rstrip("/")

    @property
    def is_running(self) -> bool:
        """Whether it listens."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Listen; CannotListen."""
        listener = listen(self._host, self._port)
        self._port = listener.getsockname()[1]
        self._server = self._made()
        started = threading.Event()
        self._thread = threading.Thread(
            target=self._server.run_in_thread, args=(listener, started), name=self._name, daemon=True
        )
        self._thread.start()
        started.wait()
        if not self._server.started:
            listener.close()
            self._thread = None
            raise CannotListen(f"the server on {self.origin} did not start; its thread's traceback says why")

    def stop(self) -> None:
        """Stop listening and cut off what is under way. Stopping twice is no error."""
        if self._thread is not None:
            self._server.stop()
            self._thread.join()
            self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class ProxyServer(_Listening):
    """A proxy that listens on a socket, in a thread of its own; with `forward`, for clients that take it for theirs.

    Like a LiveServer, but what it serves is no fake: what goes through it is passed on to somebody else. `ended` is
    called on its event loop when it stops, to close what was opened there.
    """

    _name: ClassVar = "mock-runtime-proxy"

    def __init__(
        self,
        served: _Served,
        *,
        forward: ForwardProxy | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        ended: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(host, port)
        self._ended = ended
        self._served = served
        self._forward = forward

    def _made(self) -> _Server:
        # A connection that is cut on purpose is told to its client, and to nobody else.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        return _Server(self._served, self._forward, forwards=True, ended=self._ended)


class LiveServer(_Listening):
    """A fake that listens on a socket, in a thread of its own: `with LiveServer(create_app()) as server: server.url`.

    It is ready when `start` (or `with`) returns, and gone when `stop` returns: what was under way is cut off. `with`
    ends what computes results, too; one that is stopped can be started again. `url` ends with a slash. With a `proxy`
    the same port is a forward proxy, too. A `front` is asked for each answer before the fake is.
    """

    def __init__(
        self,
        app: Flask,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        observe: Observer | None = None,
        proxy: ForwardProxy | None = None,
        front: Front | None = None,
    ) -> None:
        super().__init__(host, port)
        self._asgi = _asgi(app, observe, front)
        self._proxy = proxy
        self._runtime = runtime_of(app)

    def __repr__(self) -> str:
        return f"<LiveServer {self.url if self._thread else 'not started'}>"

    @property
    def url(self) -> str:
        """The base URL, with the port that was found and a slash at its end."""
        return url_of(self._host, self._port, self._runtime.prefix)

    def _made(self) -> _Server:
        self._runtime.readiness.started()
        return _Server(self._asgi, self._proxy)

    def stop(self) -> None:
        """Stop listening and cut off what is under way. Stopping twice is no error."""
        self._runtime.readiness.stopping()
        super().stop()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        self._runtime.close()


def serve(
    app: Flask,
    *,
    host: str,
    port: int,
    ready: Callable[[str], None],
    observe: Observer | None = None,
    proxy: ForwardProxy | None = None,
    front: Front | None = None,
) -> None:
    """Serve in the foreground until Ctrl-C or SIGTERM, which end it at once; CannotListen.

    `ready` is called with the base URL as soon as requests are answered.
    """
    listener = listen(host, port)
    prefix = runtime_of(app).prefix
    # What is no HTTP is answered in the edition's words; uvicorn's own line about it would be one among those for
    # people.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    server = _Server(_asgi(app, observe, front), proxy)
    runtime_of(app).readiness.started()
    try:
        server.run_in_foreground(listener, lambda: ready(url_of(host, listener.getsockname()[1], prefix)))
    finally:
        runtime_of(app).readiness.stopping()


def _asgi(app: Flask, observe: Observer | None, front: Front | None = None) -> FlaskOnASGI:
    runtime = runtime_of(app)
    if observe is not None:
        runtime.observers.append(observe)
    if front is not None:
        runtime.front = front
    return FlaskOnASGI(responder=runtime.scopes, app=runtime.wsgi, max_body_bytes=runtime.config.max_body_bytes)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; CannotListen says why there is none and what to do."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        raise CannotListen(f"{host!r} is no address to listen on: {error}") from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        what = (error.strerror or str(error)).lower()
        raise CannotListen(
            f"cannot listen on {host}:{port}: {what}; choose another --port, or 0 for a free one"
        ) from None
    return listener


def url_of(host: str, port: int, prefix: str = "") -> str:
    """The base URL of what a listener serves, as a client on this machine would call it."""
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{name}:{port}{prefix}/"


class _Served(Protocol):
    """What is served: an ASGI application, with another one that words the refusal of what is no HTTP."""

    @property
    def app(self) -> WSGIApp: ...

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...


class _Server(uvicorn.Server):
    """uvicorn's server without its signal handling and its patience: it stops when told to, at once.

    One that `forwards` requests to others has their targets as they came.
    """

    def __init__(
        self,
        app: _Served,
        proxy: ForwardProxy | None = None,
        *,
        forwards: bool = False,
        ended: Callable[[], None] = lambda: None,
    ) -> None:
        self._ended = ended
        own: dict[str, object] = {"app_for_errors": staticmethod(app.app)}
        base: type[HTTPProtocol] = HTTPProtocol
        if proxy is not None:
            from mock_runtime.transport.proxy import ProxyProtocol  # noqa: PLC0415 - most servers are no proxy

            base, own = ProxyProtocol, {**own, "proxy": proxy}
        protocol = type("Protocol", (base,), own)
        if forwards:
            from mock_runtime.transport.forwarding import recorded_target  # noqa: PLC0415 - most servers pass on nothing

            protocol = recorded_target(protocol)
        super().__init__(
            uvicorn.Config(
                app,
                http=protocol,
                interface="asgi3",
                proxy_headers=False,
                ws="wsproto",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                # The answers of a fake have the date of its clock; those of others have theirs.
                date_header=False,
                timeout_keep_alive=75,
            )
        )
        self._wanted = asyncio.Event()

    def run_in_thread(self, listener: socket.socket, started: threading.Event) -> None:
        """Serve until `stop`."""
        try:
            with asyncio.Runner(loop_factory=self.config.get_loop_factory()) as runner:
                runner.run(self._serve_on(listener, started.set))
        finally:
            started.set()

    def run_in_foreground(self, listener: socket.socket, started: Callable[[], None]) -> None:
        """Serve until a signal asks to stop."""
        with asyncio.Runner(loop_factory=self.config.get_loop_factory()) as runner:
            loop = runner.get_loop()
            with _signals_call(lambda: loop.call_soon_threadsafe(self._wanted.set)):
                runner.run(self._serve_on(listener, started))

    def stop(self) -> None:
        """End serving; from any thread, and also when it has ended by itself."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._wanted.set)

    async def _serve_on(self, listener: socket.socket, started: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self.config.load()
        self.lifespan = self.config.lifespan_class(self.config)
        await self.startup(sockets=[listener])
        started()
        counter = 0
        while not self._wanted.is_set():
            await self.on_tick(counter)
            counter += 10
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), _DATE_EVERY_S)
        await self.shutdown(sockets=[listener])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close every socket and cancel every request."""
        for server in self.servers:
            server.close()
        for sock in sockets or []:
            sock.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        # A turn of the loop lets the protocols learn that they are disconnected, before their tasks are cancelled.
        await asyncio.sleep(0)
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._ended()
        await asyncio.sleep(0)


@contextlib.contextmanager
def _signals_call(stop: Callable[[], object]) -> Generator[None, None, None]:
    """Let Ctrl-C and SIGTERM call `stop` for a while."""
    previous = {number: signal.signal(number, lambda *_: stop()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
