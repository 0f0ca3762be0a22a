"""Requests to IBM's hosts, answered in this process: no port, no environment, no change in the code under test.

The seam is where `requests` and `httpx` hand a request to the network: urllib3's pools, and httpx's transports. It is
open for the whole process, all threads included, from the first `intercept` that begins to the last that ends.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import importlib.util
import inspect
import os
import threading
from collections.abc import Callable, Collection, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, TypeVar, overload
from urllib.parse import urlsplit

from flask import Flask
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import ProtocolError

from mock_runtime.app import create_app, runtime_of
from mock_runtime.config import Config, for_a_test
from mock_runtime.naming import named_by_user
from mock_runtime.runtime import Runtime
from mock_runtime.transport.answering import Answering, is_among
from mock_runtime.transport.in_memory import InMemoryPool

if TYPE_CHECKING:
    from mock_runtime.clock import Clock

Code = TypeVar("Code", bound=Callable[..., Any])

_LOOPBACK: Final = {"localhost", "127.0.0.1", "::1"}


class HostRefused(ProtocolError):
    """A request to a host that is neither IBM's nor allowed. What `requests` and `httpx` raise says the same."""


class Interception:
    """What answers while `intercept` is in force. `with` gives its `Runtime`; a function can be decorated with it.

    Entered again, it goes on with the same fake if it was given an application, and with a new one otherwise.
    """

    def __init__(
        self,
        given: Flask | Config | None,
        settings: Mapping[str, Any],
        *,
        block_others: bool,
        allow: Collection[str],
        clock: Clock | None,
    ) -> None:
        if given is not None and settings:
            raise TypeError("intercept takes an application, a configuration or settings by name, not several of them")
        if isinstance(given, Flask) and clock is not None:
            raise TypeError("the application that intercept was given has a clock already")
        self._given = given
        self._config = given if isinstance(given, Config) else None if given is not None else for_a_test(settings)
        self._clock = clock
        self._block_others = block_others
        self._allowed = (*_LOOPBACK, *allow)
        self._entered: list[_Active] = []

    @property
    def makes_its_own(self) -> bool:
        """Whether `application` makes a new one each time, which is then to be closed by who asked for it."""
        return not isinstance(self._given, Flask)

    def application(self) -> Flask:
        """What is to answer: the application that was given, or a new one."""
        return self._given if isinstance(self._given, Flask) else self._made()

    def __enter__(self) -> Runtime:
        runtime = runtime_of(self.application())
        active = _Active(runtime, refused=self._refused, own=self.makes_its_own)
        _SEAM.open(active)
        self._entered.append(active)
        return runtime

    def _made(self) -> Flask:
        config = self._config or Config()
        if not config.instances:
            # Code under test asks for what its user works with before it has told anybody: let there be one of that.
            named = named_by_user(os.environ)
            config = config.with_changes(also_instances=(*config.also_instances, *named))
        app = create_app(config, clock=self._clock)
        runtime_of(app).hold_time()
        return app

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        active = self._entered.pop()
        _SEAM.close(active)
        if active.own:
            active.runtime.close()
        if kind is None:
            active.runtime.check()

    def __call__(self, function: Code) -> Code:
        """The same function, during every call of which requests are answered; it may be a coroutine function."""
        decorated: Code = _decorated(function, self._again)
        return decorated

    def _again(self) -> Interception:
        """One of its own for each call, so that calls on several threads do not end each other's."""
        again = object.__new__(type(self))
        again.__dict__.update(self.__dict__, _entered=[])
        return again

    def _refused(self, host: str) -> bool:
        return self._block_others and not is_among(host, self._allowed)


@overload
def intercept(
    app_or_config: Flask | Config | None = None,
    *,
    block_others: bool = False,
    allow: Collection[str] = (),
    clock: Clock | None = None,
    **settings: Any,
) -> Interception: ...
@overload
def intercept(app_or_config: Code) -> Code: ...
def intercept(
    app_or_config: Any = None,
    *,
    block_others: bool = False,
    allow: Collection[str] = (),
    clock: Clock | None = None,
    **settings: Any,
) -> Any:
    """Answer every request of `requests`, `urllib3` and `httpx` to IBM's hosts from a fake in this process.

    A context manager that gives the `Runtime` of the fake, and a decorator of functions, with or without brackets.
    `app_or_config` is an application of `create_app` or a `Config`; without one, `settings` are those of the marker
    `mock_runtime`: fields of `Config` and of a scenario. A job then takes two polls and the seed is 0, unless they say
    otherwise. `clock` is the time of the fake, by default that of the system.

    Hosts that are not IBM's are left alone. With `block_others` they are refused, but for loopback and those in
    `allow`, names or `*.example.org`: requests.ConnectionError, httpx.ConnectError.

    At the end, an error of the fake itself is raised, unless the code under it has raised one. Several may be in
    force, in one thread or many: the one that began last and knows the host answers.
    """
    if isinstance(allow, str):
        raise TypeError("allow: expected several host names, such as allow=('pypi.org',)")
    if inspect.isclass(app_or_config) or (callable(app_or_config) and not isinstance(app_or_config, Flask)):
        return _decorated(app_or_config, lambda: Interception(None, {}, block_others=False, allow=(), clock=None))
    if app_or_config is not None and not isinstance(app_or_config, Flask | Config):
        raise TypeError(f"intercept takes an application of create_app or a Config, not {type(app_or_config).__name__}")
    return Interception(app_or_config, settings, block_others=block_others, allow=allow, clock=clock)


def _decorated(function: Any, begin: Callable[[], Interception]) -> Any:
    if inspect.isclass(function):
        raise TypeError(
            f"intercept decorates functions, not classes: what {function.__name__} does outside its tests would not be "
            "covered; decorate its methods, or use the fixture runtime_intercept"
        )
    if inspect.isasyncgenfunction(function) or inspect.isgeneratorfunction(function):
        raise TypeError(f"intercept does not decorate generators such as {function.__name__}: use it inside, by `with`")
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def awaited(*args: Any, **named: Any) -> Any:
            with begin():
                return await function(*args, **named)

        return awaited

    @functools.wraps(function)
    def called(*args: Any, **named: Any) -> Any:
        with begin():
            return function(*args, **named)

    return called


class _Active:
    """One interception in force."""

    def __init__(self, runtime: Runtime, *, refused: Callable[[str], bool], own: bool) -> None:
        self.runtime = runtime
        self.refused = refused
        self.own = own
        self.knows = runtime.hosts.knows
        self.answering = Answering(responder=runtime.scopes, clock=runtime.clock)

    @functools.cached_property
    def httpx(self) -> Any:
        """The transport for httpx, made when it is needed."""
        from mock_runtime.transport.httpx_transport import InProcessTransport  # noqa: PLC0415 - only who has httpx

        return InProcessTransport(self.answering)


class _Seam:
    """The places where requests leave the process, and what is in force there."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._active: tuple[_Active, ...] = ()
        self._patches: list[tuple[Any, str, Any, Any]] = []

    def open(self, active: _Active) -> None:
        with self._lock:
            if not self._active:
                self._patch()
            self._active = (*self._active, active)

    def close(self, active: _Active) -> None:
        with self._lock:
            self._active = tuple(other for other in self._active if other is not active)
            if not self._active:
                self._restore()

    def answering(self, host: str) -> _Active | None:
        """What answers for that host; HostRefused if nothing does and it must not be reached either."""
        name = host.strip("[]").lower().removesuffix(".")
        active = self._active
        found = next((one for one in reversed(active) if one.knows(name)), None)
        if found is None and any(one.refused(name) for one in active):
            raise HostRefused(
                f"{name} is none of IBM's hosts, and intercept(block_others=True) refuses all others; "
                f"intercept(..., allow=({name!r},)) lets this one through"
            )
        return found

    def _patch(self) -> None:
        self._put(HTTPConnectionPool, "urlopen", _urlopen)
        # Imported even if nobody has yet: code under test that imports it later must not get out to the real hosts.
        if importlib.util.find_spec("httpx") is not None:
            httpx = importlib.import_module("httpx")
            self._put(httpx.HTTPTransport, "handle_request", _handle_request)
            self._put(httpx.AsyncHTTPTransport, "handle_async_request", _handle_async_request)

    def _put(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        original = owner.__dict__[name]
        patch = make(original)
        setattr(owner, name, patch)
        self._patches.append((owner, name, original, patch))

    def _restore(self) -> None:
        while self._patches:
            owner, name, original, patch = self._patches.pop()
            # What somebody else has put over ours in the meantime is theirs to take away; ours is then idle below it.
            if owner.__dict__.get(name) is patch:
                setattr(owner, name, original)


_SEAM: Final = _Seam()


def _urlopen(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def urlopen(self: HTTPConnectionPool, method: str, url: str, *args: Any, **named: Any) -> Any:
        if isinstance(self, InMemoryPool):
            return original(self, method, url, *args, **named)
        scheme, host, port, target = self.scheme, self.host, self.port, url
        if not url.startswith("/"):
            # What goes through a proxy in the clear is asked of the proxy's pool, by its whole address.
            parts = urlsplit(url)
            if parts.scheme and parts.hostname:
                scheme, host, port = parts.scheme, parts.hostname, parts.port
                target = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
        active = _SEAM.answering(host)
        if active is None:
            return original(self, method, url, *args, **named)
        pool = InMemoryPool(active.answering, scheme=scheme, host=host, port=port, like=self)
        return pool.urlopen(method, target, *args, **named)

    return urlopen


def _handle_request(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def handle_request(self: Any, request: Any) -> Any:
        with _refusals_of_httpx(request):
            active = _SEAM.answering(request.url.host)
        return original(self, request) if active is None else active.httpx.handle_request(request)

    return handle_request


def _handle_async_request(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    async def handle_async_request(self: Any, request: Any) -> Any:
        with _refusals_of_httpx(request):
            active = _SEAM.answering(request.url.host)
        if active is None:
            return await original(self, request)
        return await active.httpx.handle_async_request(request)

    return handle_async_request


@contextlib.contextmanager
def _refusals_of_httpx(request: Any) -> Any:
    try:
        yield
    except HostRefused as error:
        raise importlib.import_module("httpx").ConnectError(str(error), request=request) from None
