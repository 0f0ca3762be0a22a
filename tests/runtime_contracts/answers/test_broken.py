"""Broken answers: each breaks the document or HTTP, and says how."""

from __future__ import annotations

import socket
import threading
from http.client import HTTPConnection, HTTPException
from typing import Any

import pytest

from runtime_contracts.answers.answers import Answers
from runtime_contracts.answers.broken import Broken
from runtime_contracts.answers.growing import Growing
from runtime_contracts.contract import Contract

EDITIONS = ("platform", "legacy-2021")
CONTRACTS = {edition: Contract.of(edition) for edition in EDITIONS}
SAMPLE = [
    ("platform", "get_job"), ("platform", "create_job"), ("platform", "delete_job"),
    ("platform", "get_job_results_jid"), ("legacy-2021", "get-version"), ("legacy-2021", "get-jobs"),
    ("legacy-2021", "post-program"), ("legacy-2021", "get-programs-id-jobs-jid-results"),
]  # fmt: skip
FIELDS = {
    "type": "object",
    "required": ["kind", "at"],
    "additionalProperties": False,
    "properties": {
        "kind": {"type": "string", "enum": ["one", "two"]},
        "at": {"type": "string", "format": "date-time"},
        "code": {"type": "string", "pattern": "^[a-z]{3}$"},
        "count": {"type": "integer", "minimum": 0, "maximum": 9},
        "list": {"type": "array", "minItems": 1, "items": {"type": "number"}},
    },
}


def broken_of(schema: dict[str, Any]) -> Broken:
    """The broken answers to an operation whose answer has a schema."""
    answer = {"description": "", "content": {"application/json": {"schema": schema}}}
    document = {
        "openapi": "3.0.3",
        "paths": {"/a": {"get": {"operationId": "a", "responses": {"200": answer}}}},
        "components": {"schemas": {}},
    }
    contract = Contract(document)
    return Broken(contract, Growing(document, 7), contract.operations["a"], 7)


@pytest.mark.parametrize(("edition", "operation"), SAMPLE)
def test_every_answer_is_wrong_and_says_how(edition: str, operation: str) -> None:
    """A validator finds something in each that it can see; the others break HTTP. The fault is in a header."""
    contract = CONTRACTS[edition]
    answers = Answers(contract, mode="broken", seed=7)
    designed = answers.designed(operation)
    # By turns they are of three sorts, so that a step of five meets them all.
    for number in [*range(0, designed, 5), *range(designed, designed + 8)]:
        answer = answers.case(operation, number)
        found = contract.check_response(operation, answer.status, headers=dict(answer.headers), body=answer.body)
        assert found or answer.wire is not None, answer.name
        assert answer.fault
        assert ("Mock-Runtime-Fault", answer.fault) in answer.sent_headers
        assert answer.fault.isascii()


def test_the_faults_of_a_small_schema_have_names() -> None:
    """One of each sort that there is, each named after its place."""
    made = broken_of(FIELDS)
    names = {made.name(number).partition(", ")[0] for number in range(len(made.designed))}
    assert {
        "200: /kind is missing", "200: /kind is null", "200: /kind is no word of the list", "200: /at is no date-time",
        "200: /code breaks its pattern or length", "200: /count is out of bounds or no integer",
        "200: /list has too few items", "200: / has an unknown property", "200: /count is a text",
        "200: the content type image/png", "200: invalid UTF-8", "200: the connection is cut inside the body",
        "200: fewer bytes than announced", "200: two lengths that differ", "200: NaN", "418: the status 418",
    } <= names  # fmt: skip


def test_the_sorts_of_faults_come_by_turns() -> None:
    """Six answers are enough to meet faults of the body, around it, and of the connection."""
    made = broken_of(FIELDS)
    first = [made.designed[number] for number in range(6)]
    assert [fault.wire is not None for fault in first] == [False, False, True] * 2


def test_random_faults_have_no_end() -> None:
    """After those of the list come others: missing, unknown, of another type, or of the connection."""
    made = broken_of(FIELDS)
    begin = len(made.designed)
    names = {made.answer(begin + number).fault for number in range(80)}
    assert len(names) > 30
    assert any(name.endswith("is missing") for name in names)
    assert any("which nobody knows" in name for name in names)
    assert {made.status(begin), made.status(0)} == {200}
    assert made.name(begin) == "random"


def test_a_schema_that_takes_anything_is_broken_around_it() -> None:
    """No value is wrong there; random numbers begin with the list again."""
    made = broken_of({})
    answers = [made.answer(number) for number in range(len(made.designed) + 10)]
    assert all(made.is_broken(answer) for answer in answers)


def sent_raw(content: bytes) -> Exception | None:
    """The exception that an HTTP client raises when it is sent these bytes, None if it reads them."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(content)

        thread = threading.Thread(target=serve)
        thread.start()
        client = HTTPConnection("127.0.0.1", listener.getsockname()[1], timeout=10)
        try:
            client.request("GET", "/a")
            client.getresponse().read()
        except (HTTPException, OSError) as error:
            return error
        finally:
            client.close()
            thread.join()
    return None


def test_http_libraries_notice_what_breaks_http() -> None:
    """Most of the faults of the connection end in an error of Python's own client; none of them hangs."""
    made = broken_of(FIELDS)
    raws = [made.answer(number) for number in range(len(made.designed)) if made.designed[number].wire is not None]
    noticed = {answer.fault for answer in raws if sent_raw(answer.raw() or b"") is not None}
    assert {
        "200: the connection is cut before the answer", "200: the connection is cut inside the body",
        "200: the connection is cut inside a chunk", "200: a chunk whose size is no number",
        "200: a status line that is none", "200: fewer bytes than announced",
    } <= noticed  # fmt: skip
