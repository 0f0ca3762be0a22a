"""Reports: counts, verdicts, and the three renderings."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from runtime_contracts.collector import Collector
from runtime_contracts.rendering import render
from runtime_contracts.report import Report
from runtime_contracts.violation import difference, masked, masked_bytes

SECRET = "a-secret-that-must-not-show"


def _collector(progress: list[str] | None = None) -> Collector:
    lines = [] if progress is None else progress
    documented = {"get-jobs": (200, 401), "logout": (204, 401)}
    return Collector("server", "http://host", "legacy-2021", 7, documented, lines.append, secrets={SECRET})


def _broken() -> Report:
    collector = _collector()
    collector.count("get-jobs", phase="probes", status=200)
    collector.count("get-jobs", phase="probes", status=None)
    collector.count("get-jobs", phase="coverage", status=500)
    for _ in range(2):
        collector.fail(
            "a_check", "get-jobs", phase="probes", message=f"<b>{SECRET}\x00</b>", reproduce=f"curl {SECRET}"
        )
    collector.fail("another", "", phase="run", message="[red]not markup[/red]")
    collector.note("a note")
    collector.note("a note")
    return collector.report()


def test_counts_and_coverage() -> None:
    """Cases, phases, answers that were met and operations that were left out are told apart."""
    report = _broken()
    assert report.total == 3
    assert report.phases == {"probes": 2, "coverage": 1}
    assert report.statuses == {"get-jobs": {200: 1, 500: 1}}
    assert report.unmet == {"get-jobs": (401,), "logout": (204, 401)}
    assert report.left_out == ("logout",)
    assert report.notes == ("a note",)


def test_same_failure_is_kept_once() -> None:
    """A failure that comes again is counted, and the first one is shown."""
    progress: list[str] = []
    collector = _collector(progress)
    for kind in ("one", "one", "two"):
        collector.fail("a_check", "get-jobs", phase="probes", message=kind, kind=kind)
    assert [(failure.message, failure.count) for failure in collector.report().failures] == [("one", 2), ("two", 1)]
    assert progress == ["a_check: get-jobs", "a_check: get-jobs"]


def test_secret_that_is_learnt_later_is_masked_as_well() -> None:
    """A token that becomes known after a failure was kept does not show in the report."""
    collector = _collector()
    collector.fail("a_check", "get-jobs", phase="probes", message="told later-secret", reproduce="later-secret")
    collector.secrets.add("later-secret")
    assert "later-secret" not in collector.report().to_text()


def test_long_texts_are_cut() -> None:
    """A server that answers megabytes does not fill the report."""
    collector = _collector()
    collector.fail("a_check", "get-jobs", phase="probes", message="x" * 10**6, reproduce="y" * 10**6)
    assert len(collector.report().to_text()) < 20_000


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (Report("server", "t", "e", 1), 0),
        (_broken(), 1),
        (Report("server", "t", "e", 1, problem="no"), 2),
        (Report("server", "t", "e", 1, interrupted=True), 130),
    ],
)
def test_exit_code_tells_the_verdict(report: Report, code: int) -> None:
    """0 clean, 1 violations, 2 could not run, 130 interrupted."""
    assert report.exit_code == code
    assert json.loads(report.to_json())["exit_code"] == code


def test_text_says_what_was_found_and_how_to_see_it_again() -> None:
    """The text holds the checks, the messages, the requests and the seed, and no secret."""
    text = _broken().to_text()
    for part in ("a_check: get-jobs (probes, 2x)", "   curl [masked]", "note: a note", "--seed 7", "2 violations"):
        assert part in text
    assert SECRET not in text


def test_json_has_a_stable_set_of_keys() -> None:
    """Programs that read the JSON find the same keys in every report."""
    keys = set(json.loads(_broken().to_json()))
    assert keys == set(json.loads(Report("client", "t", "e", 1, problem="no").to_json()))
    assert {"coverage", "failures", "cases", "seed", "left_out", "problem"} <= keys


def test_discarded_alarms_are_told_by_kind() -> None:
    """Alarms that do not count are shown with their number and their kinds, in text, JSON and at the terminal."""
    collector = _collector()
    for reason in ("a form", "a form", f"a {SECRET}"):
        collector.discard("a_check", "get-jobs", reason)
    report = collector.report()
    assert report.exit_code == 0
    shown = [
        "note: 3 alarms were false and do not count:",
        "  a_check: get-jobs: a form (2x)",
        "  a_check: get-jobs: a [masked] (1x)",
    ]
    assert report.to_text().splitlines()[3:6] == shown
    assert [kind["count"] for kind in json.loads(report.to_json())["discarded"]] == [2, 1]
    console = Console(width=120, highlight=False, force_terminal=False)
    with console.capture() as capture:
        render(report, console)
    assert [line for line in capture.get().splitlines() if line in shown] == shown


def test_discarded_alarms_of_very_many_kinds_are_counted() -> None:
    """Of more kinds than anybody would read, the number is kept."""
    collector = _collector()
    for number in range(80):
        collector.discard("a_check", "get-jobs", str(number))
    kinds = collector.report().discarded
    assert len(kinds) == 51
    assert (kinds[-1].reason, kinds[-1].count) == ("further kinds", 30)


def test_junit_can_be_parsed_whatever_was_said() -> None:
    """The JUnit file is XML even with control characters in it, and has a case for each operation."""
    suite = ET.fromstring(_broken().to_junit())  # noqa: S314 - our own text
    assert [case.get("name") for case in suite] == ["run", "get-jobs", "logout"]
    assert suite.get("failures") == "2"
    problem = ET.fromstring(Report("server", "t", "e", 1, problem="no").to_junit())  # noqa: S314 - our own text
    assert problem.get("errors") == "1"


def test_files_are_written(tmp_path: Path) -> None:
    """The folder is made, and holds the text, the JSON and the JUnit rendering."""
    files = _broken().write(tmp_path / "new" / "folder")
    assert [file.name for file in files] == [f"server-legacy-2021.{suffix}" for suffix in ("txt", "json", "xml")]
    assert all(file.stat().st_size for file in files)


@pytest.mark.parametrize(
    ("report", "last"),
    [
        (_broken(), "2 violations of the contract in 3 cases; --seed 7 makes the same run again"),
        (Report("server", "t", "e", 1), "no violation of the contract in 0 cases"),
        (Report("server", "t", "e", 1, problem="gone"), "could not run: gone"),
        (Report("server", "t", "e", 1, interrupted=True), "interrupted after 0 cases; 0 violations until then"),
    ],
)
def test_terminal_gets_the_verdict_last(report: Report, last: str) -> None:
    """The verdict is the last line, and nothing that a server said is taken for markup."""
    console = Console(width=120, record=True, file=None, highlight=False, quiet=False, force_terminal=False)
    with console.capture() as capture:
        render(report, console)
    lines = capture.get().splitlines()
    assert lines[-1] == last
    assert ("[red]not markup[/red]" in capture.get()) == bool(report.failures)


def test_one_thing_is_told_in_the_singular() -> None:
    """One case, one violation and one false alarm are not told in the plural."""
    collector = _collector()
    collector.count("get-jobs", phase="probes", status=200)
    collector.fail("a_check", "get-jobs", phase="probes", message="m")
    collector.discard("a_check", "get-jobs", "a form")
    report = collector.report()
    console = Console(width=80, highlight=False, force_terminal=False)
    with console.capture() as capture:
        render(report, console)
    assert capture.get().splitlines()[-1] == "1 violation of the contract in 1 case; --seed 7 makes the same run again"
    assert "1 alarm was false and does not count:" in report.to_text()
    assert "1 case (probes 1) on 1 operation\n" in report.to_text()
    assert "1 violation of the contract" in report.to_text()


@pytest.mark.parametrize("width", [20, 80])
def test_no_line_is_broken_and_no_heading_cut(width: int) -> None:
    """However narrow the place is, headings are whole, and a URL or a message can be copied in one piece."""
    collector = _collector()
    for phase in ("probes", "examples", "coverage", "fuzzing", "stateful", "lifecycle"):
        collector.count("get-jobs", phase=phase, status=200)
    address = f"see https://host.test/{'a' * 200} for it"
    collector.fail("a_check", "get-jobs", phase="probes", message=address, reproduce=f"curl {address}")
    console = Console(width=width, highlight=False, force_terminal=False)
    with console.capture() as capture:
        render(collector.report(), console)
    lines = capture.get().splitlines()
    assert lines[1] == "operation  probes  examples  coverage  fuzzing  stateful  lifecycle  never met"
    assert lines[2] == "get-jobs        1         1         1        1         1          1  401"
    assert f"   {address}" in lines
    assert f"   curl {address}" in lines


def test_short_token_is_masked_where_it_stands_alone() -> None:
    """A token of one letter does not hide half of every word, and shows nowhere."""
    collector = Collector("server", "t", "e", 1, {}, secrets={"t"})
    collector.fail("a_check", "", phase="run", message="http://host/t?x=t does not take 't' (Bearer t)")
    message = collector.report().failures[0].message
    assert message == "http://host/[masked]?x=[masked] does not take '[masked]' (Bearer [masked])"


@pytest.mark.parametrize(
    "secret",
    [
        "long-enough",
        "a.b*c",
        "it's",
        'a"b',
        "back\\slash",
        "a b",
        "50%",
        "\u00e4\u6f22",
        "$TOKEN_",
        "line\nbreak",
        "^$",
    ],
)
def test_odd_token_shows_in_no_spelling(secret: str) -> None:
    """A token is masked as it is, and as JSON, Python, a URL and a shell would write it."""
    spellings = (secret, json.dumps(secret), repr(secret), quote(secret, safe=""), shlex.quote(secret))
    for spelling in spellings:
        text = masked(f"({spelling})", [secret])
        assert secret not in text
        assert spelling.strip("'\"") not in text
        assert "[masked]" in text
    assert secret.encode() not in masked_bytes(b"\xff(" + secret.encode() + b")", [secret])


def test_long_token_is_masked_inside_a_word() -> None:
    """A token that cannot be a part of an ordinary word is masked wherever it is."""
    assert masked("xc0ffee-c0ffeex", ["c0ffee-c0ffee"]) == "x[masked]x"


def test_difference_of_long_texts_is_shown() -> None:
    """Of texts that differ far from their beginning, the place and a stretch around it are shown."""
    message = difference("a" * 500 + "b" + "c" * 500, "a" * 500 + "x" + "c" * 400)
    assert message == (
        "of 1001 and 901 characters, they differ from character 500 on: "
        f"expected ...'{'a' * 40}b{'c' * 39}'..., found ...'{'a' * 40}x{'c' * 39}'..."
    )
    assert difference("one", "two") == "expected 'one', found 'two'"
