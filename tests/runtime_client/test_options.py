"""Addresses, options and arguments: what is respected, and what is refused before anything is sent."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import requests

import runtime_client
from runtime_client import RuntimeClient, connect
from runtime_client.settings import TransportOptions, TransportSettings
from tests.runtime_client.conftest import MakeClient, only_requests
from tests.runtime_client.scripted import JOB_ID, TOKEN, Service, json_answer


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("http://runtime.test", "http://runtime.test/programs"),
        ("http://runtime.test/", "http://runtime.test/programs"),
        ("https://runtime.test:8443//", "https://runtime.test:8443/programs"),
        ("HTTP://runtime.test/legacy/2021", "http://runtime.test/legacy/2021/programs"),
        (" http://runtime.test/legacy/2021/ ", "http://runtime.test/legacy/2021/programs"),
        ("http://[::1]:8000", "http://[::1]:8000/programs"),
    ],
)
def test_base_urls(make_client: MakeClient, service: Service, base: str, expected: str) -> None:
    """Keeps a path prefix and does not mind a trailing slash."""
    service.answers(json_answer([]))
    make_client(base).list_programs()
    assert service.sent[0].url == expected


def test_account_calls_keep_the_prefix(make_client: MakeClient, service: Service) -> None:
    """Looks for the account service below the runtime's own base."""
    service.answers(json_answer({"api-auth": "1"}))
    make_client("http://runtime.test/legacy/").get_version()
    assert service.sent[0].url == "http://runtime.test/legacy/api/version"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("runtime.test", "url must start with http:// or https://"),
        ("ftp://runtime.test", "url must start with http:// or https://"),
        ("", "url must start with http:// or https://"),
        ("http://", "url must name a host"),
        ("http://runtime.test:port", "url is not a valid URL"),
        ("http://[::1", "url is not a valid URL"),
        ("http://runtime.test?x=1", "url must not have a user name, a query or a fragment"),
    ],
)
def test_refused_urls(url: str, message: str) -> None:
    """Says what is wrong with a base URL."""
    with pytest.raises(ValueError, match=f"^{message}$"):
        RuntimeClient(url, token=TOKEN)
    with pytest.raises(ValueError, match=f"^account_{message}$"):
        RuntimeClient("http://runtime.test", token=TOKEN, account_url=url)


@pytest.mark.parametrize(
    ("program_id", "path"),
    [
        ("a/b", "a%2Fb"),
        ("a b", "a%20b"),
        ("a?b#c", "a%3Fb%23c"),
        ("100%", "100%25"),
        ("%2F", "%252F"),
        ("ü\N{GRINNING FACE}", "%C3%BC%F0%9F%98%80"),
        ("a~b-c_d.e", "a~b-c_d.e"),
        ("...", "..."),
        ("a\nb", "a%0Ab"),
        ("a:b@c", "a%3Ab%40c"),
    ],
)
def test_ids_are_encoded(client: RuntimeClient, service: Service, program_id: str, path: str) -> None:
    """Keeps every id one segment of the path, whatever is in it."""
    service.answers(json_answer([]))
    with pytest.raises(runtime_client.ContractViolation):
        client.get_program(program_id)
    assert service.lines == [f"GET /programs/{path}"]


Action = Callable[[RuntimeClient], object]
LOOP: dict[str, object] = {}
LOOP["self"] = LOOP
DEEP: list[object] = []
for _ in range(100_000):
    DEEP = [DEEP]

REFUSED: list[tuple[Action, type[Exception], str]] = [
    (lambda c: c.get_program(""), ValueError, "'' cannot be part of a path"),
    (lambda c: c.get_program("."), ValueError, "cannot be part of a path"),
    (lambda c: c.delete_job(".."), ValueError, "cannot be part of a path"),
    (lambda c: c.get_job("\ud800"), ValueError, "half of a surrogate pair"),
    (lambda c: c.submit_job(""), ValueError, "program_id is empty"),
    (lambda c: c.submit_job("\ud800"), ValueError, "the request holds half of a surrogate pair"),
    (lambda c: c.submit_job("p", {"x": math.nan}), ValueError, "inputs cannot be written as JSON"),
    (lambda c: c.submit_job("p", {"x": [math.inf]}), ValueError, "inputs cannot be written as JSON"),
    (lambda c: c.submit_job("p", {"x": object()}), TypeError, "inputs cannot be written as JSON"),
    (lambda c: c.submit_job("p", {"x": "\udc00"}), ValueError, "inputs holds half of a surrogate pair"),
    (lambda c: c.submit_job("p", LOOP), ValueError, "inputs cannot be written as JSON"),
    (lambda c: c.submit_job("p", {"x": DEEP}), ValueError, "inputs cannot be written as JSON"),
    (lambda c: c.list_jobs(limit=-1), ValueError, "limit must be at least 0"),
    (lambda c: c.list_jobs(offset=-1), ValueError, "offset must be at least 0"),
    (lambda c: c.list_jobs(limit=True), TypeError, "limit must be an integer, not bool"),
    (lambda c: c.iter_jobs(page_size=0), ValueError, "page_size must be at least 1"),
    (lambda c: c.update_program_data("p", ""), ValueError, "source is empty"),
    (lambda c: c.update_program_data("p", "\ud800"), ValueError, "source holds half of a surrogate pair"),
    (lambda c: c.create_program(name="p", source=b""), ValueError, "source is empty"),
    (lambda c: c.create_program(name="", source="x"), ValueError, "name is empty"),
    (lambda c: c.create_program(name="\ud800", source="x"), ValueError, "name holds half of a surrogate pair"),
    (lambda c: c.create_program(name="p", source="x", cost=-1), ValueError, "cost must be at least 0"),
    (lambda c: c.create_program(name="p", source="x", cost=True), TypeError, "cost must be an integer, not bool"),
    (
        lambda c: c.create_program(name="p", source="x", parameters=[{"name": math.nan}]),
        ValueError,
        "parameters cannot be written as JSON",
    ),
]


@pytest.mark.parametrize(("action", "kind", "message"), REFUSED)
def test_refused_arguments(
    client: RuntimeClient, service: Service, action: Action, kind: type[Exception], message: str
) -> None:
    """Says what is wrong with an argument, and sends nothing."""
    with pytest.raises(kind, match=message):
        action(client)
    assert service.sent == []


def untyped(value: Any) -> Any:
    """Hide a value's type, for calls that a type checker would refuse."""
    return value


UNTYPED: list[tuple[Action, str]] = [
    (lambda c: untyped(c).submit_job("p", ["x"]), "inputs must be a mapping, not list"),
    (lambda c: untyped(c).list_jobs(limit="5"), "limit must be an integer, not str"),
    (lambda c: untyped(c).create_program(name=5, source="x"), "name must be a string, not int"),
    (lambda c: untyped(c).create_program(name="p", source="x", version=1), "version must be a string, not int"),
    (lambda c: untyped(c).create_program(name="p", source="x", costs=1), "create_program has no argument costs"),
    (lambda c: untyped(c).update_program_data("p", 5), "source must be text or bytes, not int"),
    (lambda _: untyped(RuntimeClient)("http://h", token=5), "token must be a string, not int"),
    (lambda _: untyped(RuntimeClient)("http://h", token=None), "token must be a string, not NoneType"),
    (lambda _: untyped(RuntimeClient)("http://h", token="t", retrys=1), "retrys"),
]


@pytest.mark.parametrize(("action", "message"), UNTYPED)
def test_arguments_of_the_wrong_type(client: RuntimeClient, service: Service, action: Action, message: str) -> None:
    """Says what was expected, and sends nothing."""
    with pytest.raises(TypeError, match=message):
        action(client)
    assert service.sent == []


def test_mappings_other_than_dict(client: RuntimeClient, service: Service) -> None:
    """Takes any mapping for inputs."""
    service.answers(json_answer({"id": JOB_ID}))
    client.submit_job("p", MappingProxyType({"a": 1}))
    assert service.sent[0].json()["params"] == ['{"a": 1}']


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"timeout": 0}, "timeout"),
        ({"timeout": (5, -1)}, "timeout"),
        ({"timeout": math.inf}, "timeout"),
        ({"retries": -1}, "repeats"),
        ({"max_response_bytes": 0}, "max_response_bytes"),
        ({"application": ""}, "application"),
        ({"application": "a\nb"}, "application"),
        ({"application": "ä"}, "application"),
    ],
)
def test_options_that_make_no_sense(make_client: MakeClient, options: dict[str, Any], message: str) -> None:
    """Refuses them with the name of the option when the client is made."""
    with pytest.raises(ValueError, match=message):
        make_client(**untyped(options))


@only_requests
def test_options_reach_the_wire(make_client: MakeClient, service: Service) -> None:
    """Sends the application's name and uses the timeout it was given; the default bears a minute of silence."""
    service.answers(json_answer([]), json_answer([]))
    make_client(application="my tool/1.0", timeout=(1.0, 2.0)).list_programs()
    make_client().list_programs()
    assert service.sent[0].headers["X-Qx-Client-Application"] == "my tool/1.0"
    assert service.sent[0].options["timeout"] == (1.0, 2.0)
    assert service.sent[1].options["timeout"] == (10.0, 60.0)
    assert service.sent[0].options["stream"] is True


@only_requests
def test_proxies_of_the_environment_are_used(
    client: RuntimeClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Honours HTTPS_PROXY and its kin."""
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.test:3128")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    service.answers(json_answer([]))
    client.list_programs()
    assert service.sent[0].options["proxies"]["http"] == "http://proxy.test:3128"


def test_netrc_is_never_used(
    client: RuntimeClient, service: Service, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Lets no password of ~/.netrc take the token's place, nor go where no credentials belong."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine runtime.test login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    service.answers(json_answer([]), json_answer({"api-auth": "1"}))
    client.list_programs()
    client.get_version()
    assert service.sent[0].headers["Authorization"] == f"Bearer {TOKEN}"
    assert "Authorization" not in service.sent[1].headers


def test_a_session_of_the_caller_is_left_open(make_client: MakeClient, service: Service) -> None:
    """Does not close, or leave anything in, a session it was given."""
    service.answers(json_answer([]))
    with make_client() as client:
        client.list_programs()
    assert not service.closed


def test_own_session_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Closes the session that it made itself."""
    closed: list[requests.Session] = []

    def close(session: requests.Session) -> None:
        closed.append(session)

    monkeypatch.setattr(requests.Session, "close", close)
    with RuntimeClient("http://runtime.test", token=TOKEN) as client:
        assert closed == []
    client.close()
    assert len(closed) == 2


def test_a_session_of_the_caller_is_not_changed(
    make_client: MakeClient, service: Service, session: requests.Session
) -> None:
    """Puts tokens on requests and never on the session, where they would go everywhere."""
    before = dict(session.headers)
    service.answers(json_answer([]))
    make_client().list_programs()
    assert dict(session.headers) == before
    assert session.auth is None


@pytest.mark.parametrize("edition", ["legacy-2021", "2021"])
def test_connect(session: requests.Session, service: Service, edition: str) -> None:
    """Makes a client of the edition, with all options."""
    service.answers(json_answer([]))
    client = connect("http://runtime.test", token=TOKEN, edition=edition, session=session, access_token="other")
    assert isinstance(client, RuntimeClient)
    client.list_programs()
    assert service.sent[0].headers["X-Access-Token"] == "other"


def test_connect_to_an_unknown_edition() -> None:
    """Names the editions there are."""
    with pytest.raises(ValueError, match="there is no edition '2031'; there are 2021, legacy-2021, platform, today"):
        connect("http://runtime.test", token=TOKEN, edition="2031")


def test_exported_names() -> None:
    """Exports what it lists, and lists it in order."""
    assert runtime_client.__all__ == sorted(runtime_client.__all__)
    assert all(hasattr(runtime_client, name) for name in runtime_client.__all__)


def test_options_are_declared_once_for_types_and_once_for_values() -> None:
    """Has the same options in the typed dictionary and in the settings behind it."""
    assert set(TransportOptions.__annotations__) == {field.name for field in fields(TransportSettings)}


def test_the_package_imports_none_of_the_others() -> None:
    """Knows the service by HTTP only: imports nothing of the fake or of the contract."""
    package = Path(runtime_client.__file__).parent
    imported: set[str] = set()
    # What is for tests of users has the fake answer; import-linter holds it to that one edge.
    for module in set(package.rglob("*.py")) - {package / "testing.py"}:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").partition(".")[0])
    assert "requests" in imported
    assert not imported & {"mock_runtime", "runtime_contracts"}


def test_few_modules_know_how_calls_travel() -> None:
    """Keeps what is asked and how answers are read apart from `requests`, so that another client can share it."""
    package = Path(runtime_client.__file__).parent
    imports = re.compile(r"^ *import (requests|httpx)$", re.MULTILINE)
    travelling = {module.name for module in package.rglob("*.py") if imports.search(module.read_text("utf-8"))}
    assert travelling == {"requests_exchange.py", "httpx_exchange.py", "settings.py", "testing.py"}
