"""One answer, with the number under which it can be asked for again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from runtime_contracts.answers.wire import Headers, raw
from runtime_contracts.violation import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

CASE: Final = "Mock-Runtime-Case"
"""The header with the number of a case: in an answer which one it is, in a request which one it shall be."""
CASE_NAME: Final = "Mock-Runtime-Case-Name"
FAULT: Final = "Mock-Runtime-Fault"
POLICY: Final = "Mock-Runtime-Policy"
"""The header of a broken answer that says whether a client has to "refuse" it, or whether it is "unusual"."""
_NAME_LIMIT: Final = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One answer to an operation.

    Attributes:
        number: under which the same operation, seed, mode and document give it again.
        name: what is special about it, in ASCII.
        fault: what is wrong with it, in ASCII; "" for a right one.
        unusual: whether a client could make sense of the fault if it wanted to, or cannot be expected to notice it.
        value: what the body says, where it is JSON; else its text, or None.
        layout: how that JSON is laid out; "" for a body that is not to be written anew.
        framing: how it is framed on the wire, "" if that is left to the server.
        wire: the bytes on the wire where they are broken, or None.
    """

    operation: str
    number: int
    name: str
    status: int
    headers: Headers = ()
    body: bytes = b""
    fault: str = ""
    unusual: bool = False
    value: Any = None
    layout: str = ""
    framing: str = ""
    wire: bytes | None = None

    @property
    def told(self) -> Headers:
        """The headers that tell which case it is."""
        told = ((CASE, str(self.number)), (CASE_NAME, self.name))
        if not self.fault:
            return told
        return (*told, (FAULT, self.fault), (POLICY, self.policy))

    @property
    def policy(self) -> str:
        """What a client has to do with it: "accept" it, "refuse" it, or what it likes, if it is "unusual"."""
        if not self.fault:
            return "accept"
        return "unusual" if self.unusual else "refuse"

    @property
    def sent_headers(self) -> Headers:
        """Its own headers, and those that tell which case it is."""
        return (*self.headers, *self.told)

    @property
    def content_type(self) -> str:
        """Its content type, "" if it has none."""
        return next((value for name, value in self.headers if name.lower() == "content-type"), "")

    def raw(self, *, head_only: bool = False) -> bytes | None:
        """Return the bytes on the wire, after which the connection closes; None if a server may frame it as ever."""
        if self.wire is not None:
            return self.wire
        if not self.framing:
            return None
        return raw(self.status, self.sent_headers, self.body, self.framing, head_only=head_only)

    def as_dict(self) -> Mapping[str, Any]:
        """Return what there is to say about it, without its body."""
        return {
            "operation": self.operation,
            "case": self.number,
            "name": self.name,
            "status": self.status,
            "fault": self.fault or None,
            "policy": self.policy,
        }


def in_ascii(text: str) -> str:
    """Return a name fit for a header: ASCII, printable, and not too long."""
    return shown(text, limit=_NAME_LIMIT).encode("ascii", "backslashreplace").decode()
