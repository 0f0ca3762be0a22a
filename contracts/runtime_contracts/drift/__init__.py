"""Drift: what became of a document, and whom that breaks.

>>> from runtime_contracts import documents
>>> ours = documents.load("platform", overlay=False)
>>> compare(ours, ours).changes
()
"""

from __future__ import annotations

from runtime_contracts.drift.accepting import Acceptance
from runtime_contracts.drift.change import Breaks, Change, Kind, Reach, Severity, Verdict
from runtime_contracts.drift.comparison import Drift, compare

__all__ = ["Acceptance", "Breaks", "Change", "Drift", "Kind", "Reach", "Severity", "Verdict", "compare"]
