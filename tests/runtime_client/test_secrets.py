"""No token ever reaches a repr, a log, an error or the chain behind it."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable

import pytest
import requests

from runtime_client import ContractViolation, Login, RuntimeClient, RuntimeClientError
from runtime_client.credentials import Credentials
from tests.runtime_client.conftest import MakeClient
from tests.runtime_client.scripted import (
    JOB_ID,
    TOKEN,
    Scripted,
    Service,
    Step,
    error_json,
    job_json,
    json_answer,
    raw_json,
    text_answer,
)

WORD = "k1ngf1sher"
SESSION_TOKEN = "session-token-k1ngf1sher"


def assert_clean(text: str) -> None:
    """Assert that no token, and no larger part of one, is in the text."""
    assert WORD not in text


def whole_text(error: BaseException) -> str:
    """Return everything printed for an error, the chain of causes and every attribute of our own errors included."""
    own = [repr(vars(link)) for link in chain(error) if isinstance(link, RuntimeClientError)]
    return "".join(traceback.format_exception(error)) + "".join(own)


def chain(error: BaseException | None) -> list[BaseException]:
    """Return the error and all that it was raised from."""
    return [] if error is None else [error, *chain(error.__cause__)]


ECHOES: dict[str, Step] = {
    "runtime envelope": json_answer(error_json(TOKEN, f"unknown token {SESSION_TOKEN}", trace=TOKEN), 401),
    "account envelope": json_answer({"error": {"message": f"bad {TOKEN}", "code": SESSION_TOKEN}}, 401),
    "HTML": Scripted(status=500, body=f"<p>{TOKEN} {SESSION_TOKEN}</p>".encode()),
    "redirect": Scripted(status=302, headers={"Location": f"https://evil.test/?t={SESSION_TOKEN}"}),
    "not JSON": raw_json(f"{{'id': '{SESSION_TOKEN}'".encode()),
    "wrong shape": json_answer([SESSION_TOKEN]),
    "wrong status": json_answer(job_json(id=SESSION_TOKEN, status=SESSION_TOKEN)),
    "content type": Scripted(body=b"{}", headers={"Content-Type": "text/html"}),
    "broken connection": requests.ConnectionError("Connection aborted."),
}


@pytest.mark.parametrize("echo", ECHOES)
def test_errors(make_client: MakeClient, service: Service, caplog: pytest.LogCaptureFixture, echo: str) -> None:
    """Masks tokens that a server sends back, in texts, attributes, causes and logs."""
    caplog.set_level(logging.DEBUG)
    client = make_client(access_token=SESSION_TOKEN, retries=0)
    service.answers(ECHOES[echo])
    with pytest.raises(RuntimeClientError) as caught:
        client.get_job(JOB_ID)
    assert_clean(whole_text(caught.value))
    assert_clean(caplog.text)


@pytest.mark.parametrize(
    "body",
    [
        f'{{"id": ["{SESSION_TOKEN}"]}}',
        f'{{"id": "{SESSION_TOKEN}", "id": "{SESSION_TOKEN}"}}',
        f'{{"id": "{SESSION_TOKEN}"',
        f'{{"id": "{SESSION_TOKEN}", "ttl": "{SESSION_TOKEN}"}}',
        f'{{"id": "{SESSION_TOKEN}", "x": NaN}}',
    ],
)
def test_broken_logins(client: RuntimeClient, service: Service, body: str) -> None:
    """Quotes nothing of a login that breaks the contract: its token may be good all the same."""
    service.answers(raw_json(body.encode()))
    with pytest.raises(ContractViolation) as caught:
        client.login()
    assert_clean(whole_text(caught.value))


def test_reprs(make_client: MakeClient, service: Service) -> None:
    """Shows no token in the repr of anything that holds one."""
    client = make_client(access_token=SESSION_TOKEN)
    assert repr(client) == "RuntimeClient('http://runtime.test', token=***)"
    assert repr(Credentials(token=TOKEN, access_token=SESSION_TOKEN)) == "Credentials(token=***, access_token=***)"
    assert repr(Credentials(token=TOKEN, access_token=None)) == "Credentials(token=***, access_token=None)"
    assert repr(Login(id=SESSION_TOKEN, ttl=5)) == "Login(ttl=5, created=None, user_id=None)"
    assert_clean(repr(vars(client)) + repr(client.job(JOB_ID)))


def test_logs_of_a_whole_session(client: RuntimeClient, service: Service, caplog: pytest.LogCaptureFixture) -> None:
    """Logs nothing secret at DEBUG, from our loggers or any other, while logging in, working and logging out."""
    caplog.set_level(logging.DEBUG)
    service.answers(json_answer({"id": SESSION_TOKEN}), Scripted(status=503), json_answer(job_json()), text_answer(""))
    client.login()
    client.get_job(JOB_ID)
    client.logout_user()
    assert len(caplog.records) >= 5
    assert_clean(caplog.text)


@pytest.mark.parametrize(
    "make",
    [
        lambda: RuntimeClient("http://h", token="k1ngf1sher with spaces"),
        lambda: RuntimeClient("http://h", token="k1ngf1sher\r\nX-Evil: 1"),
        lambda: RuntimeClient("http://h", token="k1ngf1shér-k1ngf1sher"),
        lambda: RuntimeClient("http://h", token="t", access_token="k1ngf1sher\n"),
        lambda: RuntimeClient("http://user:k1ngf1sher@h", token="t"),
        lambda: RuntimeClient("http://user:k1ngf1sher@h:x", token="t"),
        lambda: RuntimeClient("http://h?token=k1ngf1sher", token="t"),
        lambda: RuntimeClient("http://h#k1ngf1sher", token="t"),
    ],
)
def test_refused_arguments(make: Callable[[], RuntimeClient]) -> None:
    """Does not quote what it refuses."""
    with pytest.raises(ValueError, match=r"must|not a valid URL") as caught:
        make()
    assert_clean(str(caught.value) + repr(caught.value.__cause__))


def test_a_cut_through_a_token(client: RuntimeClient, service: Service) -> None:
    """Masks before it cuts: not even the first part of a token is quoted where an excerpt ends."""
    for padding in range(270, 300):
        service.answers(Scripted(status=403, body=b"x" * padding + TOKEN.encode()))
        with pytest.raises(RuntimeClientError) as caught:
            client.get_job(JOB_ID)
        assert "api-" not in str(caught.value)


def test_masking() -> None:
    """Masks the longer of two tokens first, and leaves alone words too short to be secret."""
    assert Credentials(token="abcd", access_token="abcdef").mask("abcdef abcd") == "*** ***"
    assert Credentials(token="t", access_token=None).mask("text") == "text"
