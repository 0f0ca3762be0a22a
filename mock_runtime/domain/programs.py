"""Runtime programs: what can be run, and who may see and change it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from mock_runtime.domain.errors import NotTheAuthor, ProgramNotFound
from mock_runtime.domain.instances import Caller

DEFAULT_COST_S: Final = 600
"""Seconds a program may run if its upload does not say. Evidence: IBM's mimic server of July 2021."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program of the catalogue.

    `author` is the id of the caller who uploaded it, None for IBM's own. `cost_s` is the longest time, in seconds,
    that a job of it may run. The four descriptions of inputs and outputs are JSON texts, kept as they were sent.
    """

    id: str
    name: str
    cost_s: int
    description: str
    created_at: float
    version: str | None = None
    is_public: bool = False
    author: str | None = None
    parameters: str | None = None
    return_values: str | None = None
    interim_results: str | None = None
    backend_requirements: str | None = None
    source: bytes = b""

    def is_visible_to(self, caller: Caller) -> bool:
        """Whether the caller may know of it: public programs, and one's own."""
        return self.is_public or self.author == caller.id

    def seen_by(self, caller: Caller) -> Program:
        """This program, if the caller may know of it; else ProgramNotFound."""
        if not self.is_visible_to(caller):
            raise ProgramNotFound(self.id)
        return self

    def owned_by(self, caller: Caller) -> Program:
        """This program, if the caller may change it; else ProgramNotFound or NotTheAuthor."""
        self.seen_by(caller)
        if self.author != caller.id:
            raise NotTheAuthor(self.id)
        return self

    def published(self, is_public: bool) -> Program:
        """The same program, public or private."""
        return replace(self, is_public=is_public)

    def with_source(self, source: bytes) -> Program:
        """The same program with another source."""
        return replace(self, source=source)


def program_id(name: str) -> str:
    """The id a program of this name gets: the name, with what does not fit into one path segment replaced by `-`.

    Every program of the transcripts has its name as its id; what happened to other names is a guess.
    """
    slug = re.sub(r"[^A-Za-z0-9._~-]", "-", name)
    return "program" if slug.strip(".") == "" else slug
