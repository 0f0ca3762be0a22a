"""A correct fake with one deviation planted in front of it, on a socket."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Request, Response

from mock_runtime import Config, ManualClock, SystemClock, create_app

_QUICK = {"queue": "0.4s", "run": "0.8s"}
ALICE, BOB = "alice-token", "bob-token"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of the correct server, to be passed on or spoiled; `announced` is a wrong length of its body."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    announced: int | None = None

    def changed(
        self,
        *,
        body: bytes | None = None,
        status: int | None = None,
        announced: int | None = None,
        **headers: str | None,
    ) -> Reply:
        """Return the same answer with something else in it; a header that is None is left out."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        kept = {name: value for name, value in self.headers.items() if name not in named}
        given = {name: value for name, value in named.items() if value is not None}
        return replace(
            self,
            status=self.status if status is None else status,
            body=self.body if body is None else body,
            announced=announced,
            headers=kept | given,
        )


Ask = Callable[[Request], Reply]
Plant = Callable[[Request, Ask], Reply]


def faithful(request: Request, ask: Ask) -> Reply:
    """Plant nothing."""
    return ask(request)


@dataclass(frozen=True, slots=True)
class Served:
    """A running server: its URL, and a way to let its time pass, which is None if it passes by itself."""

    url: str
    advance: Callable[[], None] | None


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing."""

    def connection_dropped(self, _error: BaseException, _environ: dict[str, Any] | None = None) -> None:
        """Break the connection, as a plant has asked for."""
        self.close_connection = True


@contextmanager
def served(plant: Plant = faithful, *, real_time: bool = False, edition: str = "legacy-2021") -> Iterator[Served]:
    """Serve a fake of two users, with `plant` in front of it; in real time its jobs take a second."""
    clock = ManualClock()
    config = Config(
        edition=edition,
        tokens=(ALICE, BOB),
        seed=7,
        scenario=_QUICK if real_time else None,
        # What is computed in another process is not there at a certain moment of a clock that is moved by hand.
        engine="synthetic",
    )
    app = create_app(config, clock=SystemClock() if real_time else clock)

    def ask(request: Request) -> Reply:
        # A plant may ask twice, or after having read the body itself.
        request.environ["wsgi.input"].seek(0)
        body, status, headers = run_wsgi_app(app, dict(request.environ), buffered=True)
        return Reply(int(status.split()[0]), dict(headers.items()), b"".join(body))

    def planted(environ: dict[str, Any], start_response: Any) -> Any:
        environ["wsgi.input"] = io.BytesIO(Request(environ).get_data())
        reply = plant(Request(environ), ask)
        headers = {name: value for name, value in reply.headers.items() if name.lower() != "content-length"}
        response = Response(reply.body, status=reply.status, headers=headers)
        if "Content-Type" not in headers:
            del response.headers["Content-Type"]
        if reply.announced is not None:
            response.automatically_set_content_length = False
            response.headers["Content-Length"] = str(reply.announced)
            response.headers["Connection"] = "close"
        return response(environ, start_response)

    server = make_server("127.0.0.1", 0, planted, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        advance = None if real_time else partial(_pass_time, clock)
        yield Served(f"http://127.0.0.1:{server.server_port}", advance)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _pass_time(clock: ManualClock) -> None:
    clock.advance(1.0)
