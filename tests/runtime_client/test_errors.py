"""Error answers: the class by status, the text, and bodies that are not what they should be."""

from __future__ import annotations

import pickle

import pytest

import runtime_client
from runtime_client import (
    ApiError,
    BadRequest,
    Conflict,
    ContractViolation,
    Forbidden,
    Gone,
    JobCancelled,
    JobFailed,
    JobRanTooLong,
    NotAuthorized,
    NotFound,
    PayloadTooLarge,
    RateLimited,
    RuntimeClient,
    RuntimeClientError,
    ServerError,
    TransportError,
    WaitTimeout,
)
from runtime_client.errors import one_line
from tests.runtime_client.conftest import MakeClient
from tests.runtime_client.scripted import Scripted, Service, error_json, json_answer

BY_STATUS = [
    (400, BadRequest),
    (401, NotAuthorized),
    (403, Forbidden),
    (404, NotFound),
    (405, ApiError),
    (409, Conflict),
    (410, Gone),
    (413, PayloadTooLarge),
    (415, ApiError),
    (418, ApiError),
    (429, RateLimited),
    (500, ServerError),
    (502, ServerError),
    (599, ServerError),
]


@pytest.mark.parametrize(("status", "kind"), BY_STATUS)
def test_class_follows_the_status(make_client: MakeClient, service: Service, status: int, kind: type[ApiError]) -> None:
    """Raises exactly the class of the status, with every fact of the envelope."""
    service.answers(json_answer(error_json("some_code", "a sentence"), status))
    with pytest.raises(ApiError) as caught:
        make_client(retries=0).get_program("vqe2")
    error = caught.value
    assert type(error) is kind
    assert (error.status, error.code, error.message) == (status, "some_code", "a sentence")
    assert (error.trace, error.operation, error.retry_after_s) == ("c2b0trace", "get-program", None)


def test_text_of_an_error(client: RuntimeClient, service: Service) -> None:
    """Says status, code, message, operation and trace in one line."""
    service.answers(json_answer(error_json("not_found", "no program 'vqe2'", trace="c2b0"), 404))
    with pytest.raises(NotFound) as caught:
        client.get_program("vqe2")
    assert str(caught.value) == "404 not_found: no program 'vqe2' (get-program, trace c2b0)"


BODIES = [
    (b'{"errors":[{"code":"a","message":"m"},{"code":"b","message":"n"}]}', "a", "m (and 1 more)", None),
    (b'{"errors":[{"code":"a","message":"m"}],"trace":5}', "a", "m", None),
    (b'{"error":{"status":404,"message":"m","code":"3446","name":"N"}}', "3446", "m", None),
    (b'{"error":{"message":"m","code":3446}}', None, "m", None),
    (b'{"errors":[{"code":5,"message":"m"}]}', None, '{"errors":[{"code":5,"message":"m"}]}', None),
    (b'{"errors":[]}', None, '{"errors":[]}', None),
    (b"[1]", None, "[1]", None),
    (b"", None, "(no body)", None),
    (b" \r\n ", None, "(no body)", None),
    (b"<html>\r\n<h1>Not\x00Found</h1>\n</html>", None, "<html> <h1>Not\ufffdFound</h1> </html>", None),
    (b"caf\xe9", None, "caf\ufffd", None),
    (b"[" * 100_000, None, "[" * 297 + "...", None),
]


@pytest.mark.parametrize(("body", "code", "message", "trace"), BODIES)
def test_error_body(
    client: RuntimeClient, service: Service, body: bytes, code: str | None, message: str, trace: str | None
) -> None:
    """Reads both envelopes, and makes a short line of everything else, without changing the class."""
    service.answers(Scripted(status=404, body=body))
    with pytest.raises(NotFound) as caught:
        client.get_program("x")
    assert (caught.value.code, caught.value.message, caught.value.trace) == (code, message, trace)
    assert "\n" not in str(caught.value)


def test_huge_error_body_is_cut(client: RuntimeClient, service: Service) -> None:
    """Reads no more of an error page than a message could use."""
    service.answers(Scripted(status=413, body=b"x" * 1_000_000))
    with pytest.raises(PayloadTooLarge) as caught:
        client.get_program("x")
    assert len(str(caught.value)) < 400


def test_long_sentence_is_cut_in_the_text_only(client: RuntimeClient, service: Service) -> None:
    """Keeps the whole message in the attribute and one bounded line in the text."""
    sentence = "a\n" * 5000
    service.answers(json_answer(error_json("c" * 500, sentence, trace="t" * 500), 400))
    with pytest.raises(BadRequest) as caught:
        client.get_program("x")
    assert caught.value.message == sentence
    assert len(str(caught.value)) < 450
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        Scripted(status=404, body=b"not gzip", headers={"Content-Encoding": "gzip"}),
        Scripted(status=404, body=b"short", headers={"Content-Length": "500"}),
    ],
)
def test_unreadable_error_body_keeps_the_status(client: RuntimeClient, service: Service, answer: Scripted) -> None:
    """Lets a broken body not hide that the service said 404."""
    service.answers(answer)
    with pytest.raises(NotFound):
        client.get_program("x")


ERRORS: list[RuntimeClientError] = [
    TransportError("broken", operation="get-jobs", sent=False, transient=True),
    NotFound(status=404, code="not_found", message="no", trace="t", operation="get-program", retry_after_s=1.5),
    ContractViolation("get-jobs", 200, "wrong"),
    JobFailed("j", "Traceback"),
    JobCancelled("j"),
    JobRanTooLong("j", "text"),
    WaitTimeout("j", elapsed_s=1.0, polls=2),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_errors_survive_pickling(error: RuntimeClientError) -> None:
    """Comes out of a pickle with the same class, text and facts."""
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)


def test_one_tree() -> None:
    """Has one root for all exported errors."""
    exported = [getattr(runtime_client, name) for name in runtime_client.__all__]
    errors = [kind for kind in exported if isinstance(kind, type) and issubclass(kind, Exception)]
    assert len(errors) == 17
    assert all(issubclass(kind, RuntimeClientError) for kind in errors)


def test_texts_of_job_errors() -> None:
    """Says which job and what of it, with the end of a long traceback and all of it in the attribute."""
    traceback = "Traceback (most recent call last):\n" + "  line\n" * 1000 + "KeyError: 'x'\n"
    failed = JobFailed("j", traceback)
    assert failed.traceback == traceback
    assert str(failed).startswith("job j failed: ...")
    assert str(failed).endswith("KeyError: 'x'")
    assert len(str(failed)) < 2100
    assert str(JobFailed("j", " ")) == "job j failed: the service kept no text"
    assert str(JobCancelled("j")) == "job j was cancelled"
    assert str(JobRanTooLong("j", "a\nb")) == "job j was cancelled because it ran too long: a b"
    assert str(JobRanTooLong("j", "")) == "job j was cancelled because it ran too long: no text was kept"
    assert str(WaitTimeout("j", elapsed_s=10, polls=1)) == "job j was not over after 10.0 s (1 poll)"
    assert str(WaitTimeout("j", elapsed_s=10.04, polls=6)) == "job j was not over after 10.0 s (6 polls)"


def test_one_line() -> None:
    """Collapses white space, replaces what cannot be printed, and cuts at the limit."""
    assert one_line(" a\t\n b\x1b[31m ") == "a b\ufffd[31m"
    assert one_line("x" * 11, 10) == "x" * 7 + "..."
    assert one_line("x" * 10, 10) == "x" * 10
