"""A driver that goes wrong by itself is told apart from a client that leaks."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from runtime_contracts.client_driver import Arguments, DriverNotLoadedError, load_driver
from runtime_contracts.client_fuzz import fuzz_client
from tests.broken.clients import PLANTS
from tests.runtime_contracts.reference_driver import TOKEN, ReferenceDriver

CAREFUL_CLIENT = """
class Client:
    def __init__(self, session, url):
        self.session, self.url = session, url

def version(client, arguments):
    if arguments.group != "near-time":
        raise ValueError("another group")
    return client.session.get(client.url + "/api/version").json()["api-auth"]
"""


class _Driver(ReferenceDriver):
    name = "the crooked driver"

    def __init__(self, call: Callable[[Any, Arguments], object]) -> None:
        self.operations = {"get-version": call}


class _NoClient(_Driver):
    def make_client(self, *_: object) -> Any:
        """Fail before there is a client."""
        raise KeyError("CROOKED_TOKEN")


class _NoMeaning(_Driver):
    def expected(self, _: str, __: int, value: Any, /) -> object:
        """Look for something that is not in the answer."""
        return value["no such key"]


def _call(client: Any, _: Arguments) -> object:
    return client.get_version()


def _misspells(client: Any, _: Arguments) -> object:
    return client.get_vresion()


def _forgets_an_argument(client: Any, _: Arguments) -> object:
    return client.get_job()


def _misreads_the_result(client: Any, _: Arguments) -> object:
    return client.get_version().no_such_attribute


def _asks_somebody_else(client: Any, arguments: Arguments) -> object:
    return _misspells(client, arguments)


DRIVERS = {
    "a method that does not exist": (_Driver(_misspells), "the call", "AttributeError", "_misspells"),
    "an argument is missing": (_Driver(_forgets_an_argument), "the call", "TypeError", "_forgets_an_argument"),
    "a call in a partial": (_Driver(partial(_misspells)), "the call", "AttributeError", "_misspells"),
    "a function beside the call": (_Driver(_asks_somebody_else), "the call", "AttributeError", "_misspells"),
    "a result is misread": (_Driver(_misreads_the_result), "the call", "AttributeError", "_misreads_the_result"),
    "no client is made": (_NoClient(_call), "make_client", "KeyError: 'CROOKED_TOKEN'", "make_client"),
    "no meaning is found": (_NoMeaning(_call), "expected", "KeyError: 'no such key'", "expected"),
}


@pytest.mark.parametrize("name", DRIVERS)
def test_driver_that_goes_wrong_is_named(name: str) -> None:
    """The run cannot be made, the message names the driver, the error and the place, and no client is blamed."""
    driver, call, error, function = DRIVERS[name]
    report = fuzz_client(driver, operations=("get-version",), phases=("answers",))
    assert report.problem is not None
    assert report.problem.startswith(
        f"the driver 'the crooked driver' itself goes wrong: {call} for get-version raised {error}"
    )
    assert f" in {function}, test_driver_faults.py:" in report.problem
    assert report.failures == ()
    assert report.exit_code == 2
    assert TOKEN not in report.to_json()


def test_driver_that_only_some_arguments_break_is_named() -> None:
    """A driver that breaks on arguments of the fuzz does not pass for a client that refuses them."""

    def call(client: Any, arguments: Arguments) -> object:
        _ = {"near-time": 1}[arguments.group] if arguments.group != "near-time" else 1
        return client.get_version()

    report = fuzz_client(_Driver(call), operations=("get-version",), phases=("arguments",), max_examples=5)
    assert report.problem is not None
    assert "the call for get-version raised KeyError" in report.problem


def test_client_that_leaks_is_still_a_client_that_leaks() -> None:
    """An exception that a broken answer brings about is the client's, even if client and driver share a file."""
    planted, check = PLANTS["a missing key becomes KeyError"]
    report = fuzz_client(planted, operations=(planted.operation,), phases=("answers",))
    assert report.problem is None
    assert check in {failure.check for failure in report.failures}


def test_function_of_the_client_may_refuse_an_argument(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that the driver takes from the client as it is belongs to the client, which may refuse an argument."""
    (tmp_path / "careful_client.py").write_text(CAREFUL_CLIENT)
    monkeypatch.syspath_prepend(str(tmp_path))
    module = importlib.import_module("careful_client")
    planted = _Driver(module.version)
    monkeypatch.setattr(planted, "make_client", lambda session, url, _: module.Client(session, url))
    report = fuzz_client(planted, operations=("get-version",), phases=("arguments",), max_examples=10)
    assert report.problem is None
    assert report.failures == (), report.to_text()


def test_module_that_raises_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver whose module cannot be run is a driver that cannot be loaded."""
    (tmp_path / "crooked_module.py").write_text("driver = 1 / 0\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(DriverNotLoadedError, match="importing 'crooked_module' raised ZeroDivisionError"):
        load_driver("crooked_module:driver")


@pytest.mark.parametrize(
    ("operation", "hint"), [("get-vresion", "did you mean 'get-version'?"), ("zzz", "known: get-programs, ")]
)
def test_misspelt_operation_is_told(operation: str, hint: str) -> None:
    """A driver that names an operation which does not exist ends the run, with the name that was meant perhaps."""
    driver = _Driver(_call)
    driver.operations = {"get-version": _call, operation: _call}
    report = fuzz_client(driver, operations=("get-version",), phases=("answers",))
    assert report.exit_code == 2
    assert report.problem is not None
    assert f"'the crooked driver' names an operation that does not exist: '{operation}'" in report.problem
    assert hint in report.problem
