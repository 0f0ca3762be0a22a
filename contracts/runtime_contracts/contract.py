"""The contract: a document that judges requests and responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from werkzeug.http import parse_options_header

from runtime_contracts import documents
from runtime_contracts.operation import Judge, Operation, base_paths, operations
from runtime_contracts.request_check import EXTRAS, request_violations
from runtime_contracts.schema_conversion import definitions
from runtime_contracts.strict_json import InvalidJsonError, decode_json, decode_text
from runtime_contracts.violation import Violation, pointer, shown

if TYPE_CHECKING:
    from collections.abc import Mapping


class Contract:
    """A document that judges requests and responses.

    >>> contract = Contract.of("legacy-2021")
    >>> contract.check_request("GET", "/jobs?limit=-1", headers={"Authorization": "Bearer token"})[0].where
    '/query/limit'
    """

    def __init__(self, document: documents.Document) -> None:
        self.document = document
        self.operations: Mapping[str, Operation] = {operation.id: operation for operation in operations(document)}

    @classmethod
    def of(cls, edition: str) -> Contract:
        """Return the contract of an edition, such as "legacy-2021".

        Raises:
            UnknownDocumentError: there is no such edition.
        """
        return cls(documents.load(edition))

    @property
    def base_path(self) -> str:
        """The path below which the document's first server has the operations, such as "/api"; "" for the root."""
        return base_paths(self.document.get("servers"))[0]

    def operation_for(self, method: str, path: str) -> Operation | None:
        """Return the operation behind `method` and the percent-encoded `path`, or None if there is none."""
        return next((found for found in self._at(path) if found.method == method.upper()), None)

    def methods_at(self, path: str) -> frozenset[str]:
        """Return the methods that are documented for the percent-encoded `path`."""
        return frozenset(found.method for found in self._at(path))

    def _at(self, path: str) -> list[Operation]:
        return [operation for operation in self.operations.values() if operation.path_values(path) is not None]

    def check_request(
        self, method: str, target: str, *, headers: Mapping[str, str], body: bytes = b"", extras: bool = False
    ) -> list[Violation]:
        """Return everything in which a request breaks the contract.

        `target` is the path with the query, as in a request line: percent-encoded and without the origin, but with the
        path of a URL in `servers`. A query
        parameter or form field that is not documented breaks it unless `extras` are welcome: a server ignores them, but
        a client has no reason to send any.
        """
        path, _, query = target.partition("?")
        operation = self.operation_for(method, path)
        if operation is None:
            known = ", ".join(sorted(self.methods_at(path)))
            expected = f"one of the methods {known}" if known else "a documented path"
            return [Violation("", expected, shown(f"{method} {path}"))]
        found = request_violations(operation, path=path, query=query, headers=headers, body=body)
        return [violation for violation in found if not (extras and violation.expected in EXTRAS)]

    def check_response(
        self, operation: Operation | str, status: int, *, headers: Mapping[str, str], body: bytes
    ) -> list[Violation]:
        """Return everything in which a response breaks the contract.

        Raises:
            KeyError: no operation has the id `operation`.
        """
        found = operation if isinstance(operation, Operation) else self.operations[operation]
        bodies = found.responses.get(status)
        if bodies is None:
            documented = ", ".join(map(str, sorted(found.responses)))
            return [Violation(pointer("status"), f"one of {documented}", str(status))]
        if not bodies:
            return [] if not body else [Violation("/body", "no body", f"{len(body)} bytes: {_excerpt(body)}")]
        given = {name.lower(): value for name, value in headers.items()}.get("content-type", "")
        return self.check_content(bodies, given, body)

    def check_component(self, name: str, value: Any) -> list[Violation]:
        """Return everything in which `value` does not fit the component schema `name`.

        Raises:
            KeyError: the document has no such component.
        """
        schema = self.document["components"]["schemas"][name]
        judge = Judge(schema, shared=definitions(self.document, "response"), direction="response")
        return judge.violations(value, "/body")

    @staticmethod
    def check_content(bodies: Mapping[str, Judge], content_type: str, body: bytes) -> list[Violation]:
        """Return everything in which a body does not fit the one that is documented for its content type."""
        given, options = parse_options_header(content_type)
        media = given.lower()
        judge = bodies.get(media)
        if judge is None:
            found = shown(content_type) if content_type else "no content type"
            return [Violation("/headers/Content-Type", " or ".join(bodies), found)]
        if options.get("charset", "utf-8").lower() != "utf-8":
            return [Violation("/headers/Content-Type", "the charset utf-8", shown(content_type))]
        try:
            value = decode_json(body) if media == "application/json" else decode_text(body)
        except InvalidJsonError as error:
            kind = "JSON" if "json" in media else "text in UTF-8"
            return [Violation("/body", kind, f"{error}: {_excerpt(body)}")]
        return judge.violations(value, "/body")


def _excerpt(body: bytes) -> str:
    return shown(body[:400].decode("utf-8", errors="replace"))
