"""Accounts on the wire: the plans of an account, and what they allow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mock_runtime.domain.sessions import INTERACTIVE_TTL_S
from mock_runtime.editions.platform.wire import query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Request

    from mock_runtime.service.reports import AccountPlan

LONGEST_PLAN_ID: Final = 64
"""Characters. Evidence: IBM's document."""

_MOST_BACKENDS: Final = 100
_MOST_SECONDS: Final = 2**31 - 1


def parse_plan(request: Request) -> str | None:
    """The plan that a query asks for, None for all of them."""
    return query.line(request, "plan_id", at_least=1, at_most=LONGEST_PLAN_ID)


def present_account(plans: Iterable[AccountPlan], plan_id: str | None) -> dict[str, Any]:
    """The configuration of an account. A plan that it does not have makes an empty list: a guess."""
    return {"plans": [present_plan(plan) for plan in plans if plan_id in {None, plan.plan.id}]}


def present_plan(account: AccountPlan) -> dict[str, Any]:
    """A plan as an object; what has no limit is left out. There are no functions: they are another service."""
    plan = account.plan
    seconds = {
        "usage_allocation_seconds": plan.allocation_s,
        "usage_limit_seconds": account.limit_s,
        "unallocated_usage_seconds": account.unallocated_s,
        "max_ttl": plan.max_ttl_s,
        "active_ttl": plan.max_ttl_s,
        "interactive_ttl": INTERACTIVE_TTL_S,
    }
    return {
        "plan_id": plan.id,
        "subscription_id": account.subscription.id,
        "subscription_name": account.subscription.name,
        **{name: min(value, _MOST_SECONDS) for name, value in seconds.items() if value is not None},
        "backends": list(account.backends)[:_MOST_BACKENDS],
        "functions": [],
    }
