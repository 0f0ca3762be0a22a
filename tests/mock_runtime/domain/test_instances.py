"""Instances, their plans, and on whose account a caller works."""

from __future__ import annotations

import pytest

from mock_runtime.domain.instances import CRN, OPEN_PLAN, PAYGO_PLAN, PLANS, Caller, Instance, crn

MINE = crn(account="0123abc", guid="01234567-89ab-4cde-af01-23456789abcd", region="eu-de")


def test_a_crn_says_whose_instance_it_is_and_where() -> None:
    """In the form that IBM documents."""
    instance = Instance(crn=MINE, name="mine", plan=OPEN_PLAN)
    assert MINE == ("crn:v1:bluemix:public:quantum-computing:eu-de:a/0123abc:01234567-89ab-4cde-af01-23456789abcd::")
    assert (instance.account, instance.region) == ("0123abc", "eu-de")
    assert instance.guid == "01234567-89ab-4cde-af01-23456789abcd"


@pytest.mark.parametrize("text", [MINE, crn(account="a", guid="g"), MINE.replace("public", "staging")])
def test_what_is_a_crn(text: str) -> None:
    """Whatever account and region it names."""
    assert CRN.fullmatch(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "crn",
        MINE[:-1],
        MINE + "x",
        MINE + "\n",
        MINE.replace("a/", ""),
        MINE.replace("a/0123abc", "a/"),
        MINE.replace("a/0123abc", "a/../x"),
        MINE.replace("quantum-computing", "cloud-object-storage"),
        MINE.replace("eu-de", "EU-DE"),
        MINE.replace("v1", "v2"),
        MINE.replace("0123abc", "ü"),
    ],
)
def test_what_is_none(text: str) -> None:
    """Of another service, of no account, or with something more in it."""
    assert CRN.fullmatch(text) is None


def test_which_backends_an_instance_may_use() -> None:
    """All, unless some are named; perhaps none."""
    assert Instance(crn=MINE, name="", plan=PAYGO_PLAN).may_use("ibm_fez")
    some = Instance(crn=MINE, name="", plan=PAYGO_PLAN, backends=("ibm_fez",))
    assert (some.may_use("ibm_fez"), some.may_use("ibm_torino")) == (True, False)
    assert not Instance(crn=MINE, name="", plan=PAYGO_PLAN, backends=()).may_use("ibm_fez")


def test_a_caller_owns_what_the_instance_owns() -> None:
    """Without one, everybody is a tenant alone."""
    instance = Instance(crn=MINE, name="mine", plan=PAYGO_PLAN)
    assert Caller("alice", "Alice").tenant == "alice"
    assert Caller("alice", "Alice", instance=instance).tenant == Caller("bob", "Bob", instance=instance).tenant == MINE


def test_the_plans_are_known_by_name() -> None:
    """The free one allows less."""
    assert PLANS == {"open": OPEN_PLAN, "pay-as-you-go": PAYGO_PLAN}
    assert (OPEN_PLAN.allocation_s, OPEN_PLAN.dedicated, OPEN_PLAN.period_days) == (600, False, 28)
    assert (PAYGO_PLAN.allocation_s, PAYGO_PLAN.dedicated) == (None, True)
