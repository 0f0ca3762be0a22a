"""Entries become JSON, and HTTP archives that other tools read."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any, Final

import jsonschema_rs
import pytest

from mock_runtime.journal import as_dict, har, summary
from mock_runtime.journal.presenting import instant
from tests.mock_runtime.journal.stories import START, Story

PAIRS: Final = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["name", "value"],
        "properties": {"name": {"type": "string"}, "value": {"type": "string"}},
    },
}
MESSAGE: Final = {
    "httpVersion": {"type": "string"},
    "cookies": PAIRS,
    "headers": PAIRS,
    "headersSize": {"type": "integer", "minimum": -1},
    "bodySize": {"type": "integer", "minimum": -1},
}
OWN: Final = {"patternProperties": {"^_": True}, "additionalProperties": False}
HAR: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["log"],
    "additionalProperties": False,
    "properties": {
        "log": {
            "type": "object",
            "required": ["version", "creator", "entries"],
            **OWN,
            "properties": {
                "version": {"const": "1.2"},
                "comment": {"type": "string"},
                "creator": {
                    "type": "object",
                    "required": ["name", "version"],
                    **OWN,
                    "properties": {"name": {"type": "string"}, "version": {"type": "string"}},
                },
                "entries": {"type": "array", "items": {"$ref": "#/$defs/entry"}},
            },
        }
    },
    "$defs": {
        "entry": {
            "type": "object",
            "required": ["startedDateTime", "time", "request", "response", "cache", "timings"],
            **OWN,
            "properties": {
                "startedDateTime": {"type": "string", "format": "date-time"},
                "time": {"type": "number", "minimum": 0},
                "request": {"$ref": "#/$defs/request"},
                "response": {"$ref": "#/$defs/response"},
                "cache": {"type": "object", "maxProperties": 0},
                "timings": {
                    "type": "object",
                    "required": ["send", "wait", "receive"],
                    **OWN,
                    "properties": {name: {"type": "number", "minimum": 0} for name in ("send", "wait", "receive")},
                },
            },
        },
        "request": {
            "type": "object",
            "required": [
                "method",
                "url",
                "httpVersion",
                "cookies",
                "headers",
                "queryString",
                "headersSize",
                "bodySize",
            ],
            **OWN,
            "properties": {
                **MESSAGE,
                "method": {"type": "string", "minLength": 1},
                "url": {"type": "string", "format": "uri"},
                "queryString": PAIRS,
                "postData": {
                    "type": "object",
                    "required": ["mimeType", "text"],
                    **OWN,
                    "properties": {
                        "mimeType": {"type": "string"},
                        "text": {"type": "string"},
                        "params": PAIRS,
                        "comment": {"type": "string"},
                    },
                },
            },
        },
        "response": {
            "type": "object",
            "required": [
                *("status", "statusText", "httpVersion", "cookies", "headers", "content"),
                *("redirectURL", "headersSize", "bodySize"),
            ],
            **OWN,
            "properties": {
                **MESSAGE,
                "status": {"type": "integer", "minimum": 0, "maximum": 999},
                "statusText": {"type": "string"},
                "redirectURL": {"type": "string"},
                "content": {
                    "type": "object",
                    "required": ["size", "mimeType"],
                    **OWN,
                    "properties": {
                        "size": {"type": "integer", "minimum": 0},
                        "mimeType": {"type": "string"},
                        "text": {"type": "string"},
                        "encoding": {"const": "base64"},
                        "comment": {"type": "string"},
                    },
                },
            },
        },
    },
}
"""HAR 1.2 as its specification has it, as far as it is used here."""
VALIDATOR: Final = jsonschema_rs.Draft202012Validator(HAR, validate_formats=True)


def day() -> Story:
    """Exchanges of many kinds."""
    story = Story()
    story.log_in()
    story.submit(answer={"id": "job-1"}, answer_headers={"Content-Type": "application/json"})
    story.look(204, faults=("slow",))
    story.look(0, cut="within", faults=("cutter",))
    story.look(200, left=True, answer=b"\xff\xfe\x00", answer_headers={"Content-Type": "application/octet-stream"})
    story.ask("list-jobs", 302, query="limit=5&empty=&limit=7", answer_headers={"Location": "/elsewhere"})
    story.submit(None, 400, body=b"\xff\xff", headers={"Content-Type": "text/plain"})
    story.submit(None, 413, body=b'{"half": "', request_size=10**6)
    story.ask(None, 799)
    return story


def test_an_archive_is_valid() -> None:
    """It is as the specification has it, whatever happened, and JSON."""
    found = har(day().entries)
    errors = [f"{error.instance_path}: {error.message}" for error in VALIDATOR.iter_errors(found)]
    assert errors == []
    assert json.loads(json.dumps(found)) == found


def test_an_archive_tells_what_happened() -> None:
    """Times of the fake's clock, sizes, what was met, and the parts that were kept."""
    entries = har(day().entries)["log"]["entries"]
    submit, _, cut, result, listed, odd, half, nothing = entries[1:]
    assert submit["startedDateTime"] == "2023-11-14T22:13:24.100Z"
    assert (submit["time"], submit["timings"]["wait"]) == (100.0, 100.0)
    assert submit["request"]["url"] == "http://127.0.0.1:8000/api/v1/jobs"
    assert submit["_job"] == "job-1"
    assert submit["_trace"] == "trace-2"
    assert json.loads(submit["request"]["postData"]["text"])["program_id"] == "sampler"
    assert (cut["_cut"], cut["_faults"], cut["response"]["status"]) == ("within", ["cutter"], 0)
    assert result["_left"] is True
    assert result["response"]["content"]["encoding"] == "base64"
    assert base64.b64decode(result["response"]["content"]["text"]) == b"\xff\xfe\x00"
    assert listed["request"]["queryString"] == [
        {"name": "limit", "value": "5"},
        {"name": "empty", "value": ""},
        {"name": "limit", "value": "7"},
    ]
    assert (listed["response"]["redirectURL"], listed["response"]["statusText"]) == ("/elsewhere", "Found")
    assert odd["request"]["postData"]["_encoding"] == "base64"
    assert half["request"]["postData"]["comment"] == "only a part of the body is kept"
    assert half["request"]["bodySize"] == 10**6
    assert nothing["response"]["statusText"] == ""


def test_an_archive_is_bounded() -> None:
    """The newest exchanges are there, and the newest bodies; it says that others are not."""
    story = Story()
    for number in range(10):
        story.submit(f"job-{number}", body={"number": number})
    story.entries.insert(7, story.ask("list-jobs", number=100, at=story.entries[7].at - 0.1))
    found = har(story.entries[:-1], most_entries=5, most_bytes=30)["log"]
    assert found["comment"] == "6 older exchanges are left out"
    assert [entry["_number"] for entry in found["entries"]] == [7, 100, 8, 9, 10]
    assert "comment" not in found["entries"][1]["response"]["content"]
    texts = [entry["request"]["postData"]["text"] for entry in found["entries"] if "postData" in entry["request"]]
    assert texts == ["", "", '{"number": 8}', '{"number": 9}']
    assert list(VALIDATOR.iter_errors({"log": found})) == []
    assert har([])["log"]["entries"] == []


@pytest.mark.parametrize(
    ("scheme", "host", "target", "url"),
    [
        ("http", "127.0.0.1:8000", "/v1/jobs", "http://127.0.0.1:8000/v1/jobs"),
        ("https", "quantum.cloud.ibm.com", "/api/v1/jobs", "https://quantum.cloud.ibm.com/api/v1/jobs"),
        ("http", "", "/v1/jobs", "http://localhost/v1/jobs"),
        ("http", "a.test:80", "http://elsewhere.test/v1/jobs", "http://elsewhere.test/v1/jobs"),
        ("http", "a.test", "v1", "http://a.test/v1"),
        ("http", "a.test", "/v1?at=http://b", "http://a.test/v1?at=http://b"),
    ],
)
def test_an_archive_has_whole_addresses(scheme: str, host: str, target: str, url: str) -> None:
    """With the scheme and the host that were called."""
    entry = replace(Story().ask("list-jobs"), scheme=scheme, host=host, target=target)
    assert har([entry])["log"]["entries"][0]["request"]["url"] == url


def test_a_summary_is_a_line_of_a_list() -> None:
    """All that is known, without headers and bodies."""
    story = day()
    found = summary(story.entries[3])
    assert json.loads(json.dumps(found)) == found
    assert (found["number"], found["status"], found["cut"], found["faults"]) == (4, 0, "within", ["cutter"])
    assert (found["at"], found["time"]) == (story.entries[3].at, "2023-11-14T22:13:28.300Z")
    assert not {"request", "answer", "request_headers", "request_body"} & set(found)


def test_a_whole_entry_has_its_bodies() -> None:
    """As text where they are, in base64 where they are not; and it says whether they are whole."""
    story = day()
    whole = as_dict(story.entries[1])
    assert json.loads(json.dumps(whole)) == whole
    assert whole["answer"]["body"] == '{"id": "job-1"}'
    assert (whole["answer"]["base64"], whole["answer"]["whole"]) == (False, True)
    assert ["User-Agent", "client/1.0"] in whole["request"]["headers"]
    assert as_dict(story.entries[6])["request"]["base64"] is True
    assert as_dict(story.entries[7])["request"]["whole"] is False
    assert set(summary(story.entries[1])) < set(whole)


def test_a_character_that_was_cut_is_left_out() -> None:
    """The bound of a body may lie within one."""
    story = Story()
    story.ask("list-jobs", answer="über ".encode() + "ü".encode()[:1], answer_size=100)
    assert as_dict(story.entries[0])["answer"]["body"] == "über "
    story.ask("list-jobs", answer='["ü", "ü'.encode()[:-1], answer_size=100)
    assert as_dict(story.entries[1])["answer"]["body"] == '["ü", '
    story.ask("list-jobs", answer="ü".encode()[:1])
    assert as_dict(story.entries[2])["answer"]["body"] == ""


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (START, "2023-11-14T22:13:20.000Z"),
        (0.0, "1970-01-01T00:00:00.000Z"),
        (-5.0, "1970-01-01T00:00:00.000Z"),
        (1e15, "9999-12-31T23:59:59.000Z"),
    ],
)
def test_an_instant_is_a_date(seconds: float, text: str) -> None:
    """Whatever the clock says."""
    assert instant(seconds) == text
