"""docs/faults.md is true: each key, act and profile is on it, and its examples are read."""

from __future__ import annotations

import itertools
import re
import shlex
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from mock_runtime.faults.accounts import Why
from mock_runtime.faults.acts import ACT_KEYS, JOB_EVENTS
from mock_runtime.faults.profiles import profile_from_text, profiles
from mock_runtime.faults.reading import KEYS, MATCH_KEYS, fault, fault_from_text
from mock_runtime.faults.rule import Body
from mock_runtime.operations import OPERATIONS
from mock_runtime.transport.delivery import Cut
from tests.mock_runtime.faults.calls import Bad

PAGE: Final = (Path(__file__).resolve().parents[3] / "docs" / "faults.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """What stands under a heading."""
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def rows(title: str) -> dict[str, list[str]]:
    """The rows of the first table in a section, by the word in their first column."""
    found = re.findall(r"^\| `([^`]+)` \|(.*)\|$", section(title), re.MULTILINE)
    return {name: [cell.strip() for cell in rest.split(" | ")] for name, rest in found}


MATCHES: Final = {key: cells[-1].strip("` ") for key, cells in rows("What a rule waits for").items()}
ACTS: Final = {key: cells[-1].strip("` ") for key, cells in rows("What happens").items()}


def test_every_key_is_documented() -> None:
    """And none that is not there."""
    (rule,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert set(yaml.safe_load(rule.replace("\non:", "\n'on':"))) == set(KEYS)
    assert set(MATCHES) == set(MATCH_KEYS)
    assert set(ACTS) == set(ACT_KEYS)
    assert fault(yaml.safe_load(rule)).times == 3


@pytest.mark.parametrize("key", MATCHES)
def test_every_example_of_a_match_is_read(key: str) -> None:
    """Under the key that it is of."""
    said = yaml.safe_load(MATCHES[key])
    assert list(said) == [key]
    fault({"match": said, "act": {"slow": "1s"}})


@pytest.mark.parametrize("key", ACTS)
def test_every_example_of_an_act_is_read(key: str) -> None:
    """With the key that it is of in it."""
    said = yaml.safe_load(ACTS[key])
    assert key in said
    fault({"act": said})


def test_every_word_is_documented() -> None:
    """Operations, cuts, bodies, events of jobs."""
    for name in OPERATIONS:
        assert f"`{name}`" in section("What a rule waits for")
    for name in (*Body, *JOB_EVENTS, *Cut):
        assert re.search(rf"`(cut: )?{name}`", section("What happens")), name


def test_every_reason_is_documented() -> None:
    """Why a rule leaves a call alone."""
    assert set(rows("What came of it")) == set(Why)


def test_every_profile_is_documented_with_its_options() -> None:
    """And none that is not there."""
    documented = {name: set(re.findall(r"`([a-z_]+)`", cells[-1])) for name, cells in rows("Profiles").items()}
    assert documented == {profile.name: set(profile.options) for profile in profiles()}


def test_the_command_lines_are_read() -> None:
    """What stands behind `--fault` and `--chaos`; the first is the rule of the page."""
    (rule,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    flags: dict[str, list[str]] = {"--fault": [], "--chaos": []}
    for line in re.findall(r"^\$ (mock-runtime .*)$", PAGE, re.MULTILINE):
        words = shlex.split(line)
        for flag, value in itertools.pairwise(words):
            if flag in flags:
                flags[flag].append(value)
    assert [fault_from_text(text) for text in flags["--fault"]] == [fault(yaml.safe_load(rule))]
    assert [bool(profile_from_text(text)) for text in flags["--chaos"]] == [True, True]


def test_the_complaint_is_what_is_said() -> None:
    """Word for word."""
    (shown,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    rule: dict[str, Any] = {"id": "storm", "match": {"operation": "get-results"}, "act": {"status": 503}}
    bad = Bad(rule, {"act": {"slow": 1}})
    storm = bad.faults["storm"].tally
    storm.looked, storm.matched = 12, 4
    storm.passed[Why.PROBABILITY] = 4
    bad.faults["fault-1"].meet(1)
    with pytest.raises(AssertionError) as complaint:
        bad.faults.assert_all_met()
    assert f"{complaint.value}\n" == shown


def test_the_python_runs() -> None:
    """All of it, in one go; but for the complaint at its end, since nothing came."""
    examples = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    for example in examples:
        code = example.replace("runtime.faults.assert_all_met()", "")
        exec(compile(code, "docs/faults.md", "exec"), names)  # noqa: S102 - our own page
    assert next(rule.id for rule in names["runtime"].faults) == "storm"
    assert not names["storm"].on
