"""Answers that break the contract: every one is a declared error, whatever the bytes."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable

import pytest

from runtime_client import ContractViolation, RuntimeClient, RuntimeClientError, TransportError
from runtime_client.wire import JsonError, parse_json
from tests.runtime_client.conftest import MakeClient
from tests.runtime_client.scripted import (
    JOB_ID,
    NO_CONTENT,
    Scripted,
    Service,
    job_json,
    json_answer,
    raw_json,
    text_answer,
)

GOOD = json.dumps(job_json()).encode()
JSON_TYPE = {"Content-Type": "application/json"}


def with_id(text: bytes) -> bytes:
    """Return a job in which the JSON of `text` is added as an extra property."""
    return GOOD[:-1] + b', "extra": ' + text + b"}"


JSON_FAULTS: dict[str, tuple[Scripted, str]] = {
    "invalid UTF-8": (raw_json(with_id(b'"\xff"')), "the body is not UTF-8"),
    "overlong UTF-8": (raw_json(with_id(b'"\xc0\xaf"')), "the body is not UTF-8"),
    "surrogate in UTF-8": (raw_json(with_id(b'"\xed\xa0\x80"')), "the body is not UTF-8"),
    "byte order mark": (raw_json(b"\xef\xbb\xbf" + GOOD), "byte order mark"),
    "UTF-16": (raw_json(GOOD.decode().encode("utf-16")), "the body is not UTF-8"),
    "UTF-16 without mark": (raw_json(GOOD.decode().encode("utf-16-le")), "expected a JSON body"),
    "NaN": (raw_json(with_id(b"NaN")), "NaN is not a JSON number"),
    "Infinity": (raw_json(with_id(b"[-Infinity]")), "-Infinity is not a JSON number"),
    "1e400": (raw_json(with_id(b"1e400")), "beyond the range of a double"),
    "-1e400": (raw_json(with_id(b"-1e400")), "beyond the range of a double"),
    "same key twice": (raw_json(with_id(b'{"a": 1, "a": 1}')), "the same key twice"),
    "lone surrogate": (raw_json(with_id(b'"\\ud800"')), "half of a surrogate pair"),
    "lone low surrogate as key": (raw_json(with_id(b'{"\\uDC00": 1}')), "half of a surrogate pair"),
    "5000 digits": (raw_json(with_id(b"1" * 5000)), "an integer of 5000 digits"),
    "100,000 brackets": (raw_json(b"[" * 100_000), "nested too deeply"),
    "100,000 closed brackets": (raw_json(b"[" * 100_000 + b"]" * 100_000), "nested too deeply"),
    "empty": (raw_json(b""), "expected a JSON body"),
    "cut": (raw_json(GOOD[:-5]), "expected a JSON body"),
    "more after it": (raw_json(GOOD + b"x"), "expected a JSON body"),
    "HTML": (raw_json(b"<html>"), "expected a JSON body"),
    "no content type": (Scripted(body=GOOD), "expected content of type application/json, found none"),
    "other content type": (
        Scripted(body=GOOD, headers={"Content-Type": "text/html; x=1"}),
        "expected content of type application/json, found 'text/html'",
    ),
    "other charset": (
        Scripted(body=GOOD, headers={"Content-Type": "application/json; charset=latin-1"}),
        "expected charset utf-8, found 'latin-1'",
    ),
}


@pytest.mark.parametrize("fault", JSON_FAULTS)
def test_wire_fault_in_json(client: RuntimeClient, service: Service, fault: str) -> None:
    """Raises `ContractViolation` that says what was wrong, even in a property that nobody reads."""
    answer, message = JSON_FAULTS[fault]
    service.answers(answer)
    with pytest.raises(ContractViolation) as caught:
        client.get_job(JOB_ID)
    assert message in caught.value.detail
    assert (caught.value.operation, caught.value.status) == ("get-programs-id-jobs-jid", 200)
    assert str(caught.value).startswith("get-programs-id-jobs-jid answered 200 outside its contract: ")
    assert len(service.sent) == 1


@pytest.mark.parametrize(
    "answer",
    [
        raw_json(with_id(b'"\\ud83d\\ude00"')),
        raw_json(with_id(b"1" * 1000)),
        raw_json(with_id(b'[1.5, -0, 1e2, null, true, {"": []}]')),
        raw_json(b" \r\n" + GOOD + b"\n"),
        Scripted(body=GOOD, headers={"Content-Type": 'Application/JSON; charset="UTF-8"'}),
        Scripted(body=GOOD, headers={**JSON_TYPE, "Content-Encoding": "identity"}),
    ],
)
def test_odd_but_right_json(client: RuntimeClient, service: Service, answer: Scripted) -> None:
    """Takes what is unusual and allowed."""
    service.answers(answer)
    assert client.get_job(JOB_ID).id == JOB_ID


Get = Callable[[RuntimeClient], object]


def get_job(client: RuntimeClient) -> object:
    """Ask for one job."""
    return client.get_job(JOB_ID)


PROGRAM = {"id": "p", "name": "p", "cost": 1, "description": "", "creationDate": "2021-05-07T00:17:07Z"}
PAGE = {"jobs": [job_json()], "count": 1}
HUB = {"name": "h", "groups": {"a/b~": {"name": "g", "projects": {"p": {"name": "p"}}}}}
SHAPES: list[tuple[Get, object, str]] = [
    (get_job, [], "the body: expected an object, found an array"),
    (get_job, None, "the body: expected an object, found null"),
    (get_job, {}, "the body: expected an object with the property 'id', found none of that name"),
    (get_job, job_json(id=5), "/id: expected a string, found a number"),
    (
        get_job,
        job_json(id=JOB_ID + "\n"),
        "/id: expected a job id (20 characters of 0-9 and a-v), found another string",
    ),
    (get_job, job_json(id="c2b04fot418h0qp0pehz"), "/id: expected a job id (20 characters of 0-9 and a-v), found ano"),
    (get_job, job_json(hub=None), "/hub: expected a string, found null"),
    (get_job, job_json(status="Done"), "/status: expected one of Queued, Running, Completed, Failed, Cancelled, Canc"),
    (get_job, job_json(status=True), "/status: expected a string, found a boolean"),
    (get_job, job_json(params="x"), "/params: expected an array, found a string"),
    (get_job, job_json(params=["a", 1.5]), "/params/1: expected a string, found a number"),
    (get_job, job_json(program="p"), "/program: expected an object, found a string"),
    (get_job, job_json(program={}), "/program: expected an object with the property 'id', found none of that name"),
    (get_job, job_json(created="2021-05-08T03:15:11Z"), "/created: expected a UTC time with microseconds, found anoth"),
    (get_job, job_json(runtime=None), "/runtime: expected a string, found null"),
    (lambda c: c.list_jobs(), PAGE | {"count": True}, "/count: expected an integer, found a boolean"),
    (lambda c: c.list_jobs(), PAGE | {"count": 1.5}, "/count: expected an integer, found a number"),
    (lambda c: c.list_jobs(), PAGE | {"count": "1"}, "/count: expected an integer, found a string"),
    (lambda c: c.list_jobs(), PAGE | {"count": -1}, "/count: expected an integer of at least 0, found a smaller one"),
    (lambda c: c.list_jobs(), PAGE | {"jobs": {}}, "/jobs: expected an array, found an object"),
    (lambda c: c.list_jobs(), PAGE | {"jobs": [job_json(), 1]}, "/jobs/1: expected an object, found a number"),
    (lambda c: c.list_programs(), {"programs": []}, "the body: expected an array, found an object"),
    (lambda c: c.list_programs(), [PROGRAM | {"isPublic": 1}], "/0/isPublic: expected a boolean, found a number"),
    (lambda c: c.list_programs(), [PROGRAM | {"version": None}], "/0/version: expected a string, found null"),
    (lambda c: c.list_programs(), [PROGRAM | {"parameters": {}}], "/0/parameters: expected a string, found an object"),
    (lambda c: c.list_programs(), [PROGRAM | {"creationDate": "soon"}], "/0/creationDate: expected a date and time"),
    (lambda c: c.submit_job("p"), {"id": "short"}, "/id: expected a job id (20 characters of 0-9 and a-v)"),
    (lambda c: c.login(), {"id": ""}, "/id: expected a string that is not empty, found another string"),
    (lambda c: c.login(), {"id": "x", "ttl": None}, "/ttl: expected an integer, found null"),
    (lambda c: c.get_user(), {"urls": {"http": "h"}}, "/urls: expected an object with the property 'ws'"),
    (
        lambda c: c.get_user(),
        {"urls": {"http": "h", "ws": "w", "services": {"r": 1}}},
        "/urls/services/r: expected a st",
    ),
    (lambda c: c.get_version(), {"api-auth": 1}, "/api-auth: expected a string, found a number"),
    (lambda c: c.list_hubs(), [{"name": "h"}], "/0: expected an object with the property 'groups'"),
    (lambda c: c.list_hubs(), [HUB | {"groups": {"a/b~": 1}}], "/0/groups/a~1b~0: expected an object, found a number"),
    (
        lambda c: c.list_hubs(),
        [HUB | {"groups": {"g": {"name": "g"}}}],
        "expected an object with the property 'projects'",
    ),
    (lambda c: c.list_devices("h", "g", "p"), [{}], "/0: expected an object with the property 'backend_name'"),
    (
        lambda c: c.list_devices("h", "g", "p"),
        [{"backend_name": "b", "n_qubits": 0}],
        "/0/n_qubits: expected an integer",
    ),
    (
        lambda c: c.list_devices("h", "g", "p"),
        [{"backend_name": "b", "input_allowed": [1]}],
        "/0/input_allowed/0: expect",
    ),
]


@pytest.mark.parametrize(("get", "value", "message"), SHAPES)
def test_wrong_shape(logged_in: RuntimeClient, service: Service, get: Get, value: object, message: str) -> None:
    """Raises `ContractViolation` with the JSON pointer and what was expected there."""
    service.answers(json_answer(value))
    with pytest.raises(ContractViolation) as caught:
        get(logged_in)
    assert caught.value.detail.startswith(message) or message in caught.value.detail


TEXT = {"Content-Type": "text/plain"}


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (Scripted(body=b"caf\xe9", headers=TEXT), "the body is not UTF-8 (byte 3)"),
        (Scripted(body=b"x"), "expected content of type text/plain, found none"),
        (Scripted(body=b"<p>", headers={"Content-Type": "text/html"}), "expected content of type text/plain"),
        (Scripted(body=b"x", headers={"Content-Type": "text/plain; charset=iso-8859-1"}), "expected charset utf-8"),
    ],
)
def test_wire_fault_in_text(client: RuntimeClient, service: Service, answer: Scripted, message: str) -> None:
    """Raises `ContractViolation` for text that is none, or none of this contract."""
    service.answers(answer)
    with pytest.raises(ContractViolation) as caught:
        client.get_job_results(JOB_ID)
    assert message in caught.value.detail


@pytest.mark.parametrize("text", ["", "\ufeffx", "a\x00b", '"quoted"', "a; b\r\n"])
def test_text_stays_as_it_is(client: RuntimeClient, service: Service, text: str) -> None:
    """Returns exactly the characters that came, a leading mark included."""
    service.answers(text_answer(text))
    assert client.get_job_results(JOB_ID) == text


@pytest.mark.parametrize(
    ("get", "answer", "message"),
    [
        (get_job, json_answer(job_json(), 201), "expected status 200"),
        (get_job, NO_CONTENT, "expected status 200"),
        (lambda c: c.delete_job("x"), text_answer(""), "expected status 204"),
        (lambda c: c.create_program(name="x", source="x"), json_answer({"id": "x"}), "expected status 201"),
        (lambda c: c.get_job_results("x"), text_answer("x", 206), "expected status 200 or 204"),
        (get_job, Scripted(status=304), "expected status 200"),
        (lambda c: c.delete_job("x"), Scripted(status=204, headers={"Content-Length": "3"}), "expected no body"),
        (lambda c: c.logout_user(), text_answer("bye"), "expected an empty text"),
    ],
)
def test_undocumented_success(
    logged_in: RuntimeClient, service: Service, get: Get, answer: Scripted, message: str
) -> None:
    """Raises `ContractViolation` for success statuses and bodies that the operation does not document."""
    service.answers(answer)
    with pytest.raises(ContractViolation) as caught:
        get(logged_in)
    assert caught.value.detail == message
    assert caught.value.status == answer.status


@pytest.mark.parametrize(
    ("location", "kind"),
    [
        ("https://evil.test/jobs", ContractViolation),
        ("/elsewhere", ContractViolation),
        ("", ContractViolation),
    ],
)
def test_redirects_are_not_followed(
    client: RuntimeClient, service: Service, location: str, kind: type[RuntimeClientError]
) -> None:
    """Sends one request only, so that a token never goes where a redirect points."""
    service.answers(Scripted(status=302, headers={"Location": location}))
    with pytest.raises(kind):
        client.get_job(JOB_ID)
    assert len(service.sent) == 1


@pytest.mark.parametrize("location", ["http://[", "http://\xff\xfe/"])
def test_redirects_to_nowhere(client: RuntimeClient, service: Service, location: str) -> None:
    """Sends one request only if the address is an impossible one, which some sessions and clients read ahead."""
    service.answers(Scripted(status=302, headers={"Location": location}))
    with pytest.raises(RuntimeClientError):
        client.get_job(JOB_ID)
    assert len(service.sent) == 1


def test_redirect_is_named(client: RuntimeClient, service: Service) -> None:
    """Says where a redirect would have led, as that is often a wrong base URL."""
    service.answers(Scripted(status=308, headers={"Location": "https://runtime.test/jobs"}))
    with pytest.raises(ContractViolation, match=r"redirects are not followed \(to https://runtime\.test/jobs\)"):
        client.get_job(JOB_ID)


def test_204_with_a_body(make_client: MakeClient, service: Service) -> None:
    """Refuses a body where none may be."""
    service.answers(Scripted(status=204, body=b"surprise"))
    # urllib3 is the first to see it over requests.
    with pytest.raises(RuntimeClientError, match=r"Response may not contain content|expected no body"):
        make_client(retries=0).delete_job(JOB_ID)


def test_size_is_bounded(make_client: MakeClient, service: Service) -> None:
    """Refuses a body beyond the limit."""
    client = make_client(max_response_bytes=1000)
    service.answers(text_answer("x" * 1000), text_answer("x" * 1001))
    assert client.get_job_results(JOB_ID) == "x" * 1000
    with pytest.raises(TransportError, match="the answer is larger than 1000 bytes") as caught:
        client.get_job_results(JOB_ID)
    assert not caught.value.transient
    assert len(service.sent) == 2


def test_compressed_answers_are_neither_asked_for_nor_taken(client: RuntimeClient, service: Service) -> None:
    """A compressed body that breaks off would look whole, and one that unfolds could be of any size."""
    service.answers(Scripted(body=gzip.compress(GOOD), headers={**JSON_TYPE, "Content-Encoding": "gzip"}))
    with pytest.raises(TransportError, match="the answer is encoded \\(gzip\\), which was not asked for"):
        client.get_job(JOB_ID)
    assert service.sent[0].headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize(
    "text",
    ["", "NaN", "[1,]", "'a'", '{"a":1,"a":2}', '"\\ud800"', "1e999", "9" * 1001, "[" * 100_000, "\ufeff1", "01"],
)
def test_parse_json_refuses(text: str) -> None:
    """Raises `JsonError` and nothing else, with no cause that would quote the text."""
    with pytest.raises(JsonError) as caught:
        parse_json(text)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize(("text", "value"), [("5", 5), ("-0.5", -0.5), ('"a"', "a"), ("null", None), ("[{}]", [{}])])
def test_parse_json_takes(text: str, value: object) -> None:
    """Returns the value of any JSON text."""
    assert parse_json(text) == value
