"""What an account pays by: one subscription for each plan that its instances have."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass

from mock_runtime.domain.instances import Instance, Plan


@dataclass(frozen=True, slots=True)
class Subscription:
    """The subscription of an account to a plan. `id` is a UUID of version 4 that follows from both: it is ours.

    Evidence: the published document wants one of every plan; what the real ones are called is not known.
    """

    id: str
    name: str

    @staticmethod
    def to(plan: Plan, account: str) -> Subscription:
        """The subscription of that account."""
        digest = hashlib.sha256(f"subscription/{account}/{plan.id}".encode()).digest()
        return Subscription(str(uuid.UUID(bytes=digest[:16], version=4)), f"{plan.name} of {account}")

    @staticmethod
    def of(instance: Instance) -> Subscription:
        """The subscription that an instance is paid by."""
        return Subscription.to(instance.plan, instance.account)
