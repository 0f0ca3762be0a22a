"""Getting ready for jobs in the background, when somebody looks as if about to send one.

What a job needs, Qiskit in a process and the schemas of bodies, takes a second or two to load. At the start that would
be felt by the first answers, and paid for by programs that run no job; with the first job its sender waits. Clients
read the calibration of a device before they compile for it, and open sessions before they fill them: in the time that
they take to compile, what a job needs is loaded.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mock_runtime.journal.entry import Entry
    from mock_runtime.runtime import Runtime

_SIGNS: Final = ("/properties", "/sessions")
"""How the paths end that are called before jobs are sent. Evidence: qiskit-ibm-runtime 0.34 to 0.51, QRMI."""


class Warming:
    """Something that observes the exchanges of a server, and warms its fake up, once. `then` observes them, too."""

    def __init__(self, runtime: Runtime, then: Callable[[Entry], None] | None = None) -> None:
        self._runtime = runtime
        self._then = then
        self._begun = False

    def __call__(self, exchange: Entry) -> None:
        """Note an exchange; it takes no time."""
        if self._then is not None:
            self._then(exchange)
        if not self._begun and exchange.status < 300 and exchange.inside.endswith(_SIGNS):
            self._begun = True
            threading.Thread(target=self._runtime.warm_up, name="mock-runtime-warming", daemon=True).start()
