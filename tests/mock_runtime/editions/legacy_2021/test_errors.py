"""One envelope on every road to an error."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from mock_runtime.editions.legacy_2021.errors import CODES
from tests.mock_runtime.fakes import ALICE, BOB

if TYPE_CHECKING:
    from tests.mock_runtime.conftest import MakeFake
    from tests.mock_runtime.fakes import Fake

TRACE = re.compile(r"[0-9a-v]{20}")
FORM = {"Content-Type": "multipart/form-data; boundary=b"}


@dataclass(frozen=True, slots=True)
class Road:
    """A request that leads to an error."""

    status: int
    method: str
    path: str
    request: dict[str, Any] = field(default_factory=dict)
    token: str | None = ALICE


ROADS = [
    Road(400, "POST", "/jobs", {"data": b""}),
    Road(400, "POST", "/jobs", {"data": b"\xff"}),
    Road(400, "POST", "/jobs", {"data": b'{"programId": Infinity}'}),
    Road(400, "POST", "/jobs", {"data": b"[" * 10_000}),
    Road(400, "POST", "/jobs", {"data": b"1" * 5_000}),
    Road(400, "GET", "/jobs?limit=x"),
    Road(400, "POST", "/programs", {"data": b"garbage", "headers": FORM}),
    Road(400, "POST", "/programs", {"data": b"", "headers": {"Content-Type": "multipart/form-data"}}),
    Road(400, "GET", "/programs", {"headers": {"Host": "a b"}}),
    Road(400, "GET", "/openapi/legacy-2021.yaml", {"headers": {"Host": "<script>"}}),
    Road(401, "GET", "/programs", token=None),
    Road(401, "GET", "/jobs", token="\x85"),
    Road(401, "POST", "/jobs", {"data": b"{"}, token=None),
    Road(403, "DELETE", "/programs/vqe"),
    Road(403, "POST", "/programs", {"data": {"name": "x", "program": "x"}, "content_type": "multipart/form-data"}, BOB),
    Road(404, "GET", "/"),
    Road(404, "GET", "/nothing"),
    Road(404, "GET", "/programs/nothing"),
    Road(404, "GET", "/programs/a/b"),
    Road(404, "GET", "/jobs/nothing/results"),
    Road(404, "GET", "/jobs//results"),
    Road(404, "GET", "/jobs/a%2Fresults"),
    Road(404, "GET", "/jobs/%00"),
    Road(404, "GET", "/jobs/%ff%fe"),
    Road(404, "GET", "/Jobs"),
    Road(404, "GET", "/openapi/nothing"),
    Road(404, "GET", "/openapi/a/b.html"),
    Road(404, "GET", "/static/nothing"),
    Road(404, "GET", "/stream/jobs/x"),
    Road(404, "GET", "/apix"),
    Road(404, "POST", "/jobs", {"json": {"programId": "nothing"}}),
    Road(405, "PATCH", "/jobs"),
    Road(405, "OPTIONS", "/programs"),
    Road(405, "TRACE", "/programs"),
    Road(405, "DELETE", "/programs"),
    Road(405, "POST", "/openapi/"),
    Road(409, "POST", "/programs", {"data": {"name": "vqe", "program": "x"}, "content_type": "multipart/form-data"}),
    Road(413, "POST", "/jobs", {"data": b"x" * 20_001}),
    Road(413, "POST", "/nothing", {"data": b"x" * 20_001}, None),
    Road(413, "POST", "/programs", {"data": b"x" * 20_001, "headers": FORM}),
    Road(415, "POST", "/programs", {"data": b"{}", "headers": {"Content-Type": "application/json"}}),
    Road(415, "PUT", "/programs/vqe/data", {"data": b"{}", "headers": {"Content-Type": "application/json"}}),
]


@pytest.mark.parametrize("road", ROADS, ids=lambda road: f"{road.status} {road.method} {road.path}")
@pytest.mark.parametrize("control", [True, False])
def test_every_road_to_an_error_ends_in_the_same_envelope(make_fake: MakeFake, road: Road, control: bool) -> None:
    """A code of text, a sentence without HTML or a stack trace, and a trace."""
    fake = make_fake(tokens=[ALICE, {"token": BOB, "may_upload": False}], max_body_bytes=20_000, control=control)
    headers = {} if road.token is None else {"Authorization": f"Bearer {road.token}"}
    headers |= road.request.get("headers", {})
    answer = fake.client.open(road.path, method=road.method, **{**road.request, "headers": headers})
    check_envelope(answer.status_code, answer.headers["Content-Type"], answer.get_json(), road.status)
    assert answer.data.endswith(b"}\n")


def check_envelope(status: int, content_type: str, body: Any, expected: int) -> None:
    """Assert that this is the envelope of an error of that status."""
    assert (status, content_type) == (expected, "application/json")
    assert list(body) == ["errors", "trace"]
    assert TRACE.fullmatch(body["trace"])
    (error,) = body["errors"]
    assert list(error) == ["code", "message", "more_info"]
    assert error["code"] == CODES[expected]
    assert error["more_info"].startswith("https://cloud.ibm.com/")
    assert 5 < len(error["message"]) < 1000
    assert error["message"].isprintable()
    for trouble in ("Traceback", "werkzeug", "<!doctype", "<html", "browser"):
        assert trouble not in error["message"]


def test_every_status_that_has_a_code_is_on_some_road() -> None:
    """But for 410 and 500, which have tests of their own."""
    assert {road.status for road in ROADS} | {410, 500} == set(CODES)


def test_logs_that_are_gone_have_the_envelope_on_record(fake: Fake) -> None:
    """The one error body of this service that was recorded in 2021."""
    alice = fake.account()
    job = alice.submit()
    fake.clock.advance(1e6)
    answer = alice.get(f"/jobs/{job}/logs")
    check_envelope(answer.status_code, answer.headers["Content-Type"], answer.get_json(), 410)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_address_that_is_not_there_answers_what_is(fake: Fake, method: str) -> None:
    """So that a typing mistake is seen at once; the control plane stays unmentioned."""
    message = fake.account().call(method, "/job").get_json()["errors"][0]["message"]
    assert message.startswith(f"no {method} '/job'; there is /jobs, /jobs/{{jid}}, ")
    assert "/jobs/{jid}/results" in message
    assert "_mock" not in message
    assert "/api" not in message


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/programs", {"GET", "HEAD", "POST"}),
        ("/programs/vqe", {"GET", "HEAD", "DELETE"}),
        ("/programs/vqe/data", {"PUT"}),
        ("/programs/vqe/public", {"PUT"}),
        ("/jobs", {"GET", "HEAD", "POST"}),
        ("/jobs/x", {"GET", "HEAD", "DELETE"}),
        ("/jobs/x/results", {"GET", "HEAD"}),
        ("/jobs/x/logs", {"GET", "HEAD"}),
        ("/jobs/x/cancel", {"POST"}),
        ("/logout", {"POST"}),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_a_wrong_method_is_told_the_right_ones(fake: Fake, path: str, allowed: set[str], method: str) -> None:
    """405 with the header Allow, exactly where the method is not one of them, with or without credentials."""
    answer = fake.client.open(path, method=method)
    if method in allowed:
        assert answer.status_code == 401
    else:
        assert answer.status_code == 405
        assert set(answer.headers["Allow"].split(", ")) == allowed
        assert (
            answer.get_json()["errors"][0]["message"] == f"{method} is not possible on '{path}'; see the header Allow"
        )


def test_a_head_is_a_get_without_its_body(fake: Fake) -> None:
    """Same status, same length, also where it is refused."""
    alice = fake.account()
    for path in ("/programs", "/jobs", "/nothing"):
        head, get = alice.call("HEAD", path), alice.get(path)
        assert (head.status_code, head.data) == (get.status_code, b"")
    assert alice.call("HEAD", "/programs").headers["Content-Length"] == str(len(alice.get("/programs").data))


def test_a_slash_at_the_end_is_no_other_address(fake: Fake) -> None:
    """As far as anybody knows, and without a redirect."""
    alice = fake.account()
    assert alice.get("/programs/").data == alice.get("/programs").data
    assert alice.get("/jobs/").status_code == 200


def test_an_encoded_slash_is_part_of_a_name(fake: Fake) -> None:
    """It never leads to another operation."""
    alice = fake.account()
    job = alice.submit()
    assert alice.get(f"/jobs/{job}%2Fresults").status_code == 404
    assert alice.get(f"/jobs%2F{job}").status_code == 404
    assert alice.get(f"/jobs/{job}").status_code == 200
