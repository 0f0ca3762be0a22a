"""What a client library has to provide so that it can be held to the contract."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from runtime_contracts.profiles.legacy_2021.arguments import Arguments
from runtime_contracts.profiles.platform.arguments import PlatformArguments

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import requests


@runtime_checkable
class ClientDriver(Protocol):
    """How to drive one client library.

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

    def make_client(self, session: requests.Session, url: str, operation_id: str, /) -> Any:
        """Return a client for calls of one operation, which sends everything through `session` and never sleeps.

        `url` is the address below which the operations are, without a slash at the end.
        """
        ...

    def observed(self, operation_id: str, result: Any, /) -> object:
        """Return what the client's `result` says, in a form that `expected` can be compared with."""
        ...

    def expected(self, operation_id: str, status: int, value: Any, /) -> object:
        """Return what a client should say about an answer; `value` is its JSON, its text, or None without a body.

        This restates the meaning of the answer and must not use the client.
        """
        ...


__all__ = ["Arguments", "ClientDriver", "DriverNotLoadedError", "PlatformArguments", "load_driver"]

_PARTS = ("name", "error_class", "secrets", "operations", "make_client", "observed", "expected")


class DriverNotLoadedError(Exception):
    """The driver cannot be loaded; the message says why."""


def load_driver(reference: str) -> ClientDriver:
    """Return the driver that `reference`, such as "package.module:driver", points at.

    Raises:
        DriverNotLoadedError: there is no such thing, or it is no driver.
    """
    module_name, colon, attribute = reference.partition(":")
    if not colon or not module_name or not attribute:
        raise DriverNotLoadedError(f"{reference!r} is not of the form package.module:driver")
    try:
        found: Any = importlib.import_module(module_name)
    except ImportError as error:
        raise DriverNotLoadedError(f"cannot import {module_name!r}: {error}") from error
    except Exception as error:
        raise DriverNotLoadedError(f"importing {module_name!r} raised {type(error).__name__}: {error}") from error
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise DriverNotLoadedError(f"{reference!r} is no client driver: there is no {part!r}")
        found = getattr(found, part)
    if isinstance(found, type):
        raise DriverNotLoadedError(f"{reference!r} is no client driver but a class; name an object made of it")
    if not isinstance(found, ClientDriver):
        lacking = ", ".join(name for name in _PARTS if not hasattr(found, name))
        raise DriverNotLoadedError(f"{reference!r} is no client driver: it lacks {lacking}")
    return found
