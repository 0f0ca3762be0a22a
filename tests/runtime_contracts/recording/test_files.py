"""Recordings are for their owner alone, survive a crash, and are read with care; replaying keeps their order."""

from __future__ import annotations

import gzip
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from runtime_contracts.recording import (
    InvalidRecordingError,
    Recorder,
    Recording,
    RecordingExistsError,
    Redaction,
    Replay,
    read,
)
from runtime_contracts.recording.placeholders import decoded_segment, encoded_segment
from runtime_contracts.recording.replaying import answer_headers, crns_in, renewed
from runtime_contracts.watching import Answer, Exchange, Request

HEAD: Final = '{"format":"runtime-recording","version":1,"edition":"platform","upstream":"","inputs":true}\n'
GOOD: Final = {"number": 1, "request": {"method": "GET", "target": "/x"}, "answer": {"status": 200}}


def exchange(
    number: int,
    target: str = "/api/v1/jobs",
    status: int = 200,
    *,
    method: str = "GET",
    body: bytes = b"",
    answer: bytes | None = b"",
) -> Exchange:
    """An exchange with what a test cares about."""
    return Exchange(
        number=number,
        request=Request(method=method, target=target, body=body, headers=(("Content-Type", "application/json"),)),
        answer=Answer(status=status, body=answer),
    )


def recorder(file: Path) -> Recorder:
    """A recorder for a file."""
    return Recorder(file, redaction=Redaction(b"key"), edition="platform", upstream="https://x.test", has_inputs=True)


@pytest.mark.parametrize("name", ["a.ndjson", "a.ndjson.gz"])
def test_what_was_recorded_is_in_the_file_at_once(name: str, tmp_path: Path) -> None:
    """Before it is closed; for its owner alone; and byte for byte what it was."""
    file = tmp_path / name
    one, two = exchange(1, "/api/v1/jobs?limit=1", answer=b'{"jobs": []}'), exchange(2, answer=b"\xff\x00 bytes")
    with recorder(file) as recording:
        recording.record(one)
        recording.record(replace(two, answer=Answer(status=200, body=None)))
        recording.record(replace(two, number=3, at_s=1.5, took_s=0.25))
        found = read(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert [each.answer.body for each in found.exchanges] == [b'{"jobs": []}', None, b"\xff\x00 bytes"]
    assert (found.exchanges[2].at_s, found.exchanges[2].took_s) == (1.5, 0.25)
    assert (found.edition, found.upstream, found.has_inputs) == ("platform", "https://x.test", True)
    assert file.read_bytes().startswith(b"\x1f\x8b") == name.endswith(".gz")
    recording.close()
    assert repr(recording) == f"Recorder({str(file)!r}, 3 written)"


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """Nor is anything that a link leads to."""
    file = tmp_path / "a.ndjson"
    file.write_text("mine", encoding="utf-8")
    (tmp_path / "link").symlink_to(file)
    for name in (file, tmp_path / "link"):
        with pytest.raises(RecordingExistsError, match="remove it, or record into another file"):
            recorder(name)
    assert file.read_text(encoding="utf-8") == "mine"


def test_a_line_with_a_secret_that_could_not_be_taken_out_loses_its_bodies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rather nothing than that; and if even that does not help, the exchange is not written."""
    seen = iter([True, False, True, True])
    monkeypatch.setattr(Redaction, "are_in", lambda _self, _line: next(seen))
    with recorder(tmp_path / "a.ndjson") as recording:
        recording.record(exchange(1, "/x?secret", body=b"{}", answer=b"secret"))
        recording.record(exchange(2, answer=b"secret"))
    (found,) = read(tmp_path / "a.ndjson").exchanges
    assert (found.request.target, found.request.body, found.answer.body) == ("/x", None, None)
    assert (recording.written, recording.left_out) == (1, 2)


def lines(*values: Any) -> str:
    """A recording with these lines."""
    return HEAD + "".join((value if isinstance(value, str) else json.dumps(value)) + "\n" for value in values)


BROKEN: Final[dict[str, Any]] = {
    "not JSON": "{",
    "it is no JSON object": "[]",
    "it has no request": {"answer": {"status": 200}},
    "answer.status is no status": {**GOOD, "answer": {"status": 9}},
    "request.target is no path": {**GOOD, "request": {"method": "GET", "target": "http://x/"}},
    "request.target is no path ": {**GOOD, "request": {"method": "GET", "target": "/a\r\nb"}},
    "request.method is no method": {**GOOD, "request": {"method": "get it", "target": "/"}},
    "target is no text": {**GOOD, "request": {"method": "GET", "target": 3}},
    "number is no number": {**GOOD, "number": "1"},
    "at_s is no number": {**GOOD, "at_s": -1},
    "answer.body is no body": {**GOOD, "answer": {"status": 200, "body": {"text": 1}}},
    "answer.body is no body ": {**GOOD, "answer": {"status": 200, "body": {"base64": "%"}}},
    "request.headers is no list": {**GOOD, "request": {"method": "GET", "target": "/", "headers": {}}},
    "request.headers has something": {
        **GOOD,
        "request": {"method": "GET", "target": "/", "headers": [["a", "b\r\nc"]]},
    },
    "nested too deeply": "[" * 100_000,
    "same key twice": '{"a":1,"a":2}',
}


@pytest.mark.parametrize("why", BROKEN)
def test_a_broken_line_is_named_and_left_out(why: str, tmp_path: Path) -> None:
    """With its number; the others are read."""
    file = tmp_path / "a.ndjson"
    file.write_text(lines(GOOD, BROKEN[why], GOOD), encoding="utf-8")
    found = read(file)
    (damaged,) = found.damaged
    assert len(found.exchanges) == 2
    assert (damaged.number, why.strip() in damaged.why) == (3, True), damaged
    with pytest.raises(InvalidRecordingError, match="line 3"):
        read(file, strict=True)


def test_a_file_that_was_cut_off_is_read_to_there(tmp_path: Path) -> None:
    """Packed or not."""
    whole = lines(GOOD, GOOD).encode()
    plain, packed = tmp_path / "a.ndjson", tmp_path / "a.gz"
    plain.write_bytes(whole[:-20])
    packed.write_bytes(gzip.compress(whole[: len(HEAD)]) + gzip.compress(whole[len(HEAD) :])[:-12])
    assert (len(read(plain).exchanges), len(read(plain).damaged)) == (1, 1)
    assert "cut off or damaged here" in str(read(packed).damaged[-1])


def test_sizes_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that is too long is passed over, a file that is too large is refused."""
    file = tmp_path / "a.ndjson"
    file.write_text(lines(GOOD, "x" * 1000, GOOD), encoding="utf-8")
    monkeypatch.setattr("runtime_contracts.recording.reading.LONGEST_LINE_BYTES", 300)
    found = read(file)
    assert (len(found.exchanges), str(found.damaged[0])) == (2, "line 3: it is longer than 300 bytes")
    monkeypatch.setattr("runtime_contracts.recording.reading.MOST_BYTES", 500)
    with pytest.raises(InvalidRecordingError, match="larger than 500 bytes"):
        read(file)


def test_a_folder_is_no_recording(tmp_path: Path) -> None:
    """The system says why."""
    with pytest.raises(OSError, match=r"directory|denied"):
        read(tmp_path)


def replay(*exchanges: Exchange) -> Replay:
    """A replay of these."""
    return Replay(Recording(edition="platform", exchanges=exchanges))


def asked(target: str, *, method: str = "GET", body: bytes = b"", media: str = "application/json") -> Request:
    """A request of a client."""
    return Request(method=method, target=target, body=body, headers=(("Content-Type", media),))


def test_answers_come_in_their_order_and_the_last_one_stays() -> None:
    """Whatever comes between."""
    polls = replay(
        *(exchange(number, "/r", status) for number, status in enumerate((204, 204, 200), start=1)),
        exchange(9, "/other", 404),
    )
    statuses = []
    for target in ("/r", "/other", "/r", "/r", "/r", "/r"):
        found = polls.find(asked(target))
        assert found is not None
        statuses.append(found.answer.status)
    assert statuses == [204, 404, 204, 200, 200, 200]


def test_a_request_is_known_by_its_query_and_the_shape_of_its_body() -> None:
    """The order of a query does not matter; values of a body matter least, but for those that choose something."""
    one = b'{"program_id": "sampler", "params": {"n": 1, "xs": [1, 2]}}'
    other = b'{"program_id": "sampler", "params": {"n": 2, "xs": [1, 2, 3]}}'
    known = replay(
        exchange(1, "/j?a=1&b=2"),
        exchange(2, "/j", method="POST", body=one),
        exchange(3, "/j", method="POST", body=other),
    )
    found = known.find(asked("/j?b=2&a=1"))
    assert found is not None
    assert known.find(asked("/j?a=1")) is None
    numbers = [
        each.number if (each := known.find(asked("/j", method="POST", body=body))) else None
        for body in (
            other,
            one,
            one,
            b'{"program_id": "sampler", "params": {"n": 7, "xs": []}}',
            one.replace(b"sampler", b"x"),
        )
    ]
    assert numbers == [3, 2, 2, None, None]
    changed = known.find(asked("/j", method="POST", body=one.replace(b"1", b"5")))
    assert changed is not None
    assert (changed.number, known.unmatched) == (3, 3)


def test_forms_are_known_by_the_names_of_their_fields() -> None:
    """Of both kinds; anything else by its content type."""
    form = "application/x-www-form-urlencoded"
    parts = b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--B--\r\n'
    known = Replay(Recording(edition="platform", exchanges=(
        replace(exchange(1), request=asked("/t", method="POST", body=b"apikey=x&grant_type=y", media=form)),
        replace(exchange(2), request=asked("/m", method="POST", body=parts, media="multipart/form-data; boundary=B")),
        replace(exchange(3), request=asked("/b", method="PUT", body=b"\xff", media="application/octet-stream")),
    )))  # fmt: skip
    assert known.find(asked("/t", method="POST", body=b"grant_type=q&apikey=z", media=form)) is not None
    assert known.find(asked("/t", method="POST", body=b"apikey=z", media=form)) is None
    assert (
        known.find(asked("/m", method="POST", body=parts.replace(b"B", b"C"), media="multipart/form-data; boundary=C"))
        is not None
    )
    assert known.find(asked("/b", method="PUT", body=b"\xfe", media="application/octet-stream")) is not None


def test_head_is_answered_by_get() -> None:
    """Without its body, which the server sees to."""
    found = replay(exchange(1, "/x")).find(asked("/x", method="HEAD"))
    assert found is not None


def test_the_nearest_request_is_named() -> None:
    """In a sentence; an empty recording has none."""
    known = replay(exchange(1, "/api/v1/jobs"), exchange(2, "/api/v1/backends", method="POST", body=b"{}"))
    assert (
        known.sentence(asked("/api/v1/job"))
        == "the recording has no GET /api/v1/job; the nearest is GET /api/v1/jobs (exchange 1)"
    )
    assert "its query or body is of another form" in known.sentence(
        asked("/api/v1/backends", method="POST", body=b"[]")
    )
    assert replay().sentence(asked("/x")) == "the recording has no GET /x: it is empty"


def test_tokens_of_iam_are_good_from_now_on() -> None:
    """For as long as they were; what is no such answer stays as it is."""
    token = ".".join(["eyJhIjoxfQ", encoded_segment({"iat": 1000, "exp": 4600}), "c2ln"])
    body = json.dumps({"access_token": token, "expiration": 4600, "expires_in": 3600}).encode()
    request = Request(method="POST", target="/identity/token")
    value = json.loads(renewed(request, Answer(status=200, body=body), now=50_000.5) or b"")
    assert decoded_segment(value["access_token"].split(".")[1]) == {"iat": 50_000, "exp": 53_600}
    assert (value["expiration"], value["expires_in"]) == (53_600, 3600)
    for other in (b"", b"{}", b'{"access_token": "x.y.z"}', b"["):
        assert renewed(request, Answer(status=200, body=other), now=5.0) == other
    assert renewed(asked("/x"), Answer(status=200, body=body), now=5.0) == body


def test_headers_of_how_an_answer_travelled_are_not_replayed() -> None:
    """Its length and date are made anew."""
    answer = Answer(status=200, headers=(("Date", "x"), ("Content-Length", "3"), ("Retry-After", "1")))
    assert answer_headers(answer) == [("Retry-After", "1")]


def test_the_instances_of_a_recording_are_those_that_its_requests_name() -> None:
    """Each once."""
    one = replace(exchange(1), request=Request(method="GET", target="/x", headers=(("Service-CRN", "crn:v1:a"),)))
    assert list(crns_in(Recording(edition="platform", exchanges=(one, one, exchange(2))))) == ["crn:v1:a"]


def test_a_disk_that_is_full_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For whoever records to deal with."""
    with recorder(tmp_path / "a.ndjson") as recording:
        monkeypatch.setattr(os, "write", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(OSError, match="No space left"):
            recording.record(exchange(1))
