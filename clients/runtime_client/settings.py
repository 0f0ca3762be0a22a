"""The options that every client takes, and their defaults."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypedDict

from runtime_client import polling
from runtime_client.retries import RetryPolicy

if TYPE_CHECKING:
    import requests

    from runtime_client.polling import Jitter, Monotonic, Sleep

Timeout = float | tuple[float, float]
"""Seconds for connecting and for each wait for more bytes: one number for both, or a pair."""


class TransportOptions(TypedDict, total=False):
    """The keyword options that every client takes; `TransportSettings` describes them and has the defaults."""

    timeout: Timeout
    retries: int | RetryPolicy
    session: requests.Session | None
    sleep: Sleep
    monotonic: Monotonic
    jitter: Jitter
    application: str
    max_response_bytes: int


@dataclass(frozen=True, slots=True)
class TransportSettings:
    """How calls are carried out.

    * `timeout`: seconds to connect, and seconds of silence to bear while reading; one number or a pair.
    * `retries`: how often a call that may be repeated is repeated (see `retries`), or a whole `RetryPolicy`; 0 for
      never.
    * `session`: a `requests.Session` to use. It stays the caller's: its adapters, proxies, certificates and `trust_env`
      are respected and it is not closed. Without one, the client makes its own and closes it; that one has `trust_env`
      on, so `HTTPS_PROXY`, `NO_PROXY` and `REQUESTS_CA_BUNDLE` are honoured. Credentials of ~/.netrc are never used
      with either.
    * `sleep`, `monotonic`, `jitter`: time and chance, to be replaced in tests.
    * `application`: the text of the `X-Qx-Client-Application` header, printable ASCII.
    * `max_response_bytes`: bodies larger than this (after decompression) are refused while they are read.

    Raises `TypeError` or `ValueError` for values that make no sense.
    """

    timeout: Timeout = (10.0, 60.0)
    retries: int | RetryPolicy = field(default_factory=RetryPolicy)
    session: requests.Session | None = None
    sleep: Sleep = polling.sleep
    monotonic: Monotonic = polling.monotonic
    jitter: Jitter = polling.jitter
    application: str = "runtime_client"
    max_response_bytes: int = 64 * 1024 * 1024

    def __post_init__(self) -> None:
        seconds = self.timeout if isinstance(self.timeout, tuple) else (self.timeout, self.timeout)
        if not all(0 < value < math.inf for value in seconds):
            raise ValueError("timeout must be a positive number of seconds, or a pair of them")
        if self.max_response_bytes < 1:
            raise ValueError("max_response_bytes must be at least 1")
        if not (self.application.isascii() and self.application.isprintable() and self.application.strip()):
            raise ValueError("application must be printable ASCII text")

    @property
    def policy(self) -> RetryPolicy:
        """The retry policy, made from a bare number if that is what was given."""
        return self.retries if isinstance(self.retries, RetryPolicy) else RetryPolicy(repeats=self.retries)
