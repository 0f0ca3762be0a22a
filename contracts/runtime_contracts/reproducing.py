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
_VARIABLES = {"x-access-token": "$ACCESS_TOKEN"}


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


def curl(method: str, url: str, *, headers: Mapping[str, str], body: bytes, files: BodyFiles | None = None) -> str:
    """Return a curl line for a request, with shell variables in place of credentials.

    A body that does not fit in the line is referred to as a file if there are `files`; else the line says that it is
    cut.
    """
    words = [shlex.join(["curl", "-i", "-X", method]), *(_header(name, value) for name, value in headers.items())]
    remark = ""
    if fits_in_a_line(body):
        words += ["--data-raw", shlex.quote(body.decode("utf-8"))] if body else []
    elif files is not None:
        words += ["--data-binary", shlex.quote(f"@{files.name_of(body)}")]
    else:
        beginning = body[:LINE_LIMIT].decode("utf-8", errors="replace").replace("\x00", "\ufffd")
        words += ["--data-raw", shlex.quote(beginning)]
        remark = f"  # the body, {len(body)} bytes, is not whole here; a folder for the report would hold it"
    return " ".join([*words, shlex.quote(url)]) + remark


def _header(name: str, value: str) -> str:
    variable = _VARIABLES.get(name.lower())
    if name.lower() == "authorization":
        scheme, _, rest = value.partition(" ")
        variable = f"{scheme} $TOKEN" if rest else "$TOKEN"
    # A variable is only read between double quotes; anything else must not be read at all.
    return f"-H {shlex.quote(f'{name}: {value}')}" if variable is None else f'-H "{name}: {variable}"'
