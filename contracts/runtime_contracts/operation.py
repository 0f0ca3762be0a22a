"""Operations: one method on one path of a document, resolved and ready to judge messages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import jsonschema_rs

from runtime_contracts.schema_conversion import Direction, converted, definitions, reachable
from runtime_contracts.violation import Violation, pointer, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class Judge:
    """One schema of the document, compiled."""

    __slots__ = ("_root", "_validator", "schema")

    def __init__(self, schema: dict[str, Any], *, shared: dict[str, Any], direction: Direction) -> None:
        self.schema = schema
        root = converted(schema, direction)
        self._root = shared[root["$ref"].removeprefix("#/$defs/")] if "$ref" in root else root
        self._validator = jsonschema_rs.Draft202012Validator(
            {**root, "$defs": reachable(root, shared)}, validate_formats=True
        )

    @property
    def is_plain_text(self) -> bool:
        """Tell whether the schema is of a text that is not JSON, so that there is no structure to vary."""
        return bool(self._root.get("type") == "string")

    def accepts(self, value: Any) -> bool:
        """Tell whether `value` fits the schema."""
        return self._validator.is_valid(value)

    def properties(self) -> Mapping[str, dict[str, Any]]:
        """Return the schemas of the properties that an object may be expected to have, by name."""
        found: Mapping[str, dict[str, Any]] = self._root.get("properties", {})
        return found

    def broken_keywords(self, value: Any) -> frozenset[str]:
        """Return the schema keywords that `value` does not satisfy, such as "type" or "pattern"."""
        return frozenset(str(error.schema_path[-1]) for error in self._validator.iter_errors(value))

    def violations(self, value: Any, where: str) -> list[Violation]:
        """Return what in `value` does not fit, as places below the pointer `where`."""
        return [
            Violation(where + pointer(*error.instance_path), _expectation(error), shown(error.instance))
            for error in self._validator.iter_errors(value)
        ]

    def traced(self, value: Any, where: str) -> list[tuple[Violation, list[str | int]]]:
        """Return the same as `violations`, each with the way through the converted schemas to what is broken.

        Of alternatives none of which fits, that is told in which `value` gets furthest.
        """
        errors = [nearest(error) for error in self._validator.iter_errors(value)]
        return [
            (
                Violation(where + pointer(*error.instance_path), _expectation(error), shown(error.instance)),
                list(error.schema_path),
            )
            for error in errors
        ]


def nearest(error: jsonschema_rs.ValidationError) -> jsonschema_rs.ValidationError:
    """Return the error that says most: of alternatives, the first one in the branch that `value` breaks deepest."""
    context = getattr(error.kind, "context", None)
    branches = [branch for branch in context or [] if branch]
    if not branches:
        return error
    depth = len(error.instance_path)
    best = max(branches, key=lambda branch: min(len(one.instance_path) for one in branch))
    inner = min(best, key=lambda one: len(one.instance_path))
    return nearest(inner) if len(inner.instance_path) > depth else error


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation, in its path, its query or its headers.

    Attributes:
        type: the type of the value.
        items: of an array, the type of its items; None for everything else.
        explode: an array in the query has one key for each item.
    """

    name: str
    location: str
    required: bool
    type: str
    judge: Judge
    items: str | None = None
    explode: bool = True


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path.

    Attributes:
        id: the operation id of the document.
        bases: the paths below which servers have `path`, such as "/api"; "" for the root.
        parameters: everything that may stand in path, query and headers, without credentials.
        bodies: what the request body may be, by media type; empty when there is none.
        security: the alternatives, each a tuple of (kind, header) pairs that belong together; kind is "bearer" or
            "header". Empty when no credentials are asked for.
        any_content_type: the request body is read whatever its content type says.
        responses: by status, the bodies by media type; a status without a body has no entries.
    """

    id: str
    method: str
    path: str
    bases: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    bodies: Mapping[str, Judge]
    body_required: bool
    any_content_type: bool
    security: tuple[tuple[tuple[str, str], ...], ...]
    responses: Mapping[int, Mapping[str, Judge]]

    @property
    def label(self) -> str:
        """The method and the path, as in "GET /jobs"."""
        return f"{self.method} {self.path}"

    def path_values(self, path: str) -> dict[str, str] | None:
        """Return the decoded path parameters if `path`, still percent-encoded, is one of this operation."""
        pattern, names = _path_pattern(self.bases, self.path)
        match = pattern.fullmatch(path)
        return None if match is None else dict(zip(names, map(unquote, match.groups()), strict=True))


@lru_cache(maxsize=1024)
def _path_pattern(bases: tuple[str, ...], path: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    # Each request is held against every path of the document.
    names = tuple(re.findall(r"\{([^}]+)\}", path))
    fixed = "([^/]+)".join(re.escape(part) for part in re.split(r"\{[^}]+\}", path))
    return re.compile(f"(?:{'|'.join(map(re.escape, bases))}){fixed}"), names


def operations(document: dict[str, Any]) -> Iterator[Operation]:
    """Yield every operation of the document, in its order."""
    shared: dict[Direction, dict[str, Any]] = {
        "request": definitions(document, "request"),
        "response": definitions(document, "response"),
    }
    reader = _Reader(document, shared)
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield reader.operation(path, method, item)


def base_paths(servers: Sequence[Mapping[str, Any]] | None) -> tuple[str, ...]:
    """Return the paths in the URLs of `servers`, without a slash at the end; variables have each of their values."""
    found: list[str] = []
    # A document without servers has one at the root.
    for server in servers or [{"url": "/"}]:
        urls = [str(server["url"])]
        for name, variable in server.get("variables", {}).items():
            values = dict.fromkeys((variable["default"], *variable.get("enum", ())))
            urls = [url.replace(f"{{{name}}}", str(value)) for url in urls for value in values]
        found += [urlsplit(url).path.rstrip("/") for url in urls]
    return tuple(dict.fromkeys(found))


def resolved(document: dict[str, Any], node: Any) -> Any:
    """Follow `$ref` until `node` is the thing itself."""
    while isinstance(node, dict) and "$ref" in node:
        target: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


class _Reader:
    """Builds operations out of one document."""

    def __init__(self, document: dict[str, Any], shared: dict[Direction, dict[str, Any]]) -> None:
        self._document = document
        self._shared = shared

    def operation(self, path: str, method: str, item: dict[str, Any]) -> Operation:
        raw = item[method]
        body = resolved(self._document, raw.get("requestBody", {}))
        return Operation(
            id=raw["operationId"],
            method=method.upper(),
            path=path,
            bases=base_paths(raw.get("servers") or item.get("servers") or self._document.get("servers")),
            parameters=tuple(self._parameters(item.get("parameters", []), raw.get("parameters", []))),
            bodies=self._bodies(body, "request"),
            body_required=bool(body.get("required", False)),
            any_content_type=bool(raw.get("x-body-without-content-type", False)),
            security=self._security(raw),
            responses={
                int(status): self._bodies(resolved(self._document, answer), "response")
                for status, answer in raw["responses"].items()
            },
        )

    def _parameters(self, shared: list[Any], own: list[Any]) -> Iterator[Parameter]:
        # One of the operation replaces one of the path with the same name and place.
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for raw in (*shared, *own):
            parameter = resolved(self._document, raw)
            found[parameter["in"], parameter["name"]] = parameter
        for (location, name), parameter in found.items():
            schema = resolved(self._document, parameter["schema"])
            kind = schema.get("type", "string")
            items = resolved(self._document, schema.get("items", {})).get("type", "string")
            yield Parameter(
                name=name,
                location=location,
                required=bool(parameter.get("required", False)),
                type=kind,
                judge=self._judge(schema, "request"),
                items=items if kind == "array" else None,
                explode=bool(parameter.get("explode", True)),
            )

    def _bodies(self, holder: dict[str, Any], direction: Direction) -> dict[str, Judge]:
        content = holder.get("content", {})
        return {media: self._judge(entry.get("schema", {}), direction) for media, entry in content.items()}

    def _judge(self, schema: dict[str, Any], direction: Direction) -> Judge:
        return Judge(schema, shared=self._shared[direction], direction=direction)

    def _security(self, raw: dict[str, Any]) -> tuple[tuple[tuple[str, str], ...], ...]:
        schemes = self._document.get("components", {}).get("securitySchemes", {})
        alternatives = raw.get("security", self._document.get("security", []))
        return tuple(tuple(_credential(schemes[name]) for name in alternative) for alternative in alternatives)


def _credential(scheme: dict[str, Any]) -> tuple[str, str]:
    if scheme["type"] == "http" and scheme["scheme"].lower() == "bearer":
        return "bearer", "Authorization"
    if scheme["type"] == "apiKey" and scheme["in"] == "header":
        return "header", scheme["name"]
    raise ValueError(f"a security scheme of type {scheme['type']!r} is not supported")


def _expectation(error: jsonschema_rs.ValidationError) -> str:
    # The validator's sentence begins with the value itself, which may be huge; the rule alone says enough.
    rule = error.kind
    match rule:
        case jsonschema_rs.ValidationErrorKind.Required(property=name):
            return f"the property {name!r}"
        case jsonschema_rs.ValidationErrorKind.Type(types=types):
            return f"a value of type {' or '.join(types)}"
        case jsonschema_rs.ValidationErrorKind.Enum(options=options):
            return f"one of {shown(options)}"
        case jsonschema_rs.ValidationErrorKind.Pattern(pattern=pattern):
            return f"text that matches {pattern}"
        case _:
            keyword = error.schema_path[-1] if error.schema_path else "schema"
            return f"what {keyword!r} asks for ({shown(error.message)})"
