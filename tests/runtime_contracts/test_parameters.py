"""Parameters of requests, and the paths of servers, on a small document of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pytest
import requests

from runtime_contracts.client_driver import Arguments
from runtime_contracts.client_fuzz import fuzz_client
from runtime_contracts.contract import Contract
from runtime_contracts.operation import base_paths

SECRET = "a-very-secret-key"


def _query(name: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"in": "query", "name": name, "schema": schema, **more}


def _header(name: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"in": "header", "name": name, "schema": schema, **more}


WORD = {"type": "string", "minLength": 1, "maxLength": 8}
PARAMETERS = [
    _query("tags", {"type": "array", "items": {"$ref": "#/components/schemas/Word"}, "maxItems": 3}),
    _query("ids", {"type": "array", "items": {"type": "integer"}}, explode=False),
    _query("ratio", {"type": "number", "maximum": 1}),
    _query("name", {"type": "string"}),
    _header("API-Version", {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}, required=True),
    _header("X-Kinds", {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}}),
    _header("X-Depth", {"type": "integer"}),
    _header("Accept", {"type": "string", "enum": ["nothing/at-all"]}),
]
DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "small", "version": "1"},
    "servers": [{"url": "https://one.test/api"}, {"url": "https://two.test/other/"}],
    "paths": {
        "/things": {
            "get": {"operationId": "get-things", "parameters": PARAMETERS, "responses": {"204": {"description": "ok"}}},
        },
        "/things/{ids}": {
            "get": {
                "operationId": "get-some",
                "security": [{"key": []}],
                "parameters": [
                    {
                        "in": "path",
                        "name": "ids",
                        "required": True,
                        "schema": {"type": "array", "items": {"type": "integer"}},
                    },
                    _header("X-Key", {"type": "string", "maxLength": 3}),
                ],
                "responses": {"204": {"description": "ok"}},
            },
        },
        "/versions": {
            "servers": [{"url": "https://three.test"}],
            "get": {"operationId": "get-versions", "responses": {"204": {"description": "ok"}}},
            "put": {
                "operationId": "put-versions",
                "servers": [{"url": "/{stage}/v1", "variables": {"stage": {"default": "live", "enum": ["test"]}}}],
                "responses": {"204": {"description": "ok"}},
            },
        },
    },
    "components": {
        "schemas": {"Word": WORD},
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
    },
}
CONTRACT = Contract(DOCUMENT)
VERSION = {"api-version": "2026-03-15"}


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("", {}),
        ("tags=a", {}),
        ("tags=a&name=n&tags=b%2Cc&tags=d+e", {}),
        ("ids=1,2,-3", {}),
        ("ids=1", {}),
        ("ratio=0.5", {}),
        ("ratio=-1e-3", {}),
        ("", {"X-Kinds": "a, b,a"}),
        ("", {"x-depth": "7"}),
        ("", {"Accept": "*/*", "X-Unknown": "1"}),
    ],
)
def test_good_parameters_pass(query: str, headers: dict[str, str]) -> None:
    """Repeated keys, commas and headers in any case are read as their parameters say."""
    assert CONTRACT.check_request("GET", f"/api/things?{query}", headers={**VERSION, **headers}) == []


@pytest.mark.parametrize(
    ("query", "headers", "where", "expected"),
    [
        ("tags=", {}, "/query/tags/0", "minLength"),
        ("tags=a&tags=much-too-long", {}, "/query/tags/1", "maxLength"),
        ("tags=a&tags=b&tags=c&tags=d", {}, "/query/tags", "maxItems"),
        ("ids=1,x", {}, "/query/ids/1", "a value of type integer"),
        ("ids=1&ids=2", {}, "/query/ids", "one value"),
        ("ids=1%2C2", {}, "/query/ids/0", "a value of type integer"),
        ("ratio=1.5", {}, "/query/ratio", "maximum"),
        ("ratio=1e999", {}, "/query/ratio", "a value of type number"),
        ("ratio=nan", {}, "/query/ratio", "a value of type number"),
        ("name=a&name=b", {}, "/query/name", "one value"),
        ("", {"API-Version": "today"}, "/headers/API-Version", "text that matches"),
        ("", {"X-Kinds": "a,c"}, "/headers/X-Kinds/1", "one of"),
        ("", {"X-Depth": "deep"}, "/headers/X-Depth", "a value of type integer"),
    ],
)
def test_bad_parameters_are_found(query: str, headers: dict[str, str], where: str, expected: str) -> None:
    """Each breach is the only one, in its place, down to the item of an array."""
    given = headers if "API-Version" in headers else {**VERSION, **headers}
    found = CONTRACT.check_request("GET", f"/api/things?{query}", headers=given)
    assert [item.where for item in found] == [where]
    assert expected in found[0].expected


def test_required_header_that_is_absent_is_found() -> None:
    """A header that is required has to come."""
    found = CONTRACT.check_request("GET", "/api/things", headers={})
    assert [str(item) for item in found] == ["/headers/API-Version: expected a value, found nothing"]


def test_array_in_a_path_has_commas() -> None:
    """An array in the path has the style simple."""
    assert CONTRACT.check_request("GET", "/api/things/1,2", headers={"X-Key": "k"}) == []
    found = CONTRACT.check_request("GET", "/api/things/1,b", headers={"X-Key": "k"})
    assert [item.where for item in found] == ["/path/ids/1"]


def test_key_in_a_header_is_not_told() -> None:
    """A credential that is a parameter as well is held to its schema and not repeated."""
    found = CONTRACT.check_request("GET", "/api/things/1", headers={"X-Key": SECRET})
    assert [item.where for item in found] == ["/headers/X-Key"]
    assert SECRET not in str(found)


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("GET", "/api/things", "get-things"),
        ("GET", "/other/things", "get-things"),
        ("GET", "/things", None),
        ("GET", "/apix/things", None),
        ("GET", "/api/other/things", None),
        ("GET", "/versions", "get-versions"),
        ("GET", "/api/versions", None),
        ("PUT", "/live/v1/versions", "put-versions"),
        ("PUT", "/test/v1/versions", "put-versions"),
        ("PUT", "/versions", None),
    ],
)
def test_path_of_a_server_belongs_to_the_path(method: str, path: str, operation: str | None) -> None:
    """An operation is found below the paths of its servers, of which the innermost list counts, and nowhere else."""
    found = CONTRACT.operation_for(method, path)
    assert (None if found is None else found.id) == operation


class _Refused(Exception):
    """What the small client raises."""


def _things(client: tuple[requests.Session, str], _: Arguments) -> object:
    session, url = client
    try:
        answer = session.get(f"{url}/things?tags=a&tags=b", headers=VERSION, allow_redirects=False)
    except requests.RequestException as error:
        raise _Refused(type(error).__name__) from error
    if answer.status_code != 204 or answer.content:
        raise _Refused(str(answer.status_code))
    return None


class _Driver:
    name = "a small client"
    error_class: type[Exception] | tuple[type[Exception], ...] = _Refused
    secrets: tuple[str, ...] = ()
    operations: Mapping[str, Callable[[Any, Arguments], object]] = MappingProxyType({"get-things": _things})

    def make_client(self, session: requests.Session, url: str, _: str, /) -> Any:
        """Return all that the client needs."""
        return session, url

    def observed(self, _: str, result: Any, /) -> object:
        """Return the result as it is."""
        return result

    def expected(self, *_: object) -> object:
        """Expect nothing: the answer has no body."""
        return None


def test_client_is_given_the_address_with_the_path_of_the_server() -> None:
    """A client of a document whose server has a path is driven there, with arrays and headers, and passes."""
    report = fuzz_client(_Driver(), document=DOCUMENT, operations=("get-things",), phases=("answers",))
    assert report.problem is None
    assert report.failures == (), report.to_text()


def test_first_server_is_where_clients_go() -> None:
    """The path of the first server is the one that is handed out; without servers it is the root."""
    assert CONTRACT.base_path == "/api"
    assert base_paths(None) == ("",)
    assert base_paths([{"url": "/"}, {"url": "https://host.test/v1/"}]) == ("", "/v1")
