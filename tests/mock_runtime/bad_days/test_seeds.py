"""The same seed and the same requests meet the same: what is answered, how late it comes, and where it is cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, Final

import httpx
import pytest
import requests

from mock_runtime import intercept
from mock_runtime.faults.profiles import profile_rules
from mock_runtime.transport.in_process import WSGIAdapter
from tests.mock_runtime.bad_days.scenes import IBM_URL, KEY, SEED, Place, Places

REQUESTS: Final = 30
ALICE: Final = {"Authorization": f"Bearer {KEY}"}
BY: Final = ("requests, socket", "httpx, socket", "requests, adapter", "requests, interception", "httpx, interception")
RULES: Final[list[Mapping[str, Any]]] = [
    {"id": "refused", "match": {"probability": 0.1}, "act": {"status": 503, "retry_after": "1s..9s"}},
    {"id": "late", "match": {"probability": 0.3}, "act": {"slow": "lognormal(500ms, 1)"}},
    {"id": "garbage", "match": {"probability": 0.1, "status": 200}, "act": {"body": "garbage"}},
    {"id": "half", "match": {"probability": 0.1}, "act": {"cut": "within", "at": 0.25}},
    {"id": "lost", "match": {"probability": 0.1}, "act": {"cut": "before"}},
    {"id": "pieces", "match": {"probability": 0.2}, "act": {"trickle": {"bytes": 100, "every": "10ms..2s"}}},
]

Answer = tuple[int, int, str | None, float]
"""Its status, how many bytes of it came, how long it asked to wait, and how many seconds it took; 0 is none."""
Ask = Callable[[], tuple[int, int, str | None]]


@contextmanager
def asking(place: Place, library: str) -> Iterator[Ask]:
    """Who asks for a program, by a library, and says what came."""
    url = f"{IBM_URL['2021'] if place.origin is None else place.origin}/programs/runtime-simple"
    with ExitStack() as stack:
        if place.by == "interception":
            stack.enter_context(intercept(place.runtime.app))
        if library == "httpx":
            client = stack.enter_context(httpx.Client(headers=ALICE))
            yield lambda: by_httpx(client, url)
        else:
            session = stack.enter_context(requests.Session())
            session.headers.update(ALICE)
            if place.by == "adapter":
                session.mount("http://", WSGIAdapter(place.runtime.app))
            yield lambda: by_requests(session, url)


def by_requests(session: requests.Session, url: str) -> tuple[int, int, str | None]:
    """Ask by requests."""
    try:
        answer = session.get(url, stream=True, timeout=1000)
    except requests.RequestException:
        return 0, 0, None
    size = 0
    with answer:
        try:
            for piece in answer.iter_content(1):
                size += len(piece)
        except requests.RequestException:
            pass
        return answer.status_code, size, answer.headers.get("Retry-After")


def by_httpx(client: httpx.Client, url: str) -> tuple[int, int, str | None]:
    """Ask by httpx."""
    try:
        with client.stream("GET", url, timeout=1000) as answer:
            size = 0
            try:
                for piece in answer.iter_raw():
                    size += len(piece)
            except httpx.TransportError:
                pass
            return answer.status_code, size, answer.headers.get("Retry-After")
    except httpx.TransportError:
        return 0, 0, None


def day(places: Places, way: str, rules: Any, seed: int = SEED) -> list[Answer]:
    """All answers of a day."""
    library, by = way.split(", ")
    place = places.place("2021", by, seed)
    place.begin(rules)
    answers: list[Answer] = []
    with asking(place, library) as ask:
        for _ in range(REQUESTS):
            begun = place.clock.now()
            answers.append((*ask(), round(place.clock.now() - begun, 6)))
    place.faults.assert_all_met()
    place.runtime.check()
    return answers


@pytest.fixture(scope="module")
def usual(places: Places) -> list[Answer]:
    """What a client that uses requests is answered over a socket."""
    return day(places, BY[0], RULES)


@pytest.mark.parametrize("way", [*BY[1:], "requests, proxy", "httpx, proxy"])
def test_the_same_seed_misbehaves_the_same_way(places: Places, usual: list[Answer], way: str) -> None:
    """Over a socket, inside the process, and in a proxy before a fake that behaves."""
    assert day(places, way, RULES) == usual


@pytest.mark.parametrize("way", ["requests, socket", "httpx, interception"])
def test_a_day_can_be_had_again(places: Places, way: str) -> None:
    """The second time is as the first, whatever was before it."""
    first = day(places, way, RULES)
    day(places, way, profile_rules("flaky-network", {"probability": 0.2}))
    assert day(places, way, RULES) == first


@pytest.mark.parametrize("way", ["requests, socket", "requests, proxy"])
def test_another_seed_misbehaves_in_another_way(places: Places, usual: list[Answer], way: str) -> None:
    """Another answer is refused, another is late."""
    assert day(places, way, RULES, seed=SEED + 1) != usual


def test_what_is_drawn_is_the_same_where_it_is_met(places: Places) -> None:
    """The journal has the same of each request, by whichever way it came: its rules, its cut, its time, its body."""
    seen = []
    for way in BY:
        day(places, way, RULES)
        place = places.place("2021", way.split(", ")[1])
        entries = place.runtime.requests.entries()
        seen.append(
            [(each.status, each.faults, each.cut, round(each.seconds, 6), each.answer_body) for each in entries]
        )
    assert len(seen[0]) == REQUESTS
    assert all(others == seen[0] for others in seen[1:])
