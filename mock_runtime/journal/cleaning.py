"""Entries without secrets: as they are shown, exported and written."""

from __future__ import annotations

import os
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from mock_runtime.journal.entry import Entry, Headers

if TYPE_CHECKING:
    from runtime_contracts.recording.redaction import Redaction
    from runtime_contracts.watching.message import Exchange

_MOST_KEPT: Final = 256
_MOST_BYTES_KEPT: Final = 8 * 1024 * 1024
_MOST_EXCHANGES: Final = 250
"""After so many exchanges what was learned of secrets is forgotten: each is looked for in every text."""

_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+("?)', re.DOTALL)


class Cleaning:
    """Takes the secrets out of entries, the same way for all of them; any thread may call it.

    Tokens, keys, CRNs and addresses become others of the same form, the same for the same; headers that are not known
    to be harmless are masked. `known` are secrets that are looked for everywhere, such as the configured tokens.
    Finished entries are remembered within bounds, as a page asks for the same ones again and again.
    """

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._known = tuple(known)
        self._key = os.urandom(32)
        self._lock = threading.Lock()
        self._redaction: Redaction | None = None
        self._seen = 0
        self._done: OrderedDict[int, tuple[Entry, Entry, int]] = OrderedDict()
        self._bytes = 0

    def __repr__(self) -> str:
        return "Cleaning(...)"

    def cleaned(self, entry: Entry) -> Entry:
        """Return an entry without secrets. Its bodies are unpacked; one that cannot be read is left out."""
        with self._lock:
            before = self._done.get(id(entry))
            if before is not None and before[0] is entry:
                self._done.move_to_end(id(entry))
                return before[1]
            found = _clean(self._begun(), entry)
            self._remember(entry, found)
            return found

    def bare(self, entry: Entry) -> Entry:
        """Return an entry without secrets, and without headers and bodies, as lists show it: a fraction of the work."""
        with self._lock:
            redaction = self._begun()
            redaction.learn(_exchange(entry).request)
            without = replace(entry, request_headers=(), request_body=b"", answer_headers=(), answer_body=b"")
            return _clean(redaction, without)

    def text(self, text: str, of: Entry | None = None) -> str:
        """Return a text, such as a name that a caller chose, without secrets: not those of the request it is `of`."""
        with self._lock:
            redaction = self._begun()
            if of is not None:
                redaction.learn(_exchange(of).request)
            return redaction.text(text)

    def _begun(self) -> Redaction:
        """What cleans the next exchange: asked for once, so that nothing is forgotten in the middle of it."""
        self._seen += 1
        if self._redaction is None or self._seen > _MOST_EXCHANGES:
            self._redaction = _redaction()(self._key, secrets=self._known)
            self._seen = 0
        return self._redaction

    def _remember(self, entry: Entry, found: Entry) -> None:
        size = sum(len(each.request_body) + len(each.answer_body) for each in (entry, found))
        # The entry is kept as well: its id is that of no other one as long as it is there.
        self._done[id(entry)] = entry, found, size
        self._bytes += size
        while self._done and (len(self._done) > _MOST_KEPT or self._bytes > _MOST_BYTES_KEPT):
            self._bytes -= self._done.popitem(last=False)[1][2]


@cache
def shared() -> Cleaning:
    """What `cleaned` cleans with in this process."""
    return Cleaning()


def cleaned(entry: Entry) -> Entry:
    """Return an entry without secrets: no token, key, CRN or address in its headers, target and bodies."""
    return shared().cleaned(entry)


def whole_part(headers: Headers, body: bytes, size: int) -> bytes:
    """Return a body that was cut at the journal's bound without the value at its end, of which half is missing.

    A token without its end is no token to whoever looks for tokens.
    """
    if len(body) >= size or not body:
        return body
    if any(name.lower() == "content-encoding" for name, _ in headers):
        return b""
    if body.lstrip()[:1] in {b"{", b"[", b'"'}:
        for match in _STRING.finditer(body):
            if not match[1]:
                return body[: match.start()]
    return body[: 1 + max(body.rfind(boundary) for boundary in (b"&", b" ", b"\n", b"\t"))]


def _clean(redaction: Redaction, entry: Entry) -> Entry:
    clean = redaction.exchange(_exchange(entry))
    text = redaction.text
    target = clean.request.target
    return replace(
        entry,
        method=text(entry.method),
        target=target,
        path=target.partition("?")[0],
        inside=_inside(entry, target, text),
        host=clean.request.host,
        job=_optional(text, entry.job),
        session=_optional(text, entry.session),
        backend=_optional(text, entry.backend),
        request_headers=clean.request.headers,
        request_body=clean.request.body or b"",
        answer_headers=clean.answer.headers,
        answer_body=clean.answer.body or b"",
    )


def _exchange(entry: Entry) -> Exchange:
    from runtime_contracts.watching.message import Answer, Exchange, Request  # noqa: PLC0415 - with the redaction

    return Exchange(
        number=entry.number,
        request=Request(
            method=entry.method,
            target=entry.target,
            headers=entry.request_headers,
            body=whole_part(entry.request_headers, entry.request_body, entry.request_size),
            host=entry.host,
        ),
        answer=Answer(
            status=entry.status,
            headers=entry.answer_headers,
            body=whole_part(entry.answer_headers, entry.answer_body, entry.answer_size),
        ),
    )


def _inside(entry: Entry, target: str, text: Callable[[str], str]) -> str:
    path = target.partition("?")[0]
    if unquote(entry.path) == unquote(entry.inside):
        return unquote(path)
    return text(entry.inside)


def _optional(text: Callable[[str], str], value: str | None) -> str | None:
    return None if value is None else text(value)


@cache
def _redaction() -> type[Redaction]:
    from runtime_contracts.recording.redaction import Redaction  # noqa: PLC0415 - only who shows something pays for it

    return Redaction
