"""What exists when the fake starts: the programs, backends and projects of an edition, as data."""

from __future__ import annotations

from dataclasses import dataclass

from mock_runtime.domain.backends import Backend
from mock_runtime.domain.instances import OPEN_PROJECT, Project
from mock_runtime.domain.programs import Program


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The beginning of a fake: IBM's programs, the backends, and the projects that everybody may use.

    The first project and the first backend are what a job gets that names none. Only 2021 knows projects.
    """

    programs: tuple[Program, ...]
    backends: tuple[Backend, ...]
    projects: tuple[Project, ...] = (OPEN_PROJECT,)

    def backend(self, name: str) -> Backend | None:
        """The backend of that name, None if there is none."""
        return next((backend for backend in self.backends if backend.name == name), None)
