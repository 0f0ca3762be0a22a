"""A fake of IBM's Qiskit Runtime service.

>>> from mock_runtime import Config, ManualClock, create_app
>>> client = create_app(Config(edition="2021", scenario={"polls": 1}), clock=ManualClock()).test_client()
>>> headers = {"Authorization": "Bearer any-token"}
>>> job = client.post("/jobs", json={"programId": "runtime-simple"}, headers=headers).json["id"]
>>> [client.get(f"/jobs/{job}/results", headers=headers).status_code for _ in range(2)]
[204, 200]

`create_app` makes a Flask application, `LiveServer` puts one on a socket, `runtime_of` gives what stands behind it.
Names are imported when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    __version__: str
    from mock_runtime.accounts import Token
    from mock_runtime.app import create_app, runtime_of
    from mock_runtime.clock import Clock, ManualClock, Steerable, SteerableClock, SystemClock
    from mock_runtime.config import Config, InvalidConfig
    from mock_runtime.interception import intercept
    from mock_runtime.remote import RemoteControl
    from mock_runtime.runtime import Runtime
    from mock_runtime.scenario import InvalidScenario, Outcome, Plan, Scenario
    from mock_runtime.transport.server import LiveServer

__all__ = [
    "Clock",
    "Config",
    "InvalidConfig",
    "InvalidScenario",
    "LiveServer",
    "ManualClock",
    "Outcome",
    "Plan",
    "RemoteControl",
    "Runtime",
    "Scenario",
    "Steerable",
    "SteerableClock",
    "SystemClock",
    "Token",
    "create_app",
    "intercept",
    "runtime_of",
]

_HOMES: Final = {
    "Clock": "clock",
    "Config": "config",
    "InvalidConfig": "config",
    "InvalidScenario": "scenario",
    "LiveServer": "transport.server",
    "ManualClock": "clock",
    "Outcome": "scenario",
    "Plan": "scenario",
    "RemoteControl": "remote",
    "Runtime": "runtime",
    "Scenario": "scenario",
    "Steerable": "clock",
    "SteerableClock": "clock",
    "SystemClock": "clock",
    "Token": "accounts",
    "create_app": "app",
    "intercept": "interception",
    "runtime_of": "app",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("importlib.metadata").version("mock-runtime")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
