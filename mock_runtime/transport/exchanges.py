"""What a transport asks for an answer: it opens an exchange, waits, gets a delivery, and says when it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from mock_runtime.transport.delivery import Delivery
from mock_runtime.transport.wsgi import Environ, WSGIApp, call

if TYPE_CHECKING:
    from mock_runtime.clock import Clock


class ConnectionCut(ConnectionResetError):
    """The connection was cut on purpose, where there is no connection: what a client of a socket would have seen.

    `reset` tells whether by a reset, or in an orderly way.
    """

    def __init__(self, where: str, *, reset: bool) -> None:
        self.reset = reset
        super().__init__(f"the connection was {'reset' if reset else 'closed'} {where}")


class Exchange(Protocol):
    """One request on its way."""

    @property
    def clock(self) -> Clock:
        """Whose time passes while it waits."""
        ...

    @property
    def wait_s(self) -> float:
        """How long to wait, in seconds, before `answer`."""
        ...

    @property
    def takes_long(self) -> bool:
        """Whether `answer` may be felt by others, who have to wait for it where there is one thread for all."""
        ...

    def answer(self) -> Delivery:
        """Carry the request out."""
        ...

    def ended(self, *, left: bool = False) -> None:
        """The answer is as good as out; `left`: its caller was gone before that.

        Said before the last of it is sent, so that whoever has the answer finds the exchange in the journal.
        """
        ...


class Responder(Protocol):
    """Whatever answers requests."""

    def open(self, environ: Environ) -> Exchange:
        """Begin an exchange, at the moment at which the whole request is there."""
        ...


class PlainResponder:
    """A WSGI application that answers as it is, at once: no journal, no latency, no faults."""

    def __init__(self, app: WSGIApp, clock: Clock) -> None:
        self._app = app
        self._clock = clock

    def open(self, environ: Environ) -> Exchange:
        """Begin an exchange."""
        return _Plain(self._app, self._clock, environ)


class _Plain:
    wait_s = 0.0
    takes_long = False

    def __init__(self, app: WSGIApp, clock: Clock, environ: Environ) -> None:
        self._app = app
        self.clock = clock
        self._environ = environ

    def answer(self) -> Delivery:
        """What the application answers."""
        return delivered(self._app, self._environ)

    def ended(self, *, left: bool = False) -> None:
        """Nobody wants to know."""


def delivered(app: WSGIApp, environ: Environ) -> Delivery:
    """What an application answers, brought as usual."""
    status, headers, body = call(app, environ)
    return Delivery(status=status, headers=headers, body=body)
