"""The errors that end a walk: the server contradicts itself or the model, or makes no sense."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from runtime_contracts.violation import shown

if TYPE_CHECKING:
    from runtime_contracts.steps import Step


NONSENSE: Final = (TypeError, AttributeError, KeyError, IndexError, ValueError, OverflowError)
"""What reading an answer ends in that has other types than anybody would give them."""


def nonsense(error: Exception) -> str:
    """Say that an answer makes no sense."""
    return f"an answer could not be read: {type(error).__name__}: {shown(str(error))}"


class CouldNotRunError(Exception):
    """The run cannot begin, or go on; the message says why and what to do."""


class LifecycleFaultError(AssertionError):
    """The server contradicts itself or the model."""

    def __init__(self, check: str, operation: str, *, message: str, steps: list[Step]) -> None:
        super().__init__(f"{check}: {message}")
        self.check = check
        self.operation = operation
        self.message = message
        self.steps = steps
