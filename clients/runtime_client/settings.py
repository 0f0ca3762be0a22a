"""The options that every client takes, and their defaults."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypedDict

from runtime_client import polling
from runtime_client.retries import RetryPolicy

if TYPE_CHECKING:
    import httpx
    import requests

    from runtime_client.polling import AsyncSleep, Jitter, Monotonic, Sleep
    from runtime_client.running import AsyncExchange, Exchange

Timeout = float | tuple[float, float]
"""Seconds for connecting and for each wait for more bytes: one number for both, or a pair."""
_LIBRARIES = ("requests", "httpx")


class CommonOptions(TypedDict, total=False):
    """The keyword options that clients of both kinds take; `CommonSettings` describes them and has the defaults."""

    timeout: Timeout
    retries: int | RetryPolicy
    verify: bool | str
    proxy: str | None
    monotonic: Monotonic
    jitter: Jitter
    application: str
    max_response_bytes: int


class TransportOptions(CommonOptions, total=False):
    """The keyword options of clients that block; `TransportSettings` describes them and has the defaults."""

    session: requests.Session | None
    transport: Literal["requests", "httpx"] | httpx.BaseTransport | None
    http_client: httpx.Client | None
    sleep: Sleep


class AsyncTransportOptions(CommonOptions, total=False):
    """The keyword options of clients that await; `AsyncTransportSettings` describes them and has the defaults."""

    transport: Literal["httpx"] | httpx.AsyncBaseTransport | None
    http_client: httpx.AsyncClient | None
    sleep: AsyncSleep


@dataclass(frozen=True, slots=True)
class CommonSettings:
    """How calls are carried out, by whatever carries them.

    * `timeout`: seconds to connect, and seconds of silence to bear while reading; one number or a pair.
    * `retries`: how often a call that may be repeated is repeated (see `retries`), or a whole `RetryPolicy`; 0 for
      never.
    * `verify`: True to trust the usual authorities, or those that `REQUESTS_CA_BUNDLE` names; the path of a file or
      folder of others; False to trust anybody.
    * `proxy`: the address of a proxy for all calls; without one, `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and
      `NO_PROXY` are honoured. Credentials of ~/.netrc are never used.
    * `monotonic`, `jitter`: time and chance, to be replaced in tests.
    * `application`: the text of the `X-Qx-Client-Application` header, printable ASCII.
    * `max_response_bytes`: bodies larger than this (after decompression) are refused while they are read.

    Raises `TypeError` or `ValueError` for values that make no sense.
    """

    timeout: Timeout = (10.0, 60.0)
    retries: int | RetryPolicy = field(default_factory=RetryPolicy)
    verify: bool | str = True
    proxy: str | None = field(default=None, repr=False)
    monotonic: Monotonic = polling.monotonic
    jitter: Jitter = polling.jitter
    application: str = "runtime_client"
    max_response_bytes: int = 64 * 1024 * 1024

    def __post_init__(self) -> None:
        if not all(0 < value < math.inf for value in self.seconds):
            raise ValueError("timeout must be a positive number of seconds, or a pair of them")
        if self.max_response_bytes < 1:
            raise ValueError("max_response_bytes must be at least 1")
        if not (self.application.isascii() and self.application.isprintable() and self.application.strip()):
            raise ValueError("application must be printable ASCII text")

    @property
    def policy(self) -> RetryPolicy:
        """The retry policy, made from a bare number if that is what was given."""
        return self.retries if isinstance(self.retries, RetryPolicy) else RetryPolicy(repeats=self.retries)

    @property
    def seconds(self) -> tuple[float, float]:
        """The seconds to connect, and the seconds of silence to bear."""
        return self.timeout if isinstance(self.timeout, tuple) else (self.timeout, self.timeout)

    def _require_one(self, **given: object) -> None:
        """Refuse two things to send with at once, and options that are those of a thing that is there already."""
        names = [name for name, value in given.items() if value is not None and value not in _LIBRARIES]
        if len(names) > 1:
            raise ValueError(f"give {' or '.join(names)}, not both")
        if names and (self.verify is not True or self.proxy is not None):
            raise ValueError(f"verify and proxy are settings of the {names[0]} that was given: say them there")


@dataclass(frozen=True, slots=True)
class TransportSettings(CommonSettings):
    """How calls are carried out by a client that blocks: the settings of `CommonSettings`, and what it sends with.

    * `session`: a `requests.Session` to use. It stays the caller's: its adapters, proxies, certificates and `trust_env`
      are respected and it is not closed. Without one, the client makes its own and closes it.
    * `transport`: "requests" (the default) or "httpx", or a transport of httpx, such as `httpx.MockTransport`.
    * `http_client`: an `httpx.Client` to use, which stays the caller's as a session does.
    * `sleep`: how to wait, to be replaced in tests.
    """

    session: requests.Session | None = None
    transport: Literal["requests", "httpx"] | httpx.BaseTransport | None = None
    http_client: httpx.Client | None = None
    sleep: Sleep = polling.sleep

    def __post_init__(self) -> None:
        # By its name, as a dataclass with slots is made twice and super() would mean the first.
        CommonSettings.__post_init__(self)
        if isinstance(self.transport, str) and self.transport not in _LIBRARIES:
            raise ValueError(f"transport must be 'requests', 'httpx' or a transport of httpx, not {self.transport!r}")
        self._require_one(session=self.session, http_client=self.http_client, transport=self.transport)
        if self.session is not None and self.transport == "httpx":
            raise ValueError("a session is of requests, and transport='httpx' asks for the other")
        if self.http_client is not None and self.transport == "requests":
            raise ValueError("an http_client is of httpx, and transport='requests' asks for the other")

    def exchange(self) -> Exchange:
        """Return what sends calls; raises `ImportError` where httpx is asked for and not there."""
        if self.http_client is None and self.transport in {None, "requests"}:
            from runtime_client.requests_exchange import RequestsExchange  # noqa: PLC0415 - one of the two is enough

            return RequestsExchange(self)
        from runtime_client.httpx_exchange import HttpxExchange  # noqa: PLC0415

        return HttpxExchange(self)


@dataclass(frozen=True, slots=True)
class AsyncTransportSettings(CommonSettings):
    """How calls are carried out by a client that awaits: the settings of `CommonSettings`, and what it sends with.

    * `transport`: "httpx" (the default), or an asynchronous transport of httpx, such as `httpx.MockTransport`.
    * `http_client`: an `httpx.AsyncClient` to use. It stays the caller's: its transports, proxies and certificates are
      respected and it is not closed. Without one, the client makes its own and closes it.
    * `sleep`: how to wait, to be replaced in tests; by default that of the event loop.
    """

    transport: Literal["httpx"] | httpx.AsyncBaseTransport | None = None
    http_client: httpx.AsyncClient | None = None
    sleep: AsyncSleep = polling.sleep_async

    def __post_init__(self) -> None:
        CommonSettings.__post_init__(self)
        if isinstance(self.transport, str) and self.transport != "httpx":
            raise ValueError(f"transport must be 'httpx' or an asynchronous transport of it, not {self.transport!r}")
        self._require_one(http_client=self.http_client, transport=self.transport)

    def exchange(self) -> AsyncExchange:
        """Return what sends calls; raises `ImportError` where httpx is not there."""
        from runtime_client.httpx_exchange import AsyncHttpxExchange  # noqa: PLC0415

        return AsyncHttpxExchange(self)
