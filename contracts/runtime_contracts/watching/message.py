"""Requests and answers as they were on the wire."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

Headers = tuple[tuple[str, str], ...]

_MOST_DECODED: Final = 64 * 1024 * 1024
"""A body that is larger than this when unpacked is not looked at: a few kilobytes may unpack to gigabytes."""


class UndecodableBodyError(ValueError):
    """The body cannot be unpacked as its header says; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request.

    Attributes:
        target: the path with the query as in the request line, percent-encoded, where one server has it that stands
            for all hosts: "/api/v1/jobs?limit=1", "/identity/token".
        headers: names and values, in their order.
        body: as it was on the wire; None if it was too large to be kept.
        host: what the client called; "" if that is not known.
    """

    method: str
    target: str
    headers: Headers = ()
    body: bytes | None = b""
    host: str = ""

    @property
    def path(self) -> str:
        """The path, percent-encoded."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The query, percent-encoded."""
        return self.target.partition("?")[2]

    def decoded(self) -> bytes | None:
        """Return the body without its content encoding; None if it was not kept. UndecodableBodyError."""
        return decoded(self.headers, self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer; `headers` and `body` as those of a request."""

    status: int
    headers: Headers = ()
    body: bytes | None = b""

    def decoded(self) -> bytes | None:
        """Return the body without its content encoding; None if it was not kept. UndecodableBodyError."""
        return decoded(self.headers, self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and its answer.

    Attributes:
        number: counts the requests, from 1.
        at_s: when the request came, in seconds since the first.
        took_s: how long its answer took.
    """

    number: int
    request: Request
    answer: Answer
    at_s: float = 0.0
    took_s: float = 0.0


def joined(headers: Headers) -> Mapping[str, str]:
    """Return headers by their lower-case name; several of one name are one list, as HTTP has it."""
    found: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        found[key] = f"{found[key]}, {value}" if key in found else value
    return found


def header(headers: Headers, name: str) -> str:
    """Return the value of a header, "" if it is not there."""
    return joined(headers).get(name.lower(), "")


def decoded(headers: Headers, body: bytes | None) -> bytes | None:
    """Return a body without its content encodings: gzip and deflate, and br and zstd where a library for it is there.

    Raises:
        UndecodableBodyError: it is not what its header says, or unpacks to more than 64 MiB, or nobody here can.
    """
    if not body:
        return body
    names = [name.strip().lower() for name in header(headers, "content-encoding").split(",") if name.strip()]
    for name in reversed(names):
        body = _unpacked(name, body)
    return body


def _unpacked(encoding: str, body: bytes) -> bytes:
    match encoding:
        case "identity":
            return body
        case "gzip" | "x-gzip":
            return _inflated(body, 31)
        case "deflate":
            # Some servers send it without the header of zlib.
            return _inflated(
                body,
                15
                if body[:1] and body[0] & 0x0F == 8 and len(body) > 1 and not (body[0] * 256 + body[1]) % 31
                else -15,
            )
        case "br" | "zstd":
            return _by_library(encoding, body)
        case _:
            raise UndecodableBodyError(f"the content encoding {encoding[:40]!r} is unknown")


def _inflated(body: bytes, window: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    rest = body
    try:
        while rest:
            inflater = zlib.decompressobj(window)
            part = inflater.decompress(rest, _MOST_DECODED + 1 - size)
            parts.append(part)
            size += len(part)
            if size > _MOST_DECODED:
                raise UndecodableBodyError(f"it unpacks to more than {_MOST_DECODED} bytes")
            if not inflater.eof:
                raise UndecodableBodyError("the compressed body ends too early")
            # gzip may have several members, one after the other.
            rest = inflater.unused_data if window == 31 else b""
    except zlib.error as error:
        raise UndecodableBodyError(f"it cannot be unpacked: {error}") from None
    return b"".join(parts)


def _by_library(encoding: str, body: bytes) -> bytes:
    import importlib  # noqa: PLC0415 - rarely needed

    for name in {"br": ("brotli", "brotlicffi"), "zstd": ("compression.zstd", "zstandard")}[encoding]:
        try:
            library = importlib.import_module(name)
        except ImportError:
            continue
        try:
            unpacked: bytes = library.decompress(body)
        except Exception as error:  # noqa: BLE001 - each of these libraries has an error of its own
            raise UndecodableBodyError(f"it cannot be unpacked: {error}") from None
        return unpacked
    raise UndecodableBodyError(f"no library for the content encoding {encoding} is installed")
