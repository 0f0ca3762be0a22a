"""Named sets of rules."""

from __future__ import annotations

import pytest

from mock_runtime.faults.profiles import Profile, profile_from_text, profile_rules, profiles
from mock_runtime.faults.reading import InvalidFault, fault
from mock_runtime.operations import OPERATIONS
from tests.mock_runtime.faults.calls import Bad, header


@pytest.mark.parametrize("profile", profiles(), ids=lambda profile: profile.name)
def test_a_profile_is_made_of_rules(profile: Profile) -> None:
    """They can be armed, their ids begin with its name, and it says in a sentence what it is."""
    bad = Bad()
    armed = bad.faults.arm_profile(profile.name)
    assert [rule.id for rule in armed] == [f"{profile.name}.{rule['id']}" for rule in profile.rules]
    assert profile.says.endswith(".")
    assert bad.faults
    for rule in profile.as_dict()["faults"]:
        assert "$" not in str(fault(rule).as_dict())


@pytest.mark.parametrize("profile", profiles(), ids=lambda profile: profile.name)
def test_each_rule_of_a_profile_is_met_in_the_course_of_a_day(profile: Profile) -> None:
    """By calls of all operations, with the answers that they usually have."""
    bad = Bad()
    bad.faults.arm_profile(profile.name)
    for _ in range(400):
        for operation in OPERATIONS:
            bad.ask(operation=operation, operation_id=None, job=None if operation == "submit-job" else "j1")
        bad.clock.advance(0.1)
    bad.faults.assert_all_met()


def test_options_are_set() -> None:
    """In Python and in text; each profile says which it has."""
    for rules in (
        profile_rules("ibm-maintenance", {"in": 0, "for": "1m"}),
        profile_from_text(" ibm-maintenance : in=0;for=1m "),
    ):
        (window,) = rules
        assert window.as_dict()["act"]["maintenance"] == {
            "in": 0,
            "for": "1m",
            "message": "The service is down for maintenance.",
        }
    assert profile_from_text("storm")[0].match.for_s == 30
    assert Bad().faults.arm_profile("storm", probability=1)[0].fault.match.probability == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("stormy", "profile: there is no 'stormy'; did you mean 'storm'?"),
        ("zzz", "profile: there is no 'zzz'; known are flaky-network, slow-friday"),
        ("", "profile: there is no ''; known are"),
        ("storm:force=12", "profile storm: there is no option 'force'; known are for, probability"),
        ("storm:probability=2", "profile storm: 503.match.probability: expected a number from 0 to 1, found 2"),
        ("storm:probability", "profile storm: expected KEY=VALUE"),
    ],
)
def test_what_is_no_profile_is_refused(text: str, said: str) -> None:
    """With what there is."""
    with pytest.raises(InvalidFault) as refused:
        profile_from_text(text)
    assert said in str(refused.value)


def test_a_profile_without_options_says_so() -> None:
    """And is refused any."""
    calm = Profile(name="calm", says="Nothing much.", rules=({"id": "a", "act": {"slow": 1}},))
    assert len(calm.faults({})) == 1
    with pytest.raises(InvalidFault, match="there is no option 'x'; it has none"):
        calm.faults({"x": 1})


def test_a_storm_ends() -> None:
    """And everything is as before."""
    bad = Bad()
    bad.faults.arm_profile("storm", probability=1)
    assert bad.statuses(5) == [503] * 5
    bad.clock.advance(30)
    assert bad.statuses(5) == [200] * 5


def test_submissions_are_limited_as_the_document_says() -> None:
    """Five a minute for each caller."""
    bad = Bad()
    bad.faults.arm_profile("rate-limited")
    assert bad.statuses(6, operation="submit-job", job=None) == [200] * 5 + [429]
    assert header(bad.ask(operation="submit-job", job=None), "Retry-After") == "12"
    assert bad.ask().status == 200


def test_a_maintenance_goes_by() -> None:
    """Announced, there, over."""
    bad = Bad()
    bad.faults.arm_profile("ibm-maintenance")
    seen = []
    for _ in range(8):
        seen.append(bad.ask().status)
        bad.clock.advance(100)
    assert seen == [200, 503, 503, 503, 503, 503, 503, 200]
