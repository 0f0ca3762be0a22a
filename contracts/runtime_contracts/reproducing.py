"""Showing a request so that a reader can send it again: a curl line, and a file for a body that does not fit in one."""

from __future__ import annotations

import hashlib
import re
import shlex
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LINE_LIMIT = 2000
"""So many bytes of a body stand in a curl line at most."""
_REMEMBERED = 64
_NAME = re.compile(r"@(body-[0-9a-f]{16}\.bin)")
_VARIABLES = {"authorization": "TOKEN", "x-access-token": "ACCESS_TOKEN"}
_CREDENTIALS = frozenset({"TOKEN", "OTHER_TOKEN", "ACCESS_TOKEN", "INSTANCE", "OTHER_INSTANCE"})
_PLAIN = re.compile(r"[\w:/.?&=%~+-]*", re.ASCII)
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
NOBODYS_TOKEN = "not-a-token-of-anybody"  # noqa: S105 - it opens nothing, which is its use
"""Stands for a token that no server knows; it is no secret, so that a line may show it."""


@dataclass(slots=True)
class BodyFiles:
    """Bodies that no curl line can hold: the latest ones, and those that a failure refers to.

    Attributes:
        kept: what has to be written into the report's folder, by file name.
    """

    kept: dict[str, bytes] = field(default_factory=dict)
    _latest: OrderedDict[str, bytes] = field(default_factory=OrderedDict)

    def name_of(self, body: bytes) -> str:
        """Remember a body for a while, and return the name of the file that it would get."""
        name = f"body-{hashlib.sha256(body).hexdigest()[:16]}.bin"
        self._latest[name] = body
        self._latest.move_to_end(name)
        if len(self._latest) > _REMEMBERED:
            self._latest.popitem(last=False)
        return name

    def keep_for(self, text: str) -> None:
        """Keep the bodies that `text` refers to."""
        for name in _NAME.findall(text):
            if name in self._latest:
                self.kept[name] = self._latest[name]


def fits_in_a_line(body: bytes) -> bool:
    """Tell whether a shell can hand over `body`, byte for byte, as an argument of reasonable length."""
    if len(body) > LINE_LIMIT or b"\x00" in body:
        return False
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def curl(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes,
    files: BodyFiles | None = None,
    names: Mapping[str, str] | None = None,
) -> str:
    """Return a curl line for a request, in the language of bash and zsh, with variables in place of credentials.

    `names` has the variables by what they stand for: a credential, or an id in the path or in JSON. Credentials that it
    lacks are $TOKEN and $ACCESS_TOKEN, by their header. A body that does not fit in the line is referred to as a file
    if there are `files`; else the line says that it is cut.
    """
    known = names or {}
    sent = [_header(name, value, known) for name, value in headers.items()]
    words = [shlex.join(["curl", "-i", "-X", method]), *sent]
    remark = ""
    if fits_in_a_line(body):
        words += ["--data-raw", _json_word(body.decode("utf-8"), known)] if body else []
    elif files is not None:
        words += ["--data-binary", shlex.quote(f"@{files.name_of(body)}")]
    else:
        beginning = body[:LINE_LIMIT].decode("utf-8", errors="replace").replace("\x00", "\ufffd")
        words += ["--data-raw", _word(beginning)]
        remark = f"  # the body, {len(body)} bytes, is not whole here; a folder for the report would hold it"
    return " ".join([*words, _url_word(url, known)]) + remark


def _header(name: str, value: str, names: Mapping[str, str]) -> str:
    if not value:
        # curl takes a header without a value for the wish to leave it out.
        return f"-H {shlex.quote(f'{name};')}"
    scheme, _, token = value.partition(" ") if name.lower() == "authorization" and " " in value else ("", "", value)
    if name.lower() not in _VARIABLES or token == NOBODYS_TOKEN:
        known = names.get(value)
        return f"-H {_word(f'{name}: {value}')}" if known is None else f'-H "{name}: ${known}"'
    variable = names.get(token) or names.get(value) or _VARIABLES[name.lower()]
    # A variable is only read between double quotes; anything else must not be read at all.
    return f'-H "{name}: {scheme} ${variable}"' if scheme else f'-H "{name}: ${variable}"'


def _url_word(url: str, names: Mapping[str, str]) -> str:
    path, mark, query = url.partition("?")
    ids = {value: variable for value, variable in names.items() if variable not in _CREDENTIALS}
    pieces = path.split("/")
    if not any(piece in ids for piece in pieces):
        return shlex.quote(url)
    if _PLAIN.fullmatch(url):
        return f'"{"/".join(f"${ids[piece]}" if piece in ids else piece for piece in pieces)}{mark}{query}"'
    words = [f'"${ids[piece]}"' if piece in ids else _word(piece) for piece in pieces]
    return "/".join(words) + (_word(mark + query) if mark else "")


def _json_word(text: str, names: Mapping[str, str]) -> str:
    values = [value for value in names if f'"{value}"' in text]
    if not values or not text.startswith(("{", "[")):
        return _word(text)
    pieces = re.split(rf'(?<=")({"|".join(map(re.escape, values))})(?=")', text)
    # Only the variable stands between quotes that let the shell read it: '{"programId":"'"$PROGRAM"'"}'
    return "".join(f'"${names[piece]}"' if piece in names else _word(piece) for piece in pieces)


def _word(text: str) -> str:
    """Return `text` as one word of the shell, on one line."""
    if text.isprintable():
        return shlex.quote(text)
    return "$'" + "".join(_escaped(char) for char in text) + "'"


def _escaped(char: str) -> str:
    if char in "\\'":
        return f"\\{char}"
    if char.isprintable():
        return char
    return _ESCAPES.get(char) or "".join(f"\\x{byte:02x}" for byte in char.encode("utf-8", errors="replace"))
