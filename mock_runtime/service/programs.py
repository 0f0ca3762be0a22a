"""The use cases of programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mock_runtime.domain.errors import UploadNotAllowed
from mock_runtime.domain.instances import Caller
from mock_runtime.domain.programs import DEFAULT_COST_S, Program, program_id
from mock_runtime.service.parts import Parts


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateProgram:
    """Upload a program. What is None was not sent."""

    caller: Caller
    name: str
    source: bytes
    cost_s: int | None = None
    description: str | None = None
    version: str | None = None
    is_public: bool = False
    parameters: str | None = None
    return_values: str | None = None
    interim_results: str | None = None
    backend_requirements: str | None = None


class ProgramService:
    """Programs, for callers who are already known."""

    def __init__(self, parts: Parts) -> None:
        self._store: Final = parts.store
        self._clock: Final = parts.clock

    def list(self, caller: Caller) -> Sequence[Program]:
        """The programs the caller may see: public ones and the caller's own."""
        return [program for program in self._store.programs() if program.is_visible_to(caller)]

    def get(self, caller: Caller, program_id: str) -> Program:
        """The program; ProgramNotFound."""
        return self._store.program(program_id).seen_by(caller)

    def create(self, command: CreateProgram) -> Program:
        """Keep an uploaded program, private until it is published; UploadNotAllowed, ProgramNameTaken."""
        if not command.caller.may_upload:
            raise UploadNotAllowed
        return self._store.add_program(
            Program(
                id=program_id(command.name),
                name=command.name,
                cost_s=DEFAULT_COST_S if command.cost_s is None else command.cost_s,
                description=command.description or "",
                created_at=self._clock.now(),
                version=command.version,
                is_public=command.is_public,
                author=command.caller.id,
                parameters=command.parameters,
                return_values=command.return_values,
                interim_results=command.interim_results,
                backend_requirements=command.backend_requirements,
                source=command.source,
            )
        )

    def replace_source(self, caller: Caller, program_id: str, source: bytes) -> None:
        """Give a program another source; ProgramNotFound, NotTheAuthor."""
        self._store.change_program(program_id, lambda program: program.owned_by(caller).with_source(source))

    def set_public(self, caller: Caller, program_id: str, is_public: bool) -> None:
        """Make a program public, or private again; ProgramNotFound, NotTheAuthor."""
        self._store.change_program(program_id, lambda program: program.owned_by(caller).published(is_public))

    def delete(self, caller: Caller, program_id: str) -> None:
        """Forget a program; ProgramNotFound, NotTheAuthor. Its jobs stay."""
        self._store.delete_program(program_id, lambda program: program.owned_by(caller))
