"""What a client sends with: which library, whose session or client, and which of these exclude each other."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests

from runtime_client import TransportError
from runtime_client.httpx_exchange import HttpxExchange
from runtime_client.platform import AsyncRuntimeClient, RuntimeClient
from runtime_client.requests_exchange import RequestsExchange
from runtime_client.settings import AsyncTransportSettings, TransportSettings
from tests.runtime_client.scripted import Service, json_answer

MOCK = httpx.MockTransport(lambda _: httpx.Response(200, json={"versions": []}))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"transport": "aiohttp"}, "transport must be 'requests', 'httpx' or a transport"),
        ({"session": requests.Session(), "transport": MOCK}, "give session or transport, not both"),
        ({"session": requests.Session(), "http_client": object()}, "give session or http_client, not both"),
        ({"session": requests.Session(), "transport": "httpx"}, "asks for the other"),
        ({"http_client": object(), "transport": "requests"}, "asks for the other"),
        ({"session": requests.Session(), "verify": False}, "settings of the session that was given"),
        ({"transport": MOCK, "proxy": "http://p"}, "settings of the transport that was given"),
    ],
)
def test_options_that_exclude_each_other(options: dict[str, Any], message: str) -> None:
    """Says which, when the client is made."""
    with pytest.raises(ValueError, match=message):
        TransportSettings(**options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"transport": "requests"}, "transport must be 'httpx' or an asynchronous transport"),
        ({"transport": MOCK, "http_client": object()}, "give http_client or transport, not both"),
        ({"http_client": object(), "verify": "ca.pem"}, "settings of the http_client that was given"),
    ],
)
def test_options_of_clients_that_await(options: dict[str, Any], message: str) -> None:
    """Says which, when the client is made."""
    with pytest.raises(ValueError, match=message):
        AsyncTransportSettings(**options)


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({}, RequestsExchange),
        ({"transport": "requests"}, RequestsExchange),
        ({"transport": "httpx"}, HttpxExchange),
        ({"transport": MOCK}, HttpxExchange),
        ({"http_client": httpx.Client(transport=MOCK)}, HttpxExchange),
        ({"transport": "httpx", "http_client": httpx.Client(transport=MOCK)}, HttpxExchange),
    ],
)
def test_what_sends(options: dict[str, Any], kind: type) -> None:
    """Is requests unless httpx was named or given."""
    exchange = TransportSettings(**options).exchange()
    assert type(exchange) is kind
    exchange.close()


def test_an_http_client_of_the_callers() -> None:
    """Is used, not closed, and not sent with once it is closed."""
    http_client = httpx.Client(transport=MOCK)
    with RuntimeClient("http://h", access_token="abcd", http_client=http_client) as client:
        assert client.versions().versions == ()
    assert not http_client.is_closed
    http_client.close()
    with pytest.raises(TransportError, match="the client is closed") as caught:
        client.versions()
    assert not caught.value.sent


def test_verify_and_proxy_reach_requests(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Go with each request, as what the environment says would otherwise go before them."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")
    monkeypatch.setenv("HTTPS_PROXY", "http://other.test")
    monkeypatch.setattr(requests.Session, "get_adapter", lambda *_args, **_named: service)
    service.answers(json_answer({"versions": []}))
    with RuntimeClient("https://h", access_token="abcd", verify="/mine.pem", proxy="http://proxy.test") as client:
        client.versions()
    assert service.sent[0].options["verify"] == "/mine.pem"
    assert service.sent[0].options["proxies"]["https"] == "http://proxy.test"


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return what httpx is told to trust."""
    seen: list[Any] = []
    init = httpx.Client.__init__

    def note(self: httpx.Client, *args: Any, verify: Any = None, **named: Any) -> None:
        seen.append(verify)
        init(self, *args, verify=verify, **named)

    monkeypatch.setattr(httpx.Client, "__init__", note)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    return seen


def test_authorities_of_httpx(trusted: list[Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Are those of the variable that requests reads, of the argument before it, or the usual ones; False is anybody."""
    import certifi  # noqa: PLC0415

    bundle = tmp_path / "bundle.pem"
    bundle.write_text(Path(certifi.where()).read_text(encoding="utf-8"), encoding="utf-8")
    RuntimeClient("https://h", access_token="abcd", transport="httpx").close()
    RuntimeClient("https://h", access_token="abcd", transport="httpx").close()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    RuntimeClient("https://h", access_token="abcd", transport="httpx").close()
    RuntimeClient("https://h", access_token="abcd", transport="httpx", verify=False).close()
    RuntimeClient("https://h", access_token="abcd", transport="httpx", verify=str(tmp_path)).close()
    assert all(isinstance(found, ssl.SSLContext) for found in trusted if found is not False)
    # Read once, as long as it is the same file.
    assert trusted[0] is trusted[1]
    assert len({id(found) for found in trusted}) == 4
    assert trusted[3] is False


def test_authorities_that_are_not_there() -> None:
    """A file that is not there is an error when the client is made."""
    with pytest.raises(FileNotFoundError):
        AsyncRuntimeClient("https://h", access_token="abcd", verify="/nowhere/ca.pem")


def test_secrets_of_a_proxy_are_in_no_repr() -> None:
    """The address of a proxy may hold a password."""
    assert "k1ngf1sher" not in repr(TransportSettings(proxy="http://me:k1ngf1sher@proxy.test"))
