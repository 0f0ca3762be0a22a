"""What the control plane steers: a fake, as far as its operations need to know one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from mock_runtime.clock import Clock
    from mock_runtime.config import Config
    from mock_runtime.faults.armed import Faults
    from mock_runtime.ids import Ids
    from mock_runtime.journal.journal import Journal
    from mock_runtime.observing.metrics import Metrics
    from mock_runtime.observing.readiness import Readiness
    from mock_runtime.scenario import Script
    from mock_runtime.scopes import Scopes
    from mock_runtime.service import RuntimeService
    from mock_runtime.service.happenings import Happenings
    from mock_runtime.site import Site
    from mock_runtime.store import Store
    from mock_runtime.transport.latency import Latency


class Controlled(Protocol):
    """One fake, which may be one of several on its server.

    `scope` is its name there, empty for the server's own; `scopes` are all of that server, whichever of them this is.
    So are `readiness` and `metrics`.
    """

    @property
    def config(self) -> Config:
        """What it was configured with."""
        ...

    @property
    def clock(self) -> Clock:
        """Its time."""
        ...

    @property
    def ids(self) -> Ids:
        """Where its identifiers come from."""
        ...

    @property
    def latency(self) -> Latency:
        """How long answers are held back."""
        ...

    @property
    def script(self) -> Script:
        """How jobs unfold."""
        ...

    @property
    def service(self) -> RuntimeService:
        """The use cases."""
        ...

    @property
    def store(self) -> Store:
        """Where jobs and sessions are kept."""
        ...

    @property
    def scope(self) -> str:
        """Its name."""
        ...

    @property
    def site(self) -> Site:
        """What its operations stand on."""
        ...

    @property
    def requests(self) -> Journal:
        """The journal of its exchanges."""
        ...

    @property
    def faults(self) -> Faults:
        """Its armed rules."""
        ...

    @property
    def happenings(self) -> Happenings:
        """What can be done to its jobs and backends."""
        ...

    @property
    def scopes(self) -> Scopes:
        """The worlds on its server."""
        ...

    @property
    def readiness(self) -> Readiness:
        """How far its server is."""
        ...

    @property
    def metrics(self) -> Metrics:
        """The numbers of its server."""
        ...

    @property
    def prefix(self) -> str:
        """The path under which the API stands."""
        ...

    def reset(self) -> None:
        """Begin again."""
        ...

    def snapshot(self) -> Any:
        """All that changes, as one value."""
        ...

    def rollback(self, snapshot: Any, /) -> None:
        """Put back what was then."""
        ...

    def export_world(self) -> str:
        """The present world, as a world file."""
        ...

    def load_world(self, text: str) -> None:
        """Begin again with the world of a file's text; InvalidWorld."""
        ...
