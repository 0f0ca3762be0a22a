"""What a client library has to provide so that it can be held to the contract."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable

from runtime_contracts.profiles.legacy_2021.arguments import Arguments
from runtime_contracts.profiles.platform.arguments import PlatformArguments

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NOT_COMPARED: Final = object()
"""What `expected` returns for an answer whose meaning it does not know; the client must only understand it."""
TRANSPORTS: Final = ("requests", "httpx", "httpx-async")
"""What a driver's attribute `transport` may say; without one it is "requests"."""


@runtime_checkable
class ClientDriver(Protocol):
    """How to drive one client library.

    Beside what is here a driver may have an attribute `transport`, one of TRANSPORTS: what `make_client` is given is
    then a `requests.Session`, an `httpx.Client` or an `httpx.AsyncClient`. Calls that return an awaitable are awaited,
    whatever the transport.

    Attributes:
        name: what the report calls the client.
        error_class: the exceptions that the client declares; every refusal has to be one of them.
        secrets: the tokens that `make_client` uses; none of them may appear in an exception or a repr.
        operations: by operation id, the call of the client for it, with a client and the arguments of the edition:
            `Arguments` in 2021, `PlatformArguments` today.
    """

    name: str
    error_class: type[Exception] | tuple[type[Exception], ...]
    secrets: tuple[str, ...]
    operations: Mapping[str, Callable[[Any, Any], object]]

    def make_client(self, session: Any, url: str, operation_id: str, /) -> Any:
        """Return a client for calls of one operation, which sends everything through `session` and never sleeps.

        `url` is the address below which the operations are, without a slash at the end.
        """
        ...

    def observed(self, operation_id: str, result: Any, /) -> object:
        """Return what the client's `result` says, in a form that `expected` can be compared with."""
        ...

    def expected(self, operation_id: str, status: int, value: Any, /) -> object:
        """Return what a client should say about an answer; `value` is its JSON, its text, or None without a body.

        This restates the meaning of the answer and must not use the client. NOT_COMPARED if there is nothing to say.
        """
        ...


__all__ = [
    "NOT_COMPARED",
    "TRANSPORTS",
    "Arguments",
    "ClientDriver",
    "DriverNotLoadedError",
    "PlatformArguments",
    "load_driver",
    "load_subject",
]

_PARTS = ("name", "error_class", "secrets", "operations", "make_client", "observed", "expected")


class DriverNotLoadedError(Exception):
    """The driver cannot be loaded; the message says why."""


def load_driver(reference: str) -> ClientDriver:
    """Return the driver that `reference`, such as "package.module:driver", points at.

    Raises:
        DriverNotLoadedError: there is no such thing, or it is no driver.
    """
    found = load_subject(reference)
    if not isinstance(found, ClientDriver):
        lacking = ", ".join(name for name in _PARTS if not hasattr(found, name))
        raise DriverNotLoadedError(f"{reference!r} is no client driver: it lacks {lacking}")
    return found


def load_subject(reference: str) -> Any:
    """Return what `reference` points at: a driver, or a function or class to be called without one.

    Raises:
        DriverNotLoadedError: there is no such thing, or it is none of these.
    """
    found = load_object(reference)
    is_driver = all(hasattr(found, name) for name in _PARTS)
    if is_driver and isinstance(found, type):
        raise DriverNotLoadedError(f"{reference!r} is no client driver but a class; name an object made of it")
    if not is_driver and not callable(found):
        lacking = ", ".join(name for name in _PARTS if not hasattr(found, name))
        raise DriverNotLoadedError(
            f"{reference!r} is no function, no class and no client driver: a driver also has {lacking}"
        )
    return found


def load_object(reference: str) -> Any:
    """Return what `reference`, such as "package.module:name", points at.

    Raises:
        DriverNotLoadedError: there is no such thing.
    """
    module_name, colon, attribute = reference.partition(":")
    if not colon or not module_name or not attribute:
        raise DriverNotLoadedError(f"{reference!r} is not of the form package.module:name")
    try:
        found: Any = importlib.import_module(module_name)
    except ImportError as error:
        raise DriverNotLoadedError(f"cannot import {module_name!r}: {error}") from error
    except (Exception, SystemExit) as error:
        raise DriverNotLoadedError(f"importing {module_name!r} raised {type(error).__name__}: {error}") from error
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise DriverNotLoadedError(f"{reference!r} is nothing: there is no {part!r}")
        found = getattr(found, part)
    return found
