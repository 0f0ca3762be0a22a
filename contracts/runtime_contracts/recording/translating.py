"""From one server to another: ids, tokens and names in a recorded request become those that the other server has."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from runtime_contracts.recording.shapes import format_of, parsed
from runtime_contracts.violation import MASK
from runtime_contracts.watching.message import Request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ID: Final = re.compile(r"(?=[^\s]*[0-9])(?=[^\s]*[A-Za-z])[^\s]{8,8192}")
_DATES: Final = ("a date", "a date and time with its zone", "a date and time without a zone")
_VERSION: Final = re.compile(r"v?\d+(\.\w+){1,4}")
_MOST: Final = 50_000
_UNSENT: Final = frozenset({"host", "content-length", "connection", "accept-encoding", "transfer-encoding", "expect"})


class Translation:
    """What of the recorded server is called otherwise by the other one. It learns by comparing answers."""

    def __init__(self, names: Mapping[str, str] | None = None) -> None:
        self.known: dict[str, str] = dict(names or {})

    def learn(self, recorded: bytes, ours: bytes) -> None:
        """Learn the ids in two answers to the same request: the strings at the same place."""
        (is_json, one), (is_json_too, other) = parsed(recorded), parsed(ours)
        if is_json and is_json_too:
            for first, second in _pairs(one, other):
                if len(self.known) < _MOST and first != second and _is_id(first) and _is_id(second):
                    self.known.setdefault(first, second)

    def request(self, request: Request) -> Request:
        """Return a recorded request as the other server would be asked."""
        headers = tuple(
            (name, self._text(value))
            for name, value in request.headers
            if MASK not in value and name.lower() not in _UNSENT
        )
        body = request.body
        if body:
            body = self._text(body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
        return replace(request, target=self._target(request.target), headers=headers, body=body)

    def _text(self, text: str) -> str:
        for recorded, ours in self._in(text):
            text = text.replace(recorded, ours)
        return text

    def _target(self, target: str) -> str:
        path, question, query = target.partition("?")
        parts = [quote(self.known[part], safe="") if part in self.known else part for part in path.split("/")]
        for recorded, ours in self._in(query):
            query = query.replace(recorded, quote(ours, safe=":"))
        for recorded, ours in self.known.items():
            encoded = quote(recorded, safe="")
            if encoded != recorded and encoded in query:
                query = query.replace(encoded, quote(ours, safe=""))
        return "/".join(parts) + question + query

    def _in(self, text: str) -> list[tuple[str, str]]:
        # The longest first: one may be the beginning of another.
        found = [pair for pair in self.known.items() if pair[0] in text]
        return sorted(found, key=lambda pair: -len(pair[0]))


def _pairs(one: Any, other: Any) -> Iterator[tuple[str, str]]:
    ahead = [(one, other)]
    while ahead:
        first, second = ahead.pop()
        if isinstance(first, str) and isinstance(second, str):
            yield first, second
        elif isinstance(first, dict) and isinstance(second, dict):
            ahead += [(first[key], second[key]) for key in first if key in second]
        elif isinstance(first, list) and isinstance(second, list):
            ahead += list(zip(first, second, strict=False))


def _is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None and format_of(text) not in _DATES and not _VERSION.fullmatch(text)


def state_of(body: bytes) -> str:
    """Return the state of the job or session that a body tells of, in lower case; "" if it tells of none."""
    is_json, value = parsed(body)
    if not is_json or not isinstance(value, dict):
        return ""
    state = value.get("state")
    found = state.get("status") if isinstance(state, dict) else value.get("status", state)
    return found.lower() if isinstance(found, str) else ""
