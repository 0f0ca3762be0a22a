"""Where in the document stands what an answer breaks: JSON pointers into it, and the places in the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from runtime_contracts.operation import resolved
from runtime_contracts.strict_json import InvalidJsonError, decode_json
from runtime_contracts.violation import Violation, pointer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runtime_contracts.contract import Contract
    from runtime_contracts.operation import Operation

_MEDIA: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Located:
    """A violation with the place in the document that it is about."""

    violation: Violation
    document_pointer: str

    @property
    def cause(self) -> str:
        """What violations have in common that are mended in one place of a server."""
        shared = self.document_pointer.startswith("#/components/")
        place = self.document_pointer if shared else self.violation.where
        return f"{place} {self.violation.expected}"


def located(
    contract: Contract, operation: Operation, status: int, *, headers: Mapping[str, str], body: bytes
) -> list[Located]:
    """Return everything in which an answer breaks the contract, each with its place in the document."""
    base = ("paths", operation.path, operation.method.lower(), "responses")
    media = _media(headers)
    judge = operation.responses.get(status, {}).get(media) if media == _MEDIA else None
    violations = contract.check_response(operation, status, headers=headers, body=body)
    value = _value(body) if judge is not None and violations else None
    if judge is None or value is None:
        return [Located(one, _without_schema(contract, base, status, media, one)) for one in violations]
    content = (*base, str(status), "content", media, "schema")
    found = [Located(one, _pointer(contract.document, content, path)) for one, path in judge.traced(value[0], "/body")]
    return found or [Located(one, _without_schema(contract, base, status, media, one)) for one in violations]


def asked_for(contract: Contract, operation: Operation, where: str, body: bytes) -> str:
    """Return a pointer to what the document says about the place `where` of a request."""
    base: tuple[object, ...] = ("paths", operation.path, operation.method.lower())
    _, kind, *rest = where.split("/")
    if kind == "body":
        media = next(iter(operation.bodies), _MEDIA)
        content = (*base, "requestBody", "content", media, "schema")
        judge, value = operation.bodies.get(media), _value(body)
        traced = [] if judge is None or value is None else judge.traced(value[0], "/body")
        return _pointer(contract.document, content, traced[0][1] if traced else ())
    for holder in (base, base[:2]):
        listed = _at(contract.document, holder).get("parameters", [])
        for index, parameter in enumerate(listed):
            if rest and resolved(contract.document, parameter).get("name") == rest[0]:
                return _pointer(contract.document, (*holder, "parameters", index, "schema"), ())
    return _pointer(contract.document, base, ())


def _value(body: bytes) -> tuple[Any] | None:
    try:
        return (decode_json(body),)
    except InvalidJsonError:
        return None


def _media(headers: Mapping[str, str]) -> str:
    given = {name.lower(): value for name, value in headers.items()}.get("content-type", "")
    return given.partition(";")[0].strip().lower()


def _without_schema(contract: Contract, base: Sequence[str], status: int, media: str, violation: Violation) -> str:
    """Point at the statuses, the content types or the content of the answer."""
    way = [*base]
    if violation.where != pointer("status"):
        way.append(str(status))
        if violation.where.startswith("/headers"):
            way.append("content")
        elif violation.where == "/body" and media:
            way += ["content", media]
    return _pointer(contract.document, way, ())


def _pointer(document: Any, base: Sequence[object], path: Sequence[object]) -> str:
    """Return a pointer along `base` and `path`, as far as the document has them; `path` may name a component."""
    way = [*base, *path]
    if path[:1] == ["$defs"]:
        way = ["components", "schemas", *path[1:]]
    taken: list[object] = []
    node: Any = document
    for part in way:
        if isinstance(node, dict) and "$ref" in node and part not in node:
            taken = node["$ref"].removeprefix("#/").split("/")
            node = _at(document, taken)
        if not _has(node, part):
            # What the conversion to JSON Schema has put in between is not in the document.
            break
        node = node[part]
        taken.append(part)
    return "#" + pointer(*taken)


def _has(node: Any, part: object) -> bool:
    if isinstance(node, list):
        return isinstance(part, int) and part < len(node)
    return isinstance(node, dict) and part in node


def _at(document: Any, way: Sequence[object]) -> Any:
    for part in way:
        document = document[part]
    return document
