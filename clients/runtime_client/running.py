"""The two that carry out the steps of flows: one blocks its thread, the other awaits."""

from __future__ import annotations

import inspect
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from runtime_client.errors import TransportError
from runtime_client.flows import Alone, Flow, Pages, Pause, Send, Step

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from runtime_client.calls import Reply
    from runtime_client.operation import Operation
    from runtime_client.polling import AsyncSleep, Sleep

_T = TypeVar("_T")


class Exchange(Protocol):
    """Sends calls, each once, and blocks until the reply is there."""

    def send(self, send: Send, /) -> Reply:
        """Return the reply; raises `TransportError` when there is none."""
        ...

    def close(self) -> None:
        """Close the connections that are its own."""
        ...


class AsyncExchange(Protocol):
    """Sends calls, each once, and awaits the reply."""

    @property
    def is_open(self) -> bool:
        """Whether there may be connections of its own that are not closed."""
        ...

    async def send(self, send: Send, /) -> Reply:
        """Return the reply; raises `TransportError` when there is none."""
        ...

    async def close(self) -> None:
        """Close the connections that are its own."""
        ...


class Runner:
    """Runs flows to their end, blocking; several threads may do so at once."""

    def __init__(self, exchange: Exchange, *, sleep: Sleep) -> None:
        self.exchange = exchange
        self._sleep = sleep
        self._alone = threading.Lock()

    def run(self, flow: Flow[_T]) -> _T:
        """Return what the flow returns; raises what it raises, and what its steps raise."""
        outcome: object = None
        try:
            while True:
                try:
                    step = flow.send(outcome)
                except StopIteration as end:
                    result: _T = end.value
                    return result
                outcome = self._done(step)
        finally:
            flow.close()

    def iterate(self, pages: Pages[_T], perform: Callable[[Operation[Any]], Flow[Any]]) -> Iterator[_T]:
        """Yield the items of all pages."""
        value: object = None
        while True:
            try:
                found = pages.send(value)
            except StopIteration:
                return
            value = None
            if isinstance(found, tuple):
                yield from found
            else:
                value = self.run(perform(found))

    def _done(self, step: Step) -> object:
        if isinstance(step, Send):
            try:
                return self.exchange.send(step)
            except TransportError as error:
                return error
        if isinstance(step, Pause):
            self._sleep(step.seconds)
            return None
        if isinstance(step, Alone):
            with self._alone:
                return self.run(step.flow)
        return step.listener(step.news)


class AsyncRunner:
    """Runs flows to their end, awaiting, in the event loop of whoever awaits it; several tasks may do so at once."""

    def __init__(self, exchange: AsyncExchange, *, sleep: AsyncSleep) -> None:
        self.exchange = exchange
        self._sleep = sleep
        self._lock: AbstractAsyncContextManager[Any] | None = None

    async def run(self, flow: Flow[_T]) -> _T:
        """Return what the flow returns; raises what it raises, and what its steps raise."""
        outcome: object = None
        try:
            while True:
                try:
                    step = flow.send(outcome)
                except StopIteration as end:
                    result: _T = end.value
                    return result
                outcome = await self._done(step)
        finally:
            flow.close()

    async def iterate(self, pages: Pages[_T], perform: Callable[[Operation[Any]], Flow[Any]]) -> AsyncIterator[_T]:
        """Yield the items of all pages."""
        value: object = None
        while True:
            try:
                found = pages.send(value)
            except StopIteration:
                return
            value = None
            if isinstance(found, tuple):
                for item in found:
                    yield item
            else:
                value = await self.run(perform(found))

    async def _done(self, step: Step) -> object:
        if isinstance(step, Send):
            try:
                return await self.exchange.send(step)
            except TransportError as error:
                return error
        if isinstance(step, Pause):
            await self._sleep(step.seconds)
            return None
        if isinstance(step, Alone):
            async with self._alone():
                return await self.run(step.flow)
        told = step.listener(step.news)
        return await told if inspect.isawaitable(told) else told

    def _alone(self) -> AbstractAsyncContextManager[Any]:
        if self._lock is None:
            # Comes with httpx, and works in the loops that httpx works in.
            from anyio import Lock  # noqa: PLC0415

            self._lock = Lock()
        return self._lock
