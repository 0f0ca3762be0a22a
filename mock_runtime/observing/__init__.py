"""Who looks on: logs, metrics and traces of the exchanges, and how far the server is.

An observer is called with each exchange when it is over, on the event loop: it takes microseconds and never raises.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from mock_runtime.journal.entry import Entry

Observer: TypeAlias = Callable[[Entry], None]
"""Something that is told of each exchange."""

__all__ = ["Observer"]
