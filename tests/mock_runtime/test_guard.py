"""Who may use the control plane, situation by situation, and what an attacker may try."""

from __future__ import annotations

import socket
import struct
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

import pytest
from flask import Blueprint, Flask, request

from mock_runtime import Config, LiveServer, create_app
from mock_runtime.guard import Access, Asking, Guard, Refusal, asking_of, guarding
from mock_runtime.transport.wsgi import IN_PROCESS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.testing import FlaskClient

TOKEN: Final = "s3cret-control-token"
HERE: Final = "127.0.0.1"
OURS: Final = {"host": "127.0.0.1:8000"}
JSON: Final = {**OURS, "content-type": "application/json"}
BEARER: Final = {**JSON, "authorization": f"Bearer {TOKEN}"}
WITHOUT: Final = Guard()
WITH: Final = Guard(token=TOKEN)
NAMED: Final = Guard(hosts=("fake.example.org", "*.ci.example.org."))


def asking(method: str = "POST", remote: str = HERE, headers: Mapping[str, str] = JSON, **more: Any) -> Asking:
    """A request, by default one of this machine's that changes something."""
    return Asking(method=method, remote=remote, local=more.pop("local", HERE), headers=headers, **more)


def status(guard: Guard, asked: Asking, access: Access = Access.STEERING) -> int:
    """The status with which a request is refused; 0 if it is not."""
    refusal = guard.refusal(asked, access)
    return 0 if refusal is None else refusal.status


@pytest.mark.parametrize("remote", [HERE, "127.9.9.9", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "::FFFF:7f00:1"])
def test_this_machine_is_let_in(remote: str) -> None:
    """Whatever its address is called."""
    assert status(WITHOUT, asking(remote=remote)) == 0


@pytest.mark.parametrize(
    "remote",
    [
        *("192.168.1.5", "10.0.0.1", "172.17.0.1", "8.8.8.8", "0.0.0.0", "::", "fe80::1%eth0", "::ffff:10.0.0.1"),  # noqa: S104
        *("2001:db8::1", "", "localhost", "unix:", "127.1", "127.0.0.1.evil.example", "127.0.0.1, 8.8.8.8", "::1::"),
        *("2130706433", "0x7f000001", "0177.0.0.1", " 127.0.0.1", "127.0.0.1\n"),
    ],
)
def test_no_other_is(remote: str) -> None:
    """Nor somebody of whom nobody knows where it is: a connection that is reset at once has no address any more."""
    assert status(WITHOUT, asking(remote=remote)) == 403


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "localhost:8000", "LOCALHOST:8000", "localhost.", "localhost.:8000", "127.0.0.1", "127.0.0.1:1"),
        *("127.8.8.8:8000", "[::1]", "[::1]:8000", "[0:0:0:0:0:0:0:1]:8000", "[::ffff:127.0.0.1]", "[::FFFF:7F00:1]"),
    ],
)
def test_it_is_called_by_its_own_name(host: str) -> None:
    """By one that can be nobody else's, in whatever spelling."""
    assert status(WITHOUT, asking(headers={"host": host})) == 0


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example", "evil-localhost"),
        *("localhost@evil.example", "localhost:8000@evil.example", "evil.example#localhost", "evil.example/localhost"),
        *(
            "user:pass@127.0.0.1:8000",
            "127.0.0.1:8000,evil.example",
            "evil.example,127.0.0.1:8000",
            "localhost localhost",
        ),
        *(
            "",
            ":8000",
            "localhost:",
            "localhost:port",
            "localhost:123456",
            "localhost..",
            ".localhost",
            "app.localhost",
        ),
        *("127.1", "127.0.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "127.0.0.01", "0.0.0.0", "0", "[::]"),  # noqa: S104
        *("::1", "[::1", "::1]", "[::1%25lo]", "[127.0.0.1]x", "[::ffff:8.8.8.8]", "192.168.1.5:8000", "[2001:db8::1]"),
        *("localhost\x00", "localhost\n", "ⓛocalhost", "localhost%2eevil.example", "xn--localhost", "127。0。0。1"),
    ],
)
def test_it_is_not_called_by_the_name_of_somebody_else(host: str) -> None:
    """DNS rebinding: a page of evil.example, which now points here, calls us evil.example."""
    assert status(WITHOUT, asking("GET", headers={"host": host})) == 403


def test_the_header_host_has_to_be_there() -> None:
    """Every browser sends it."""
    refusal = WITHOUT.refusal(asking(headers={}))
    assert refusal is not None
    assert "the header Host is missing" in refusal.sentence


@pytest.mark.parametrize(
    ("local", "host", "expected"),
    [
        ("192.168.1.5", "192.168.1.5:8000", 0),
        ("::ffff:192.168.1.5", "192.168.1.5:8000", 0),
        ("2001:db8::1", "[2001:db8:0::1]:8000", 0),
        ("192.168.1.5", "192.168.1.6:8000", 403),
        ("evil.example", "evil.example", 403),
        ("", "192.168.1.5", 403),
    ],
)
def test_the_address_on_which_it_listens_is_its_own(local: str, host: str, expected: int) -> None:
    """An address cannot be made to point elsewhere; a name can, whoever says that it is ours."""
    assert status(WITHOUT, asking(headers={"host": host}, local=local)) == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("fake.example.org", 0),
        ("FAKE.example.org.:8000", 0),
        ("a.ci.example.org", 0),
        ("a.b.ci.example.org:1", 0),
        ("ci.example.org", 403),
        ("example.org", 403),
        ("fake.example.org.evil.example", 403),
        ("xfake.example.org", 403),
    ],
)
def test_names_can_be_allowed(host: str, expected: int) -> None:
    """These, and all in a domain."""
    assert status(NAMED, asking(headers={"host": host})) == expected


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("http://127.0.0.1:8000", 0),
        ("HTTP://127.0.0.1:8000", 0),
        ("http://127.0.0.1", 403),
        ("http://127.0.0.1:8001", 403),
        ("https://127.0.0.1:8000", 403),
        ("http://localhost:8000", 403),
        ("http://[::1]:8000", 403),
        ("http://evil.example", 403),
        ("http://127.0.0.1:8000.evil.example", 403),
        ("http://127.0.0.1:8000@evil.example", 403),
        ("http://evil.example@127.0.0.1:8000", 403),
        ("http://127.0.0.1:8000,http://evil.example", 403),
        ("http://127.0.0.1:8000, http://127.0.0.1:8000", 403),
        ("http://127.0.0.1:8000/", 403),
        ("http://127.0.0.1:8000\\.evil.example", 403),
        ("null", 403),
        ("", 403),
        ("127.0.0.1:8000", 403),
        ("file://", 403),
        ("chrome-extension://abcdefghijklmnop", 403),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_page_steers_its_own_server_only(method: str, origin: str, expected: int) -> None:
    """A browser names the page's origin, which has to be what it calls us."""
    assert status(WITHOUT, asking(method, headers={**JSON, "origin": origin})) == expected


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost", "http://localhost:80"),
        ("localhost:80", "http://localhost"),
        ("LocalHost.:8000", "http://localhost:8000"),
        ("[0:0:0:0:0:0:0:1]:8000", "http://[::1]:8000"),
    ],
)
def test_one_origin_has_several_spellings(host: str, origin: str) -> None:
    """The port of the scheme need not be said."""
    assert status(WITHOUT, asking(headers={"host": host, "origin": origin})) == 0


def test_an_origin_without_a_host_is_nobodys() -> None:
    """There is nothing that it could be the same as."""
    assert status(WITHOUT, asking(headers={"origin": "http://127.0.0.1:8000"})) == 403


@pytest.mark.parametrize(
    ("method", "site", "expected"),
    [
        ("POST", "same-origin", 0),
        ("GET", "same-origin", 0),
        ("GET", "none", 0),
        ("POST", "none", 403),
        ("DELETE", "none", 403),
        ("POST", "same-site", 403),
        ("GET", "same-site", 403),
        ("GET", "cross-site", 403),
        ("POST", "cross-site", 403),
        ("PUT", "cross-site", 403),
        ("GET", "", 403),
        ("GET", "SAME-ORIGIN", 403),
        ("GET", "same-origin,cross-site", 403),
    ],
)
def test_a_browser_says_for_whom_it_asks(method: str, site: str, expected: int) -> None:
    """Sec-Fetch-Site; another port of localhost is the same site, and another's page all the same."""
    assert status(WITHOUT, asking(method, headers={**JSON, "sec-fetch-site": site})) == expected


@pytest.mark.parametrize(
    ("method", "mode", "dest", "access", "expected"),
    [
        ("GET", "navigate", "document", Access.PAGE, 0),
        ("GET", "navigate", "document", Access.STEERING, 403),
        ("POST", "navigate", "document", Access.PAGE, 403),
        ("GET", "navigate", "iframe", Access.PAGE, 403),
        ("GET", "no-cors", "script", Access.PAGE, 403),
        ("GET", "no-cors", "image", Access.STEERING, 403),
        ("GET", "cors", "empty", Access.PAGE, 403),
    ],
)
def test_a_link_on_another_page_leads_to_ours(method: str, mode: str, dest: str, access: Access, expected: int) -> None:
    """The page itself, in a window of its own: in no frame, and nothing that is not for eyes."""
    headers = {**OURS, "sec-fetch-site": "cross-site", "sec-fetch-mode": mode, "sec-fetch-dest": dest}
    assert status(WITHOUT, asking(method, headers=headers), access) == expected


@pytest.mark.parametrize(
    ("method", "kind", "expected"),
    [
        ("POST", "application/json", 0),
        ("POST", "application/json; charset=utf-8", 0),
        ("POST", "application/yaml", 0),
        ("POST", "", 0),
        ("POST", "text/plain", 415),
        ("POST", "TEXT/Plain; charset=utf-8", 415),
        ("POST", "text/plain;application/json", 415),
        ("POST", "text/plain, application/json", 415),
        ("POST", "application/json, text/plain", 415),
        ("POST", " text/plain", 415),
        ("POST", "application/x-www-form-urlencoded", 415),
        ("POST", "multipart/form-data; boundary=x", 415),
        ("PUT", "text/plain", 415),
        ("DELETE", "text/plain", 415),
        ("GET", "text/plain", 0),
    ],
)
def test_what_a_form_can_send_changes_nothing(method: str, kind: str, expected: int) -> None:
    """A page may send a form to anybody without being asked, and an old browser does not say which page it was."""
    assert status(WITHOUT, asking(method, headers={**OURS, "content-type": kind})) == expected


@pytest.mark.parametrize(
    "header",
    [
        *(
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-proto",
            "x-forwarded",
            "x-forwarded-anything",
            "forwarded",
        ),
        *("via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip"),
    ],
)
def test_behind_a_proxy_nobody_is_this_machine(header: str) -> None:
    """However loudly it says so: the proxy is here, its caller is anywhere."""
    refusal = WITHOUT.refusal(asking(headers={**JSON, header: HERE}))
    assert refusal is not None
    assert refusal.status == 403
    assert header in refusal.sentence
    assert "--control-token" in refusal.sentence
    assert status(WITH, asking(headers={**BEARER, header: "8.8.8.8"})) == 0


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"authorization": f"Bearer {TOKEN}"}, 0),
        ({"authorization": f"bearer {TOKEN}"}, 0),
        ({"authorization": f"Bearer   {TOKEN}"}, 0),
        ({"mock-runtime-control-token": TOKEN}, 0),
        ({"mock-runtime-control-token": TOKEN, "authorization": "Bearer an-api-token"}, 0),
        ({"mock-runtime-control-token": "wrong", "authorization": f"Bearer {TOKEN}"}, 0),
        ({}, 401),
        ({"authorization": TOKEN}, 401),
        ({"authorization": f"Basic {TOKEN}"}, 401),
        ({"authorization": "Bearer "}, 401),
        ({"authorization": f"Bearer {TOKEN}x"}, 401),
        ({"authorization": f"Bearer {TOKEN[:-1]}"}, 401),
        ({"authorization": f"Bearer {TOKEN.upper()}"}, 401),
        ({"authorization": f"Bearer {TOKEN},Bearer {TOKEN}"}, 401),
        ({"mock-runtime-control-token": ""}, 401),
        ({"mock-runtime-control-token": f"{TOKEN},{TOKEN}"}, 401),
        ({"mock-runtime-control-token": "\udcff"}, 401),
        ({"cookie": f"Mock-Runtime-Control-Token={TOKEN}"}, 401),
    ],
)
@pytest.mark.parametrize("remote", ["192.168.1.5", HERE, ""])
def test_where_there_is_a_token_it_is_wanted(remote: str, headers: dict[str, str], expected: int) -> None:
    """From everybody, this machine, too: a proxy that says nothing of itself would be this machine."""
    assert status(WITH, asking(remote=remote, headers={"host": "mock:8000", **headers})) == expected


def test_a_token_does_not_open_the_door_to_other_pages() -> None:
    """One with the token is still to be our own page."""
    for more in ({"origin": "http://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
        assert status(WITH, asking(headers={**BEARER, **more})) == 403
    assert status(WITH, asking(headers={**BEARER, "content-type": "text/plain"})) == 415


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"host": "fake.example.org", "origin": "https://fake.example.org"}, 0),
        ({"host": "fake.example.org:8443", "origin": "https://fake.example.org:8443"}, 0),
        ({"host": "fake.example.org", "origin": "https://fake.example.org:8443"}, 403),
        ({"host": "fake.example.org", "origin": "ftp://fake.example.org"}, 403),
    ],
)
def test_who_has_the_token_may_come_by_tls(headers: dict[str, str], expected: int) -> None:
    """TLS ends at a proxy before the server, which then sees http."""
    assert status(WITH, asking(headers={**BEARER, **headers})) == expected


@pytest.mark.parametrize(
    ("guard", "remote", "access", "expected"),
    [
        (WITHOUT, "8.8.8.8", Access.ANYBODY, 0),
        (WITH, "8.8.8.8", Access.ANYBODY, 0),
        (WITHOUT, "", Access.ANYBODY, 0),
        (WITH, "8.8.8.8", Access.PAGE, 0),
        (WITH, HERE, Access.PAGE, 0),
        (WITHOUT, HERE, Access.PAGE, 0),
        (WITHOUT, "8.8.8.8", Access.PAGE, 403),
        (WITH, "8.8.8.8", Access.STEERING, 401),
    ],
)
def test_what_is_open_to_whom(guard: Guard, remote: str, access: Access, expected: int) -> None:
    """Health to all; the page to whoever may then be asked for the token."""
    assert status(guard, asking("GET", remote=remote, headers=OURS), access) == expected


def test_what_is_open_to_anybody_is_open_for_reading() -> None:
    """And by whatever name, through whatever proxy."""
    odd = {"host": "evil.example", "origin": "http://evil.example", "x-forwarded-for": "8.8.8.8"}
    assert status(WITHOUT, asking("HEAD", headers=odd), Access.ANYBODY) == 0
    assert status(WITHOUT, asking("POST", headers=odd), Access.ANYBODY) == 403


def test_callers_in_this_process_are_let_in() -> None:
    """They are on no network, and could do everything anyway."""
    asked = asking(remote="", headers={"host": "quantum.cloud.ibm.com", "content-type": "text/plain"}, in_process=True)
    assert status(WITHOUT, asked) == 0
    assert status(WITH, asked) == 0


def test_a_control_plane_that_is_switched_off_is_not_there() -> None:
    """For nobody."""
    off = Guard(enabled=False)
    for access in Access:
        assert off.refusal(asking("GET", in_process=True), access) == Refusal(
            404, "the control plane of this server is switched off"
        )


@pytest.mark.parametrize("token", ["", " ", "two words", "tab\t", "ümlaut", "x" * 1025, "line\n"])
def test_a_token_is_something_that_can_be_sent(token: str) -> None:
    """ValueError, which does not repeat it."""
    with pytest.raises(ValueError, match="printable ASCII") as refused:
        Guard(token=token)
    assert token.strip() == "" or token not in str(refused.value)


@pytest.mark.parametrize("host", ["", "http://fake.example.org", "fake.example.org:8000", "*", "*.", "a b", "a/b", "-"])
def test_a_host_is_a_name(host: str) -> None:
    """ValueError if not."""
    with pytest.raises(ValueError, match="is no name of a host"):
        Guard(hosts=(host,))


def test_no_secret_is_shown() -> None:
    """Neither of the guard, of which only a digest is there, nor of the request."""
    assert repr(WITH) == "<Guard with a token>"
    assert repr(WITHOUT) == "<Guard of this machine>"
    assert TOKEN not in str(vars(WITH))
    assert TOKEN not in repr(asking(headers=BEARER))
    wrong = WITH.refusal(asking(headers={"authorization": "Bearer my-api-token"}))
    assert wrong is not None
    assert "my-api-token" not in wrong.sentence
    assert "what was sent is not its control token" in wrong.sentence


def test_a_hostile_header_is_quoted_in_a_refusal() -> None:
    """Bounded and printable."""
    for headers in ({"host": "x\n" * 5000}, {**OURS, "origin": "x\x1b[31m" * 5000}):
        refusal = WITHOUT.refusal(asking(headers=headers))
        assert refusal is not None
        assert refusal.sentence.isprintable()
        assert len(refusal.sentence) < 500


@pytest.fixture
def client() -> FlaskClient:
    """A control plane with its guard, as Flask has it."""
    app, routes = Flask(__name__), Blueprint("control", __name__)
    routes.before_request(guarding(Guard(token=TOKEN), anybody=("health",), page=("index",)))
    for name in ("health", "index", "metrics"):
        routes.add_url_rule(f"/{name}", name, lambda: "here", methods=["GET", "POST"])
    app.register_blueprint(routes, url_prefix="/_mock")
    return app.test_client()


def test_it_stands_before_a_blueprint(client: FlaskClient) -> None:
    """Its operations are told apart by their views; who lacks the token is told how to send it."""
    assert client.get("/_mock/health").status_code == 200
    assert client.get("/_mock/index").status_code == 200
    refused = client.get("/_mock/metrics")
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == 'Bearer realm="control plane"'
    assert "Mock-Runtime-Control-Token" in refused.text
    assert client.get("/_mock/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert client.get("/_mock/metrics", environ_overrides={IN_PROCESS: True}).status_code == 200
    form = client.post("/_mock/metrics", data={"a": "b"}, headers={"Authorization": f"Bearer {TOKEN}"})
    assert (form.status_code, "WWW-Authenticate" in form.headers) == (415, False)


def test_the_mark_of_this_process_cannot_be_sent() -> None:
    """A header becomes HTTP_something, and only the very thing in the environ counts."""
    environ = {
        "REQUEST_METHOD": "POST",
        "HTTP_MOCK_RUNTIME.IN_PROCESS": "True",
        "HTTP_HOST": "localhost",
        IN_PROCESS: "yes",
    }
    asked = asking_of(environ)
    assert not asked.in_process
    assert (asked.remote, asked.local, asked.scheme, asked.headers["host"]) == ("", "", "http", "localhost")
    assert status(WITHOUT, asked) == 403


@pytest.mark.skipif(sys.platform != "linux", reason="other systems throw away what a connection sent before its reset")
def test_a_connection_that_is_reset_at_once_does_not_pass_for_this_process() -> None:
    """Whoever resets its connection while the server is busy has no address any more, and its request is there."""
    app = create_app(Config(seed=0, edition="2021"))
    busy, free = threading.Event(), threading.Event()
    seen: list[tuple[str, int | None]] = []
    guard = Guard()

    def look() -> None:
        if request.path == "/busy":
            busy.set()
            free.wait(30)
        if request.path == "/reset":
            refusal = guard.refusal(asking_of(request.environ))
            seen.append((request.environ["REMOTE_ADDR"], None if refusal is None else refusal.status))

    app.before_request(look)
    with LiveServer(app) as server:
        address = (HERE, int(server.origin.rpartition(":")[2]))
        with socket.create_connection(address) as first:
            first.sendall(b"GET /busy HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert busy.wait(30)
            attacker = socket.create_connection(address)
            attacker.sendall(b"POST /reset HTTP/1.1\r\nHost: localhost\r\n\r\n")
            attacker.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            attacker.close()
            free.set()
            assert first.recv(100)
        with socket.create_connection(address) as last:
            last.sendall(b"GET /last HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert last.recv(100)
    assert seen == [("", 403)]
