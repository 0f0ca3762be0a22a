"""Judging a request against its operation: path, query, credentials and body."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from runtime_contracts.schema_conversion import FILE_OR_FIELD
from runtime_contracts.strict_json import InvalidJsonError, decode_json, decode_text
from runtime_contracts.violation import MASK, Violation, masked, pointer, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from runtime_contracts.operation import Operation, Parameter

_SECRET_HEADERS = ("authorization", "x-access-token")
_SECRET_KEYS = ("apiToken",)
_MAX_DIGITS = 4300
_PARAMETER = "a documented parameter"
_FIELD = "a documented field"
_FILE = "a file"
_TEXT = "a text field"
EXTRAS = frozenset({_PARAMETER, _FIELD})
"""What is expected where something undocumented was found."""
_NOT_A_VALUE = object()


def request_violations(
    operation: Operation, *, path: str, query: str, headers: Mapping[str, str], body: bytes
) -> list[Violation]:
    """Return everything in which a request to `operation` breaks the contract, without any secret in it."""
    lower = {name.lower(): value for name, value in headers.items()}
    found = [
        *_path_violations(operation, path),
        *_query_violations(operation, query),
        *_security_violations(operation, lower),
        *_body_violations(operation, lower, body),
    ]
    secrets = list(_secrets(lower, body))
    return [Violation(item.where, item.expected, masked(item.found, secrets)) for item in found]


def _secrets(headers: Mapping[str, str], body: bytes) -> Iterator[str]:
    for name in _SECRET_HEADERS:
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
            yield from parameter.judge.violations(values[parameter.name], pointer("path", parameter.name))


def _query_violations(operation: Operation, query: str) -> Iterator[Violation]:
    known = {parameter.name: parameter for parameter in operation.parameters if parameter.location == "query"}
    pairs = parse_qsl(query, keep_blank_values=True, errors="replace")
    given = [name for name, _ in pairs]
    for name in sorted(set(given) - set(known)):
        yield Violation(pointer("query", name), _PARAMETER, "an undocumented one")
    for name, parameter in known.items():
        if parameter.required and name not in given:
            yield Violation(pointer("query", name), "a value", "nothing")
        if given.count(name) > 1:
            yield Violation(pointer("query", name), "one value", f"{given.count(name)} values")
    for name, text in pairs:
        if name in known:
            yield from _typed_violations(known[name], text)


def _typed_violations(parameter: Parameter, text: str) -> Iterable[Violation]:
    where = pointer("query", parameter.name)
    value = _typed(parameter.type, text)
    if value is _NOT_A_VALUE:
        return [Violation(where, f"a value of type {parameter.type}", shown(text))]
    return parameter.judge.violations(value, where)


def _typed(kind: str, text: str) -> Any:
    """Return what the text of a query parameter stands for, or a mark when it stands for nothing of that kind."""
    if kind == "integer":
        digits = text.removeprefix("-")
        return int(text) if digits.isascii() and digits.isdigit() and len(digits) < _MAX_DIGITS else _NOT_A_VALUE
    if kind == "boolean":
        return {"true": True, "false": False}.get(text, _NOT_A_VALUE)
    return text


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
    media, options = parse_options_header(headers.get("content-type"))
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
