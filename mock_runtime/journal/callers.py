"""Who called: by name, and where a request was refused before anybody asked for one, by the token that it brought."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mock_runtime.journal.attempts import header
from mock_runtime.journal.entry import Entry
from mock_runtime.operations import LOG_IN


@dataclass(frozen=True, slots=True)
class LogIn:
    """The exchange by which somebody got a token, and for how many seconds it is good."""

    entry: Entry
    life_s: float

    @property
    def expires_at(self) -> float:
        """When the token ends."""
        return self.entry.ended_at + self.life_s


@dataclass(frozen=True, slots=True)
class Callers:
    """What some exchanges tell of those who sent them. Tokens are keys in here, and leave it in no form."""

    log_ins: Mapping[str, LogIn] = field(repr=False)
    _by_token: Mapping[str, str] = field(repr=False)
    _by_log_in: Mapping[int, str] = field(repr=False)
    _by_key: Mapping[bytes, str] = field(repr=False)

    def name_of(self, entry: Entry) -> str | None:
        """Return the name of who sent a request; None if nothing tells it."""
        if entry.caller is not None:
            return entry.caller
        found = self._by_token.get(credential(entry) or "") or self._by_log_in.get(entry.number)
        # A log-in that was refused brought what another one was given a token for.
        return found or (self._by_key.get(entry.request_body) if entry.operation == LOG_IN else None)

    def log_in_of(self, entry: Entry) -> LogIn | None:
        """Return where the token of a request comes from, if that was seen."""
        return self.log_ins.get(credential(entry) or "")


def callers(entries: Iterable[Entry]) -> Callers:
    """Read off exchanges, in order of time, whose tokens are whose."""
    log_ins: dict[str, LogIn] = {}
    names: dict[str, str] = {}
    for entry in entries:
        found = _token(entry) if entry.operation == LOG_IN else None
        if found is not None:
            log_ins[found[0]] = LogIn(entry, found[1])
            if entry.caller is not None:
                names[found[0]] = entry.caller
        elif entry.caller is not None:
            token = credential(entry)
            if token is not None:
                names[token] = entry.caller
    by_log_in = {log_in.entry.number: names[token] for token, log_in in log_ins.items() if token in names}
    given = [(log_in.entry, names[token]) for token, log_in in log_ins.items() if token in names]
    by_key = {entry.request_body: name for entry, name in given if entry.request_body}
    return Callers(log_ins, names, by_log_in, by_key)


def credential(entry: Entry) -> str | None:
    """Return what a request proves by whose it is; None if it does not."""
    for name in ("authorization", "x-access-token"):
        value = header(entry.request_headers, name)
        if value:
            return value.removeprefix("Bearer ")
    return None


def _token(entry: Entry) -> tuple[str, float] | None:
    """The token in an answer to a log-in, and its life in seconds; None if it does not say or is not kept."""
    if not 200 <= entry.status < 300:
        return None
    try:
        value = json.loads(entry.answer_body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    token = value.get("access_token", value.get("id"))
    life = value.get("expires_in", value.get("ttl"))
    if isinstance(token, str) and isinstance(life, int | float) and not isinstance(life, bool) and life > 0:
        return token, float(life)
    return None
