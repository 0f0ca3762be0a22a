"""Methods that are written once and are there in both kinds of client: one that blocks, and one to be awaited.

.. code-block:: python

    class RuntimeMethods:
        @method
        def usage(self) -> Operation[Usage]:
            \"\"\"Return what the instance has used.\"\"\"
            return operations.usage()

    class RuntimeClient(RuntimeMethods, Blocking): ...       # client.usage() -> Usage
    class AsyncRuntimeClient(RuntimeMethods, Awaiting): ...  # await client.usage() -> Usage

What is decorated says what is to be done, as an `Operation` or as a flow; a subclass of `Blocking` or `Awaiting` gets a
real function of its own for each such method, with the same name, parameters and docstring, that has it done.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, Protocol, Self, TypeVar, cast, overload

from runtime_client.operation import Operation

if TYPE_CHECKING:
    from runtime_client.flows import Flow, Pages
    from runtime_client.running import AsyncRunner, Runner

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Service(Protocol):
    """Where operations are sent."""

    def perform(self, operation: Operation[_T]) -> Flow[_T]:
        """Send an operation and return its value."""
        ...


class Blocking:
    """What has methods that return when what they say is done; its `_service` is a `Service`."""

    _service: Any
    _runner: Runner

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name, found in _unmade(cls):
            setattr(cls, name, _named(found.blocking(), cls, name))

    def _finish(self, found: Operation[_T] | Flow[_T]) -> _T:
        flow: Flow[_T] = self._service.perform(found) if isinstance(found, Operation) else found
        return self._runner.run(flow)

    def _iterate(self, pages: Pages[_T]) -> Iterator[_T]:
        return self._runner.iterate(pages, self._service.perform)


class Awaiting:
    """What has methods to be awaited; its `_service` is a `Service`."""

    _service: Any
    _runner: AsyncRunner

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name, found in _unmade(cls):
            setattr(cls, name, _named(found.awaiting(), cls, name))

    async def _finish(self, found: Operation[_T] | Flow[_T]) -> _T:
        flow: Flow[_T] = self._service.perform(found) if isinstance(found, Operation) else found
        return await self._runner.run(flow)

    def _iterate(self, pages: Pages[_T]) -> AsyncIterator[_T]:
        return self._runner.iterate(pages, self._service.perform)


class Method(Generic[_P, _T]):
    """A method that both kinds of client have; what it is in each is for the type checker to read here."""

    def __init__(self, build: Callable[Concatenate[Any, _P], Any]) -> None:
        self._build = build

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: None, owner: type) -> Self: ...
        @overload
        def __get__(self, instance: Blocking, owner: type) -> Callable[_P, _T]: ...
        @overload
        def __get__(self, instance: Awaiting, owner: type) -> Callable[_P, Coroutine[Any, Any, _T]]: ...
        def __get__(self, instance: Any, owner: type) -> Any: ...

    def blocking(self) -> Callable[..., Any]:
        """Return the function that has it done."""
        build = self._build

        def method(self: Any, /, *args: Any, **kwargs: Any) -> Any:
            return self._finish(build(self, *args, **kwargs))

        return _like(build, method, "{}")

    def awaiting(self) -> Callable[..., Any]:
        """Return the coroutine function that has it done."""
        build = self._build

        async def method(self: Any, /, *args: Any, **kwargs: Any) -> Any:
            return await self._finish(build(self, *args, **kwargs))

        return _like(build, method, "{}")


class ListingMethod(Generic[_P, _T]):
    """A method that yields the items of a list from page to page, in both kinds of client."""

    def __init__(self, build: Callable[Concatenate[Any, _P], Pages[_T]]) -> None:
        self._build = build

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: None, owner: type) -> Self: ...
        @overload
        def __get__(self, instance: Blocking, owner: type) -> Callable[_P, Iterator[_T]]: ...
        @overload
        def __get__(self, instance: Awaiting, owner: type) -> Callable[_P, AsyncIterator[_T]]: ...
        def __get__(self, instance: Any, owner: type) -> Any: ...

    def blocking(self) -> Callable[..., Any]:
        """Return the function that gives an iterator."""
        return self._iterating("Iterator[{}]")

    def awaiting(self) -> Callable[..., Any]:
        """Return the function that gives an asynchronous iterator; it is a function and not a coroutine itself."""
        return self._iterating("AsyncIterator[{}]")

    def _iterating(self, shown: str) -> Callable[..., Any]:
        build = self._build

        def method(self: Any, /, *args: Any, **kwargs: Any) -> Any:
            # What is wrong with the arguments is said here, not when the first item is asked for.
            return self._iterate(build(self, *args, **kwargs))

        return _like(build, method, shown)


@overload
def method(build: Callable[Concatenate[Any, _P], Operation[_T]]) -> Method[_P, _T]: ...
@overload
def method(build: Callable[Concatenate[Any, _P], Flow[_T]]) -> Method[_P, _T]: ...
def method(build: Callable[Concatenate[Any, _P], Any]) -> Method[_P, Any]:
    """Return the method of both kinds of client for a function that returns an operation or a flow."""
    return Method(build)


def listing(build: Callable[Concatenate[Any, _P], Pages[_T]]) -> ListingMethod[_P, _T]:
    """Return the method of both kinds of client for a function that returns pages."""
    return ListingMethod(build)


def _unmade(cls: type) -> list[tuple[str, Method[Any, Any] | ListingMethod[Any, Any]]]:
    """Return the methods of a class that are descriptions still, and not functions of a class above it or its own."""
    found = ((name, inspect.getattr_static(cls, name)) for name in dir(cls))
    return [(name, value) for name, value in found if isinstance(value, Method | ListingMethod)]


def _named(made: Any, cls: type, name: str) -> Any:
    made.__module__, made.__qualname__ = cls.__module__, f"{cls.__qualname__}.{name}"
    return made


def _like(build: Callable[..., Any], made: Callable[..., Any], shown: str) -> Callable[..., Any]:
    """Give a function the name, parameters and docstring of the description, and the type of what it returns itself."""
    method = cast("Any", functools.wraps(build)(made))
    del method.__wrapped__
    # "Operation[Usage]" and "Flow[Usage]" both end in a Usage; annotations are text, as everywhere in this package.
    kind, _, value = str(build.__annotations__["return"]).partition("[")
    returned = shown.format(value.removesuffix("]")) if value else kind
    method.__annotations__ = {**build.__annotations__, "return": returned}
    method.__signature__ = inspect.signature(build).replace(return_annotation=returned)
    return cast("Callable[..., Any]", method)
