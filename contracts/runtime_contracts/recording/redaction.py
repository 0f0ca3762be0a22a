"""Exchanges without secrets: what is written of a request and its answer, and what is said of them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from runtime_contracts.recording.bodies import cleaned_body, cleaned_pairs
from runtime_contracts.recording.cleaning import Cleaning
from runtime_contracts.recording.known import KnownSecrets
from runtime_contracts.recording.names import HEADERS, is_credential
from runtime_contracts.recording.placeholders import Placeholders
from runtime_contracts.violation import MASK
from runtime_contracts.watching.message import Answer, Exchange, Request, UndecodableBodyError, header

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runtime_contracts.watching.message import Headers

_ACCOUNT: Final = re.compile(r"(?<=/accounts/)[^/?]+")
_CUT: Final = re.compile(r"(?=\.\.\. \(\d+ characters\))")
_CREDENTIALS: Final = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})
_UNTOLD: Final = frozenset({"content-encoding", "content-length", "transfer-encoding"})
"""Headers of how a body travelled: a recording has it unpacked."""


class Redaction:
    """Takes secrets out of exchanges, the same way for all of one recording.

    `key` makes the placeholders: a random one that is written nowhere. `secrets` are known beforehand, such as the
    caller's own token. `names` are further fields, parameters and headers whose values are secret.
    """

    def __init__(self, key: bytes, *, secrets: Iterable[str] = (), drop_inputs: bool = False) -> None:
        self._cleaning = Cleaning(Placeholders(key), KnownSecrets())
        self._drop_inputs = drop_inputs
        self._foreseen: Exchange | None = None
        self._cleaned: tuple[Exchange, Exchange, int] | None = None
        for secret in secrets:
            self._cleaning.secret(secret)

    def __repr__(self) -> str:
        return f"Redaction({self._cleaning.known!r})"

    def text(self, text: str) -> str:
        """Return a text, such as a sentence of a report, without secrets: not those that are cut off in it either."""
        foreseen, self._foreseen = self._foreseen, None
        if foreseen is not None:
            self.exchange(foreseen)
        parts = _CUT.split(text)
        ends = [self._cleaning.known.without_beginning(part) for part in parts[:-1]]
        return self._cleaning.text("".join([*ends, parts[-1]]))

    def foresee(self, exchange: Exchange | None) -> None:
        """Remember the secrets of an exchange when something is said of it, and not before: looking takes its time.

        None takes that back.
        """
        self._foreseen = exchange

    def exchange(self, exchange: Exchange) -> Exchange:
        """Return an exchange without secrets, with bodies that are not packed.

        A body that cannot be unpacked is left out (None).
        """
        self._foreseen = None
        cleaned, self._cleaned = self._cleaned, None
        if cleaned is not None and cleaned[0] is exchange and cleaned[2] == len(self._cleaning.known):
            return cleaned[1]
        self._sign_in(exchange)
        while True:
            known = len(self._cleaning.known)
            clean = replace(exchange, request=self._request(exchange.request), answer=self._answer(exchange.answer))
            # What was learned at the end may stand at the beginning.
            if len(self._cleaning.known) == known:
                self._cleaned = exchange, clean, known
                return clean

    def _sign_in(self, exchange: Exchange) -> None:
        """Remember the session token that a login answers: in 2021 its name is `id`, as that of harmless things."""
        if not exchange.request.path.endswith("/loginWithToken") or not exchange.answer.body:
            return
        try:
            value = json.loads(exchange.answer.decoded() or b"")
        except (ValueError, RecursionError):
            return
        if isinstance(value, dict) and isinstance(value.get("id"), str):
            self._cleaning.secret(value["id"])

    def learn(self, request: Request) -> None:
        """Remember the secrets of a request, before something is said of it."""
        for name, value in request.headers:
            self._header(name, value)
        self._target(request.target)

    def are_in(self, line: str) -> bool:
        """Tell whether a secret is still in a line that is about to be written."""
        return self._cleaning.known.are_in(line)

    def _request(self, request: Request) -> Request:
        try:
            body = request.decoded()
        except UndecodableBodyError:
            body = None
        return Request(
            method=request.method,
            target=self._target(request.target),
            headers=self._headers(request.headers, has_body=body is not None),
            body=self._body(request.headers, body),
            host=self._cleaning.text(request.host),
        )

    def _answer(self, answer: Answer) -> Answer:
        try:
            body = answer.decoded()
        except UndecodableBodyError:
            body = None
        return Answer(
            status=answer.status,
            headers=self._headers(answer.headers, has_body=body is not None),
            body=self._body(answer.headers, body),
        )

    def _body(self, headers: Headers, body: bytes | None) -> bytes | None:
        if not body:
            return body
        return cleaned_body(self._cleaning, header(headers, "content-type"), body, drop_inputs=self._drop_inputs)

    def _target(self, target: str) -> str:
        path, question, query = target.partition("?")
        path = _ACCOUNT.sub(lambda match: self._cleaning.secret(match.group(), opaque=False), path)
        return self._path(path) + question + cleaned_pairs(self._cleaning, query)

    def _path(self, path: str) -> str:
        if "@" not in path or "crn:" in path.lower():
            return self._cleaning.text(path)
        # An address may have a slash in it, and the whole path would be taken for one.
        return "/".join(self._cleaning.text(segment) for segment in path.split("/"))

    def _headers(self, headers: Headers, *, has_body: bool) -> Headers:
        return tuple(
            (self._cleaning.text(name), self._header(name, value))
            for name, value in headers
            if not (has_body and name.lower() in _UNTOLD)
        )

    def _header(self, name: str, value: str) -> str:
        low = name.lower()
        if low in {"cookie", "set-cookie"}:
            return self._cookies(value, only_first=low == "set-cookie")
        if low in _CREDENTIALS or is_credential(low):
            return self._cleaning.named(low, value)
        if low not in HEADERS:
            self._cleaning.text(value)
            return MASK
        if low == "location":
            return self._location(value)
        return self._cleaning.text(value)

    def _location(self, value: str) -> str:
        before, question, query = value.partition("?")
        return self._cleaning.text(before) + question + cleaned_pairs(self._cleaning, query)

    def _cookies(self, value: str, *, only_first: bool) -> str:
        found = []
        for index, cookie in enumerate(value.split(";")):
            name, equals, content = cookie.partition("=")
            if equals and (index == 0 or not only_first):
                found.append(name + equals + self._cleaning.secret(content))
            else:
                found.append(self._cleaning.text(cookie))
        return ";".join(found)
