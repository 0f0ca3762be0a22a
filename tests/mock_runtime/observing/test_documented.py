"""docs/observing.md says what there is: each number, each field, each form."""

from __future__ import annotations

import io
import json
import logging
import re
from pathlib import Path
from typing import Final, get_args

import pytest
from prometheus_client.parser import text_string_to_metric_families

from mock_runtime import ManualClock
from mock_runtime.observing.logs import Kind, configure, json_lines
from mock_runtime.observing.metrics import Metrics, Sources
from tests.mock_runtime.observing.entries import exchange

PAGE: Final = (Path(__file__).resolve().parents[3] / "docs" / "observing.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    """What the first column of the first table with that heading names, row by row."""
    table = PAGE[PAGE.index(f"| {heading} |") :].split("\n\n")[0].splitlines()[2:]
    return [re.findall(r"`([^`]+)`", line.split("|")[1]) for line in table]


def test_every_metric_is_documented() -> None:
    """With the labels that it has, and none that is not there."""
    sources = Sources(
        jobs=lambda: {"queued": 1}, exchanges=lambda: 1, dropped=lambda: 1, scopes=lambda: 1, faults=lambda: 1
    )
    metrics = Metrics(version=lambda: "1", edition="platform", sources=sources)
    metrics.observe(exchange(faults=("storm",), cut="within"))
    body, _ = metrics.render()
    families = [one for one in text_string_to_metric_families(body.decode()) if one.name.startswith("mock_runtime")]
    there = {f"{one.name}_total" if one.type == "counter" else one.name for one in families}
    assert {name for row in rows("metric") for name in row if name.startswith("mock_runtime")} == there
    for family in families:
        (line,) = (line for line in PAGE.splitlines() if line.startswith("| `mock") and f"`{family.name}" in line)
        labels = {label for sample in family.samples for label in sample.labels} - {"le"}
        assert set(re.findall(r"`(\w+)`", line.split("|")[2])) == labels, family.name


def test_every_field_is_documented() -> None:
    """Of the lines for programs, and none that is not there."""
    stream, clock = io.StringIO(), ManualClock()
    json_lines(stream, clock=clock)(
        exchange(faults=("storm",), cut="within", left=True, scope="gw0", session="s", backend="b")
    )
    there = set(json.loads(stream.getvalue()))
    assert {name for row in rows("field") for name in row} == there
    with configure("json", stream, clock=clock):
        logging.getLogger("mock_runtime").error("a bug", exc_info=ValueError("no"))
    of_messages = set(json.loads(stream.getvalue().splitlines()[1])) - {"timestamp", "level", "event"}
    (line,) = (line for line in PAGE.splitlines() if line.startswith("| `event`"))
    assert of_messages <= set(re.findall(r"`(\w+)`", line))


def test_every_form_of_the_log_is_documented() -> None:
    """And no other."""
    assert {name for row in rows("`--log`") for name in row} == set(get_args(Kind))


@pytest.mark.parametrize("line", re.findall(r"^(?:\d{3}|---) .*$", PAGE, re.MULTILINE))
def test_the_example_is_in_the_form_of_the_log(line: str) -> None:
    """Each line has its parts in their order."""
    form = r"(\d{3}|---) \w+ +/\S+  [\d.]+ ms(  (job \w+ )?(queued|running))?(  !\w+)*(  cut \w+)?(  @\w+)?  \[\w{20}\]"
    assert re.fullmatch(form, line)
