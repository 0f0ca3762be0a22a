"""Watching exchanges between any client and any server, and holding both sides to the contract.

`Watch` judges one exchange; `Sightings` counts what was seen in many and becomes a report.
"""

from runtime_contracts.watching.message import Answer, Exchange, Request
from runtime_contracts.watching.sightings import Sightings
from runtime_contracts.watching.watch import Finding, Watch

__all__ = ["Answer", "Exchange", "Finding", "Request", "Sightings", "Watch"]
