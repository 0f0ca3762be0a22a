"""The application on an event loop, without a socket: what it does with every message of the protocol."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from mock_runtime.transport.asgi import FlaskOnASGI
from mock_runtime.transport.exchanges import PlainResponder
from tests.mock_runtime.fakes import Fake, new_fake

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mock_runtime.transport.asgi import ASGIApp, Message, Receive, Scope, Send

MIB = 1024 * 1024


def asgi(fake: Fake, streams: ASGIApp | None = None) -> FlaskOnASGI:
    """The fake as an ASGI application."""
    runtime = fake.runtime
    return FlaskOnASGI(
        responder=runtime.scopes, app=runtime.wsgi, max_body_bytes=runtime.config.max_body_bytes, streams=streams
    )


def scope(method: str = "POST", path: str = "/jobs", **changes: Any) -> Scope:
    """A request of `alice`."""
    return {
        "type": "http",
        "method": method,
        "raw_path": path.encode(),
        "query_string": b"",
        "http_version": "1.1",
        "headers": [(b"authorization", b"Bearer alice"), (b"host", b"x")],
        **changes,
    }


def call(app: FlaskOnASGI, request: Scope, messages: Iterable[Message]) -> list[Message]:
    """What the application sends when it receives these messages."""
    incoming, sent = iter(messages), []

    async def receive() -> Message:
        return next(incoming)

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(app(request, receive, send))
    return sent


def part(body: bytes, *, more: bool = False) -> Message:
    """A piece of a body."""
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_in_pieces_is_one_body() -> None:
    """Empty pieces and missing ones among them."""
    fake = new_fake()
    pieces = [part(b'{"programId":', more=True), {"type": "http.request", "more_body": True}, part(b' "vqe"}')]
    start, body = call(asgi(fake), scope(), pieces)
    assert (start["type"], start["status"]) == ("http.response.start", 200)
    assert body["body"].startswith(b'{"id":')
    assert (b"content-type", b"application/json") in start["headers"]


def test_a_client_that_goes_away_gets_nothing_and_does_nothing() -> None:
    """Before its body, and in the middle of it."""
    fake = new_fake()
    gone: Message = {"type": "http.disconnect"}
    assert call(asgi(fake), scope(), [gone]) == []
    assert call(asgi(fake), scope(), [part(b'{"programId": "vqe"}', more=True), gone]) == []
    assert fake.account("alice").get("/jobs").get_json()["count"] == 0


def test_a_body_that_never_ends_is_given_up() -> None:
    """After half a gigabyte the answer is sent without waiting for the rest, and the connection closed."""
    piece, received = part(b"x" * (64 * MIB), more=True), 0

    def endless() -> Iterable[Message]:
        nonlocal received
        while True:
            received += 1
            yield piece

    start, _ = call(asgi(new_fake(max_body_bytes=1000)), scope(), endless())
    assert start["status"] == 413
    assert (b"connection", b"close") in start["headers"]
    assert received == 9


def test_a_large_body_is_parsed_on_a_thread() -> None:
    """With the same answer."""
    fake = new_fake()
    start, _ = call(asgi(fake), scope(), [part(b'{"programId": "vqe"' + b" " * 300_000 + b"}")])
    assert start["status"] == 200


def test_headers_of_one_name_are_joined() -> None:
    """With commas, but cookies with semicolons; a name with an underscore passes for no other."""
    seen: list[dict[str, Any]] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.append(environ)
        start_response("200 OK", [("X-Odd", "ü☃")])
        return [b"ok"]

    outer = FlaskOnASGI(responder=PlainResponder(app, new_fake().clock), app=app, max_body_bytes=1000)
    names = [(b"a", b"1"), (b"a", b"2"), (b"cookie", b"x=1"), (b"cookie", b"y=2"), (b"b_c", b"3")]
    names += [(b"content-type", b"text/plain"), (b"content-length", b"999")]
    request = scope(
        "GET", "/x", headers=names, query_string=b"q=1", server=("h", 5), client=("1.2.3.4", 5), scheme="https"
    )
    start, _ = call(outer, request, [part(b"")])
    (environ,) = seen
    assert (environ["HTTP_A"], environ["HTTP_COOKIE"], "HTTP_B_C" in environ) == ("1,2", "x=1; y=2", False)
    assert (environ["CONTENT_TYPE"], environ["CONTENT_LENGTH"]) == ("text/plain", "0")
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"], environ["REMOTE_ADDR"]) == ("h", "5", "1.2.3.4")
    assert (environ["REQUEST_URI"], environ["QUERY_STRING"], environ["wsgi.url_scheme"]) == ("/x?q=1", "q=1", "https")
    assert start["headers"] == [(b"x-odd", "ü?".encode("latin-1"))]


def test_a_websocket_goes_to_the_streams_if_there_are_any() -> None:
    """Otherwise its handshake is declined in the words of the edition."""

    async def streams(request: Scope, receive: Receive, send: Send) -> None:
        assert (await receive())["type"] == "websocket.connect"
        await send({"type": "websocket.close", "code": 1000, "reason": request["raw_path"].decode()})

    handshake: Message = {"type": "websocket.connect"}
    request = scope("GET", "/stream/jobs/x", type="websocket")
    del request["method"]
    taken = call(asgi(new_fake(), streams), request, [handshake])
    assert taken == [{"type": "websocket.close", "code": 1000, "reason": "/stream/jobs/x"}]
    start, body = call(asgi(new_fake()), request, [handshake])
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 404)
    assert b"/stream/jobs/x" in body["body"]


def test_a_request_that_is_cancelled_ends_quietly() -> None:
    """As when the server stops: nothing is sent, and nothing is wrong."""
    fake = new_fake()

    async def cancelled() -> list[Message]:
        sent: list[Message] = []
        waiting = asyncio.Event()

        async def receive() -> Message:
            waiting.set()
            await asyncio.Event().wait()
            return part(b"")

        async def send(message: Message) -> None:
            sent.append(message)

        task = asyncio.ensure_future(asgi(fake)(scope(), receive, send))
        await waiting.wait()
        task.cancel()
        await task
        return sent

    assert asyncio.run(cancelled()) == []
