"""A refusal that a rule asks for, as each surface says it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

import pytest
from flask import Flask

from mock_runtime.cloud.account_2021 import errors as account_2021
from mock_runtime.cloud.ibm_cloud import envelope, iam
from mock_runtime.control import routes as control
from mock_runtime.editions.legacy_2021 import errors as legacy_2021
from mock_runtime.editions.platform import errors as platform
from mock_runtime.faults.injected import MESSAGES, Injected, default_message, phrase
from mock_runtime.surface import Problem, message_of, status_of

if TYPE_CHECKING:
    from flask import Response

Render = Callable[[Problem], "Response"]

SURFACES: Final[dict[str, Render]] = {
    "platform": lambda problem: platform.render_error(problem, generic=False, trace="t"),
    "generic": lambda problem: platform.render_error(problem, generic=True, trace="t"),
    "legacy-2021": legacy_2021.render_error,
    "account-2021": account_2021.render_error,
    "ibm-cloud": envelope.render_error,
    "iam": iam.render_error,
    "control": control.render_error,
}


@pytest.fixture(autouse=True)
def inside_an_application() -> Iterator[None]:
    """What renders answers does so inside one."""
    with Flask(__name__).app_context():
        yield


def rendered(name: str, error: Injected) -> Response:
    """How a surface says it."""
    return SURFACES[name](Problem(error=error, trace="t", headers=error.answer_headers))


def parts(name: str, body: Any) -> dict[str, Any]:
    """What stands in the envelope of a surface, by the names of the rule."""
    if name in {"platform", "generic", "legacy-2021", "ibm-cloud"}:
        (error,) = body["errors"]
        return {key: error.get(key) for key in ("code", "message", "solution")}
    if name == "iam":
        return {"code": body["errorCode"], "message": body["errorMessage"]}
    return {"code": body["error"].get("code"), "message": body["error"]["message"]}


@pytest.mark.parametrize("name", SURFACES)
@pytest.mark.parametrize("status", [*range(400, 430), 451, *range(500, 512), 520, 599])
def test_every_surface_says_every_status(name: str, status: int) -> None:
    """In its own envelope, with a message, and a code wherever it has codes."""
    answer = rendered(name, Injected(status, retry_after_s=1.2))
    assert answer.status_code == status
    assert answer.content_type == "application/json"
    assert answer.headers["Retry-After"] == "2"
    said = parts(name, answer.get_json())
    assert said["message"] == default_message(status)
    assert name == "control" or said["code"]
    if name in {"platform", "generic"}:
        assert isinstance(said["code"], int)
        assert 1000 <= said["code"] <= 4001
        assert name == "platform" or said["solution"]
    else:
        assert name == "control" or isinstance(said["code"], str)


@pytest.mark.parametrize("name", [name for name in SURFACES if name != "control"])
def test_every_surface_says_what_the_rule_says(name: str) -> None:
    """Its code, its message and its solution, where there is a place for one."""
    said = parts(name, rendered(name, Injected(409, code="c17", message="It is so.", solution="Wait.")).get_json())
    assert said["message"] == "It is so."
    assert said["code"] == "c17"
    if name in {"platform", "generic", "legacy-2021"}:
        assert said["solution"] == "Wait."


@pytest.mark.parametrize("status", [200, 204, 302])
@pytest.mark.parametrize("name", SURFACES)
def test_every_surface_takes_a_success(name: str, status: int) -> None:
    """Whose body is put in place of what it says."""
    assert rendered(name, Injected(status)).status_code == status


@pytest.mark.parametrize(
    ("status", "number", "text", "old"),
    [
        (400, 1208, "bad_request", "3400"),
        (401, 1201, "unauthorized", "3446"),
        (403, 1200, "forbidden", "3403"),
        (404, 1296, "not_found", "3404"),
        (429, 1202, "too_many_requests", "3429"),
        (500, 1000, "internal_error", "3500"),
        (503, 1000, "service_unavailable", "3503"),
        (418, 1208, "bad_request", "3418"),
        (599, 1000, "internal_error", "3599"),
    ],
)
def test_a_status_has_the_code_that_goes_with_it(status: int, number: int, text: str, old: str) -> None:
    """IBM's numbers today, texts in 2021, and those of its account service."""
    assert parts("platform", rendered("platform", Injected(status)).get_json())["code"] == number
    assert parts("legacy-2021", rendered("legacy-2021", Injected(status)).get_json())["code"] == text
    assert parts("account-2021", rendered("account-2021", Injected(status)).get_json())["code"] == old


def test_names_and_codes_follow_http() -> None:
    """Where nothing else is known."""
    assert rendered("account-2021", Injected(503)).get_json()["error"]["name"] == "SERVICE_UNAVAILABLE"
    assert rendered("account-2021", Injected(404)).get_json()["error"]["name"] == "NOT_FOUND"
    assert rendered("account-2021", Injected(599)).get_json()["error"]["name"] == "ERROR"
    assert parts("ibm-cloud", rendered("ibm-cloud", Injected(502)).get_json())["code"] == "bad_gateway"
    assert parts("ibm-cloud", rendered("ibm-cloud", Injected(599)).get_json())["code"] == "error"


def test_a_refused_token_is_asked_for_again() -> None:
    """As HTTP wants it with a 401."""
    assert rendered("platform", Injected(401)).headers["WWW-Authenticate"] == "Bearer"
    assert rendered("legacy-2021", Injected(401)).headers["WWW-Authenticate"] == "Bearer"


def test_it_says_of_itself_what_goes_out() -> None:
    """Its own Retry-After wins over the number of seconds."""
    error = Injected(503, retry_after_s=4.2, headers={"X-A": "1"})
    assert error.answer_headers == {"X-A": "1", "Retry-After": "5"}
    assert Injected(503, retry_after_s=4, headers={"retry-after": "soon"}).answer_headers == {"retry-after": "soon"}
    assert Injected(503).answer_headers == {}
    assert (str(error), error.message) == ("the service is unavailable", "the service is unavailable")
    assert (status_of(error, {Exception: 400}), message_of(Injected(500), 500)) == (503, "internal server error")


def test_every_status_has_words() -> None:
    """Ours, HTTP's, or its number."""
    assert all(default_message(status) == text for status, text in MESSAGES.items())
    assert default_message(418) == "the answer is 418 I'm a Teapot"
    assert default_message(599) == "the answer is 599"
    assert (phrase(503), phrase(599)) == ("Service Unavailable", "")
