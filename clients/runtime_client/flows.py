"""What a client does, written once for all of its kinds: a flow yields what it needs, and a runner sees to it.

A flow is a generator. It decides (which call, whether again, after what pause) and never sends, sleeps or locks by
itself: it yields a step, and is given what came of it. `running` has the two that carry steps out, one that blocks and
one that awaits, so that whatever is decided in a flow is decided alike over `requests` and over `httpx`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from runtime_client.calls import Call, Reply
from runtime_client.errors import TransportError
from runtime_client.operation import Operation

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Send:
    """Send a call once; what comes of it is its `Reply`, or the `TransportError` that there is none."""

    call: Call
    url: str
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pause:
    """Let `seconds` pass."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Alone:
    """Run a flow while no other flow of the same client is run alone; what comes of it is what it returns."""

    flow: Flow[Any]


@dataclass(frozen=True, slots=True)
class Tell:
    """Call `listener` with `news`, and await what it gives if this client awaits and that can be awaited."""

    listener: Callable[[Any], object]
    news: object


Step: TypeAlias = Send | Pause | Alone | Tell
Flow: TypeAlias = Generator[Step, Any, _T]
"""A flow; what a step raises ends it, and is raised by whoever runs it."""

Pages: TypeAlias = Generator[Operation[Any] | tuple[_T, ...], Any, None]
"""A list that goes on from page to page: yields operations, is given their values, and yields the items in them."""


def sent(call: Call, url: str, headers: Mapping[str, str]) -> Flow[Reply | TransportError]:
    """Send a call once and return the reply, or the error that there is none."""
    outcome: Reply | TransportError = yield Send(call, url, headers)
    return outcome


def alone(flow: Flow[_T]) -> Flow[_T]:
    """Run a flow while no other is run alone, and return what it returns."""
    outcome: _T = yield Alone(flow)
    return outcome
