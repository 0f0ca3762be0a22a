"""Error answers of today's API: both published containers, what is seen beside them, and what is neither."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from runtime_client import ApiError, Conflict, NotFound, RateLimited, ServerError
from runtime_client.platform import RuntimeClient
from tests.runtime_client.platform.answers import JOB_ID
from tests.runtime_client.platform.conftest import MakeClient
from tests.runtime_client.scripted import Scripted, Service, json_answer


@dataclass(frozen=True)
class Facts:
    """What an error is to say."""

    message: str
    code: str | None = None
    trace: str | None = None
    solution: str | None = None
    more_info: str | None = None


FULL = {"code": 1352, "message": "m", "solution": "s", "more_info": "https://i"}
BODIES: dict[str, tuple[object, Facts]] = {
    "a text for a code": ({"errors": [{"code": "not_found", "message": "m"}]}, Facts("m", "not_found")),
    "a number for a code": ({"errors": [FULL], "trace": "t"}, Facts("m", "1352", "t", "s", "https://i")),
    "a whole fraction": ({"errors": [FULL | {"code": 1352.0}]}, Facts("m", "1352", None, "s", "https://i")),
    "a fraction": ({"errors": [{"code": 1352.5, "message": "m"}]}, Facts("m", "1352.5")),
    "a truth": ({"errors": [{"code": True, "message": "m"}]}, Facts("m")),
    "no code": ({"errors": [{"message": "device not found"}]}, Facts("device not found")),
    "several": ({"errors": [FULL, FULL, FULL]}, Facts("m (and 2 more)", "1352", None, "s", "https://i")),
    "other types": (
        {"errors": [{"code": [], "message": "m", "solution": 1, "more_info": {}}], "trace": 7}, Facts("m"),
    ),
    "IAM": (
        {"errorCode": "BXNIM0415E", "errorMessage": "m", "errorDetails": "d", "context": {"requestId": "r"}},
        Facts("m", "BXNIM0415E", "r", None, "d"),
    ),
    "IAM, less": ({"errorMessage": "m", "context": []}, Facts("m")),
    "no message": ({"errors": [{"code": 5}]}, Facts('{"errors": [{"code": 5}]}')),
    "no errors": ({"errors": []}, Facts('{"errors": []}')),
    "errors that are none": ({"errors": ["m"]}, Facts('{"errors": ["m"]}')),
    "of 2021": ({"error": {"message": "m"}}, Facts('{"error": {"message": "m"}}')),
    "an array": ([1], Facts("[1]")),
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_error_body(platform: RuntimeClient, service: Service, name: str) -> None:
    """Reads everything that the containers say, and makes a short line of everything else."""
    body, facts = BODIES[name]
    service.answers(json_answer(body, 404))
    with pytest.raises(NotFound) as caught:
        platform.get_job(JOB_ID)
    error = caught.value
    assert Facts(error.message, error.code, error.trace, error.solution, error.more_info) == facts
    assert (error.status, error.operation) == (404, "get_job")


@pytest.mark.parametrize(("status", "kind"), [(409, Conflict), (418, ApiError), (520, ServerError)])
def test_class_follows_the_status(
    make_platform_client: MakeClient, service: Service, status: int, kind: type[ApiError]
) -> None:
    """Raises exactly the class of the status, whatever the body is."""
    service.answers(Scripted(status=status, body=b"\xff<html>"))
    with pytest.raises(ApiError) as caught:
        make_platform_client(retries=0).get_job(JOB_ID)
    assert type(caught.value) is kind


def test_too_many_jobs(platform: RuntimeClient, service: Service) -> None:
    """Says how long to wait when the service refuses one job too many, and does not send it again by itself."""
    service.answers(json_answer({"errors": [{"code": 1202, "message": "m"}]}, 429, Retry_After="12"))
    with pytest.raises(RateLimited) as caught:
        platform.submit_job("sampler", "ibm_fez")
    assert (caught.value.code, caught.value.retry_after_s) == ("1202", 12)
    assert len(service.sent) == 1
