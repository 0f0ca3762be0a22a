"""The life of a program as a model, and calls that compare a server with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runtime_contracts.exchange import Answer, Exchange, form_body, json_body
from runtime_contracts.lifecycle_model import LifecycleFaultError
from runtime_contracts.violation import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime_contracts.steps import Step


@dataclass(slots=True)
class Program:
    """What is known about one program."""

    id: str
    name: str
    source: bytes
    steps: list[Step]
    public: bool = False
    deleted: bool = False


@dataclass(slots=True)
class ProgramCalls:
    """Calls on programs, each compared with the model.

    `may_upload` turns False when the server says that the account must not; nothing more is tried then.
    """

    exchange: Exchange
    headers: Mapping[str, str]
    other_headers: Mapping[str, str] | None
    prefix: str
    may_upload: bool = True
    programs: list[Program] = field(default_factory=list)
    made: int = 0

    def create(self, *, cost: int, description: str) -> Program | None:
        """Upload a program; it must be readable as it was sent, private, and its name must be taken."""
        self.made += 1
        name = f"{self.prefix}-{self.made}"
        source = f"def main(backend, user_messenger):\n    return {self.made}\n".encode()
        fields = {"name": name, "cost": str(cost), "max_execution_time": str(cost), "description": description}
        answer = self._upload(fields, source)
        if answer.status == 403:
            self.may_upload = False
            return None
        program = Program(str(answer.get("id")), name, source, [self.exchange.step])
        self._expect(program, "post-program", answer, 201, "upload_accepted")
        self.programs.append(program)
        value = self.read(program)
        for key, wanted in {"name": name, "cost": cost, "description": description}.items():
            if value.get(key) != wanted:
                message = f"{key}: sent {shown(wanted)}, found {shown(value.get(key))}"
                self._fault(program, "read_what_was_sent", "get-program", message)
        again = self._upload(fields, source)
        program.steps.append(self.exchange.step)
        self._expect(program, "post-program", again, 409, "name_is_unique")
        return program

    def _upload(self, fields: Mapping[str, str], source: bytes) -> Answer:
        body, content_type = form_body(fields, source=source)
        return self.exchange.call("post-program", headers={**self.headers, "Content-Type": content_type}, body=body)

    def read(self, program: Program) -> Mapping[str, Any]:
        """Read a program as its author, and as somebody else if there is one."""
        answer = self._on(program, "get-program", self.headers)
        if program.deleted:
            self._expect(program, "get-program", answer, 404, "deleted_is_gone")
            return {}
        self._expect(program, "get-program", answer, 200, "created_is_readable")
        value = answer.json()
        if not isinstance(value, dict):
            return {}  # the contract has already said so
        source = value.get("data")
        if source is not None and source != program.source.decode():
            self._fault(program, "read_what_was_sent", "get-program", f"data: found {shown(source)}")
        if value.get("isPublic", program.public) != program.public:
            self._fault(program, "published_is_public", "get-program", f"isPublic: found {value.get('isPublic')}")
        self._strangers(program)
        return value

    def _strangers(self, program: Program) -> None:
        if self.other_headers is None:
            return
        answer = self._on(program, "get-program", self.other_headers)
        check = "published_is_public" if program.public else "private_to_its_owner"
        self._expect(program, "get-program", answer, 200 if program.public else 404, check)
        if program.public and answer.get("data") is not None:
            self._fault(program, "source_is_for_its_author", "get-program", "somebody else is shown the source")
        refused = 403 if program.public else 404
        for operation in ("put-program-public", "put-program-private", "delete-program"):
            answer = self._on(program, operation, self.other_headers)
            self._expect(program, operation, answer, refused, "only_its_author_changes_it")

    def listed(self) -> None:
        """Read the list; it must hold every program made here, once, and none that was deleted."""
        answer = self.exchange.call("get-programs", headers=self.headers)
        step = self.exchange.step
        value = answer.json()
        found = [entry.get("id") for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
        for program in self.programs:
            times = found.count(program.id)
            if times != (0 if program.deleted else 1):
                program.steps.append(step)
                self._fault(program, "list_is_complete", "get-programs", f"the program is listed {times} times")

    def publish(self, program: Program, *, public: bool) -> None:
        """Make a program public or private."""
        operation = "put-program-public" if public else "put-program-private"
        answer = self._on(program, operation, self.headers)
        if program.deleted:
            self._expect(program, operation, answer, 404, "deleted_is_gone")
            return
        self._expect(program, operation, answer, 204, "change_accepted")
        program.public = public
        self.read(program)

    def replace(self, program: Program, *, source: bytes) -> None:
        """Replace the source of a program."""
        operation = "put-program-data"
        answer = self._on(program, operation, {**self.headers, "Content-Type": "text/plain"}, source)
        if program.deleted:
            self._expect(program, operation, answer, 404, "deleted_is_gone")
            return
        self._expect(program, operation, answer, 204, "change_accepted")
        program.source = source
        self.read(program)

    def run(self, program: Program) -> None:
        """Run a program; one that was deleted cannot be."""
        headers = {**self.headers, "Content-Type": "application/json"}
        answer = self.exchange.call("post-program-id", headers=headers, body=json_body({"programId": program.id}))
        program.steps.append(self.exchange.step)
        if program.deleted:
            self._expect(program, "post-program-id", answer, 404, "deleted_is_gone")
            return
        self._expect(program, "post-program-id", answer, 200, "submit_accepted")
        values = {"jid": str(answer.get("id"))}
        gone = self.exchange.call("delete-job", headers=self.headers, values=values)
        program.steps.append(self.exchange.step)
        self._expect(program, "delete-job", gone, 204, "delete_accepted")

    def delete(self, program: Program) -> None:
        """Delete a program; afterwards nothing must know it."""
        answer = self._on(program, "delete-program", self.headers)
        if program.deleted:
            self._expect(program, "delete-program", answer, 404, "deleted_is_gone")
            return
        self._expect(program, "delete-program", answer, 204, "delete_accepted")
        program.deleted = True
        self.read(program)

    def _on(self, program: Program, operation: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        answer = self.exchange.call(operation, headers=headers, values={"id": program.id}, body=body)
        program.steps.append(self.exchange.step)
        return answer

    def _expect(self, program: Program, operation: str, answer: Answer, status: int, check: str) -> None:
        if answer.status != status:
            body = shown(answer.body.decode("utf-8", errors="replace"))
            state = "deleted" if program.deleted else "public" if program.public else "private"
            message = f"the program is {state}: expected {status}, found {answer.status} {body}"
            self._fault(program, check, operation, message)

    @staticmethod
    def _fault(program: Program, check: str, operation: str, message: str) -> None:
        raise LifecycleFaultError(check, operation, message=message, steps=list(program.steps))
