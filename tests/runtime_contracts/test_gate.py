"""The gate: what it lets through to the server of a run, how fast, and for how long."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import pytest
import requests
from requests.adapters import HTTPAdapter

from runtime_contracts.gate import LARGEST_BYTES, Gate, NotReadOnlyError, TimeIsUpError, bounded

ORIGIN = "http://server.test:1"


@contextmanager
def _answered(monkeypatch: pytest.MonkeyPatch, *answers: tuple[int, dict[str, str]]) -> Iterator[list[str]]:
    """Answer in place of the network, with the last of the answers for ever, and tell what was asked."""
    asked: list[str] = []
    left = list(answers)

    def send(_: HTTPAdapter, request: requests.PreparedRequest, **__: object) -> requests.Response:
        asked.append(f"{request.method} {request.url}")
        status, headers = left.pop(0) if len(left) > 1 else left[0]
        response = requests.Response()
        response.status_code, response.request, response.url = status, request, str(request.url)
        response.headers.update(headers)
        response._content, response.raw = b"", BytesIO()
        return response

    monkeypatch.setattr(HTTPAdapter, "send", send)
    yield asked


def test_only_reading_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a run that only reads, GET passes and the exchange of a key; nothing else is sent, whoever sends it."""
    gate = Gate(ORIGIN, read_only=True, exchanges=frozenset({f"{ORIGIN}/identity/token"}))
    with _answered(monkeypatch, (200, {})) as asked, gate.standing():
        requests.get(f"{ORIGIN}/jobs?limit=1", timeout=1)
        requests.post(f"{ORIGIN}/identity/token?x=1", timeout=1)
        for method in ("POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"):
            with pytest.raises(NotReadOnlyError, match=rf"{method} /jobs was not sent"):
                requests.request(method, f"{ORIGIN}/jobs", timeout=1)
    assert asked == [f"GET {ORIGIN}/jobs?limit=1", f"POST {ORIGIN}/identity/token?x=1"]
    assert gate.sent == 2


def test_other_servers_are_none_of_its_business(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the process sends elsewhere passes, and after the run everything does."""
    gate = Gate(ORIGIN, read_only=True)
    with _answered(monkeypatch, (200, {})) as asked:
        with gate.standing():
            requests.post("http://elsewhere.test/", timeout=1)
        requests.post(f"{ORIGIN}/jobs", timeout=1)
    assert len(asked) == 2
    assert gate.sent == 0


def test_requests_keep_their_distance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two requests there is the time that the rate asks for."""
    pauses: list[float] = []
    gate = Gate(ORIGIN, rate_per_s=4.0, pause=pauses.append)
    with _answered(monkeypatch, (200, {})), gate.standing():
        for _ in range(3):
            requests.get(ORIGIN, timeout=1)
    assert pauses == [0.25, 0.25]


@pytest.mark.parametrize(
    ("said", "waited"), [({"Retry-After": "7"}, 7.0), ({"Retry-After": "86400"}, 60.0), ({"Retry-After": "soon"}, 1.0)]
)
def test_retry_after_is_honoured(said: dict[str, str], waited: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """A 429 is waited for as long as it says, up to a minute, and asked for again."""
    pauses: list[float] = []
    gate = Gate(ORIGIN, rate_per_s=1000.0, pause=pauses.append)
    with _answered(monkeypatch, (429, said), (200, {})) as asked, gate.standing():
        assert requests.get(ORIGIN, timeout=1).status_code == 200
    assert len(asked) == 2
    assert pauses == [waited, 0.001]


def test_server_that_never_stops_saying_429_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """After some patience the 429 is passed on."""
    gate = Gate(ORIGIN, rate_per_s=1000.0, pause=lambda _: None)
    with _answered(monkeypatch, (429, {})) as asked, gate.standing():
        assert requests.get(ORIGIN, timeout=1).status_code == 429
    assert len(asked) == 4


def test_time_that_is_over_ends_the_run() -> None:
    """When the time is over, what runs is told to stop, and nothing more may begin."""
    stopped: list[str] = []
    gate = Gate(ORIGIN, time_limit_s=60.0)
    gate.stop = lambda: stopped.append("stopped")
    gate.refuse_if_over()
    gate.end()
    assert stopped == ["stopped"]
    with pytest.raises(TimeIsUpError):
        gate.refuse_if_over()


@pytest.mark.parametrize(("announced", "pieces"), [("99999999999999999999999", 0), ("", 600), ("12", 600)])
def test_endless_answer_is_not_read_to_its_end(announced: str, pieces: int) -> None:
    """An answer that is larger than any is let go of, whether it says so or not."""
    response = requests.Response()
    response.status_code = 200
    response.headers.update({"Content-Length": announced} if announced else {})
    response.raw = _Endless()
    with pytest.raises(requests.ConnectionError, match="an answer of"):
        bounded(response)
    assert response.raw.read_bytes <= LARGEST_BYTES + 2**16
    assert response.raw.read_bytes >= pieces


class _Endless:
    """A body that has no end."""

    def __init__(self) -> None:
        self.read_bytes = 0

    def read(self, size: int) -> bytes:
        """Give as much as is wanted."""
        self.read_bytes += size
        return b"x" * size

    def close(self) -> None:
        """Let go of it."""


def test_answer_of_a_usual_size_is_read_once() -> None:
    """What was read is there for whoever asks for it."""
    response = requests.Response()
    response.status_code, response.raw = 200, BytesIO(b"some text")
    assert bounded(response).content == b"some text"
    assert b"".join(response.iter_content(4)) == b"some text"
