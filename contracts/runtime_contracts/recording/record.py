"""The form of a recording: a line that says what it is, and a line for each exchange, all of them JSON."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from runtime_contracts.strict_json import InvalidJsonError, decode_json
from runtime_contracts.watching.message import Answer, Exchange, Request

if TYPE_CHECKING:
    from runtime_contracts.recording.reading import DamagedLine
    from runtime_contracts.watching.message import Headers

FORMAT: Final = "runtime-recording"
VERSION: Final = 1
_LONGEST_TARGET: Final = 64 * 1024


class MalformedLineError(ValueError):
    """A line is no exchange; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A recording that was read.

    Attributes:
        edition: name of the document that the server was taken for.
        upstream: the address of the server.
        has_inputs: whether the inputs of jobs were kept.
        exchanges: what was recorded, in the order of the answers.
        damaged: lines that could not be read.
    """

    edition: str
    upstream: str = ""
    has_inputs: bool = True
    exchanges: tuple[Exchange, ...] = ()
    damaged: tuple[DamagedLine, ...] = field(default=())


def header_line(*, edition: str, upstream: str, has_inputs: bool) -> str:
    """Return the first line of a recording."""
    return _line({
        "format": FORMAT, "version": VERSION, "edition": edition, "upstream": upstream, "inputs": has_inputs
    })  # fmt: skip


def exchange_line(exchange: Exchange) -> str:
    """Return the line of an exchange."""
    request, answer = exchange.request, exchange.answer
    return _line({
        "number": exchange.number,
        "at_s": round(exchange.at_s, 6),
        "took_s": round(exchange.took_s, 6),
        "request": {
            "method": request.method,
            "target": request.target,
            "host": request.host,
            "headers": [list(pair) for pair in request.headers],
            **_written(request.body),
        },
        "answer": {
            "status": answer.status,
            "headers": [list(pair) for pair in answer.headers],
            **_written(answer.body),
        },
    })  # fmt: skip


def parsed_header(line: bytes) -> dict[str, Any]:
    """Return what the first line of a recording says.

    Raises:
        MalformedLineError: it is not the first line of a recording that can be read here.
    """
    value = _object(line)
    if value.get("format") != FORMAT:
        raise MalformedLineError(f"it does not begin with the line of a recording ({FORMAT!r})")
    if value.get("version") != VERSION:
        raise MalformedLineError(f"it has version {value.get('version')!r:.40}; this program reads version {VERSION}")
    if not isinstance(value.get("edition"), str):
        raise MalformedLineError("its first line names no edition")
    return value


def parsed_exchange(line: bytes) -> Exchange:
    """Return the exchange in a line.

    Raises:
        MalformedLineError: the line is none.
    """
    value = _object(line)
    request, answer = _part(value, "request"), _part(value, "answer")
    status = answer.get("status")
    if not isinstance(status, int) or isinstance(status, bool) or not 100 <= status <= 599:
        raise MalformedLineError("answer.status is no status")
    target = _text(request, "target")
    if (
        not target.startswith("/")
        or len(target) > _LONGEST_TARGET
        or not target.isascii()
        or not target.isprintable()
        or " " in target
    ):
        raise MalformedLineError("request.target is no path")
    method = _text(request, "method")
    if not method.isascii() or not method.isalpha() or not method.isupper() or len(method) > 20:
        raise MalformedLineError("request.method is no method")
    return Exchange(
        number=_number(value, "number", whole=True),
        at_s=_number(value, "at_s"),
        took_s=_number(value, "took_s"),
        request=Request(
            method=method,
            target=target,
            host=_text(request, "host", default=""),
            headers=_headers(request, "request"),
            body=_read(request, "request"),
        ),
        answer=Answer(status=status, headers=_headers(answer, "answer"), body=_read(answer, "answer")),
    )


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False) + "\n"


def _written(body: bytes | None) -> dict[str, Any]:
    if body is None:
        return {"body": {"omitted": True}}
    if not body:
        return {}
    try:
        return {"body": {"text": body.decode("utf-8")}}
    except UnicodeDecodeError:
        return {"body": {"base64": base64.b64encode(body).decode()}}


def _read(part: dict[str, Any], where: str) -> bytes | None:
    body = part.get("body", {})
    if body == {}:
        return b""
    match body:
        case {"omitted": True}:
            return None
        case {"text": str(text)}:
            return text.encode("utf-8")
        case {"base64": str(text)}:
            try:
                return base64.b64decode(text, validate=True)
            except (ValueError, binascii.Error):
                pass
    raise MalformedLineError(f"{where}.body is no body")


def _object(line: bytes) -> dict[str, Any]:
    try:
        value = decode_json(line)
    except InvalidJsonError as error:
        raise MalformedLineError(str(error)) from None
    if not isinstance(value, dict):
        raise MalformedLineError("it is no JSON object")
    return value


def _part(value: dict[str, Any], name: str) -> dict[str, Any]:
    found = value.get(name)
    if not isinstance(found, dict):
        raise MalformedLineError(f"it has no {name}")
    return found


def _text(part: dict[str, Any], name: str, *, default: str | None = None) -> str:
    found = part.get(name, default)
    if not isinstance(found, str):
        raise MalformedLineError(f"{name} is no text")
    return found


def _number(value: dict[str, Any], name: str, *, whole: bool = False) -> Any:
    found = value.get(name, 0)
    right = isinstance(found, int if whole else (int, float)) and not isinstance(found, bool)
    if not right or found < 0:
        raise MalformedLineError(f"{name} is no number")
    return found


def _headers(part: dict[str, Any], where: str) -> Headers:
    found = part.get("headers", [])
    if not isinstance(found, list):
        raise MalformedLineError(f"{where}.headers is no list")
    pairs = []
    for pair in found:
        match pair:
            case [str(name), str(value)] if name and not (set(name + value) & {"\r", "\n", "\x00"}):
                pairs.append((name, value))
            case _:
                raise MalformedLineError(f"{where}.headers has something that is no header")
    return tuple(pairs)
