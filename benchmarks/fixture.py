"""What a fixture costs each test: making an application, and starting and stopping a server for it."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Final

from werkzeug.serving import make_server

from benchmarks.bare import bare_app
from benchmarks.measuring import Row, alternate, each
from mock_runtime.app import create_app
from mock_runtime.config import Config
from mock_runtime.transport.server import LiveServer

if TYPE_CHECKING:
    from flask import Flask

SUITE: Final = "fixture"

_WERKZEUG_POLL_S: Final = 0.5
_SHORT_POLL_S: Final = 0.001


def measure(quick: bool) -> list[Row]:
    """Rows that compare making and serving a fake with making and serving the bare application."""
    taken = alternate(
        f"{SUITE}, application",
        {
            "today": each(partial(_fake, "platform"), times=2),
            "fake": each(partial(_fake, "2021"), times=2),
            "bare": each(bare_app, times=2),
        },
        rounds=20 if quick else 100,
    )
    served = {
        "today served": each(partial(_serve_fake, "platform"), times=1),
        "fake served": each(partial(_serve_fake, "2021"), times=1),
        "bare served, tuned": each(partial(_serve_bare, _SHORT_POLL_S), times=1),
    }
    taken |= alternate(f"{SUITE}, server", served, rounds=20 if quick else 100)
    # Half a second each, of waiting: more of them would tell nothing more.
    served = {
        "fake served, too": served["fake served"],
        "bare served": each(partial(_serve_bare, _WERKZEUG_POLL_S), times=1),
    }
    taken |= alternate(f"{SUITE}, server as it comes", served, rounds=3 if quick else 11)
    pairs = (
        ("create_app(), today's API", "today", "Flask() with one route", "bare"),
        ("create_app(), API of 2021", "fake", "Flask() with one route", "bare"),
        (
            "create_app() + LiveServer, API of 2021",
            "fake served, too",
            "bare Flask + make_server, as it comes",
            "bare served",
        ),
        (
            "create_app() + LiveServer, today's API",
            "today served",
            "bare Flask + make_server, poll_interval=0.001",
            "bare served, tuned",
        ),
        (
            "create_app() + LiveServer, API of 2021",
            "fake served",
            "bare Flask + make_server, poll_interval=0.001",
            "bare served, tuned",
        ),
    )
    return [
        Row(
            suite=SUITE,
            measured=measured,
            against=against,
            unit="ms",
            better="less",
            ours=taken[ours],
            theirs=taken[theirs],
        )
        for measured, ours, against, theirs in pairs
    ]


def _fake(edition: str) -> Flask:
    return create_app(Config(edition=edition))


def _serve_fake(edition: str) -> None:
    with LiveServer(_fake(edition)):
        pass


def _serve_bare(poll_interval_s: float) -> None:
    server = make_server("127.0.0.1", 0, bare_app(), threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(poll_interval_s,))
    thread.start()
    server.shutdown()
    thread.join()
    server.server_close()
