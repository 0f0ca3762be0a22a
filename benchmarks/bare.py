"""The bare counterpart: one route of Flask, and the natural ways to serve it.

    python benchmarks/bare.py development          Flask's development server, without its request log
    python benchmarks/bare.py development-log      the same as it comes, with its request log
    python benchmarks/bare.py waiting SECONDS      the same without log, each request sleeping first
    python benchmarks/bare.py start                werkzeug's server with as little around it as possible
    python benchmarks/bare.py inline               the transport of mock-runtime under this application

Each prints its base URL as the first line on stdout, and serves until it is ended.
"""

from __future__ import annotations

import logging
import socket
import sys
import time
from collections.abc import Callable
from typing import Final

from flask import Flask, Response
from werkzeug.serving import make_server

FINISHED: Final = "finished"
RUNNING: Final = "running"


def bare_app() -> Flask:
    """A Flask application that answers the results of two jobs, of which it knows nothing but their ids."""
    app = Flask(__name__)

    @app.get("/jobs/<jid>/results")
    def results(jid: str) -> Response:
        return Response(status=204) if jid == RUNNING else Response("All done!", mimetype="text/plain")

    return app


def development(*, log: bool, wait_s: float = 0.0) -> None:
    """Flask's development server, a thread for each request. It chooses no port, so one is looked for before."""
    app = bare_app()
    if wait_s:
        app.before_request(lambda: time.sleep(wait_s))
    if not log:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    print(f"http://127.0.0.1:{port}/", flush=True)
    app.run(port=port, threaded=True)


def start() -> None:
    """What a script of a few lines does that needs a server on a free port."""
    server = make_server("127.0.0.1", 0, bare_app(), threaded=True)
    print(f"http://127.0.0.1:{server.port}/", flush=True)
    server.serve_forever()


def inline() -> None:
    """The bare application in the place of the fake's own, so that only the transport is left of the fake."""
    from mock_runtime.app import create_app, runtime_of  # noqa: PLC0415 - the other modes are timed without it
    from mock_runtime.config import Config  # noqa: PLC0415 - likewise
    from mock_runtime.transport.server import serve  # noqa: PLC0415 - likewise

    app = create_app(Config(edition="2021"))
    runtime_of(app).wsgi = bare_app().wsgi_app
    serve(app, host="127.0.0.1", port=0, ready=lambda url: print(url, flush=True))


MODES: Final[dict[str, Callable[[], None]]] = {
    "development": lambda: development(log=False),
    "development-log": lambda: development(log=True),
    "waiting": lambda: development(log=False, wait_s=float(sys.argv[2])),
    "start": start,
    "inline": inline,
}
"""How the application can be served, by the word on the command line."""

if __name__ == "__main__":
    MODES[sys.argv[1]]()
