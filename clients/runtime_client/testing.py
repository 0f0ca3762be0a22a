"""For tests of code that uses httpx: a respx router whose answers come from the fake, in this process.

.. code-block:: python

    import runtime_client.testing

    def test_my_code():
        with runtime_client.testing.router(polls=2) as router:
            my_code()                                       # what it asks IBM's hosts, the fake answers
            assert router.fake.called

    @pytest.fixture
    def router():
        with runtime_client.testing.router(edition="2021") as router:
            yield router

Routes of your own go before the fake: `router.get("https://quantum.cloud.ibm.com/api/v1/backends").respond(503)`. Needs
the extra `testing`, which brings httpx and respx.
"""

from __future__ import annotations

import contextlib
import contextvars
import inspect
from typing import TYPE_CHECKING, Any, cast

from runtime_client import connect, connect_async

try:
    import httpx
    import respx
    from respx.models import SideEffectError
except ImportError as error:
    raise ImportError("runtime_client.testing needs httpx and respx: pip install 'mock-runtime[testing]'") from error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from respx.models import ResolvedRoute

    from mock_runtime import Config, Runtime
    from mock_runtime.clock import Clock
    from mock_runtime.interception import Interception

__all__ = ["RuntimeRouter", "router"]

_URLS = {
    "platform": "https://quantum.cloud.ibm.com/api",
    "legacy-2021": "https://runtime-us-east.quantum-computing.ibm.com",
}
_ACCOUNT_URL_2021 = "https://auth.quantum-computing.ibm.com/api"
_TOKEN = "a-token-for-tests"  # noqa: S105 - a fake knows no secrets
_INSTANCE = "crn:v1:bluemix:public:quantum-computing:us-east:a/0123456789abcdef0123456789abcdef:tests::"
_CALLS_KEPT = 1000

# Whether what is being resolved will be awaited: a side effect is called alike for both.
_is_awaited: contextvars.ContextVar[bool] = contextvars.ContextVar("runtime_client.testing", default=False)


class RuntimeRouter(respx.MockRouter):
    """A router of respx that has the fake answer what no route of yours does, and that is for one of the fake's hosts.

    While it is in force (`with`, `async with`, as a decorator, or between `start` and `stop`) it answers all clients of
    httpx in this process, blocking and not; `httpx.MockTransport(router.handler)` answers one of them, and
    `router.async_handler` one that awaits. Each time it comes into force there is a new fake, unless it was given one.

    * `assert_all_called` is about your routes: nobody has to call the fake.
    * `calls` and the calls of each route keep the last `calls_kept`; `reset` forgets them all.
    * A request for which there is neither a route nor a fake raises an `AssertionError`, as respx has it; nothing gets
      out to the network.
    * At its end, an error of the fake itself is raised, unless the code under test has raised one.
    """

    def __init__(self, source: Interception, *, calls_kept: int = _CALLS_KEPT, **options: Any) -> None:
        if calls_kept < 1:
            raise ValueError("calls_kept must be at least 1")
        super().__init__(**options)
        self.fake = respx.Route().mock(side_effect=self._answer)
        self._source = source
        self._calls_kept = calls_kept
        self._options = options
        self._runtime: Runtime | None = None
        self._transport: Any = None

    # What respx has untyped is typed here by what it is.
    def __call__(self, func: Callable[..., Any] | None = None, **options: Any) -> Any:
        """Decorate a function, which gets the router if it has a parameter `respx_mock`, or return one like this."""
        if func is not None:
            return cast("Any", super()).__call__(func)
        given = {name: value for name, value in options.items() if value is not None}
        return RuntimeRouter(self._source, calls_kept=self._calls_kept, **{**self._options, **given})

    def __enter__(self) -> RuntimeRouter:
        self.start()
        return self

    async def __aenter__(self) -> RuntimeRouter:
        return self.__enter__()

    @property
    def runtime(self) -> Runtime:
        """The fake: its clock, its scenario, its store. Raises `RuntimeError` when the router is not in force."""
        if self._runtime is None:
            raise RuntimeError("the router is not in force: use it by `with`")
        return self._runtime

    @property
    def url(self) -> str:
        """The base URL of IBM's API of this edition, which the fake answers now."""
        return _URLS[self.runtime.edition.name]

    def connect(self, **options: Any) -> Any:
        """Return a reference client of the fake over httpx, of its edition; options are those of `connect`."""
        return connect(**self._arguments({"transport": "httpx", **options}))

    def connect_async(self, **options: Any) -> Any:
        """Return a reference client of the fake that awaits, of its edition; options are those of `connect_async`."""
        return connect_async(**self._arguments(options))

    def start(self) -> None:
        """Come into force."""
        from mock_runtime.app import runtime_of  # noqa: PLC0415 - only tests that use it have the fake in memory
        from mock_runtime.transport.answering import Answering  # noqa: PLC0415
        from mock_runtime.transport.httpx_transport import InProcessTransport  # noqa: PLC0415

        runtime = runtime_of(self._source.application())
        answering = Answering(responder=runtime.scopes, clock=runtime.clock)
        self._runtime, self._transport = runtime, InProcessTransport(answering)
        super().start()

    def stop(self, clear: bool = True, reset: bool = True, quiet: bool = False) -> None:
        """Be in force no longer."""
        runtime, self._runtime, self._transport = self._runtime, None, None
        try:
            super().stop(clear=clear, reset=reset, quiet=quiet)
        finally:
            if runtime is not None and self._source.makes_its_own:
                runtime.close()
        if runtime is not None and not quiet:
            runtime.check()

    def reset(self) -> None:
        """Forget all calls."""
        super().reset()
        if "fake" in vars(self):
            self.fake.reset()

    def record(self, request: httpx.Request, *, response: httpx.Response | None = None, route: Any = None) -> None:
        """Keep a call, and forget the oldest where there are too many."""
        super().record(request, response=response, route=route)
        for calls in (self.calls, *(() if route is None else (route.calls,))):
            del calls[: -self._calls_kept]

    def resolve(self, request: httpx.Request) -> ResolvedRoute:
        """Find the route of a request and its response."""
        with self.resolver(request) as resolved:
            for route in self._all():
                found = route.match(request)
                if found is not None:
                    resolved.route, resolved.response = route, cast("httpx.Response", found)
                    break
        if resolved.response and isinstance(resolved.response.stream, httpx.ByteStream):
            cast("httpx.Response", resolved.response).read()
        return resolved

    async def aresolve(self, request: httpx.Request) -> ResolvedRoute:
        """Find the route of a request and its response, awaiting what the route gives."""
        with self.resolver(request) as resolved, _awaited():
            for route in self._all():
                found = route.match(request)
                if inspect.isawaitable(found):
                    try:
                        found = await found
                    except Exception as error:
                        raise SideEffectError(route, origin=error) from error
                if found is not None:
                    resolved.route, resolved.response = route, cast("httpx.Response", found)
                    break
        if resolved.response and isinstance(resolved.response.stream, httpx.ByteStream):
            await cast("httpx.Response", resolved.response).aread()
        return resolved

    def _all(self) -> Iterator[respx.Route]:
        yield from self.routes
        yield self.fake

    def _answer(self, request: httpx.Request) -> Any:
        """Return the fake's response or something that gives it when awaited; None for a host that it does not know."""
        if self._runtime is None or not self._runtime.hosts.knows(request.url.host):
            return None
        if _is_awaited.get():
            return self._transport.handle_async_request(request)
        return self._transport.handle_request(request)

    def _arguments(self, options: dict[str, Any]) -> dict[str, Any]:
        runtime = self.runtime
        tokens = runtime.config.tokens
        token = tokens[0].value if tokens else _TOKEN
        found = {"edition": runtime.edition.name}
        if runtime.edition.name == "legacy-2021":
            found |= {"url": self.url, "token": token, "account_url": _ACCOUNT_URL_2021}
        else:
            # The host is that of the region that the instance is in.
            known = runtime.directory.instances_of(runtime.directory.by_api_key(token)) if tokens else ()
            found |= {"instance": known[0].crn if known else _INSTANCE}
            if "access_token" not in options:
                found["token"] = token
        return {**found, **options}


@contextlib.contextmanager
def _awaited() -> Iterator[None]:
    token = _is_awaited.set(True)
    try:
        yield
    finally:
        _is_awaited.reset(token)


def router(
    app: Flask | Config | None = None,
    *,
    assert_all_called: bool = True,
    assert_all_mocked: bool = True,
    calls_kept: int = _CALLS_KEPT,
    using: str = "httpcore",
    clock: Clock | None = None,
    **settings: Any,
) -> RuntimeRouter:
    """Return a router of respx that answers IBM's hosts, IAM's among them, from a fake in this process.

    `app` is an application of `mock_runtime.create_app` or a `mock_runtime.Config`; without one, `settings` are those
    of `mock_runtime.intercept`: fields of `Config`, such as `edition`, and of a scenario, such as `polls`. A job then
    takes two polls and the seed is 0, unless they say otherwise. `clock` is the time of the fake, by default that of
    the system. The other parameters are respx's own, and `calls_kept`, see `RuntimeRouter`.

    Raises `TypeError` for parameters that contradict each other, `mock_runtime.config.InvalidConfig` for settings that
    make no sense, and `ImportError` where respx is not there.
    """
    from mock_runtime.interception import intercept  # noqa: PLC0415 - only tests that use it have the fake in memory

    return RuntimeRouter(
        intercept(app, clock=clock, **settings),
        calls_kept=calls_kept,
        assert_all_called=assert_all_called,
        assert_all_mocked=assert_all_mocked,
        using=using,
    )
