"""A front before a client that awaits, so that the tests of the blocking ones are tests of it too."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Iterator
from typing import Any, Self

from runtime_client.lifetime import AwaitingClient
from runtime_client.methods import Awaiting


class Loop:
    """An event loop that is run until what a test calls is done."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._clients: list[AwaitingClient] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.close()

    def run(self, found: Any) -> Any:
        """Return what a coroutine returns."""
        return self._runner.run(found)

    def blocking(self, client: Awaiting) -> Any:
        """Return a front of a client, or of a handle of one, whose methods block."""
        if isinstance(client, AwaitingClient):
            self._clients.append(client)
        return _Front(self, client)

    def close_clients(self) -> None:
        """Close what was put behind a front so far."""
        while self._clients:
            self.run(self._clients.pop().aclose())

    def finished(self, found: Any) -> Any:
        """Return what comes of what a method gave."""
        if inspect.iscoroutine(found):
            return self.finished(self.run(found))
        if isinstance(found, AsyncIterator):
            return self._iterated(found)
        return self.blocking(found) if isinstance(found, Awaiting) else found

    def _iterated(self, found: AsyncIterator[Any]) -> Iterator[Any]:
        async def following() -> tuple[Any, ...]:
            try:
                return (await anext(found),)
            except StopAsyncIteration:
                return ()

        while item := self.run(following()):
            yield item[0]


class _Front:
    def __init__(self, loop: Loop, client: Any) -> None:
        self._loop = loop
        self._client = client

    def __repr__(self) -> str:
        # The names of both kinds differ by this word alone.
        return repr(self._client).removeprefix("Async")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._loop.run(self._client.aclose())

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if not callable(found):
            return found
        return lambda *args, **kwargs: self._loop.finished(found(*args, **kwargs))
