"""docs/journal.md is true: its examples run, its texts are what is written, and its tables name all there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import pytest
from pytest import approx  # noqa: PT013 - as the page has it

from mock_runtime import operations
from mock_runtime.journal.asserting import Assertions
from mock_runtime.journal.query import NAMES
from mock_runtime.journal.scorecard import RULES, scorecard
from tests.mock_runtime.conftest import MakeFake
from tests.mock_runtime.journal.stories import Story

PAGE: Final = (Path(__file__).resolve().parents[3] / "docs" / "journal.md").read_text(encoding="utf-8")
PYTHON: Final = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
TEXTS: Final = re.findall(r"```text\n(.*?)\n```", PAGE, re.DOTALL)
OLD, NEW = "c2b04fot418h0qp0peh0", "c2b04g8t418h0qp0pehg"


def test_the_example_of_a_test_passes(pytester: pytest.Pytester) -> None:
    """It passes as it stands there."""
    pytester.makepyfile(PYTHON[0])
    pytester.runpytest_subprocess("-p", "no:cacheprovider", "-q").assert_outcomes(passed=1)


@pytest.mark.parametrize("number", range(1, len(PYTHON)))
def test_examples_run(number: int, make_fake: MakeFake) -> None:
    """Each runs as it stands, after a client of 2021 that was refused once and then polled a job."""
    fake = make_fake(scenario={"polls": 3})
    alice = fake.account()
    job = alice.submit()
    for pause in (2.0, 2.0, 2.0, 2.0):
        fake.clock.advance(pause)
        alice.get(f"/jobs/{job}/results")
    if "assert_retried" in PYTHON[number]:
        fake.runtime.faults.add(match={"operation": "list-jobs"}, act={"status": 503}, times=1)
        alice.get("/jobs?limit=20")
        fake.clock.advance(6.0)
        alice.get("/jobs?limit=20")
    names: dict[str, Any] = {"runtime": fake.runtime, "job": job, "approx": approx}
    exec(compile(PYTHON[number], "docs/journal.md", "exec"), names)  # noqa: S102 - our own page


def polled() -> Story:
    """Four polls."""
    story = Story()
    story.submit(OLD)
    for _ in range(3):
        story.look(job=OLD, seconds=0.0)
    story.look(200, job=OLD, seconds=0.0)
    return story


def doubled() -> Story:
    """A submission whose answer was cut."""
    story = Story()
    story.submit(OLD, 0, cut="before")
    story.submit(NEW)
    return story


def impatient() -> Story:
    """A client with two faults and a virtue."""
    story = Story()
    story.log_in(60.0)
    story.ask("list-jobs", 503, pause=1.0, answer_headers={"Retry-After": "5"})
    story.ask("list-jobs", pause=1.0)
    story.submit(None, 0, cut="request", pause=1.0)
    story.submit(OLD, pause=1.0)
    story.log_in(60.0, "the-next-token-4711", pause=1.0)
    return story


def test_the_texts_of_assertions_are_those_that_are_written() -> None:
    """The page shows what a person will read."""
    with pytest.raises(AssertionError) as raised:
        polled().journal().assert_polled(OLD, times=3)
    assert str(raised.value) == TEXTS[0]
    with pytest.raises(AssertionError) as raised:
        doubled().journal().assert_submitted_once(program="sampler")
    assert str(raised.value) == TEXTS[1]


def test_the_text_of_a_card_is_the_one_that_is_written() -> None:
    """The page shows a whole card."""
    story = impatient()
    assert "\n".join(scorecard(story.entries, now=story.now).lines()) == TEXTS[2]


def test_the_page_names_all_rules() -> None:
    """In their order, and no other."""
    assert re.findall(r"^\| `([a-z-]+)` \| (?:note|warning|complaint)", PAGE, re.MULTILINE) == list(RULES)


def test_the_page_names_all_filters_and_operations() -> None:
    """Each filter has its place in the table, and each operation its name."""
    table = PAGE.split("| filter | chooses |")[1].split("\n\n")[0]
    named = {
        name for row in re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)
    }
    assert named == NAMES
    for operation in operations.OPERATIONS:
        assert f"`{operation}`" in table


def test_the_page_names_all_assertions() -> None:
    """And none that is not there."""
    there = {name for name in vars(Assertions) if name.startswith("assert_")}
    assert set(re.findall(r"`(assert_\w+)\(", PAGE)) == there
