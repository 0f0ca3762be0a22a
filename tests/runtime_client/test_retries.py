"""What is sent again, when, and what never is."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from typing import Any

import pytest
import requests
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError

from runtime_client import (
    ApiError,
    NotFound,
    RateLimited,
    RetryPolicy,
    RuntimeClient,
    RuntimeClientError,
    ServerError,
    TransportError,
)
from runtime_client.polling import jitter
from runtime_client.retries import retry_after_s
from tests.runtime_client.conftest import MakeClient, only_requests
from tests.runtime_client.scripted import (
    JOB_ID,
    NO_CONTENT,
    FakeTime,
    Scripted,
    Service,
    Step,
    error_json,
    job_json,
    json_answer,
    text_answer,
)

Action = Callable[[RuntimeClient], object]


def never_connected() -> requests.ConnectionError:
    """Return what requests raises when nothing listens at the address."""
    pool = HTTPConnectionPool("runtime.test")
    reason = NewConnectionError(HTTPConnection("runtime.test"), "refused")
    return requests.ConnectionError(MaxRetryError(pool, "/jobs", reason))


LOST = requests.ConnectionError(ProtocolError("Connection aborted."))
BUSY = json_answer(error_json("internal_error", "busy"), 503)

REPEATED: dict[str, tuple[Action, Scripted]] = {
    "list_programs": (lambda c: c.list_programs(), json_answer([])),
    "get_program": (
        lambda c: c.get_program("p"),
        json_answer({"id": "p", "name": "p", "cost": 1, "description": "", "creationDate": "2021-05-07T00:17:07Z"}),
    ),
    "update_program_data": (lambda c: c.update_program_data("p", "x"), NO_CONTENT),
    "publish_program": (lambda c: c.publish_program("p"), NO_CONTENT),
    "unpublish_program": (lambda c: c.unpublish_program("p"), NO_CONTENT),
    "delete_program": (lambda c: c.delete_program("p"), NO_CONTENT),
    "list_jobs": (lambda c: c.list_jobs(), json_answer({"jobs": [], "count": 0})),
    "get_job": (lambda c: c.get_job(JOB_ID), json_answer(job_json())),
    "delete_job": (lambda c: c.delete_job(JOB_ID), NO_CONTENT),
    "get_job_results": (lambda c: c.get_job_results(JOB_ID), NO_CONTENT),
    "get_job_logs": (lambda c: c.get_job_logs(JOB_ID), text_answer("")),
    "get_user": (lambda c: c.get_user(), json_answer({"urls": {"http": "h", "ws": "w"}})),
    "get_version": (lambda c: c.get_version(), json_answer({"api-auth": "1"})),
    "list_hubs": (lambda c: c.list_hubs(), json_answer([])),
    "list_devices": (lambda c: c.list_devices("h", "g", "p"), json_answer([])),
}
NEVER_REPEATED: dict[str, tuple[Action, Scripted]] = {
    "create_program": (lambda c: c.create_program(name="p", source="x"), json_answer({"id": "p"}, 201)),
    "submit_job": (lambda c: c.submit_job("p"), json_answer({"id": JOB_ID})),
    "cancel_job": (lambda c: c.cancel_job(JOB_ID), NO_CONTENT),
    "logout": (lambda c: c.logout(), NO_CONTENT),
    "login": (lambda c: c.login(), json_answer({"id": "x"})),
    "logout_user": (lambda c: c.logout_user(), text_answer("")),
}
TRANSIENT: dict[str, tuple[Step, type[RuntimeClientError]]] = {
    "429": (json_answer(error_json("rate", "slow"), 429), RateLimited),
    "500": (Scripted(status=500), ServerError),
    "502": (Scripted(status=502, body=b"<html>"), ServerError),
    "503": (BUSY, ServerError),
    "504": (Scripted(status=504), ServerError),
    "connection lost": (LOST, TransportError),
    "read timeout": (requests.ReadTimeout("silence"), TransportError),
    "body broken off": (
        Scripted(body=b"x", headers={"Content-Length": "5", "Content-Type": "text/plain"}),
        TransportError,
    ),
}


def test_every_method_is_in_one_of_the_tables() -> None:
    """Has a rule for every method that sends something."""
    local = {"close", "job", "iter_jobs"}
    methods = {name for name in vars(RuntimeClient) if not name.startswith("_")} - local
    assert methods == set(REPEATED) | set(NEVER_REPEATED)


@pytest.mark.parametrize("trouble", TRANSIENT)
@pytest.mark.parametrize("name", REPEATED)
def test_safe_calls_are_repeated(
    logged_in: RuntimeClient, service: Service, fake_time: FakeTime, name: str, trouble: str
) -> None:
    """Sends GET, PUT and DELETE again, the same request, after doubling pauses."""
    action, answer = REPEATED[name]
    step, _ = TRANSIENT[trouble]
    service.answers(step, step, step, answer)
    action(logged_in)
    assert fake_time.naps == [0.5, 1.0, 2.0]
    assert len({(sent.line, sent.body) for sent in service.sent}) == 1


@pytest.mark.parametrize("trouble", TRANSIENT)
@pytest.mark.parametrize("name", NEVER_REPEATED)
def test_posts_are_never_repeated(
    logged_in: RuntimeClient, service: Service, fake_time: FakeTime, name: str, trouble: str
) -> None:
    """Sends no POST twice, whatever became of it."""
    action, _ = NEVER_REPEATED[name]
    step, kind = TRANSIENT[trouble]
    service.answers(step)
    with pytest.raises(kind):
        action(logged_in)
    assert len(service.sent) == 1
    assert fake_time.naps == []


@pytest.mark.parametrize("name", REPEATED | NEVER_REPEATED)
@pytest.mark.parametrize(
    "trouble", [never_connected(), requests.ConnectTimeout("no answer")], ids=["refused", "timeout"]
)
def test_any_call_is_repeated_when_there_was_no_connection(
    logged_in: RuntimeClient, service: Service, name: str, trouble: Exception
) -> None:
    """Sends even a POST again when not a byte of it can have left."""
    action, answer = (REPEATED | NEVER_REPEATED)[name]
    service.answers(trouble, answer)
    action(logged_in)
    assert len(service.sent) == 2


@pytest.mark.parametrize(
    "trouble",
    [
        requests.exceptions.ProxyError("no"),
        requests.exceptions.InvalidURL(),
    ],
)
def test_hopeless_calls_are_not_repeated(client: RuntimeClient, service: Service, trouble: Exception) -> None:
    """Does not try again what will fail the same way."""
    service.answers(trouble)
    with pytest.raises(TransportError) as caught:
        client.list_programs()
    assert not caught.value.transient
    # A cause would hold the request, and with it the credentials.
    assert caught.value.__cause__ is None
    assert len(service.sent) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 410, 413, 415, 501])
def test_other_statuses_are_not_repeated(client: RuntimeClient, service: Service, status: int) -> None:
    """Takes an error that will not go away for final."""
    service.answers(Scripted(status=status))
    with pytest.raises(ApiError):
        client.list_programs()
    assert len(service.sent) == 1


def test_gives_up_after_the_repeats(client: RuntimeClient, service: Service, fake_time: FakeTime) -> None:
    """Raises the last error when the repeats are used up."""
    service.answers(LOST, BUSY, BUSY, Scripted(status=500, body=b"last"))
    with pytest.raises(ServerError, match="500: last"):
        client.list_programs()
    assert fake_time.naps == [0.5, 1.0, 2.0]


def test_transport_error_says_whether_it_was_sent(make_client: MakeClient, service: Service) -> None:
    """Tells a job that was certainly not submitted from one that may have been."""
    client = make_client(retries=0)
    service.answers(never_connected(), LOST)
    with pytest.raises(TransportError, match=r"^post-program-id: Connect(ion)?Error: ") as caught:
        client.submit_job("p")
    assert (caught.value.sent, caught.value.transient, caught.value.operation) == (False, True, "post-program-id")
    with pytest.raises(TransportError) as caught:
        client.submit_job("p")
    assert (caught.value.sent, caught.value.transient) == (True, True)


@pytest.mark.parametrize("first", [LOST, BUSY, Scripted(status=500)], ids=["lost", "503", "500"])
def test_delete_that_had_its_effect(client: RuntimeClient, service: Service, first: Step) -> None:
    """Takes a 404 for done after a DELETE whose first attempt may have worked."""
    service.answers(first, Scripted(status=404))
    client.delete_job(JOB_ID)
    assert service.lines == [f"DELETE /jobs/{JOB_ID}"] * 2


@pytest.mark.parametrize("first", [never_connected(), Scripted(status=429)], ids=["not connected", "429"])
def test_delete_that_had_no_effect(client: RuntimeClient, service: Service, first: Step) -> None:
    """Takes a 404 for what it says when the first attempt did nothing."""
    service.answers(first, Scripted(status=404))
    with pytest.raises(NotFound):
        client.delete_job(JOB_ID)


def test_404_after_a_repeated_get_is_an_error(client: RuntimeClient, service: Service) -> None:
    """Forgives a 404 to a DELETE only."""
    service.answers(BUSY, Scripted(status=404))
    with pytest.raises(NotFound):
        client.get_job(JOB_ID)


DATE = "Sun, 09 May 2021 10:00:00 GMT"


@pytest.mark.parametrize(
    ("status", "headers", "nap"),
    [
        (429, {"Retry-After": "7"}, 7.0),
        (503, {"Retry-After": " 7 "}, 7.0),
        (429, {"Retry-After": "0"}, 0.5),
        (429, {"Retry-After": "Sun, 09 May 2021 10:00:30 GMT", "Date": DATE}, 30.0),
        (429, {"Retry-After": "Sun, 09 May 2021 09:00:30 GMT", "Date": DATE}, 0.5),
        (429, {"Retry-After": "Sun, 09 May 2021 10:00:30 GMT"}, 0.5),
        (429, {"Retry-After": "Sun, 09 May 2021 10:00:30 -0000", "Date": DATE}, 0.5),
        (429, {"Retry-After": "soon"}, 0.5),
        (429, {"Retry-After": "-5"}, 0.5),
        (429, {"Retry-After": "\u00b2".encode().decode("latin-1")}, 0.5),
        (500, {"Retry-After": "7"}, 0.5),
    ],
)
def test_retry_after(
    client: RuntimeClient, service: Service, fake_time: FakeTime, status: int, headers: dict[str, str], nap: float
) -> None:
    """Waits as long as a 429 or 503 asks, by seconds or by date, and as usual otherwise."""
    service.answers(Scripted(status=status, headers=headers), json_answer([]))
    client.list_programs()
    assert fake_time.naps == [nap]


@pytest.mark.parametrize(("value", "seconds"), [("61", 61.0), ("9" * 50, math.inf)])
def test_too_long_a_wait(
    client: RuntimeClient, service: Service, fake_time: FakeTime, value: str, seconds: float
) -> None:
    """Gives up at once when it would have to wait longer than allowed, and says how long."""
    service.answers(Scripted(status=429, headers={"Retry-After": value}))
    with pytest.raises(RateLimited) as caught:
        client.list_programs()
    assert caught.value.retry_after_s == seconds
    assert fake_time.naps == []


def test_pauses_are_drawn_and_bounded() -> None:
    """Draws each pause between a half and the whole of a doubling, bounded time."""
    policy = RetryPolicy(repeats=5000)
    assert [policy.pause_s(n, chance=1.0) for n in (1, 2, 3, 4, 5, 6)] == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
    assert [policy.pause_s(n, chance=0.0) for n in (1, 2, 5000)] == [0.25, 0.5, 4.0]
    assert policy.pause_s(5001, chance=0.0) is None


def test_retries_as_a_policy(make_client: MakeClient, service: Service, fake_time: FakeTime) -> None:
    """Takes a whole policy in place of a number."""
    client = make_client(retries=RetryPolicy(repeats=1, backoff_s=3.0))
    service.answers(BUSY, BUSY)
    with pytest.raises(ServerError):
        client.list_programs()
    assert fake_time.naps == [3.0]


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [
        ("repeats", -1, ValueError),
        ("repeats", True, TypeError),
        ("repeats", 1.5, TypeError),
        ("backoff_s", -0.1, ValueError),
        ("max_backoff_s", math.inf, ValueError),
        ("max_retry_after_s", math.nan, ValueError),
    ],
)
def test_policies_that_make_no_sense(field: str, value: Any, kind: type[Exception]) -> None:
    """Refuses them with the name of the field."""
    with pytest.raises(kind, match=field):
        RetryPolicy(**{field: value})


def test_retry_after_of_other_statuses() -> None:
    """Reads the header for 429 and 503 only."""
    assert retry_after_s(404, "5", None) is None
    assert retry_after_s(429, "5", None) == 5.0


def test_jitter_stays_in_its_range() -> None:
    """Draws from 0 to below 1."""
    assert all(0 <= jitter() < 1 for _ in range(100))


@only_requests
def test_bad_certificates_are_not_looked_at_again(client: RuntimeClient, service: Service) -> None:
    """Does not try again what TLS refuses, though it is a lost connection to requests."""
    service.answers(requests.exceptions.SSLError("bad certificate"))
    with pytest.raises(TransportError) as caught:
        client.list_programs()
    assert not caught.value.transient


@only_requests
def test_repeats_are_logged(client: RuntimeClient, service: Service, caplog: pytest.LogCaptureFixture) -> None:
    """Logs each attempt and pause at DEBUG."""
    caplog.set_level(logging.DEBUG, logger="runtime_client")
    service.answers(BUSY, LOST, json_answer([]))
    client.list_programs()
    assert [record.getMessage() for record in caplog.records if record.name == "runtime_client"] == [
        "get-programs: GET http://runtime.test/programs answered 503",
        "get-programs: again in 0.50 s",
        "get-programs: GET http://runtime.test/programs failed: ConnectionError: Connection aborted.",
        "get-programs: again in 1.00 s",
        "get-programs: GET http://runtime.test/programs answered 200",
    ]
