"""How an answer is written: the same JSON in other characters, and the same message in other bytes on the wire.

All of it is right by RFC 8259 and RFC 9112, so that a client which minds is a finding. What is wrong on purpose is in
`breaking`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from runtime_contracts.answers.draws import Draws

Headers = tuple[tuple[str, str], ...]
_CHUNK: Final = 7
_CHUNKS_AT_MOST: Final = 2000
_NO_BODY: Final = frozenset({204, 304})


@dataclass(frozen=True, kw_only=True, slots=True)
class Style:
    """How an answer is written; without anything said, as usual.

    Attributes:
        layout: how JSON is laid out, a key of LAYOUTS.
        framing: how the message is framed, a key of FRAMINGS; "" is left to the server.
        media: how the content type is spelled, a key of SPELLINGS.
        extra: headers that the document does not name.
    """

    layout: str = "compact"
    framing: str = ""
    media: str = "as documented"
    extra: Headers = ()


PLAIN: Final = Style()


def encoded(value: Any, layout: str) -> bytes:
    """Return a value as JSON text in UTF-8, laid out in one of LAYOUTS."""
    return LAYOUTS[layout](value).encode("utf-8")


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _reversed(value[name]) for name in reversed(value)}
    return [_reversed(item) for item in value] if isinstance(value, list) else value


def _shuffled(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shuffled(value[name]) for name in sorted(value, key=lambda name: (name[::-1], name))}
    return [_shuffled(item) for item in value] if isinstance(value, list) else value


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _escaped(value: Any) -> str:
    """Return JSON in which each character of each text and key is written by its number."""
    if isinstance(value, str):
        units = value.encode("utf-16-be")
        return '"' + "".join(f"\\u{units[at]:02x}{units[at + 1]:02X}" for at in range(0, len(units), 2)) + '"'
    if isinstance(value, dict):
        return "{" + ",".join(f"{_escaped(name)}:{_escaped(item)}" for name, item in value.items()) + "}"
    return "[" + ",".join(map(_escaped, value)) + "]" if isinstance(value, list) else json.dumps(value)


LAYOUTS: Final[Mapping[str, Callable[[Any], str]]] = {
    "compact": _compact,
    "ASCII only": json.dumps,
    "indented": lambda value: json.dumps(value, indent="\t", ensure_ascii=False),
    "white space around": lambda value: f" \r\n\t{json.dumps(value, indent=0, ensure_ascii=False)}\n\n ",
    "keys in reverse order": lambda value: _compact(_reversed(value)),
    "keys in another order": lambda value: _compact(_shuffled(value)),
    "each character escaped": _escaped,
    "slashes escaped": lambda value: _compact(value).replace("/", "\\/"),
}
"""How JSON may be laid out, by name."""

SPELLINGS: Final[Mapping[str, Callable[[str], str]]] = {
    "as documented": lambda media: media,
    "with a charset": lambda media: f"{media}; charset=utf-8",
    "with a quoted charset": lambda media: f'{media};charset="UTF-8"',
    "in capitals": lambda media: media.upper(),
    "mixed, with a charset": lambda media: f"{media.title()} ; Charset=UTF-8",
}
"""How a content type may be spelled, by name. Evidence: RFC 9110, 8.3.1: neither type nor parameter name has a case."""

EXTRA: Final[Headers] = (
    ("X-Nobody-Knows", 'a value; with="quotes"'),
    ("Server", ""),
    ("Vary", "Accept-Encoding"),
    ("Cache-Control", "no-store, max-age=0"),
    ("X-Nobody-Knows", "a second one"),
    ("Deprecation", "@1688169599"),
)
"""Headers that no document names; a client has to pass over them."""


def raw(status: int, headers: Headers, body: bytes, framing: str, *, head_only: bool = False) -> bytes:
    """Return a whole answer as bytes, framed in one of FRAMINGS; the connection closes after it.

    `head_only` is for the answer to a HEAD.
    """
    return b"".join(_pieces(status, headers, body, framing, head_only=head_only))


def _pieces(status: int, headers: Headers, body: bytes, framing: str, *, head_only: bool) -> Iterator[bytes]:
    how = FRAMINGS[framing]
    has_body = status not in _NO_BODY and status >= 200
    yield f"HTTP/1.1 {status} {how.reason(status)}\r\n".encode("latin-1")
    length: Headers = (("Transfer-Encoding", "chunked"),) if how.chunk else (("Content-Length", str(len(body))),)
    framed: Headers = length if has_body and not how.until_closed else ()
    for name, value in (*headers, *framed, ("Connection", "close")):
        yield f"{how.name(name)}:{how.gap}{value}\r\n".encode("latin-1", "replace")
    yield b"\r\n"
    if not has_body or head_only:
        return
    if how.chunk:
        yield from _chunks(body, how.chunk, how.extension)
    else:
        yield body


def _chunks(body: bytes, size: int, extension: str) -> Iterator[bytes]:
    size = max(size, len(body) // _CHUNKS_AT_MOST)
    for start in range(0, len(body), size):
        piece = body[start : start + size]
        yield f"{len(piece):04X}{extension}\r\n".encode() + piece + b"\r\n"
    yield b"0\r\n\r\n"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Status"


@dataclass(frozen=True, kw_only=True, slots=True)
class Framing:
    """How a message is framed: the spelling of names, the line with the status, and what ends the body."""

    name: Callable[[str], str] = str
    reason: Callable[[int], str] = _phrase
    gap: str = " "
    chunk: int = 0
    extension: str = ""
    until_closed: bool = False


def _mixed(name: str) -> str:
    return "".join(char.upper() if at % 2 else char.lower() for at, char in enumerate(name))


FRAMINGS: Final[Mapping[str, Framing]] = {
    "header names in capitals": Framing(name=str.upper),
    "header names in mixed case": Framing(name=_mixed),
    "no blank after the colon": Framing(gap=""),
    "a tab and blanks after the colon": Framing(gap=" \t  "),
    "another reason phrase": Framing(reason=lambda _: "Es ist, wie es ist"),
    "no reason phrase": Framing(reason=lambda _: ""),
    "chunks of a few bytes": Framing(chunk=_CHUNK),
    "chunks with extensions": Framing(chunk=4 * _CHUNK, extension=';name="value";flag'),
    "the end of the connection ends the body": Framing(until_closed=True),
}
"""How a message may be framed, by name."""


def drawn(draws: Draws) -> Style:
    """Draw a style: mostly the usual one, since what is in the answer shall be what a client stumbles on."""
    if draws.chance(50):
        return PLAIN
    return Style(
        layout=draws.pick(tuple(LAYOUTS)),
        framing=draws.pick(tuple(FRAMINGS)) if draws.chance(25) else "",
        media=draws.pick(tuple(SPELLINGS)),
        extra=EXTRA if draws.chance(20) else (),
    )
