"""Clients without a driver: any function, or any class with its methods, as drivers that are made up for them.

Which operation a call is about is seen from the requests that it sends when every answer is a good one. What it takes
is filled in by the names of its parameters. What it may raise is what its user says, or else what its HTTP library and
its own package raise.
"""

from __future__ import annotations

import copy
import dis
import http.client
import importlib
import inspect
import sys
import urllib.error
from dataclasses import dataclass, field
from functools import cached_property
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any, Final

import requests
import urllib3

from runtime_contracts.calling import TOKEN, Filled, Surroundings, UnknownParameterError, filled, name_of
from runtime_contracts.client_driver import NOT_COMPARED
from runtime_contracts.violation import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_OF_LIBRARIES: Final[tuple[type[Exception], ...]] = (
    requests.RequestException, urllib3.exceptions.HTTPError, urllib.error.URLError, http.client.HTTPException,
    ConnectionError, TimeoutError,
)  # fmt: skip
_NOT_CLIENTS: Final = frozenset(
    {"requests", "urllib3", "httpx", "httpcore", "h11", "pytest", "_pytest", "runtime_contracts", "mock_runtime"}
)
_NOT_CALLED: Final = frozenset({"close", "aclose"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the user of a run says about a client without a driver.

    Attributes:
        operation: id of the operation that a function is about; None to see it from its requests.
        raises: the exceptions that the client declares; empty for those of its HTTP library and of its own package.
        arguments: values for parameters, by name, of the function, or of the class and its methods.
        expected: what the client should return for an answer, of its JSON, its text, or None without a body; for a
            class by the name of the method. Without it the meaning is not compared.
        secrets: tokens that the client has from elsewhere; none of them may appear in an exception, a log or a result.
    """

    operation: str | None = None
    raises: tuple[type[Exception], ...] = ()
    arguments: Mapping[str, Any] = field(default_factory=dict)
    expected: Callable[[Any], object] | Mapping[str, Callable[[Any], object]] | None = None
    secrets: tuple[str, ...] = ()


class InferredDriver:
    """A driver made up for one function, or for one method of a class.

    Attributes:
        passed: the attributes of the arguments that the call takes.
        function: what is called, for its place in a file.
    """

    transport = "seam"

    def __init__(
        self,
        function: Callable[..., Any],
        around: Surroundings,
        wishes: Wishes,
        *,
        arguments: Any,
        owner: type | None = None,
    ) -> None:
        self.function = function
        self.owner = owner
        self.name = f"{owner.__name__}.{function.__name__}" if owner is not None else name_of(function)
        self.secrets = tuple(dict.fromkeys((TOKEN, *wishes.secrets)))
        self.operations: Mapping[str, Callable[[Any, Any], object]] = {}
        self.error_class: type[Exception] | tuple[type[Exception], ...] = ()
        self._around = around
        self._wishes = wishes
        self._given: list[tuple[str, Any, Any]] = []
        self.passed = self._filled(arguments).passed

    def about(self, operations: tuple[str, ...]) -> None:
        """Say which operations the call is about."""
        self.operations = dict.fromkeys(operations, self.call)
        # Now every module of the client is there.
        self.error_class = self._declared()

    def _declared(self) -> tuple[type[Exception], ...]:
        if self._wishes.raises:
            return self._wishes.raises
        of_httpx = (importlib.import_module("httpx").HTTPError,) if "httpx" in sys.modules else ()
        return (*_own_exceptions(self.packages), *of_httpx, *_OF_LIBRARIES)

    @cached_property
    def packages(self) -> frozenset[str]:
        """The packages that the client consists of: its own, and those that a small function around it names."""
        return frozenset(_packages(self.owner or self.function)) - _NOT_CLIENTS - sys.stdlib_module_names

    def make_client(self, _session: object, _url: str, _operation_id: str, /) -> Any:
        """Return an object of the class, or nothing for a function."""
        if self.owner is None:
            return None
        return self.owner(**filled(self.owner, self._around, self._arguments()).values)

    def call(self, client: Any, arguments: Any) -> object:
        """Call the function or the method."""
        values = self._filled(arguments).values
        self._given = [(name, copy.deepcopy(value), value) for name, value in values.items() if _is_plain(value)]
        if self.owner is None:
            return self.function(**values)
        return getattr(client, self.function.__name__)(**values)

    @property
    def changed(self) -> str:
        """What the last call has changed of the values that it was given; "" if it left all alone."""
        return "; ".join(
            f"{name}: {shown(before)} became {shown(after)}" for name, before, after in self._given if before != after
        )

    def observed(self, _operation_id: str, result: Any, /) -> object:
        """Return what the client returned."""
        return result

    def expected(self, _operation_id: str, _status: int, value: Any, /) -> object:
        """Return what the user of the run says that the client should return."""
        wanted = self._wishes.expected
        if wanted is not None and not callable(wanted):
            wanted = wanted.get(self.function.__name__)
        return NOT_COMPARED if wanted is None else wanted(value)

    def _arguments(self) -> Any:
        from runtime_contracts import profiles  # noqa: PLC0415 - they stand on drivers

        return profiles.of(self._around.edition).client.arguments()

    def _filled(self, arguments: Any) -> Filled:
        bound = self.function if self.owner is None else _unbound(self.owner, self.function)
        return filled(bound, self._around, arguments)


def methods_of(kind: type) -> list[Callable[..., Any]]:
    """Return the public methods of a class, without those that only let go of it."""
    found: list[Callable[..., Any]] = []
    for name, value in inspect.getmembers_static(kind):
        plain = value.__func__ if isinstance(value, staticmethod) else value
        if not name.startswith("_") and name not in _NOT_CALLED and inspect.isfunction(plain):
            found.append(plain)
    return found


def _unbound(owner: type, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a callable with the parameters of a method without `self`."""
    if isinstance(inspect.getattr_static(owner, function.__name__), staticmethod):
        return function
    signature = inspect.signature(function)
    _, *others = signature.parameters.values()

    def shown(**_: Any) -> None:
        """Only its signature is of interest."""

    shown.__qualname__ = name_of(function)
    vars(shown)["__signature__"] = signature.replace(parameters=others)
    return shown


def _is_plain(value: Any) -> bool:
    return isinstance(value, (list, dict, set, bytearray))


def _packages(subject: Any) -> Iterator[str]:
    module = getattr(subject, "__module__", None)
    if isinstance(module, str):
        yield module.partition(".")[0]
    code = getattr(inspect.unwrap(subject), "__code__", None) if callable(subject) else None
    if not isinstance(code, CodeType):
        return
    names = {str(step.argval) for step in dis.get_instructions(code) if step.opname in {"LOAD_GLOBAL", "LOAD_NAME"}}
    scope = getattr(subject, "__globals__", {})
    cells = [cell.cell_contents for cell in getattr(subject, "__closure__", None) or () if _is_filled(cell)]
    for value in (*(scope[name] for name in names if name in scope), *cells):
        where = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
        where = where or type(value).__module__
        if isinstance(where, str):
            yield where.partition(".")[0]


def _is_filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018 - an empty one raises
    except ValueError:
        return False
    return True


def _own_exceptions(packages: frozenset[str]) -> tuple[type[Exception], ...]:
    """Return every exception that the modules of these packages define."""
    found: dict[type[Exception], None] = {}
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in packages:
            for value in list(vars(module).values()):
                own = isinstance(value, type) and issubclass(value, Exception)
                if own and value.__module__.partition(".")[0] in packages:
                    found[value] = None
    return tuple(found)


__all__ = ["InferredDriver", "UnknownParameterError", "Wishes", "methods_of"]
