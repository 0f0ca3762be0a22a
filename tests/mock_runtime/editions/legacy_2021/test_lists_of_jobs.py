"""GET /jobs: order, pages and filters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.mock_runtime.fakes import Account, Fake


def listed(account: Account, query: str = "") -> dict[str, Any]:
    """The page that a query asks for, with the jobs reduced to their ids."""
    answer = account.get(f"/jobs{query}")
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.get_json()
    return {**page, "jobs": [job["id"] for job in page["jobs"]]}


def test_jobs_come_newest_first_with_their_number(alice: Account) -> None:
    """And nothing beside: limit and offset are echoed from 2022 on."""
    jobs = [alice.submit() for _ in range(3)]
    assert listed(alice) == {"jobs": jobs[::-1], "count": 3}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?limit=2", slice(0, 2)),
        ("?limit=0", slice(0, 0)),
        ("?offset=1", slice(1, 5)),
        ("?limit=2&offset=3", slice(3, 5)),
        ("?limit=2&offset=5", slice(5, 5)),
        ("?offset=99999999999999999999999", slice(5, 5)),
        ("?limit=99999999999999999999999&offset=1", slice(1, 5)),
        ("?limit=1&limit=3", slice(0, 3)),
        ("?limit=%32", slice(0, 2)),
        ("?Limit=1&sort=old&limit[]=1&=&&", slice(0, 5)),
    ],
)
def test_pages(alice: Account, query: str, expected: slice) -> None:
    """`count` is always that of all; the last of two equal keys counts; unknown ones are ignored."""
    newest_first = [alice.submit() for _ in range(5)][::-1]
    assert listed(alice, query) == {"jobs": newest_first[expected], "count": 5}


def test_a_page_has_two_hundred_jobs_unless_asked_otherwise(alice: Account) -> None:
    """The rest is on the next one."""
    jobs = [alice.submit() for _ in range(205)][::-1]
    assert listed(alice) == {"jobs": jobs[:200], "count": 205}
    assert listed(alice, "?offset=200") == {"jobs": jobs[200:], "count": 205}


def test_walking_the_pages_as_clients_do_meets_every_job_once(alice: Account) -> None:
    """They go on until a page is empty."""
    jobs = [alice.submit() for _ in range(7)]
    met: list[str] = []
    while page := listed(alice, f"?limit=3&offset={len(met)}")["jobs"]:
        met += page
    assert met == jobs[::-1]


def test_pending_parts_the_jobs_in_two(fake: Fake, alice: Account) -> None:
    """Queued and running are pending; completed, failed, cancelled and ran too long are not."""
    final = []
    for outcome in ("completed", "failed", "cancelled", "ran-too-long"):
        fake.runtime.script.next_job(queue=0, run=0, outcome=outcome)
        final.append(alice.submit())
    queued = alice.submit()
    fake.runtime.script.next_job(queue=0)
    running = alice.submit()
    assert listed(alice, "?pending=true") == {"jobs": [running, queued], "count": 2}
    assert listed(alice, "?pending=FALSE") == {"jobs": final[::-1], "count": 4}
    assert listed(alice, "?pending=false&limit=1&offset=1") == {"jobs": [final[2]], "count": 4}
    assert listed(alice)["count"] == 6


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?limit=-1", "query parameter 'limit' must be a whole number, 0 or more, not '-1'"),
        ("?limit=", "query parameter 'limit' must be a whole number, 0 or more, not ''"),
        ("?limit=ten", "query parameter 'limit' must be a whole number, 0 or more, not 'ten'"),
        ("?limit=1.0", "query parameter 'limit' must be a whole number, 0 or more, not '1.0'"),
        ("?limit=1&limit=x", "query parameter 'limit' must be a whole number, 0 or more, not 'x'"),
        ("?limit=%D9%A3", "query parameter 'limit' must be a whole number, 0 or more, not '٣'"),
        ("?limit=+5", "query parameter 'limit' must be a whole number, 0 or more, not ' 5'"),
        ("?offset=-1", "query parameter 'offset' must be a whole number, 0 or more, not '-1'"),
        ("?pending=", "query parameter 'pending' must be true or false, not ''"),
        ("?pending=1", "query parameter 'pending' must be true or false, not '1'"),
        ("?pending=maybe", "query parameter 'pending' must be true or false, not 'maybe'"),
    ],
)
def test_a_wrong_query_is_refused(alice: Account, query: str, sentence: str) -> None:
    """With the parameter and what was sent for it."""
    answer = alice.get(f"/jobs{query}")
    assert answer.status_code == 400
    assert answer.get_json()["errors"][0]["message"] == sentence


def test_the_body_of_a_get_is_ignored(alice: Account) -> None:
    """The tutorial sends one with every poll."""
    job = alice.submit()
    for path in ("/programs", "/jobs", f"/jobs/{job}", f"/jobs/{job}/results"):
        assert alice.get(path, data=b'{"broken').data == alice.get(path).data
