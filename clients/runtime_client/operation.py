"""An operation as a value: what to send, and what makes its answer a value. Nothing is sent here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from runtime_client.calls import Call
from runtime_client.wire import Answer

_T = TypeVar("_T")
_U = TypeVar("_U")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Generic[_T]):
    """One operation with its arguments; any kind of client sends its `call` and gives the answer to its `decode`."""

    call: Call
    decode: Callable[[Answer], _T]

    def then(self, use: Callable[[_T], _U]) -> Operation[_U]:
        """Return the same, whose value is what `use` makes of this one's."""
        return Operation(call=self.call, decode=lambda answer: use(self.decode(answer)))


def nothing(_: Answer) -> None:
    """Take an answer without a body."""
