"""A fake for the real clients: on a socket, with every way in, and with outages on order.

The ways in are those of the command line: `proxy` is what `mock-runtime run` sets for its program, `url` what
`mock-runtime serve` shows. Outages are this harness's own: the fake does not see a request that meets one.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mock_runtime.app import Runtime, create_app, runtime_of
from mock_runtime.commands.trust import TrustFiles, write_trust
from mock_runtime.variables import plain, proxied
from mock_runtime.config import Config
from mock_runtime.transport.certificates import issue
from mock_runtime.transport.proxy import ForwardProxy
from mock_runtime.transport.server import LiveServer

TOKEN: Final = "a-key"
CRN: Final = (
    "crn:v1:bluemix:public:quantum-computing:us-east:"
    "a/0123456789abcdef0123456789abcdef:00000000-1111-4222-8333-444444444444::"
)
"""An instance of the sort that scripts have written into them: the fake has not heard of it before."""

SEED: Final = 20260415

_PATH: Final = "/_outage"
_LEFT_OUT: Final = (
    "QISKIT_", "QRMI_", "IAM_URL", "GLOBAL_", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "PYTHON",
    "COVERAGE_",
)  # fmt: skip


class Outages:
    """A WSGI application that is out of order for as many requests as it is told, and else another one."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._ordered: dict[str, Any] = {"times": 0}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        if environ["PATH_INFO"] == _PATH:
            if environ["REQUEST_METHOD"] == "PUT":
                self._ordered = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
            start_response("200 OK", [("Content-Type", "application/json")])
            return [json.dumps(self._ordered).encode()]
        with self._lock:
            hit = self._is_hit(environ)
            if hit:
                self._ordered["times"] -= 1
        if hit:
            start_response(f"{self._ordered['status']} Ordered", [("Content-Type", "text/html")])
            return [b"<html>out of order</html>"]
        return self._app(environ, start_response)

    def _is_hit(self, environ: Mapping[str, Any]) -> bool:
        ordered = self._ordered
        return (
            ordered["times"] > 0
            and environ["REQUEST_METHOD"] == ordered["method"]
            and ordered["path"] in environ["PATH_INFO"]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fake:
    """A fake that listens, and how programs are led to it."""

    origin: str
    runtime: Runtime
    trust: TrustFiles

    def environment(self, way: str) -> dict[str, str]:
        """The environment of a program that comes in by `proxy` or by `url`; nothing else of ours helps it."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_LEFT_OUT)}
        told = {"FAKE_ORIGIN": self.origin, "FAKE_TOKEN": TOKEN, "FAKE_CRN": CRN, "FAKE_WAY": way}
        # What a client finds in the home of whoever runs this must not matter, nor what it leaves there.
        own = {"HOME": str(self.trust.authority.parent), "PYTHONDONTWRITEBYTECODE": "1"}
        if way == "proxy":
            variables = proxied(
                self.origin, bundle=self.trust.bundle, authority=self.trust.authority, environment=kept, token=TOKEN
            )
        else:
            variables = plain(self.origin, environment=kept, token=TOKEN)
        return {**variables.over(kept), **told, **own}


@contextlib.contextmanager
def fake(**settings: Any) -> Iterator[Fake]:
    """A fake of today's API on a free port, for as long as the context lasts; a bug of its own is raised at the end."""
    app = create_app(Config(**{"seed": SEED, "scenario": {"queue": "50ms", "run": "300ms"}, **settings}))
    runtime = runtime_of(app)
    runtime.parts.wsgi = Outages(runtime.parts.wsgi)
    certificates = issue(runtime.hosts.names, now=runtime.clock.now())
    proxy = ForwardProxy(hosts=runtime.hosts, tls=certificates.tls)
    with tempfile.TemporaryDirectory(prefix="mock-runtime-") as folder, contextlib.ExitStack() as stack:
        stack.callback(runtime.close)
        trust = write_trust(certificates.authority_pem, Path(folder), {})
        server = stack.enter_context(LiveServer(app, proxy=proxy))
        yield Fake(origin=server.origin, runtime=runtime, trust=trust)
    runtime.check()
