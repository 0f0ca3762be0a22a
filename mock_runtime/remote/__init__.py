"""The control plane of a server in another process, in Python: the nouns that a `Runtime` has, over HTTP.

>>> control = RemoteControl("http://127.0.0.1:8000", scope="test-17")  # doctest: +SKIP
>>> control.faults.add(match={"operation": "get-results"}, act={"status": 503}, times=3)  # doctest: +SKIP
>>> control.clock.advance_until(job, "running")  # doctest: +SKIP
>>> control.journal.assert_polled(job, times=24)  # doctest: +SKIP

What comes back is what the server's JSON says; `/_mock/openapi.json` of any server describes it.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Self

import requests

from mock_runtime.remote.journal import RemoteJournal
from mock_runtime.remote.nouns import RemoteBackends, RemoteClock, RemoteFaults, RemoteJobs, RemoteScript
from mock_runtime.remote.wire import JSON, SCOPE_HEADER, CannotReach, ControlError, Wire, given, part

__all__ = ["CannotReach", "ControlError", "RemoteControl"]

_TIMEOUT_S: Final = 30.0


class RemoteControl:
    """The control plane at a server's URL, in one of its scopes.

    `url` may have a path, such as that of the API, or of a scope. `token` is the server's control token, if it has one;
    it is shown nowhere. Nothing is taken from the environment: neither proxies nor passwords. A `session` of one's own
    is used as it is. It is no error to have several at once, nor to use one from several threads.
    """

    def __init__(
        self,
        url: str,
        scope: str | None = None,
        token: str | None = None,
        *,
        session: requests.Session | None = None,
        timeout_s: float = _TIMEOUT_S,
    ) -> None:
        if session is None:
            session = requests.Session()
            session.trust_env = False
        wire = Wire(url, scope=scope or "", token=token, session=session, timeout_s=timeout_s)
        self._wire: Final = wire
        self.clock: Final = RemoteClock(wire)
        self.script: Final = RemoteScript(wire)
        self.jobs: Final = RemoteJobs(wire)
        self.backends: Final = RemoteBackends(wire)
        self.faults: Final = RemoteFaults(wire)
        self.journal: Final = RemoteJournal(wire)

    def __repr__(self) -> str:
        return f"RemoteControl({self._wire.origin!r}{f', scope={self.scope_name!r}' if self.scope_name else ''})"

    @property
    def scope_name(self) -> str:
        """The name of its scope; empty for the server's own world."""
        return self._wire.scope

    @property
    def url(self) -> str:
        """Where the API of this scope is: what a client is pointed at."""
        return str(self._scope()["url"])

    @property
    def header(self) -> dict[str, str]:
        """The header by which a request belongs to this scope."""
        return {SCOPE_HEADER: self.scope_name} if self.scope_name else {}

    def health(self) -> JSON:
        """Whether it is there, which edition, and the seed."""
        return self._wire.read("GET", "/health")

    def state(self) -> JSON:
        """How everything stands."""
        return self._wire.read("GET", "/state")

    def reset(self) -> None:
        """Begin again; the clock goes on."""
        self._wire.read("POST", "/reset")

    def latency(self) -> JSON:
        """How long answers are held back: `latency`, and `of` single operations."""
        return self._wire.read("GET", "/latency")

    def set_latency(self, latency: str | float, of: Mapping[str, str | float] | None = None) -> None:
        """Hold answers back for that long, from the next request on, and those `of` single operations otherwise."""
        self._wire.read("PUT", "/latency", given({"latency": latency, "of": None if of is None else dict(of)}))

    def tokens(self, event: str, caller: str | None = None) -> None:
        """Let the tokens of a caller, or of all, `expire`, be revoked (`revoke`), or good again (`restore`)."""
        self._wire.read("POST", "/tokens", given({"event": event, "caller": caller}))

    def sessions(self, *, limit: int | None = None, offset: int | None = None) -> list[JSON]:
        """All sessions, the newest first."""
        return list(self._wire.read("GET", "/sessions", query={"limit": limit, "offset": offset})["sessions"])

    def scorecard(self, caller: str | None = None) -> JSON:
        """What an operator would say of the clients, or of one."""
        return self._wire.read("GET", "/scorecard", query={"caller": caller})

    def scorecard_text(self, caller: str | None = None) -> str:
        """The same, for people."""
        return self._wire.call("GET", "/scorecard", query={"caller": caller}, accept="text/plain").text

    def snapshot(self, name: str | None = None) -> str:
        """Keep all that changes, as it is now; the name to which `rollback` goes back."""
        return str(self._wire.read("POST", "/snapshots", {} if name is None else {"name": name})["name"])

    def rollback(self, name: str) -> None:
        """Put everything back to a snapshot, the clock too. It is kept."""
        self._wire.read("POST", f"/snapshots/{part(name)}/rollback")

    def snapshots(self) -> list[JSON]:
        """The snapshots, the oldest first."""
        return list(self._wire.read("GET", "/snapshots")["snapshots"])

    def drop_snapshot(self, name: str) -> None:
        """Forget a snapshot."""
        self._wire.read("DELETE", f"/snapshots/{part(name)}")

    def world(self) -> str:
        """The present world, as a world file."""
        return self._wire.call("GET", "/world", accept="application/yaml").text

    def load_world(self, text: str) -> None:
        """Begin again with the world of a file's text."""
        self._wire.call("PUT", "/world", data=text.encode())

    def world_schema(self) -> JSON:
        """The JSON Schema of world files."""
        return self._wire.read("GET", "/world.schema.json")

    def scopes(self) -> list[JSON]:
        """The scopes of the server, its own world first."""
        return list(self._wire.read("GET", "/scopes")["scopes"])

    def create_scope(self, name: str | None = None, /, **settings: Any) -> RemoteControl:
        """A new scope, with settings of its own; it stays until it is dropped."""
        body = settings if name is None else {**settings, "name": name}
        return self.in_scope(str(self._wire.read("POST", "/scopes", body)["name"]))

    def drop_scope(self, name: str) -> None:
        """Forget a scope, with all that is in it."""
        self._wire.read("DELETE", f"/scopes/{part(name)}")

    @contextmanager
    def scope(self, name: str | None = None, /, **settings: Any) -> Generator[RemoteControl, None, None]:
        """A new scope for as long as a `with` lasts: `with control.scope(polls=3) as world: world.url`."""
        made = self.create_scope(name, **settings)
        try:
            yield made
        finally:
            self.drop_scope(made.scope_name)

    def in_scope(self, name: str) -> RemoteControl:
        """The control plane of a scope that there is already."""
        wire = self._wire
        return RemoteControl(wire.origin, name, wire.token, session=wire.session, timeout_s=wire.timeout_s)

    def close(self) -> None:
        """Close the connections."""
        self._wire.session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _scope(self) -> JSON:
        found = next((one for one in self.scopes() if one["name"] == self.scope_name), None)
        return found if found is not None else self._wire.read("GET", f"/scopes/{part(self.scope_name)}")
