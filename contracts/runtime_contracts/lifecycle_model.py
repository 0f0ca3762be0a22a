"""The error that ends a walk: the server contradicts itself or the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runtime_contracts.steps import Step


class LifecycleFaultError(AssertionError):
    """The server contradicts itself or the model."""

    def __init__(self, check: str, operation: str, *, message: str, steps: list[Step]) -> None:
        super().__init__(f"{check}: {message}")
        self.check = check
        self.operation = operation
        self.message = message
        self.steps = steps
