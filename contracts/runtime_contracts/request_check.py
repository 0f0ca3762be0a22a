"""Judging a request against its operation: path, query, credentials and body."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from runtime_contracts.parameters import query_pairs, query_violations, simple_violations
from runtime_contracts.schema_conversion import FILE_OR_FIELD
from runtime_contracts.strict_json import InvalidJsonError, decode_json, decode_text
from runtime_contracts.violation import MASK, Violation, masked, pointer, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from runtime_contracts.operation import Operation

_SECRET_HEADERS = ("authorization", "x-access-token")
_SECRET_KEYS = ("apiToken",)
# What OpenAPI has said elsewhere: these are no parameters, even if a document lists them.
_NO_PARAMETERS = frozenset({"accept", "authorization", "content-type"})
_PARAMETER = "a documented parameter"
_FIELD = "a documented field"
_FILE = "a file"
_TEXT = "a text field"
EXTRAS = frozenset({_PARAMETER, _FIELD})
"""What is expected where something undocumented was found."""


def request_violations(
    operation: Operation, *, path: str, query: str, headers: Mapping[str, str], body: bytes
) -> list[Violation]:
    """Return everything in which a request to `operation` breaks the contract, without any secret in it."""
    lower = {name.lower(): value for name, value in headers.items()}
    found = [
        *_path_violations(operation, path),
        *_query_violations(operation, query),
        *_header_violations(operation, lower),
        *_security_violations(operation, lower),
        *_body_violations(operation, lower, body),
    ]
    secrets = list(_secrets(operation, lower, body))
    # Both may quote the value: the rule is sometimes a sentence of the validator's, which begins with it.
    return [Violation(item.where, masked(item.expected, secrets), masked(item.found, secrets)) for item in found]


def _secrets(operation: Operation, headers: Mapping[str, str], body: bytes) -> Iterator[str]:
    of_operation = {name.lower() for alternative in operation.security for _, name in alternative}
    for name in {*_SECRET_HEADERS, *of_operation}:
        yield headers.get(name, "").removeprefix("Bearer ")
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return
    if isinstance(value, dict):
        yield from (str(value[key]) for key in _SECRET_KEYS if key in value)


def _path_violations(operation: Operation, path: str) -> Iterator[Violation]:
    values = operation.path_values(path) or {}
    for parameter in operation.parameters:
        if parameter.location == "path":
            yield from simple_violations(parameter, values[parameter.name])


def _query_violations(operation: Operation, query: str) -> Iterator[Violation]:
    known = {parameter.name: parameter for parameter in operation.parameters if parameter.location == "query"}
    pairs = query_pairs(query)
    for name in sorted({name for name, _ in pairs} - set(known)):
        yield Violation(pointer("query", name), _PARAMETER, "an undocumented one")
    for name, parameter in known.items():
        texts = [text for given, text in pairs if given == name]
        if texts:
            yield from query_violations(parameter, texts)
        elif parameter.required:
            yield Violation(pointer("query", name), "a value", "nothing")


def _header_violations(operation: Operation, headers: Mapping[str, str]) -> Iterator[Violation]:
    for parameter in operation.parameters:
        name = parameter.name.lower()
        if parameter.location != "header" or name in _NO_PARAMETERS:
            continue
        if name in headers:
            yield from simple_violations(parameter, headers[name])
        elif parameter.required:
            yield Violation(pointer("headers", parameter.name), "a value", "nothing")


def _security_violations(operation: Operation, headers: Mapping[str, str]) -> Iterator[Violation]:
    if not operation.security:
        return
    if any(all(_present(credential, headers) for credential in alternative) for alternative in operation.security):
        return
    names = " or ".join(
        " and ".join(f"{name}{': Bearer' if kind == 'bearer' else ''}" for kind, name in alternative)
        for alternative in operation.security
    )
    others = [name for name in _SECRET_HEADERS if name in headers]
    yield Violation("/headers", f"credentials in {names}", f"{others[0]}: {MASK}" if others else "none")


def _present(credential: tuple[str, str], headers: Mapping[str, str]) -> bool:
    kind, name = credential
    value = headers.get(name.lower(), "")
    return len(value) > len("Bearer ") and value.startswith("Bearer ") if kind == "bearer" else bool(value)


def _body_violations(operation: Operation, headers: Mapping[str, str], body: bytes) -> Iterable[Violation]:
    if not operation.bodies:
        # The service ignores the body of a GET, and a real client is known to send one.
        ignored = not body or operation.method == "GET"
        return [] if ignored else [Violation("/body", "no body", f"{len(body)} bytes")]
    given, options = parse_options_header(headers.get("content-type"))
    media = given.lower()
    if operation.any_content_type:
        media = next(iter(operation.bodies))
    if not body and not media:
        return [Violation("/body", "a body", "nothing")] if operation.body_required else []
    judge = operation.bodies.get(media)
    if judge is None:
        found = shown(media) if media else "no content type"
        return [Violation("/headers/Content-Type", " or ".join(operation.bodies), found)]
    if media == "multipart/form-data":
        return _form_violations(operation, options, body)
    try:
        value = _decoded(media, body)
    except InvalidJsonError as error:
        return [Violation("/body", media, str(error))]
    return judge.violations(value, "/body")


def _decoded(media: str, body: bytes) -> Any:
    if media == "application/json":
        return decode_json(body)
    if media.startswith("text/"):
        return decode_text(body)
    # Any bytes are fine; the schema only sees that there is something.
    return body.decode("latin-1")


def _form_violations(operation: Operation, options: Mapping[str, str], body: bytes) -> Iterator[Violation]:
    try:
        parsed = FormDataParser(stream_factory=_in_memory, silent=False).parse(
            io.BytesIO(body), "multipart/form-data", len(body), options=dict(options)
        )
    except (ValueError, UnicodeDecodeError) as error:
        yield Violation("/body", "a multipart form", shown(str(error)))
        return
    _, fields, files = parsed
    judge = operation.bodies["multipart/form-data"]
    known = judge.properties()
    value: dict[str, Any] = {}
    parts = [(name, text, _TEXT) for name, text in fields.items(multi=True)]
    parts += [(name, file.read().decode("latin-1"), _FILE) for name, file in files.items(multi=True)]
    for name, content, kind in parts:
        where = pointer("body", name)
        if name in value and name in known:
            yield Violation(where, "one part", "several")
        wanted = _part_kinds(known[name]) if name in known else (_FIELD,)
        if kind not in wanted:
            yield Violation(where, " or ".join(wanted), kind)
        value[name] = content
    yield from judge.violations(value, "/body")


def _in_memory(*_args: object, **_kwargs: object) -> io.BytesIO:
    # Werkzeug's own choice may be a file on disk, which somebody would have to close.
    return io.BytesIO()


def _part_kinds(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """What a part of a form may be: `format: binary` is for files, `x-file-or-field` for what may be either."""
    if schema.get(FILE_OR_FIELD):
        return (_FILE, _TEXT)
    return (_FILE,) if schema.get("format") == "binary" else (_TEXT,)
