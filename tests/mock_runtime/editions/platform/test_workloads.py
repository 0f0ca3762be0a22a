"""GET /v1/workloads: what they are, which are listed, and pages of them."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from mock_runtime.domain.errors import InstanceNotFound
from mock_runtime.domain.instances import Caller
from mock_runtime.domain.sessions import Mode
from mock_runtime.domain.workloads import Criteria, Position, Window
from mock_runtime.editions.platform.wire.workloads import cursor
from mock_runtime.service.reports import ListWorkloads
from tests.mock_runtime.editions.platform.reporting import DEVICE, OTHER, SIMULATOR, Tenant, tenants


@pytest.fixture
def alice() -> Tenant:
    """A user of a fake."""
    return tenants("alice")[0]


def listed(tenant: Tenant, query: str = "") -> list[str]:
    """The ids of a page."""
    return [workload["id"] for workload in tenant.read(f"/v1/workloads{query}")["workloads"]]


def only(tenant: Tenant) -> dict[str, Any]:
    """The one workload there is."""
    (workload,) = tenant.read("/v1/workloads")["workloads"]
    assert isinstance(workload, dict)
    return workload


def test_without_workloads_the_page_is_empty(alice: Tenant) -> None:
    """Ten is the length of a page if nobody says."""
    assert alice.read("/v1/workloads") == {"workloads": [], "total_count": 0, "limit": 10}


def test_a_job_is_a_workload(alice: Tenant) -> None:
    """With everything that is known of it."""
    job = alice.submit(tags=("bell",))
    alice.clock.advance(3)
    assert only(alice) == {
        "id": job,
        "created": "2026-09-21T14:13:20.000000Z",
        "ended": "2026-09-21T14:13:23.000000Z",
        "backend": DEVICE,
        "instance": alice.crn,
        "user_id": alice.caller.id,
        "mode": "job",
        "status": "completed",
        "tags": ["bell"],
        "usage_seconds": 2,
        "usage": {"qpu_charge_time_seconds": 2, "status": "complete"},
        "accepting_jobs": None,
    }


@pytest.mark.parametrize(("after_s", "status"), [(0, "pending"), (1, "in_progress"), (3, "completed")])
def test_a_job_goes_on_as_a_workload(alice: Tenant, after_s: float, status: str) -> None:
    """What it is charged for is pending until it is final."""
    alice.submit()
    alice.clock.advance(after_s)
    found = only(alice)
    assert found["status"] == status
    assert found["usage"]["status"] == ("complete" if status == "completed" else "pending")


def test_a_failed_job_says_why_in_one_line(alice: Tenant) -> None:
    """The last one of its traceback."""
    alice.submit(error="Traceback\n  File\nValueError: no such gate\n\n")
    alice.clock.advance(3)
    assert (only(alice)["status"], only(alice)["status_reason"]) == ("failed", "ValueError: no such gate")


def test_a_failed_job_without_words_says_at_least_that(alice: Tenant) -> None:
    """There is always a reason."""
    alice.submit(error=" \n")
    alice.clock.advance(3)
    assert only(alice)["status_reason"] == "The job failed."


def test_a_job_that_ran_too_long_is_cancelled(alice: Tenant) -> None:
    """As its status calls it."""
    alice.submit(cost_s=1.0)
    alice.clock.advance(3)
    assert (only(alice)["status"], only(alice)["status_reason"]) == ("canceled", "Ran too long")


def test_a_cancelled_job_has_used_nothing(alice: Tenant) -> None:
    """If it still waited."""
    job = alice.submit()
    alice.runtime.service.jobs.cancel(alice.caller, job)
    found = only(alice)
    assert (found["status"], found["usage"]) == ("canceled", {"qpu_charge_time_seconds": 0, "status": "complete"})


@pytest.mark.parametrize(("mode", "word"), [(Mode.BATCH, "batch"), (Mode.DEDICATED, "session")])
def test_a_session_stands_for_its_jobs(alice: Tenant, mode: Mode, word: str) -> None:
    """It uses what they use, has their tags, and they are no workloads of their own."""
    session = alice.open(mode)
    alice.submit(session_id=session, tags=("a", "b"))
    alice.submit(session_id=session, tags=("b", "c"))
    alice.clock.advance(3)
    found = only(alice)
    assert (found["id"], found["mode"], found["backend"], found["status"]) == (session, word, DEVICE, "in_progress")
    assert found["tags"] == ["a", "b", "c"]
    assert found["usage"] == {"qpu_charge_time_seconds": 4, "status": "pending"}
    assert found["accepting_jobs"] is True


def test_a_session_that_is_over_has_an_end(alice: Tenant) -> None:
    """And its usage is complete."""
    session = alice.open()
    alice.submit(session_id=session)
    alice.runtime.service.sessions.set_accepting(alice.caller, session, False)
    alice.clock.advance(10)
    found = only(alice)
    assert (found["status"], found["accepting_jobs"], found["ended"]) == (
        "completed",
        False,
        "2026-09-21T14:13:23.000000Z",
    )
    assert found["usage"] == {"qpu_charge_time_seconds": 2, "status": "complete"}


def test_jobs_that_waited_when_their_session_was_closed_used_nothing(alice: Tenant) -> None:
    """They are cancelled by that, and the session is, too."""
    session = alice.open()
    alice.submit(session_id=session)
    alice.runtime.service.sessions.cancel(alice.caller, session)
    alice.clock.advance(10)
    found = only(alice)
    assert (found["status"], found["usage"]) == ("canceled", {"qpu_charge_time_seconds": 0, "status": "complete"})


def test_a_session_without_a_backend_has_that_of_its_first_job(alice: Tenant) -> None:
    """Before that it has an empty one: the document wants a text."""
    session = alice.open(backend=None)
    assert only(alice)["backend"] == ""
    alice.submit(OTHER, session_id=session)
    assert only(alice)["backend"] == OTHER


def test_workloads_come_oldest_first_or_newest_first(alice: Tenant) -> None:
    """The first is the default in the document."""
    made = [alice.submit(), alice.open(), alice.submit()]
    assert listed(alice) == listed(alice, "?sort=createdAt") == made
    assert listed(alice, "?sort=-createdAt") == made[::-1]


@pytest.fixture
def varied() -> tuple[Tenant, dict[str, str]]:
    """A user with workloads that differ in everything, an hour apart; the last ones are on their way."""
    alice = tenants("alice")[0]
    made = {}
    for name, details in {
        "done": {"tags": ("x", "Bell")},
        "failed": {"error": "no", "tags": ("x",)},
        "simulated": {"backend": SIMULATOR},
    }.items():
        made[name] = alice.submit(**details)  # type: ignore[arg-type]
        alice.clock.advance(3600)
    made["batch"] = alice.open(backend=OTHER)
    made["session"] = alice.open(Mode.DEDICATED, OTHER)
    alice.submit(OTHER, session_id=made["session"])
    alice.clock.advance(1)
    made["waiting"] = alice.submit()
    return alice, made


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("user=me", "done failed simulated batch session waiting"),
        (f"backend={OTHER}", "batch session"),
        ("backend=", ""),
        ("search=BELL", "done"),
        ("search=qasm", "simulated"),
        ("search=", "done failed simulated batch session waiting"),
        ("status=completed", "done simulated"),
        ("status=failed&status=pending", "failed batch waiting"),
        ("status=in_progress", "session"),
        ("status=canceled", ""),
        ("mode=job", "done failed simulated waiting"),
        ("mode=session", "session"),
        ("mode=batch&status=pending", "batch"),
        ("tags=x", "done failed"),
        ("tags=x&tags=Bell", "done"),
        ("tags=bell", ""),
        ("tags[]=x&unknown=1&mode=batch", "batch"),
        ("created_after=2026-09-21T15:13:20Z&created_before=2026-09-21T16:13:20.000Z", "failed simulated"),
        ("created_before=2026-09-21T16:13:19%2B02:00", ""),
        ("created_after=2026-09-21T17:13:21Z", "waiting"),
    ],
)
def test_filters_select(varied: tuple[Tenant, dict[str, str]], query: str, expected: str) -> None:
    """All of them have to hold; several states mean any of them, several tags all."""
    alice, made = varied
    assert listed(alice, f"?{query}") == [made[name] for name in expected.split()]


def test_a_search_finds_an_id(varied: tuple[Tenant, dict[str, str]]) -> None:
    """A part of it is enough."""
    alice, made = varied
    assert listed(alice, f"?search={made['batch'][4:20]}") == [made["batch"]]


def test_me_leaves_out_what_others_do_on_the_instance() -> None:
    """The instance is one tenant; its users are told apart by id alone."""
    shared = "crn:v1:bluemix:public:quantum-computing:us-east:a/acc:0000-1::"
    settings: dict[str, Any] = {
        "tokens": [{"token": "k1", "name": "alice"}, {"token": "k2", "name": "bob"}],
        "instances": [{"name": "shared", "crn": shared}],
    }
    alice, bob = tenants("k1", "k2", **settings)
    hers, his = alice.submit(), bob.submit()
    assert listed(alice) == listed(bob) == [hers, his]
    assert (listed(alice, "?user=me"), listed(bob, "?user=me")) == ([hers], [his])


def test_other_instances_see_nothing() -> None:
    """Neither the workloads nor their number, also not by a cursor of somebody else's."""
    alice, bob = tenants("alice", "bob")
    for _ in range(3):
        alice.submit()
    theirs = alice.read("/v1/workloads?limit=1")["next"]["href"]
    assert bob.read("/v1/workloads")["total_count"] == 0
    assert listed(bob, f"?{urlsplit(theirs).query}") == []


@pytest.mark.parametrize("sort", ["createdAt", "-createdAt"])
def test_links_visit_every_workload_once(alice: Tenant, sort: str) -> None:
    """Forwards and backwards, although all were created at one instant."""
    made = [alice.submit() if n % 3 else alice.open() for n in range(10)]
    order = made if sort == "createdAt" else made[::-1]
    target, met = f"/v1/workloads?limit=3&sort={sort}", []
    while target:
        page = alice.read(target)
        met.append([workload["id"] for workload in page["workloads"]])
        assert (page["total_count"], page["limit"]) == (10, 3)
        target = below_api(page["next"]["href"]) if "next" in page else ""
    assert met == [order[0:3], order[3:6], order[6:9], order[9:10]]
    assert listed(alice, f"?{urlsplit(page['previous']['href']).query}") == order[6:9]


def test_workloads_that_come_between_two_pages_are_visited_once(alice: Tenant) -> None:
    """Nobody is met twice, and nobody is lost."""
    made = [alice.submit() for _ in range(3)]
    page = alice.read("/v1/workloads?limit=2")
    made += [alice.submit(), alice.open()]
    rest = alice.read(below_api(page["next"]["href"]))
    assert [workload["id"] for workload in page["workloads"] + rest["workloads"]] == made[:4]


def test_a_link_is_an_address_of_this_server_with_the_same_filters(alice: Tenant) -> None:
    """Whatever host the caller knows it by; what is odd in a filter is encoded."""
    for _ in range(5):
        alice.submit(tags=("a b&c/é",))
    answer = alice.ask(
        "/v1/workloads?limit=2&tags=a+b%26c%2F%C3%A9&status=pending&status=failed", Host="fake.test:8080"
    )
    first = urlsplit(answer.get_json()["next"]["href"])
    assert (first.scheme, first.netloc, first.path) == ("http", "fake.test:8080", "/api/v1/workloads")
    second = alice.read(f"/v1/workloads?{first.query}")
    for href in (second["next"]["href"], second["previous"]["href"]):
        query = parse_qs(urlsplit(href).query)
        cursors = [query.pop(name) for name in ("next", "previous") if name in query]
        assert [len(values) for values in cursors] == [1]
        assert query == {"limit": ["2"], "tags": ["a b&c/é"], "status": ["pending", "failed"]}


def test_a_cursor_is_a_timestamp_in_base64() -> None:
    """With the number of the workload behind it."""
    assert base64.b64decode(cursor(Position(1_790_000_000_000_000, 7))) == b"001790000000000000000000000007"


@pytest.mark.parametrize("name", ["next", "previous"])
@pytest.mark.parametrize(
    "sent",
    [
        "",
        "0",
        "x",
        "null",
        "MDAx",
        "%C3%A9",
        "2026-09-21T14:13:20Z",
        f"{cursor(Position(1, 1))}====",
        f"{cursor(Position(1, 1))}%0A",
        cursor(Position(1, 1))[:-4],
        cursor(Position(10**18, 1)),
        cursor(Position(-1, 1)),
    ],
)
def test_what_is_no_cursor_is_refused(alice: Tenant, name: str, sent: str) -> None:
    """Rather than taken for the beginning, which would make a client run in circles."""
    error = alice.refused(f"/v1/workloads?{name}={sent}", 404)
    assert (error["code"], error["message"][:22]) == (1281, "no page at the cursor ")


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=51",
        "limit=2.5",
        "limit=",
        "limit=1&limit=2",
        "sort=created",
        "sort=",
        "user=you",
        "user=",
        "mode=dedicated",
        "status=done",
        "status=completed&status=",
        "status=completed,failed",
        "created_after=yesterday",
        "created_before=2026-09-21",
    ],
)
def test_what_makes_no_sense_is_refused(alice: Tenant, query: str) -> None:
    """In the form of errors that this operation has, and with the name of the parameter."""
    error = alice.refused(f"/v1/workloads?{query}", 400)
    assert error["code"] == 1208
    assert f"'{query.partition('=')[0]}'" in error["message"]


def test_workloads_are_for_those_with_credentials(alice: Tenant) -> None:
    """And with an instance."""
    assert alice.ask("/v1/workloads", Authorization="").status_code == 401
    assert alice.ask("/v1/workloads", **{"Service-CRN": ""}).status_code == 400


def test_who_has_no_instance_has_no_workloads(alice: Tenant) -> None:
    """The use case says so by itself, for editions that know no instances."""
    command = ListWorkloads(caller=Caller("x", "x"), window=Window(limit=1), criteria=Criteria())
    with pytest.raises(InstanceNotFound):
        alice.runtime.service.reports.workloads(command)


def below_api(href: str) -> str:
    """The part of a link behind `/api`."""
    parts = urlsplit(href)
    return f"{parts.path.removeprefix('/api')}?{parts.query}"
