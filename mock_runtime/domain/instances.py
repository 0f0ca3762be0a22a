"""Who calls, and on whose account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, order=True)
class Project:
    """A hub, group and project: what an account of IBM Quantum charged its jobs to (`ibm-q/open/main`)."""

    hub: str
    group: str
    project: str

    def over(self, default: Project) -> Project:
        """This project, with what is empty in it taken from another."""
        return Project(self.hub or default.hub, self.group or default.group, self.project or default.project)

    def __str__(self) -> str:
        return f"{self.hub}/{self.group}/{self.project}"


NO_PROJECT: Final = Project("", "", "")
"""What a caller means who names none."""

OPEN_PROJECT: Final = Project("ibm-q", "open", "main")
"""What everybody had. Evidence: transcripts of 2021."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who is allowed in.

    `id` is derived from the token and cannot be turned back into it. `may_upload` is the right to upload programs,
    which most accounts of 2021 did not have.
    """

    id: str
    name: str
    may_upload: bool = True
