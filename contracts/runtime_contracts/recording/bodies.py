"""Bodies without secrets, of every kind: JSON, forms, forms of several parts, text, and bytes.

JSON is not read and written again, but gone through token by token: what is no secret stays byte for byte, broken JSON
stays broken in the same way, and a number keeps its spelling.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote_plus, unquote_plus

from runtime_contracts.recording.names import is_credential, is_personal

if TYPE_CHECKING:
    from runtime_contracts.recording.cleaning import Cleaning

DROPPED: Final = "dropped"
"""Stands for what a recording leaves out of the inputs of a job."""

_NUMBERS: Final = r"[\[\]\d.,eE+\-\s]{16,}+"
"""A long stretch of numbers and brackets: devices have thousands of them, and none is a secret by itself."""
_PIECE: Final = r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?$)|-?\d[\d.eE+-]*+|[{}\[\]:,]|[A-Za-z]++|\s++'
_TOKEN: Final = re.compile(_PIECE, re.DOTALL)
_TOKEN_OR_NUMBERS: Final = re.compile(f"{_NUMBERS}|{_PIECE}", re.DOTALL)
_BRACKET: Final = re.compile(r"[\[\]]")
_ERRORS: Final = frozenset({"error", "errors"})
_INPUTS: Final = frozenset({"params"})
_KEPT_IN_INPUTS: Final = frozenset({"__type__", "version", "support_qiskit", "schema_version"})
_DISPOSITION: Final = re.compile(rb'name="?([^";\r\n]{1,200})', re.IGNORECASE)


def cleaned_body(cleaning: Cleaning, content_type: str, body: bytes, *, drop_inputs: bool) -> bytes:
    """Return a body without secrets; with `drop_inputs`, without the inputs of jobs as well."""
    media = content_type.partition(";")[0].strip().lower()
    boundary = re.search(r'boundary="?([^";,\s]{1,200})', content_type)
    if media == "multipart/form-data" and boundary:
        return _parts(cleaning, body, boundary[1].encode("latin-1", "replace"), drop_inputs=drop_inputs)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        # Secrets are found in any bytes that spell them; the bytes between them stay.
        return cleaning.known.in_bytes(cleaning.text(body.decode("latin-1")).encode("latin-1", "replace"))
    if media == "application/x-www-form-urlencoded":
        return cleaned_pairs(cleaning, text).encode()
    return cleaned_text(cleaning, text, drop_inputs=drop_inputs).encode()


def cleaned_text(cleaning: Cleaning, text: str, *, drop_inputs: bool = False) -> str:
    """Return a text without secrets, which may be JSON whatever its content type says."""
    if text.lstrip()[:1] in {"{", "["} or (text[:1] == '"' and text.rstrip()[-1:] == '"'):
        return "".join(_Json(cleaning, drop_inputs=drop_inputs).cleaned(text))
    return cleaning.text(text)


def cleaned_pairs(cleaning: Cleaning, text: str) -> str:
    """Return the pairs of a query or a form without secrets; one that has none stays as it is written."""
    return "&".join(_pair(cleaning, piece) for piece in text.split("&"))


def _pair(cleaning: Cleaning, piece: str) -> str:
    name, equals, value = piece.partition("=")
    read_name, read = unquote_plus(name), unquote_plus(value)
    clean_name, clean = cleaning.text(read_name), cleaning.named(read_name, read)
    return (
        (name if clean_name == read_name else quote_plus(clean_name))
        + equals
        + (value if clean == read else quote_plus(clean, safe=":/,"))
    )


def _parts(cleaning: Cleaning, body: bytes, boundary: bytes, *, drop_inputs: bool) -> bytes:
    marker = b"--" + boundary
    found = []
    for part in body.split(marker):
        head, blank, content = part.partition(b"\r\n\r\n")
        if not blank:
            found.append(cleaning.text(part.decode("latin-1")).encode("latin-1", "replace"))
            continue
        end = b"\r\n" if content.endswith(b"\r\n") else b""
        content = content.removesuffix(b"\r\n")
        named = _DISPOSITION.search(head)
        name = named[1].decode("latin-1") if named else ""
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            clean = cleaning.known.in_bytes(content)
        else:
            is_secret = is_credential(name) or is_personal(name)
            clean = (
                cleaning.named(name, text) if is_secret else cleaned_text(cleaning, text, drop_inputs=drop_inputs)
            ).encode()
        clean_head = cleaning.text(head.decode("latin-1")).encode("latin-1", "replace")
        found.append(clean_head + blank + clean + end)
    return marker.join(found)


@dataclass(slots=True)
class _Level:
    """An object or array that is open. `name` is that of the field it belongs to, or is in."""

    is_object: bool
    name: str
    is_secret: bool
    is_input: bool
    key: str = ""
    after_colon: bool = False


class _Json:
    """A JSON text on its way to being clean, token by token."""

    def __init__(self, cleaning: Cleaning, *, drop_inputs: bool, is_input: bool = False) -> None:
        self._is_input = is_input
        self._cleaning = cleaning
        self._drop = drop_inputs
        self._open: list[_Level] = []

    def cleaned(self, text: str) -> Iterator[str]:
        at = 0
        for match in _TOKEN_OR_NUMBERS.finditer(text):
            if match.start() > at:
                yield self._cleaning.text(text[at : match.start()])
            at = match.end()
            token = match.group()
            if len(token) > 15 and token[0] not in '"{' and not token.isalpha():
                yield from self._stretch(token)
            else:
                yield self._token(token)
        yield self._cleaning.text(text[at:])

    def _stretch(self, text: str) -> Iterator[str]:
        """A stretch of numbers, all at once if none of them can be a secret."""
        name, is_secret, is_input = self._here()
        if is_secret or is_input or is_personal(name) or self._cleaning.known.has_numbers:
            for match in _TOKEN.finditer(text):
                yield self._token(match.group())
            return
        for char in _BRACKET.findall(text):
            self._token(char)
        if "," in text:
            self._next()
        yield text

    def _token(self, token: str) -> str:
        match token[0]:
            case "{" | "[":
                self._begin(is_object=token[0] == "{")
            case "}" | "]":
                if self._open:
                    self._open.pop()
                self._next()
            case ",":
                self._next()
            case ":":
                if self._open:
                    self._open[-1].after_colon = True
            case '"':
                return self._string(token)
            case first if first == "-" or first.isdigit():
                return self._number(token)
            case first if first.isalpha() and len(token) > 5:
                # No word of JSON: what is here does not belong here, and may be anything.
                return self._cleaning.text(token)
        return token

    def _begin(self, *, is_object: bool) -> None:
        name, is_secret, is_input = self._here()
        if len(self._open) < 10_000:
            self._open.append(_Level(is_object, name, is_secret, is_input))

    def _next(self) -> None:
        if self._open:
            self._open[-1].after_colon = False

    def _here(self) -> tuple[str, bool, bool]:
        """The name of the value that comes next, whether it is secret by its name, and whether it is an input."""
        if not self._open:
            return "", False, self._is_input
        level = self._open[-1]
        name = level.key if level.is_object else level.name
        if name == "code" and level.is_object and level.name in _ERRORS:
            # What an error is called is not what a log-in calls a code.
            name = "error_code"
        is_secret = level.is_secret or is_credential(name)
        is_input = level.is_input or (self._drop and level.is_object and name in _INPUTS)
        return name, is_secret, is_input

    def _string(self, token: str) -> str:
        level = self._open[-1] if self._open else None
        try:
            # Most strings have nothing to read: what is between the quotes is what they say.
            value = json.loads(token) if "\\" in token or token[-1:] != '"' or len(token) < 2 else token[1:-1]
        except ValueError:
            # Cut off, or with an escape that is none.
            return self._cleaning.text(token)
        if level is not None and level.is_object and not level.after_colon:
            level.key = value
            clean = self._cleaning.text(value)
        else:
            clean = self._value(value)
        if clean == value:
            return token
        return json.dumps(clean, ensure_ascii=token.isascii())

    def _value(self, value: str) -> str:
        name, is_secret, is_input = self._here()
        if is_input and name not in _KEPT_IN_INPUTS:
            # In 2021 the inputs were a text that holds JSON.
            return self._nested(value, is_input=True) if value[:1] == "{" else DROPPED
        if is_secret and not is_credential(name):
            return self._cleaning.secret(value) if value else value
        if is_credential(name) or is_personal(name):
            return self._cleaning.named(name, value)
        if value[:1] in {"{", "["}:
            # JSON within JSON: results of jobs are texts that hold it.
            return self._nested(value, is_input=False)
        return self._cleaning.text(value)

    def _nested(self, value: str, *, is_input: bool) -> str:
        inner = _Json(self._cleaning, drop_inputs=self._drop, is_input=is_input)
        return "".join(inner.cleaned(value))

    def _number(self, token: str) -> str:
        name, is_secret, is_input = self._here()
        if is_input and name not in _KEPT_IN_INPUTS:
            return "0"
        if token.isdigit() and (is_secret or is_personal(name)):
            found = self._cleaning.placeholders.number(token)
            self._cleaning.known.add(token, found, opaque=False)
            return found
        return token if not token.isdigit() else self._cleaning.known.placeholder(token) or token
