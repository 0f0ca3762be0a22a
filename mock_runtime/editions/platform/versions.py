"""The dates by which callers of today's API say which shape of it they know.

Evidence: IBM's change log of the API and the versions that its document lists; `GET /v1/backends` without a date
answers as on the first one (IBM's older document). What unlisted dates get is a guess: IBM's own C client sends
2025-06-01, which is on no list, so a date means the newest version that is not after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from mock_runtime.domain.errors import bounded
from mock_runtime.parsing import MalformedRequest

if TYPE_CHECKING:
    from flask import Request

HEADER: Final = "IBM-API-Version"


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """One date of the API. `sunset` is the day on which it goes, None for the one that stays."""

    day: str
    sunset: str | None = None

    @property
    def lists_backend_objects(self) -> bool:
        """Whether the list of backends has objects; it had names only."""
        return self.day >= "2025-01-01"

    @property
    def has_transpiled_circuits(self) -> bool:
        """Whether `GET /v1/jobs/{id}/transpiled_circuits` is still there."""
        return self.day < "2026-02-01"

    @property
    def shows_billed_seconds(self) -> bool:
        """Whether metrics and lists of jobs show `bss`, `usage.seconds` and `usage.quantum_seconds`."""
        return self.day < "2026-03-15"

    @property
    def shows_execution_time_in_usage(self) -> bool:
        """Whether `circuits_execution_time_ns` is in `usage`; since then it is at the root of the metrics."""
        return self.day < "2026-04-15"


VERSIONS: Final = (
    Version("2024-01-01", "2027-01-01"),
    Version("2025-01-01", "2027-01-01"),
    Version("2025-05-01", "2027-01-01"),
    Version("2026-02-01", "2027-02-01"),
    Version("2026-02-15", "2027-02-15"),
    Version("2026-03-15", "2027-03-15"),
    Version("2026-04-15"),
)
"""Oldest first. Evidence: the first five with their last days, IBM's document; that the sixth has one since the seventh
came was seen by a third party, the day itself is a guess."""


def version_of(request: Request) -> Version:
    """The version that a request is meant for; MalformedRequest if its header is no date that there can be."""
    sent = request.headers.get(HEADER)
    if sent is None:
        return VERSIONS[0]
    try:
        day = date.fromisoformat(sent).isoformat()
    except ValueError:
        day = ""
    if day != sent or day < VERSIONS[0].day:
        raise MalformedRequest(
            f"the header {HEADER} must be a date from {VERSIONS[0].day} on, as {VERSIONS[-1].day}, not {bounded(sent)}"
        )
    return max(version for version in VERSIONS if version.day <= day)
