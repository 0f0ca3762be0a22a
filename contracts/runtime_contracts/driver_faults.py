"""Faults of a driver: what it does wrong by itself must not be blamed on the client that it drives."""

from __future__ import annotations

import inspect
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from runtime_contracts.violation import shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

    from runtime_contracts.client_driver import ClientDriver


_MISCALLED: Final = re.compile(
    r"missing \d+ required|unexpected keyword argument|takes \d+ positional|multiple values for"
)


class DriverFaultError(Exception):
    """The driver raised in its own code, so nothing can be said about the client; the message says where."""

    def __init__(
        self,
        driver: ClientDriver,
        call: str,
        operation: str,
        *,
        error: BaseException,
        where: tuple[CodeType, int] | None = None,
    ) -> None:
        where = where or _last_place(error)
        place = "" if where is None else f" in {where[0].co_name}, {Path(where[0].co_filename).name}:{where[1]}"
        what = f"{type(error).__name__}: {shown(str(error))}"
        super().__init__(f"the driver {driver.name!r} itself goes wrong: {call} for {operation} raised {what}{place}")


def refuse_driver_fault(driver: ClientDriver, error: BaseException | None, *, client: Any, operation: str) -> None:
    """Refuse an exception that comes out of the driver's own code, as opposed to the client's.

    It does if its last frame is the call for the operation or a method of the driver, or anything in a file of the
    driver's that does not hold the client as well. `client` is None if `make_client` made none.

    Raises:
        DriverFaultError: it does.
    """
    if not isinstance(error, Exception) or isinstance(error, driver.error_class):
        return
    call = "make_client" if client is None else "the call"
    where = _last_place(error)
    methods: tuple[Callable[..., Any], ...] = (driver.make_client, driver.observed, driver.expected)
    own = {code for code in map(_code_of, methods) if code is not None}
    files = {*map(_file_of, type(driver).__mro__), *(code.co_filename for code in own)} - {""}
    of_client = "" if client is None else _file_of(type(client))
    made = _code_of(driver.operations[operation])
    # A driver may name a function of the client itself; that one is not the driver's.
    if made is not None and (made.co_filename in files or made.co_filename != of_client):
        own.add(made)
        files.add(made.co_filename)
    files -= {of_client}
    if where is not None and (where[0] in own or where[0].co_filename in files):
        raise DriverFaultError(driver, call, operation, error=error) from error
    if isinstance(error, TypeError) and _MISCALLED.search(str(error)):
        # A client that passes its arguments on raises what is wrong with them further down.
        caller = [step for step in _places(error) if step[0] in own or step[0].co_filename in files]
        if caller:
            raise DriverFaultError(driver, call, operation, error=error, where=caller[-1]) from error


def _last_place(error: BaseException) -> tuple[CodeType, int] | None:
    """Return the code that raised, and the line."""
    return next(iter(reversed(_places(error))), None)


def _places(error: BaseException) -> list[tuple[CodeType, int]]:
    """Return the code and the line of every frame in a traceback, the one that raised last."""
    found, trace = [], error.__traceback__
    while trace is not None:
        found.append((trace.tb_frame.f_code, trace.tb_lineno))
        trace = trace.tb_next
    return found


def _code_of(call: Callable[..., Any]) -> CodeType | None:
    while isinstance(call, partial):
        call = call.func
    code: CodeType | None = getattr(inspect.unwrap(call), "__code__", None)
    return code


def _file_of(kind: type) -> str:
    try:
        return inspect.getfile(kind)
    except (OSError, TypeError):
        return ""  # a class of the interpreter, or of a module without a file
