"""GET /v1/accounts/{id}: the plans of an account."""

from __future__ import annotations

from typing import Any

import pytest

from mock_runtime.domain.instances import OPEN_PLAN, PAYGO_PLAN
from mock_runtime.domain.subscriptions import Subscription
from tests.mock_runtime.editions.platform.reporting import DEVICE, OTHER, Tenant, tenants

ACCOUNT = "0123456789abcdef0123456789abcdef"


def with_instances(*instances: dict[str, Any]) -> Tenant:
    """A user of an account with these instances."""
    tokens = [{"token": "key", "name": "alice", "account": ACCOUNT}]
    return tenants("key", tokens=tokens, instances=instances)[0]


def plans(tenant: Tenant, query: str = "") -> list[dict[str, Any]]:
    """The plans in the answer."""
    found: list[dict[str, Any]] = tenant.read(f"/v1/accounts/{ACCOUNT}{query}")["plans"]
    return found


def test_an_account_has_the_plans_of_its_instances() -> None:
    """Each once, with what it allows."""
    alice = with_instances(
        {"name": "one", "plan": "open", "backends": [DEVICE]},
        {"name": "two", "plan": "pay-as-you-go", "limit_s": 700},
        {"name": "three", "plan": "open", "backends": [DEVICE, OTHER]},
    )
    subscription = Subscription.to(OPEN_PLAN, ACCOUNT)
    first, second = plans(alice)
    assert first == {
        "plan_id": OPEN_PLAN.id,
        "subscription_id": subscription.id,
        "subscription_name": subscription.name,
        "usage_allocation_seconds": 600,
        "unallocated_usage_seconds": 0,
        "max_ttl": 600,
        "active_ttl": 600,
        "interactive_ttl": 60,
        "backends": [DEVICE, OTHER],
        "functions": [],
    }
    assert second["plan_id"] == PAYGO_PLAN.id
    assert second["usage_limit_seconds"] == 700
    assert not {"usage_allocation_seconds", "unallocated_usage_seconds"} & set(second)


def test_what_no_instance_was_given_is_unallocated() -> None:
    """The limits of the instances are what they were given, also when they are changed."""
    alice = with_instances({"name": "one", "plan": "open", "limit_s": 100})
    assert (plans(alice)[0]["usage_limit_seconds"], plans(alice)[0]["unallocated_usage_seconds"]) == (100, 500)
    alice.runtime.service.usage.set_limit(alice.caller, 250)
    assert (plans(alice)[0]["usage_limit_seconds"], plans(alice)[0]["unallocated_usage_seconds"]) == (250, 350)


def test_mocks_are_no_backends_of_a_plan() -> None:
    """They are for rehearsals; everything else of the world is there."""
    alice = with_instances({"name": "one"})
    real = [backend.name for backend in alice.runtime.world.backends if not backend.mock]
    assert plans(alice)[0]["backends"] == real


def test_one_plan_can_be_asked_for() -> None:
    """Another one than the account has makes an empty list."""
    alice = with_instances({"name": "one", "plan": "open"}, {"name": "two"})
    assert [plan["plan_id"] for plan in plans(alice, f"?plan_id={PAYGO_PLAN.id}")] == [PAYGO_PLAN.id]
    assert plans(alice, "?plan_id=other") == []


@pytest.mark.parametrize("plan", ["", "x" * 65, "%0A", "a%0A", "a&plan_id=a"])
def test_a_plan_that_cannot_be_is_refused(plan: str) -> None:
    """Too short, too long, no line of text, and two of them."""
    alice = with_instances({"name": "one"})
    assert alice.refused(f"/v1/accounts/{ACCOUNT}?plan_id={plan}", 400)["code"] == 1208


@pytest.mark.parametrize("account", ["x", ACCOUNT.upper(), f"a%2F{ACCOUNT}", "x" * 65])
def test_other_accounts_are_not_found(account: str) -> None:
    """Whether they exist or not."""
    answer = with_instances({"name": "one"}).ask(f"/v1/accounts/{account}")
    assert answer.status_code == 404


def test_an_account_is_for_its_users() -> None:
    """Another user does not find it."""
    alice, bob = tenants("alice", "bob")
    account = alice.caller.tenant.split(":")[6].removeprefix("a/")
    assert len(alice.read(f"/v1/accounts/{account}")["plans"]) == 1
    assert bob.refused(f"/v1/accounts/{account}", 404)["code"] == 1280
    assert bob.ask(f"/v1/accounts/{account}", Authorization="").status_code == 401


def test_instances_of_other_accounts_add_no_plans() -> None:
    """A user may have been let into those, too; each account has its own."""
    elsewhere = "crn:v1:bluemix:public:quantum-computing:us-east:a/another:0000-1::"
    alice = with_instances({"name": "one", "plan": "open"}, {"name": "two", "crn": elsewhere})
    assert [plan["plan_id"] for plan in plans(alice)] == [OPEN_PLAN.id]
    (other,) = alice.read("/v1/accounts/another")["plans"]
    assert other["plan_id"] == PAYGO_PLAN.id
