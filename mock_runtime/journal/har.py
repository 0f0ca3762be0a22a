"""Exchanges as an HTTP Archive (HAR 1.2), which browsers and many tools read; without secrets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import parse_qsl

from werkzeug.http import HTTP_STATUS_CODES

from mock_runtime.journal.attempts import header, in_order
from mock_runtime.journal.cleaning import Cleaning, shared
from mock_runtime.journal.entry import Entry, Headers
from mock_runtime.journal.presenting import instant, is_whole_answer, is_whole_request, readable

MOST_ENTRIES: Final = 10_000
MOST_BYTES: Final = 64 * 1024 * 1024
_VERSION: Final = "1.2"
_HTTP: Final = "HTTP/1.1"
_UNKNOWN: Final = -1


def har(
    entries: Iterable[Entry],
    *,
    cleaning: Cleaning | None = None,
    most_entries: int = MOST_ENTRIES,
    most_bytes: int = MOST_BYTES,
) -> dict[str, Any]:
    """Return exchanges as an HTTP Archive: the newest `most_entries`, the newer bodies up to `most_bytes`.

    Times are of the fake's clock. What the format has no place for is in fields of its own: `_number`, `_operation`,
    `_caller`, `_job`, `_faults`, `_trace`, `_cut`, `_left`, `_scope`.
    """
    from importlib.metadata import version  # noqa: PLC0415 - the journal is imported at every start

    ordered = in_order(entries)
    left_out = max(0, len(ordered) - most_entries)
    bare = _without_bodies(ordered[left_out:], most_bytes)
    log: dict[str, Any] = {
        "version": _VERSION,
        "creator": {"name": "mock-runtime", "version": version("mock-runtime")},
        "entries": [_entry(entry, cleaning or shared(), entry.number not in bare) for entry in ordered[left_out:]],
    }
    if left_out:
        log["comment"] = f"{left_out} older exchanges are left out"
    return {"log": log}


def _without_bodies(entries: list[Entry], most_bytes: int) -> set[int]:
    """The numbers of those whose bodies there is no room for: the newest have theirs."""
    found: set[int] = set()
    for entry in reversed(entries):
        size = len(entry.request_body) + len(entry.answer_body)
        most_bytes -= size
        if size and most_bytes < 0:
            found.add(entry.number)
    return found


def _entry(entry: Entry, cleaning: Cleaning, with_bodies: bool) -> dict[str, Any]:
    clean = cleaning.cleaned(entry)
    milliseconds = round(max(0.0, clean.seconds) * 1000, 3)
    return {
        "startedDateTime": instant(clean.at),
        "time": milliseconds,
        "request": _request(clean, is_whole=with_bodies and is_whole_request(entry), with_body=with_bodies),
        "response": _response(clean, is_whole=with_bodies and is_whole_answer(entry), with_body=with_bodies),
        "cache": {},
        # The fake does not know how long bytes were on their way: all of it is waiting.
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "_number": clean.number,
        "_operation": clean.operation or clean.operation_id,
        "_caller": clean.caller,
        "_job": clean.job,
        "_faults": list(clean.faults),
        "_trace": clean.trace,
        "_cut": clean.cut,
        "_left": clean.left,
        "_scope": clean.scope,
    }


def _request(clean: Entry, *, is_whole: bool, with_body: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "method": clean.method,
        "url": _url(clean),
        "httpVersion": _HTTP,
        "cookies": [],
        "headers": _headers(clean.request_headers),
        "queryString": [
            {"name": name, "value": value}
            for name, value in parse_qsl(clean.target.partition("?")[2], keep_blank_values=True)
        ],
        "headersSize": _UNKNOWN,
        "bodySize": clean.request_size,
    }
    if clean.request_size:
        text, is_base64 = readable(clean.request_body if with_body else b"")
        found["postData"] = {
            "mimeType": header(clean.request_headers, "content-type") or "",
            "params": [],
            "text": text,
            **({"_encoding": "base64"} if is_base64 else {}),
            **_comment(is_whole),
        }
    return found


def _response(clean: Entry, *, is_whole: bool, with_body: bool) -> dict[str, Any]:
    text, is_base64 = readable(clean.answer_body if with_body else b"")
    return {
        "status": clean.status,
        "statusText": HTTP_STATUS_CODES.get(clean.status, ""),
        "httpVersion": _HTTP,
        "cookies": [],
        "headers": _headers(clean.answer_headers),
        "content": {
            "size": clean.answer_size,
            "mimeType": header(clean.answer_headers, "content-type") or "",
            "text": text,
            **({"encoding": "base64"} if is_base64 else {}),
            **_comment(is_whole),
        },
        "redirectURL": header(clean.answer_headers, "location") or "",
        "headersSize": _UNKNOWN,
        "bodySize": clean.answer_size,
    }


def _comment(is_whole: bool) -> dict[str, str]:
    return {} if is_whole else {"comment": "only a part of the body is kept"}


def _headers(headers: Headers) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]


def _url(clean: Entry) -> str:
    if "://" in clean.target.partition("?")[0]:
        return clean.target
    return f"{clean.scheme}://{clean.host or 'localhost'}{'' if clean.target.startswith('/') else '/'}{clean.target}"
