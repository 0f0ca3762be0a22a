"""The clients of both kinds and all editions have the same names, and each name means the same."""

from __future__ import annotations

import inspect
import subprocess
import sys
from typing import Any

import pytest

import runtime_client
from runtime_client import jobs, legacy_2021, platform
from runtime_client.methods import Awaiting, Blocking
from runtime_client.platform import jobs as platform_jobs
from runtime_client.settings import (
    AsyncTransportOptions,
    AsyncTransportSettings,
    CommonOptions,
    TransportOptions,
)

PAIRS: list[tuple[type[Blocking], type[Awaiting]]] = [
    (legacy_2021.RuntimeClient, legacy_2021.AsyncRuntimeClient),
    (platform.RuntimeClient, platform.AsyncRuntimeClient),
    (jobs.Job, jobs.AsyncJob),
    (platform_jobs.Job, platform_jobs.AsyncJob),
]
LISTINGS = {"iter_jobs", "jobs", "workloads"}
LOCAL = {"job", "id"}
CLOSING = {"close", "aclose"}


def public(kind: type) -> dict[str, Any]:
    """Return the public names of a class, but for how it is closed."""
    names = {name for name in dir(kind) if not name.startswith("_")} - CLOSING
    return {name: inspect.getattr_static(kind, name) for name in names}


def parameters(function: Any) -> list[tuple[str, Any, Any, Any]]:
    """Return what a function takes."""
    found = inspect.signature(function).parameters.values()
    return [(item.name, item.kind, item.default, item.annotation) for item in found]


@pytest.mark.parametrize(("blocking", "awaiting"), PAIRS)
def test_both_kinds_have_the_same_methods(blocking: type[Blocking], awaiting: type[Awaiting]) -> None:
    """Names, parameters, docstrings and what is returned agree; what sends is a coroutine function in one of them."""
    ours, theirs = public(blocking), public(awaiting)
    assert set(ours) == set(theirs)
    for name in set(ours) - LOCAL:
        assert parameters(ours[name]) == parameters(theirs[name])
        assert ours[name].__doc__ == theirs[name].__doc__
        assert inspect.iscoroutinefunction(theirs[name]) is (name not in LISTINGS)
        assert not inspect.iscoroutinefunction(ours[name])
        returned = inspect.signature(ours[name]).return_annotation
        expected = f"Async{returned}" if name in LISTINGS else returned
        assert inspect.signature(theirs[name]).return_annotation == expected


@pytest.mark.parametrize(("blocking", "awaiting"), PAIRS)
def test_methods_are_functions_of_their_class(blocking: type[Blocking], awaiting: type[Awaiting]) -> None:
    """Each method says where it is from, and has a docstring that names no other."""
    for kind in (blocking, awaiting):
        for name, found in public(kind).items():
            if name not in LOCAL:
                assert found.__qualname__ == f"{kind.__name__}.{name}"
                assert found.__module__ == kind.__module__
                assert found.__doc__


def test_the_clients_take_the_same_arguments() -> None:
    """A client that awaits takes what the other takes, but for what it sends with."""
    for blocking, awaiting in PAIRS[:2]:
        assert parameters(blocking.__init__)[:-1] == parameters(awaiting.__init__)[:-1]
    ours, theirs = set(TransportOptions.__annotations__), set(AsyncTransportOptions.__annotations__)
    assert ours - theirs == {"session"}
    assert theirs <= ours
    assert set(CommonOptions.__annotations__) < theirs
    assert theirs == set(AsyncTransportSettings.__dataclass_fields__)


def test_jobs_of_all_editions_have_the_same_names() -> None:
    """What can be done with a job of 2021 can be done with one of today, by the same name, and more."""
    assert set(public(jobs.Job)) - {"result_text"} <= set(public(platform_jobs.Job))


def test_a_subclass_may_replace_a_method() -> None:
    """What a user's subclass says is what happens, also below it, and the original is within reach."""

    class Mine(platform.RuntimeClient):
        def usage(self) -> Any:
            """Return something else."""
            return "mine"

    class Below(Mine):
        pass

    client = Below("http://h", access_token="abcd")
    assert client.usage() == "mine"
    assert Below.versions is platform.RuntimeClient.versions


@pytest.mark.parametrize("name", ["runtime_client", "runtime_client.platform", "runtime_client.progress"])
def test_importing_needs_neither_library(name: str) -> None:
    """Whoever imports the package has not loaded requests, httpx, asyncio or anyio: each is for who uses it."""
    seen = f"import sys, {name}; print(sorted({{'requests', 'httpx', 'asyncio', 'anyio'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    "code",
    [
        "runtime_client.connect('http://h', token='t', transport='httpx')",
        "runtime_client.connect_async('http://h', token='t')",
        "__import__('runtime_client.testing')",
    ],
)
def test_without_httpx(code: str) -> None:
    """Says what to install where httpx is not there."""
    hidden = f"import sys; sys.modules['httpx'] = None\nimport runtime_client\n{code}"
    done = subprocess.run([sys.executable, "-c", hidden], capture_output=True, text=True, check=False)
    assert "pip install 'mock-runtime[" in done.stderr.splitlines()[-1]


def test_connect_async() -> None:
    """Makes a client of each edition, and refuses what `connect` refuses; nothing is sent."""
    today = runtime_client.connect_async("http://h", access_token="abcd", edition="platform")
    assert repr(today) == "AsyncRuntimeClient('http://h', token=***)"
    assert isinstance(runtime_client.connect_async("http://h", token="t"), runtime_client.AsyncRuntimeClient)
    with pytest.raises(ValueError, match="there is no edition '2031'"):
        runtime_client.connect_async("http://h", token="t", edition="2031")
    with pytest.raises(TypeError, match="needs url and token"):
        runtime_client.connect_async(None, edition="2021")
