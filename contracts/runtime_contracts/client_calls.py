"""Making one call of the client under test, and everything that can be seen of it."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from runtime_contracts.call_limits import NeverEndsError, within
from runtime_contracts.client_driver import TRANSPORTS
from runtime_contracts.feeding import ORIGIN, Feeder, FeedingAdapter, SentRequest, fed_session
from runtime_contracts.listening import listening
from runtime_contracts.violation import difference, shown

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from runtime_contracts.client_driver import ClientDriver
    from runtime_contracts.contract import Contract
    from runtime_contracts.feeding import Feed
    from runtime_contracts.waiting import Waiting

SEAM: Final = "seam"
"""The transport of drivers that are made up: what their client sends is met where it leaves the process."""
_MOST_ITEMS: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the client did: it returned, or it raised; and what else was seen.

    Attributes:
        client: what was made, or None if nothing was.
        sent: its requests.
        said: what it logged and printed.
        waited_s: how long it would have slept.
        changed: the argument that it has changed, as a text; "" if it left all alone.
    """

    client: Any
    result: Any
    error: BaseException | None
    sent: tuple[SentRequest, ...]
    said: str = ""
    waited_s: float = 0.0
    changed: str = ""


class SessionNotUsedError(Exception):
    """The client goes to a network by itself, so nothing can be said about it; the message says where to."""

    def __init__(self, driver: ClientDriver, operation: str, address: str) -> None:
        super().__init__(
            f"the client of {driver.name!r} does not use the session it was given: "
            f"for {operation} it tried to connect to {shown(address)}"
        )


class UnknownTransportError(ValueError):
    """A driver asks for a transport that is not there; the message lists those that are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What all calls of a run stand on.

    Attributes:
        feeder: what answers the client.
        waits: how long it would have slept.
        attempts: grows when something tries to reach a network.
        call_s: how long a call may take, in seconds.
    """

    feeder: Feeder
    waits: Waiting
    attempts: list[str]
    call_s: float


class Caller:
    """Makes the calls of one driver.

    Raises:
        UnknownTransportError: the driver asks for a transport that is not there.
    """

    def __init__(self, contract: Contract, driver: ClientDriver, ground: Ground) -> None:
        self.feeder = ground.feeder
        self._driver = driver
        self._waits = ground.waits
        self._attempts = ground.attempts
        self._call_s = ground.call_s
        self._url = ORIGIN + contract.base_path
        self._transport = str(getattr(driver, "transport", TRANSPORTS[0]))
        self._session: Any = self._made()

    def _made(self) -> Any:
        match self._transport:
            case "requests":
                return fed_session(FeedingAdapter(self.feeder))
            case "httpx" | "httpx-async":
                import httpx  # noqa: PLC0415 - an optional part

                from runtime_contracts.feeding_httpx import FeedingTransport  # noqa: PLC0415 - an optional part

                transport = FeedingTransport(self.feeder)
                plain = {"transport": transport, "trust_env": False}
                return httpx.Client(**plain) if self._transport == "httpx" else httpx.AsyncClient(**plain)  # type: ignore[arg-type]
            case "seam":
                return None
        known = ", ".join(TRANSPORTS)
        raise UnknownTransportError(
            f"the driver {self._driver.name!r} asks for the transport {self._transport!r}; known: {known}"
        )

    def close(self) -> None:
        """Let go of the session."""
        if self._transport == "httpx-async":
            _awaited(self._session.aclose())
        elif self._session is not None:
            self._session.close()

    def call(self, operation_id: str, feed: Feed, arguments: Any) -> Outcome:
        """Make one call, fed with `feed`.

        Raises:
            SessionNotUsedError: the client goes to a network by itself.
        """
        self.feeder.begin(feed)
        self._waits.begin()
        before = repr(arguments)
        result, error, client = None, None, None
        with listening() as heard:
            try:
                with within(self._call_s):
                    client = self._driver.make_client(self._session, self._url, operation_id)
                    result = self._finished(self._driver.operations[operation_id](client, arguments))
            except KeyboardInterrupt:
                raise
            except BaseException as caught:  # noqa: BLE001 - whatever leaves the client is what is being looked at
                error = caught
        if self._attempts:
            raise SessionNotUsedError(self._driver, operation_id, self._attempts[0])
        return Outcome(
            client=client,
            result=result,
            error=error,
            sent=tuple(self.feeder.sent),
            said=heard.text,
            waited_s=self._waits.waited_s,
            changed=getattr(self._driver, "changed", "") or _difference(before, repr(arguments)),
        )

    def _finished(self, result: Any) -> Any:
        """Return what a call gives in the end: of a coroutine its value, of an iterator all its items."""
        if inspect.isawaitable(result):
            return self._finished(_awaited(result))
        if self._transport != SEAM:
            return result
        if inspect.isasyncgen(result):
            return _awaited(_listed(result))
        if isinstance(result, Iterator) and not hasattr(result, "read"):
            return list(itertools.islice(result, _MOST_ITEMS))
        return result


async def _listed(items: Any) -> list[Any]:
    found = []
    async for item in items:
        found.append(item)
        if len(found) >= _MOST_ITEMS:
            break
    return found


def _awaited(result: Awaitable[Any]) -> Any:
    """Run a coroutine to its end on a loop of its own.

    Raises:
        RuntimeError: a loop is running in this thread already.
    """

    async def whole() -> Any:
        return await result

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        pass
    else:
        if inspect.iscoroutine(result):
            result.close()
        raise RuntimeError("an event loop is running already; hold a client to the contract from a plain function")
    loop = asyncio.new_event_loop()
    task = loop.create_task(whole())
    try:
        return loop.run_until_complete(task)
    finally:
        _wind_up(loop)


def _wind_up(loop: asyncio.AbstractEventLoop) -> None:
    with contextlib.suppress(NeverEndsError):
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


def _difference(before: str, after: str) -> str:
    """Say what of the arguments was changed, or return an empty text."""
    return "" if before == after else difference(before, after)
