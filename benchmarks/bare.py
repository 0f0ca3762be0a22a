"""The bare counterpart: one route of Flask, and the natural ways to serve it.

    python benchmarks/bare.py development          Flask's development server, without its request log
    python benchmarks/bare.py development-log      the same as it comes, with its request log
    python benchmarks/bare.py waiting SECONDS      the same without log, each request sleeping first
    python benchmarks/bare.py start                werkzeug's server with as little around it as possible
    python benchmarks/bare.py inline               the transport of mock-runtime under this application
    python benchmarks/bare.py inline-today FOLDER  the same under one that answers what a folder holds, as JSON

Each prints its base URL as the first line on stdout, and serves until it is ended.
"""

from __future__ import annotations

import json
import logging
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from flask import Flask, Response, jsonify, request
from werkzeug.serving import make_server

FINISHED: Final = "finished"
RUNNING: Final = "running"
TODAY: Final = ("backends", "job", "submitted")
"""What the application of today's API answers: the devices, a job, and the answer to a submission."""


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


def bare_app_of_today(folder: Path) -> Flask:
    """A Flask application of three routes that gives back, as JSON, what it once read from a folder."""
    app = Flask(__name__)
    kept = {name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in TODAY}

    @app.get("/api/v1/backends")
    def backends() -> Response:
        return jsonify(kept["backends"])

    @app.get("/api/v1/jobs/<jid>")
    def job(jid: str) -> Response:
        return jsonify(kept["job"] | {"id": jid})

    @app.post("/api/v1/jobs")
    def submit() -> Response:
        body = request.get_json()
        return jsonify(kept["submitted"] | {"backend": body["backend"]})

    return app


def inline(bare: Flask, edition: str) -> None:
    """A bare application in the place of the fake's own, so that only the transport is left of the fake."""
    from mock_runtime.app import create_app, runtime_of  # noqa: PLC0415 - the other modes are timed without it
    from mock_runtime.config import Config  # noqa: PLC0415 - likewise
    from mock_runtime.transport.server import serve  # noqa: PLC0415 - likewise

    app = create_app(Config(edition=edition))
    runtime_of(app).parts.wsgi = bare.wsgi_app
    serve(app, host="127.0.0.1", port=0, ready=lambda url: print(url, flush=True))


MODES: Final[dict[str, Callable[[], None]]] = {
    "development": lambda: development(log=False),
    "development-log": lambda: development(log=True),
    "waiting": lambda: development(log=False, wait_s=float(sys.argv[2])),
    "start": start,
    "inline": lambda: inline(bare_app(), "2021"),
    "inline-today": lambda: inline(bare_app_of_today(Path(sys.argv[2])), "platform"),
}
"""How the application can be served, by the word on the command line."""

if __name__ == "__main__":
    MODES[sys.argv[1]]()
