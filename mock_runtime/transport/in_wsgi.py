"""The outermost WSGI layer of callers without a socket: Flask's test client, and `WSGIAdapter`."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from mock_runtime.transport.delivery import Close, Data, Head, Wait, steps
from mock_runtime.transport.exchanges import ConnectionCut
from mock_runtime.transport.wsgi import Environ, Headers, path_info

if TYPE_CHECKING:
    from mock_runtime.transport.delivery import Delivery
    from mock_runtime.transport.exchanges import Exchange, Responder

_PHRASES: Final = {status.value: status.phrase for status in HTTPStatus}


class CutAnswer(ConnectionCut):
    """The connection was cut within an answer: what had come of it by then."""

    def __init__(self, status: int, headers: Headers, body: bytes, *, reset: bool) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        super().__init__(f"after {len(body)} bytes of the answer's body", reset=reset)


class InProcess:
    """Reads the path as a socket would, and lets what is to take time pass on the clock of the fake.

    A connection that is to be cut has no other way to show here than as an error: ConnectionCut.
    """

    def __init__(self, responder: Responder) -> None:
        self._responder = responder

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer one request, as PEP 3333 defines it."""
        raw = environ.get("RAW_URI") or environ.get("REQUEST_URI")
        if raw:
            environ["PATH_INFO"] = path_info(str(raw).encode("latin-1", "replace"))
        exchange = self._responder.open(environ)
        if exchange.wait_s:
            exchange.clock.sleep(exchange.wait_s)
        delivery = exchange.answer()
        if delivery.is_plain:
            exchange.ended()
            status, headers, body = delivery.status, delivery.headers, delivery.body
        else:
            try:
                status, headers, body = _arrived(exchange, delivery)
            finally:
                exchange.ended()
        start_response(f"{status} {_PHRASES.get(status, 'Unknown')}", headers)
        return [body]


def _arrived(exchange: Exchange, delivery: Delivery) -> tuple[int, Headers, bytes]:
    """The answer as far as it comes."""
    head: Head | None = None
    body = bytearray()
    for step in steps(delivery):
        match step:
            case Wait():
                exchange.clock.sleep(step.seconds)
            case Head():
                head = step
            case Data():
                body += step.data
            case Close() if head is None:
                raise ConnectionCut("before the answer", reset=step.reset)
            case Close() if len(body) < len(delivery.body):
                raise CutAnswer(head.status, head.headers, bytes(body), reset=step.reset)
            case Close():
                pass
    assert head is not None  # noqa: S101 - what has no head has raised
    return head.status, head.headers, bytes(body)
