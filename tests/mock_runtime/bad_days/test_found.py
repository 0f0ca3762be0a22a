"""What bad days have brought to light: each was wrong once."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import requests

import runtime_client
from mock_runtime import intercept
from runtime_client import NotFound, TransportError
from tests.mock_runtime.bad_days.rows import on
from tests.mock_runtime.bad_days.scenes import IBM_URL, KEY, PROGRAM, Place, Places, Way, new_fake, submitted

if TYPE_CHECKING:
    from mock_runtime import Runtime

ALICE = {"Authorization": f"Bearer {KEY}"}
PROGRAMS = f"{IBM_URL['2021']}/programs"


def environ(path: str) -> dict[str, Any]:
    """A request as a transport has it."""
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_AUTHORIZATION": f"Bearer {KEY}",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
    }


@pytest.fixture
def place(places: Places) -> Place:
    """A fake of 2021 that IBM's hosts lead to."""
    return places.place("2021", "interception")


@pytest.mark.parametrize("library", ["requests", "httpx"])
def test_a_reset_after_the_whole_answer_is_no_error_of_that_answer(place: Place, library: str) -> None:
    """It is there, as it would be on a socket."""
    place.begin([on("list-jobs", {"cut": "after", "reset": True})])
    with intercept(place.runtime.app):
        get: Any = requests.get if library == "requests" else httpx.get
        assert get(f"{IBM_URL['2021']}/jobs", headers=ALICE).json()["jobs"] == []
    assert [entry.cut for entry in place.runtime.requests] == ["after"]


@pytest.mark.parametrize("cut", [{}, {"cut": "after"}])
def test_an_answer_that_trickled_is_in_the_journal_as_soon_as_it_is_whole(place: Place, cut: dict[str, Any]) -> None:
    """Though nobody waits for the end of its connection."""
    place.begin([{"act": {"trickle": {"bytes": 1000, "every": "1s"}, **cut}}])
    with intercept(place.runtime.app), requests.Session() as session:
        answer = session.get(PROGRAMS, headers=ALICE, stream=True)
        size = int(answer.headers["Content-Length"])
        assert len(answer.raw.read(size)) == size
        (entry,) = place.runtime.requests
        assert (entry.left, entry.seconds) == (False, float(-(-size // 1000)))
        answer.close()


def test_an_answer_that_nobody_reads_is_in_the_journal(place: Place) -> None:
    """Its caller left before it was whole."""
    place.begin([{"act": {"trickle": {"bytes": 100, "every": "1s"}}}])
    with intercept(place.runtime.app):
        requests.get(PROGRAMS, headers=ALICE, stream=True, timeout=60).close()
        with httpx.stream("GET", PROGRAMS, headers=ALICE):
            pass
    assert [(entry.status, entry.left) for entry in place.runtime.requests] == [(200, True)] * 2


def test_a_connection_that_is_not_kept_is_not_used_again(places: Places) -> None:
    """Its end comes with the last bytes of the answer: it is no matter of microseconds who takes it for kept."""
    place = places.place("2021", "socket")
    place.begin([{"act": {"cut": "after"}}])
    with requests.Session() as session:
        session.headers.update(ALICE)
        statuses = [session.post(f"{place.origin}/jobs", json={"programId": "vqe"}).status_code for _ in range(100)]
    assert statuses == [200] * 100
    assert len(place.runtime.requests) == 100


def test_what_is_large_comes_whole_before_its_connection_is_ended(places: Places) -> None:
    """However large, and though its reader is slow; by a reset, too."""
    text = "x" * 1_000_000
    for by in ("socket", "tls"):
        place = places.place("2021", by)
        for reset in (False, True):
            place.begin([{"act": {"status": 200, "body": {"text": text}, "cut": "after", "reset": reset}}])
            url = f"{place.origin}/programs" if place.origin else PROGRAMS
            with requests.Session() as session:
                session.trust_env = False
                session.proxies = {"https": place.forward["proxy"]} if place.forward else {}
                session.verify = place.forward.get("verify", True)
                answer = session.get(url, stream=True)
                assert sum(map(len, answer.iter_content(10_000))) == len(text)


def test_a_poll_without_a_body_is_not_cut_within(place: Place) -> None:
    """There is nothing to cut: its client has heard it, and polls again because it was told to."""
    place.begin([{"match": {"status": 204}, "act": {"cut": "within"}}])
    with intercept(place.runtime.app):
        client = requests.Session()
        client.headers.update(ALICE)
        job = client.post(f"{IBM_URL['2021']}/jobs", json={"programId": "vqe"}).json()["id"]
        assert [client.get(f"{IBM_URL['2021']}/jobs/{job}/results").status_code for _ in range(2)] == [204] * 2
        client.close()
    entries = place.runtime.requests.entries(operation="get-results")
    assert [entry.cut for entry in entries] == ["after"] * 2
    with pytest.raises(AssertionError, match="no request failed"):
        place.runtime.requests.assert_retried("get-results")


def test_a_log_in_that_was_refused_was_sent_again(places: Places) -> None:
    """Nobody asked whose it was, but it brought the key that another one is known by."""
    rule = on("log-in", {"status": 503, "retry_after": "3s"}, calls="1..2")
    with places.scene("platform", Way("requests", "adapter"), [rule]) as scene:
        scene.client.list_backends()
        assert len(scene.runtime.requests.assert_retried("log-in", after=3.0)) == 2
        assert scene.runtime.scorecard().worst is None


@pytest.mark.parametrize("then", ["reset", "rollback", "load"])
def test_what_began_in_another_world_is_not_in_the_journal_of_this(then: str) -> None:
    """Its number would be another's."""
    runtime = new_fake("2021")
    kept = runtime.snapshot()
    late = runtime.scopes.open(environ("/jobs"))
    begin_anew(runtime, then, kept)
    next_one = runtime.scopes.open(environ("/jobs"))
    for exchange in (next_one, late):
        assert exchange.answer().status == 200
        exchange.ended()
    assert len(runtime.requests) == 1
    runtime.close()
    runtime.check()


def begin_anew(runtime: Runtime, then: str, kept: Any) -> None:
    """Let there be another world."""
    if then == "reset":
        runtime.reset()
    elif then == "rollback":
        runtime.rollback(kept)
    else:
        runtime.load_world("seed: 3")


def test_a_date_to_come_back_at_goes_with_the_time_that_it_is(place: Place) -> None:
    """Otherwise nobody with another clock could tell how long that is."""
    place.begin([{"act": {"status": 503, "retry_after": {"in": "90s", "as": "date"}}}])
    with intercept(place.runtime.app):
        headers = requests.get(PROGRAMS, headers=ALICE, timeout=60).headers
    assert headers["Date"] == "Wed, 18 Nov 2026 11:06:40 GMT"
    assert headers["Retry-After"] == "Wed, 18 Nov 2026 11:08:10 GMT"


@pytest.mark.parametrize("kind", ["requests", "httpx", "awaited"])
def test_a_connection_lost_behind_a_proxy_is_one_lost(places: Places, kind: str) -> None:
    """urllib3 calls that a proxy that cannot be reached: it is repeated all the same, and a submission is not."""
    rules = [on("get-job", {"cut": "before"}, calls=1), on("submit-job", {"cut": "before"}, calls=1)]
    with places.scene("platform", Way(kind, "tls"), rules) as scene:
        with pytest.raises(NotFound):
            scene.client.get_job("no-such-job")
        scene.runtime.requests.assert_retried("get-job", times=1)
        with pytest.raises(TransportError) as error:
            submitted(scene.client, "platform", PROGRAM)
        assert (error.value.sent, error.value.transient) == (True, True)
        scene.runtime.requests.assert_called("submit-job", times=1)


def test_a_proxy_that_refuses_is_not_asked_again(places: Places) -> None:
    """What it refuses it will refuse again."""
    forward = places.place("platform", "tls").forward
    with (
        runtime_client.connect("https://elsewhere.invalid", edition="2021", token=KEY, **forward) as client,
        pytest.raises(TransportError) as error,
    ):
        client.list_programs()
    assert not error.value.transient
