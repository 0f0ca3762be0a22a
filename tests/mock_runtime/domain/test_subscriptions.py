"""What an account pays by."""

from __future__ import annotations

import uuid

from mock_runtime.domain.instances import OPEN_PLAN, PAYGO_PLAN, Instance, crn
from mock_runtime.domain.subscriptions import Subscription


def test_an_account_has_one_subscription_for_each_plan() -> None:
    """The same for all its instances of that plan, and another one for another plan or account."""
    one = Instance(crn=crn(account="a1", guid="g1"), name="one", plan=OPEN_PLAN)
    two = Instance(crn=crn(account="a1", guid="g2"), name="two", plan=OPEN_PLAN)
    assert Subscription.of(one) == Subscription.of(two) == Subscription.to(OPEN_PLAN, "a1")
    assert len({Subscription.to(plan, account).id for plan in (OPEN_PLAN, PAYGO_PLAN) for account in ("a1", "a2")}) == 4


def test_its_id_is_a_uuid_of_version_4() -> None:
    """As the document wants those that usage is filtered by."""
    assert uuid.UUID(Subscription.to(OPEN_PLAN, "a1").id).version == 4
