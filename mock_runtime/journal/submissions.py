"""Submissions of jobs, and what became of each."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from mock_runtime.journal.attempts import unheard
from mock_runtime.journal.entry import Entry

_SESSION: Final = re.compile(rb'"session_id"\s*:\s*"([^"\\]{1,200})"')
_PROGRAM: Final = re.compile(rb'"(?:programId|program_id)"\s*:\s*"([^"\\]{1,200})"')


def program_of(entry: Entry) -> str | None:
    """Return the id of the program that a submission asks for; None if its body does not say, or is not kept."""
    fields = _fields(entry)
    if fields is not None:
        found = fields.get("program_id", fields.get("programId"))
        return found if isinstance(found, str) else None
    # Of a long body only the beginning is there.
    match = _PROGRAM.search(entry.request_body)
    return None if match is None else match[1].decode("utf-8", "replace")


def session_of(entry: Entry) -> str | None:
    """Return the id of the session that a submission is for; None if it is for none, or its body is not kept."""
    match = _SESSION.search(entry.request_body)
    return None if match is None else match[1].decode("utf-8", "replace")


def body_fits(entry: Entry, body: Mapping[str, Any] | bytes) -> bool:
    """Whether a submission has this body, or these fields in it."""
    if isinstance(body, bytes):
        return entry.request_body == body[: len(entry.request_body)] and entry.request_size == len(body)
    fields = _fields(entry)
    return fields is not None and all(name in fields and fields[name] == value for name, value in body.items())


def fate(entry: Entry, first: dict[str, int]) -> str:
    """Return what a submission led to, in words; `first` remembers which request made each job."""
    if entry.job is None:
        return "no job was made"
    if first.setdefault(entry.job, entry.number) != entry.number:
        return f"the job of #{first[entry.job]} again"
    return "a job was made, and the client did not hear of it" if unheard(entry) else "a job was made"


def _fields(entry: Entry) -> Mapping[str, Any] | None:
    try:
        value = json.loads(entry.request_body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
