"""The API key and the token it is exchanged for: when it is fetched, when again, and that nobody gets to see either."""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs

import pytest
import requests

from runtime_client import BadRequest, ContractViolation, NotAuthorized, RuntimeClientError, ServerError, TransportError
from runtime_client.calls import Access
from runtime_client.platform import RuntimeClient
from runtime_client.platform.tokens import Credentials, IamToken
from runtime_client.requests_exchange import RequestsExchange
from runtime_client.running import Runner
from runtime_client.settings import TransportSettings
from tests.runtime_client.platform.answers import ACCESS_TOKEN, API_KEY, INSTANCE, JOB_ID, job_json, token_json
from tests.runtime_client.platform.conftest import MakeClient
from tests.runtime_client.scripted import FakeTime, Scripted, Sent, Service, Step, json_answer, raw_json

TOKEN_LINE = "POST /identity/token"
JOB_LINE = f"GET /api/v1/jobs/{JOB_ID}?exclude_params=true"
IAM_ERROR = {
    "errorCode": "BXNIM0415E",
    "errorMessage": "Provided API key could not be found.",
    "context": {"requestId": "trace-1"},
}
WORD = "k1ngf1sher"


@pytest.fixture
def keyed(make_platform_client: MakeClient) -> RuntimeClient:
    """Return a client that has an API key and no token yet."""
    return make_platform_client(token=API_KEY)


def tokens_sent(service: Service) -> list[str | None]:
    """Return the credentials of each request so far."""
    return [sent.headers.get("Authorization") for sent in service.sent]


def test_exchange(keyed: RuntimeClient, service: Service) -> None:
    """Exchanges the key at the first call that needs a token, with the form that IAM asks for, and only then."""
    service.answers(json_answer({"versions": []}), token_json(), json_answer(job_json()), json_answer(job_json()))
    keyed.versions()
    keyed.get_job(JOB_ID)
    keyed.get_job(JOB_ID)
    assert service.lines == ["GET /api/v1/versions", TOKEN_LINE, JOB_LINE, JOB_LINE]
    exchange = service.sent[1]
    assert parse_qs(exchange.body.decode()) == {
        "grant_type": ["urn:ibm:params:oauth:grant-type:apikey"],
        "apikey": [API_KEY],
        "response_type": ["cloud_iam"],
    }
    assert not {"Authorization", "Service-CRN", "IBM-API-Version"} & set(exchange.headers)
    assert tokens_sent(service)[2:] == [f"Bearer {ACCESS_TOKEN}"] * 2


def test_renewal(keyed: RuntimeClient, service: Service, fake_time: FakeTime) -> None:
    """Renews the token once four fifths of its life are over, and not a second before."""
    service.answers(token_json("first", expires_in=100), json_answer(job_json()), json_answer(job_json()))
    keyed.get_job(JOB_ID)
    fake_time.now_s += 79.9
    keyed.get_job(JOB_ID)
    service.answers(token_json("second"), json_answer(job_json()))
    fake_time.now_s += 0.1
    keyed.get_job(JOB_ID)
    assert tokens_sent(service) == [None, "Bearer first", "Bearer first", None, "Bearer second"]


def test_a_refused_token_is_not_sent_again(keyed: RuntimeClient, service: Service) -> None:
    """Fetches a new token for the call after a 401, whatever the clock says."""
    service.answers(token_json("first"), json_answer({}, 401), token_json("second"), json_answer(job_json()))
    with pytest.raises(NotAuthorized):
        keyed.get_job(JOB_ID)
    keyed.get_job(JOB_ID)
    assert tokens_sent(service) == [None, "Bearer first", None, "Bearer second"]


@pytest.mark.parametrize("action", ["get", "submit"])
def test_a_token_that_ended_early_is_renewed_once(keyed: RuntimeClient, service: Service, action: str) -> None:
    """Gets a new token and sends the call again, even a POST, when one that was at hand before it is refused."""
    service.answers(token_json("first"), json_answer(job_json()))
    keyed.get_job(JOB_ID)
    answer = json_answer(job_json()) if action == "get" else json_answer({"id": JOB_ID, "backend": "b"})
    service.answers(json_answer({}, 401), token_json("second"), answer)
    if action == "get":
        keyed.get_job(JOB_ID)
    else:
        keyed.submit_job("sampler", "b")
    assert tokens_sent(service)[2:] == ["Bearer first", None, "Bearer second"]


def test_a_second_refusal_is_the_last(keyed: RuntimeClient, service: Service) -> None:
    """Raises when the new token is refused, too, after a single renewal."""
    service.answers(token_json("first"), json_answer(job_json()))
    keyed.get_job(JOB_ID)
    service.answers(json_answer({}, 401), token_json("second"), json_answer({}, 401))
    with pytest.raises(NotAuthorized):
        keyed.get_job(JOB_ID)
    assert tokens_sent(service)[2:] == ["Bearer first", None, "Bearer second"]


def test_a_token_of_the_callers_own_stays(platform: RuntimeClient, service: Service) -> None:
    """Never asks IAM with an access token, not even after a 401."""
    service.answers(json_answer({}, 401), json_answer(job_json()))
    with pytest.raises(NotAuthorized):
        platform.get_job(JOB_ID)
    platform.get_job(JOB_ID)
    assert tokens_sent(service) == [f"Bearer {ACCESS_TOKEN}"] * 2


@pytest.mark.parametrize("over", ["requests", "httpx"], indirect=True)
def test_one_exchange_for_many_threads(make_platform_client: MakeClient, service: Service) -> None:
    """Lets one thread fetch the token that all are waiting for."""
    barrier = threading.Barrier(8)
    keyed = make_platform_client(token=API_KEY)

    def answer(sent: Sent) -> Step:
        return token_json() if sent.line == TOKEN_LINE else json_answer(job_json())

    def call(_: int) -> str:
        barrier.wait(timeout=10)
        return keyed.get_job(JOB_ID).id

    service.route = answer
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(call, range(8))) == [JOB_ID] * 8
    assert service.lines.count(TOKEN_LINE) == 1


def test_an_exchange_is_repeated(keyed: RuntimeClient, service: Service, fake_time: FakeTime) -> None:
    """Repeats an exchange that got lost: it changes nothing, so that a POST may be repeated here."""
    service.answers(requests.ConnectionError("lost"), Scripted(status=503), token_json(), json_answer(job_json()))
    keyed.get_job(JOB_ID)
    assert service.lines == [TOKEN_LINE] * 3 + [JOB_LINE]
    assert fake_time.naps == [0.5, 1.0]


def test_a_key_that_iam_does_not_know(keyed: RuntimeClient, service: Service) -> None:
    """Raises what IAM says, in IAM's own form, without having called the API."""
    service.answers(json_answer(IAM_ERROR, 400))
    with pytest.raises(BadRequest) as caught:
        keyed.get_job(JOB_ID)
    error = caught.value
    assert (error.code, error.message, error.trace) == ("BXNIM0415E", IAM_ERROR["errorMessage"], "trace-1")
    assert error.operation == "iam-token"
    assert service.lines == [TOKEN_LINE]


@pytest.mark.parametrize(
    "answer",
    [
        json_answer({}),
        json_answer({"access_token": "a"}),
        json_answer({"access_token": "", "expires_in": 60}),
        json_answer({"access_token": "k1ngf1sher with spaces", "expires_in": 60}),
        json_answer({"access_token": "k1ngf1sher\r\nX-Evil: 1", "expires_in": 60}),
        json_answer({"access_token": 5, "expires_in": 60}),
        json_answer({"access_token": "a", "expires_in": "3600"}),
        json_answer({"access_token": "a", "expires_in": 0}),
        json_answer({"access_token": "a", "expires_in": True}),
        json_answer({"access_token": "a", "expires_in": 10**400}),
        json_answer(None),
        json_answer([]),
        raw_json(b"{"),
        raw_json(b"[" * 100_000),
        Scripted(status=204),
        Scripted(status=302, headers={"Location": "https://evil.test/"}),
        Scripted(status=200, body=b"<html>", headers={"Content-Type": "text/html"}),
    ],
)
def test_answers_of_iam_that_are_none(keyed: RuntimeClient, service: Service, answer: Scripted) -> None:
    """Refuses a token that is none, and calls nothing with it; the next call asks again."""
    service.answers(answer)
    with pytest.raises(ContractViolation) as caught:
        keyed.get_job(JOB_ID)
    assert caught.value.operation == "iam-token"
    assert WORD not in str(caught.value)
    service.answers(token_json(), json_answer(job_json()))
    assert keyed.get_job(JOB_ID).id == JOB_ID


def test_iam_that_cannot_be_reached(make_platform_client: MakeClient, service: Service) -> None:
    """Raises at once and does not fall back on sending the key itself."""
    service.answers(requests.ConnectionError("refused"))
    with pytest.raises(TransportError, match="iam-token"):
        make_platform_client(token=API_KEY, retries=0).get_job(JOB_ID)
    assert service.lines == [TOKEN_LINE]


ECHOES: dict[str, Callable[[str], Step]] = {
    "ErrorContainer": lambda s: json_answer({"errors": [{"code": s, "message": s, "solution": s}], "trace": s}, 401),
    "more info": lambda s: json_answer({"errors": [{"message": "m", "more_info": s}]}, 400),
    "IAM": lambda s: json_answer({"errorMessage": f"unknown {s}", "errorCode": s, "errorDetails": s}, 400),
    "HTML": lambda s: Scripted(status=500, body=f"<p>{s}</p>".encode()),
    "redirect": lambda s: Scripted(status=302, headers={"Location": f"https://evil.test/?t={s}"}),
    "wrong shape": lambda s: json_answer([s]),
    "wrong status": lambda s: json_answer(job_json(s)),
    "pattern": lambda s: json_answer(job_json(created=s)),
    "not JSON": lambda s: raw_json(f"{{'id': '{s}'".encode()),
}


@pytest.mark.parametrize(
    ("secret", "before"), [(API_KEY, []), (API_KEY, [token_json()]), (ACCESS_TOKEN, [token_json()])]
)
@pytest.mark.parametrize("echo", ECHOES)
def test_secrets_stay_secret(
    make_platform_client: MakeClient,
    service: Service,
    caplog: pytest.LogCaptureFixture,
    echo: str,
    secret: str,
    before: list[Step],
) -> None:
    """Masks the key and the token that IAM or the API sends back, in texts, attributes, causes and logs."""
    caplog.set_level(logging.DEBUG)
    keyed = make_platform_client(token=API_KEY, retries=0)
    service.answers(*before, ECHOES[echo](secret))
    with pytest.raises(RuntimeClientError) as caught:
        keyed.get_job(JOB_ID)
    assert WORD not in "".join(traceback.format_exception(caught.value)) + repr(vars(caught.value)) + caplog.text


def test_a_token_that_was_replaced_stays_secret(keyed: RuntimeClient, service: Service) -> None:
    """Masks the token before the present one, too: a late answer may still quote it."""
    service.answers(token_json("old-k1ngf1sher"), json_answer({}, 401), token_json("new-k1ngf1sher"))
    service.answers(json_answer({"errors": [{"message": "not old-k1ngf1sher but new-k1ngf1sher"}]}, 404))
    with pytest.raises(NotAuthorized):
        keyed.get_job(JOB_ID)
    with pytest.raises(RuntimeClientError, match=r"not \*\*\* but \*\*\*"):
        keyed.get_job(JOB_ID)


def test_reprs(keyed: RuntimeClient, service: Service) -> None:
    """Shows no secret in the repr of anything that holds one."""
    service.answers(token_json(), json_answer(job_json()))
    keyed.get_job(JOB_ID)
    shown = repr(keyed) + repr(vars(keyed)) + repr(keyed.job(JOB_ID))
    assert repr(keyed) == "RuntimeClient('http://runtime.test/api', token=***)"
    assert WORD not in shown
    assert repr(IamToken(access_token=ACCESS_TOKEN, expires_in=5)) == "IamToken(expires_in=5)"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "either token"),
        ({"token": API_KEY, "access_token": ACCESS_TOKEN}, "either token"),
        ({"token": "k1ngf1sher with spaces"}, "token must be"),
        ({"token": ""}, "token must be"),
        ({"access_token": "k1ngf1sher\n"}, "access_token must be"),
        ({"token": API_KEY, "instance": "crn\r\nX-Evil: 1"}, "instance must be"),
    ],
)
def test_credentials_that_make_no_sense(options: dict[str, str], message: str) -> None:
    """Refuses them before anything is sent, without quoting them."""
    with pytest.raises(ValueError, match=message) as caught:
        RuntimeClient("http://h", **options)  # type: ignore[arg-type]
    assert WORD not in str(caught.value)


def test_credentials_without_an_exchange(fake_time: FakeTime) -> None:
    """Says so when nothing was given that could fetch a token."""
    credentials = Credentials(api_key=API_KEY, access_token=None, instance=INSTANCE, monotonic=fake_time.monotonic)
    with pytest.raises(RuntimeClientError, match="nothing to fetch a token with"):
        Runner(RequestsExchange(TransportSettings()), sleep=fake_time.sleep).run(
            credentials.headers(Access.ANY, "get_job")
        )


def test_error_of_iam_itself(make_platform_client: MakeClient, service: Service) -> None:
    """Raises a server error of IAM as one of its own."""
    service.answers(Scripted(status=500))
    with pytest.raises(ServerError, match="iam-token"):
        make_platform_client(token=API_KEY, retries=0).get_job(JOB_ID)
