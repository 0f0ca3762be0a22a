"""Entries as JSON, without secrets: whole ones, and the lines of a list."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any, Final

from mock_runtime.journal.cleaning import Cleaning, shared
from mock_runtime.journal.entry import Entry, Headers

_LAST_S: Final = 253_402_300_799.0
"""9999-12-31T23:59:59Z: there is no date after it."""


def summary(entry: Entry, cleaning: Cleaning | None = None) -> dict[str, Any]:
    """Return an entry for a list: what was asked and answered, without headers and bodies, and without secrets."""
    clean = (cleaning or shared()).bare(entry)
    return {
        "number": clean.number,
        "trace": clean.trace,
        "at": clean.at,
        "time": instant(clean.at),
        "seconds": round(clean.seconds, 6),
        "elapsed_s": round(clean.elapsed_s, 6),
        "method": clean.method,
        "target": clean.target,
        "scheme": clean.scheme,
        "host": clean.host,
        "status": clean.status,
        "edition": clean.edition,
        "scope": clean.scope,
        "operation": clean.operation,
        "operation_id": clean.operation_id,
        "caller": clean.caller,
        "job": clean.job,
        "session": clean.session,
        "backend": clean.backend,
        "job_status": clean.job_status,
        "request_size": clean.request_size,
        "answer_size": clean.answer_size,
        "faults": list(clean.faults),
        "cut": clean.cut,
        "left": clean.left,
    }


def as_dict(entry: Entry, cleaning: Cleaning | None = None) -> dict[str, Any]:
    """Return a whole entry, without secrets. Bodies that are no UTF-8 are in base64."""
    cleaning = cleaning or shared()
    clean = cleaning.cleaned(entry)
    return {
        **summary(entry, cleaning),
        "path": clean.path,
        "inside": clean.inside,
        "request": _message(clean.request_headers, clean.request_body, is_whole=is_whole_request(entry)),
        "answer": _message(clean.answer_headers, clean.answer_body, is_whole=is_whole_answer(entry)),
    }


def is_whole_request(entry: Entry) -> bool:
    """Whether the whole body of a request is kept."""
    return len(entry.request_body) >= entry.request_size


def is_whole_answer(entry: Entry) -> bool:
    """Whether the whole body of an answer is kept."""
    return len(entry.answer_body) >= entry.answer_size


def instant(seconds: float) -> str:
    """Return an instant of the fake's clock as ISO 8601 writes it, in UTC and to the millisecond."""
    when = datetime.fromtimestamp(min(max(0.0, seconds), _LAST_S), UTC)
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def readable(body: bytes) -> tuple[str, bool]:
    """Return a body as text, and whether it had to be written in base64. A character that was cut off is left out."""
    try:
        return body.decode("utf-8"), False
    except UnicodeDecodeError as error:
        if error.end == len(body) and error.reason == "unexpected end of data":
            return body[: error.start].decode("utf-8"), False
        return base64.b64encode(body).decode("ascii"), True


def _message(headers: Headers, body: bytes, *, is_whole: bool) -> dict[str, Any]:
    text, is_base64 = readable(body)
    return {
        "headers": [list(pair) for pair in headers],
        "body": text,
        "base64": is_base64,
        "whole": is_whole,
    }
