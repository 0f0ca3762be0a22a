"""Clients as context managers: they close the connections that they opened."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Self

from runtime_client.methods import Awaiting, Blocking

if TYPE_CHECKING:
    from types import TracebackType


class BlockingClient(Blocking):
    """A client that is closed when its `with` ends."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections, unless they belong to a session or client that was passed in."""
        self._runner.exchange.close()


class AwaitingClient(Awaiting):
    """A client that is closed when its `async with` ends; one that is forgotten open says so in a `ResourceWarning`."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections, unless they belong to a client that was passed in."""
        await self._runner.exchange.close()

    def __del__(self) -> None:
        # Nothing can be awaited here, so nothing can be closed any more.
        runner = getattr(self, "_runner", None)
        if runner is not None and runner.exchange.is_open:
            warnings.warn(f"unclosed {self!r}", ResourceWarning, source=self, stacklevel=2)
