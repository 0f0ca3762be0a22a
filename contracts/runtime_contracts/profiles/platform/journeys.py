"""The journeys of today, in their order: those about jobs first, and those that move time far on last."""

from __future__ import annotations

from typing import Final

from runtime_contracts.profiles.platform import (
    journeys_of_jobs,
    journeys_of_lists,
    journeys_of_reading,
    journeys_of_sessions,
)

JOURNEYS: Final = (
    *journeys_of_jobs.JOURNEYS,
    *journeys_of_lists.JOURNEYS,
    *journeys_of_reading.JOURNEYS,
    *journeys_of_sessions.JOURNEYS,
)
