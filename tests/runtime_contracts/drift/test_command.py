"""`mock-runtime drift`: sources, exit codes, formats, accepted changes, and what is told when it cannot be done."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from mock_runtime.cli import main
from runtime_contracts import documents, sources
from runtime_contracts.drift import checking, compare, rendering
from runtime_contracts.drift.checking import check_drift
from runtime_contracts.sources import Answer, SourceError
from tests.runtime_contracts.drift.planted import JOB, JOBS, S, both, cut, put

Edit = Callable[[dict[str, Any]], None]
PAUSED = put(f"{S}JobState/properties/status/enum/-", "Paused")
WARNED = put(f"{JOB}/responses/429", {"description": "Too many."})
ADDED = put(f"{S}JobState/properties/mood", {"type": "string"})
WORDED = put(f"{JOB}/description", "In other words.")


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def moved(tmp_path: Path) -> Callable[..., str]:
    """Writes our document with some edits into a file, and returns its name."""

    def write(*edits: Edit) -> str:
        document = documents.load("platform", overlay=False)
        both(*edits)(document)
        file = tmp_path / "moved.json"
        file.write_text(json.dumps(document))
        return str(file)

    return write


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["drift", *arguments])


@pytest.mark.parametrize(
    ("edits", "codes"),
    [
        ((), {"breaking": 0, "warning": 0, "any": 0, "never": 0}),
        ((WORDED,), {"breaking": 0, "warning": 0, "any": 0, "never": 0}),
        ((ADDED,), {"breaking": 3, "warning": 3, "any": 1, "never": 0}),
        ((ADDED, WARNED), {"breaking": 3, "warning": 1, "any": 1, "never": 0}),
        ((ADDED, WARNED, PAUSED), {"breaking": 1, "warning": 1, "any": 1, "never": 0}),
    ],
)
def test_exit_code_tells_how_bad_it_is(
    edits: tuple[Edit, ...], codes: dict[str, int], moved: Callable[..., str]
) -> None:
    """0 the same, 1 what is to fail, 3 any other drift."""
    file = moved(*edits)
    assert {fail_on: _run(file, "--fail-on", fail_on).exit_code for fail_on in codes} == codes


def test_text_says_what_where_whom_and_why(moved: Callable[..., str]) -> None:
    """A change is grouped by operation, with its pointer, reach, reason and an example."""
    result = _run(moved(PAUSED, WARNED, WORDED), "--prose")
    assert result.exit_code == 1
    text = result.stdout
    assert "\nseveral operations\n  breaking  property `status` gained the value `Paused`  [widened, enum]\n" in text
    assert f"            {S}JobState/properties/status/enum\n" in text
    assert "reaches GET /v1/jobs (response 200, jobs[].state.status), GET /v1/jobs/{id} (response 200, state" in text
    assert "breaks clients: clients that know only the values listed so far meet `Paused`" in text
    assert 'for example "Paused" is allowed now and was not before' in text
    assert "\nGET /v1/jobs/{id}\n  warning   the status 429 was added" in text
    assert f"\nin other words\n  {JOB}/description\n" in text
    assert text.endswith("\n2 changes (1 breaking, 1 warning); clients break\n")


def test_the_same_words_at_several_places_are_put_together(moved: Callable[..., str]) -> None:
    """What happened in the same words at many places of an operation is told once, with the first few places."""
    codes = ["401", "403", "404"]
    everywhere = [cut(f"{JOB}/responses/{code}/content/application~1json") for code in codes]
    same = [put(f"{JOBS}/parameters/{number}/style", "spaceDelimited") for number in range(6)]
    text = _run(moved(*everywhere, *same)).stdout
    assert text.count("style form -> spaceDelimited") == 6
    assert "in: parameter limit" in text
    base = documents.load("platform", overlay=False)
    live = copy.deepcopy(base)
    for path in ("/v1/jobs/{id}", "/v1/sessions/{id}"):
        live["paths"][path]["parameters"].append({"name": "why", "in": "query", "schema": {}, "required": True})
    assert "parameter `why` was added" in rendering.to_text(compare(base, live))


def test_all_formats_are_written(moved: Callable[..., str], tmp_path: Path) -> None:
    """A report folder has text, JSON, JUnit and Markdown, each with every change."""
    file = moved(PAUSED, WARNED, ADDED, WORDED)
    result = _run(file, "--report", str(tmp_path / "reports"), "--format", "json", "--prose")
    found = json.loads(result.stdout)
    assert found["counts"] == {"breaking": 1, "warning": 1, "info": 1}
    assert found["exit_code"] == 1
    assert found["prose"] == [f"{JOB}/description"]
    first = found["changes"][0]
    keys = ("severity", "kind", "rule", "pointer", "directions", "witness", "allowed_by")
    assert {key: first[key] for key in keys} == {
        "severity": "breaking", "kind": "widened", "rule": "enum", "pointer": f"{S}JobState/properties/status/enum",
        "directions": ["response"], "witness": '"Paused"', "allowed_by": "live",
    }  # fmt: skip
    folder = tmp_path / "reports"
    assert sorted(each.name for each in folder.iterdir()) == [
        f"drift-platform.{end}" for end in ("json", "md", "txt", "xml")
    ]
    assert (folder / "drift-platform.json").read_text() == result.stdout
    suite = ET.fromstring((folder / "drift-platform.xml").read_text())  # noqa: S314 - our own file
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert [case.get("name") for case in suite] == ["several operations", "GET /v1/jobs/{id}"]
    table = (folder / "drift-platform.md").read_text()
    assert "| breaking | property `status` gained the value `Paused` | widened | clients: " in table
    assert "## In other words" in table
    assert _run(file, "--format", "markdown").stdout.startswith("# Drift\n")
    assert _run(file, "--format", "junit").stdout.startswith("<?xml")
    assert ET.fromstring(_run("platform", "--format", "junit").stdout).get("failures") == "0"  # noqa: S314 - our own


def test_two_runs_say_the_same(moved: Callable[..., str]) -> None:
    """The order of the report is that of severity and place, not of chance."""
    file = moved(PAUSED, WARNED, ADDED, cut(JOB + "/parameters/0"))
    assert _run(file, "--format", "json").stdout == _run(file, "--format", "json").stdout


# ---- Accepted changes


def _accepting(folder: Path, text: str) -> str:
    file = folder / "accepted.yaml"
    file.write_text(text)
    return str(file)


def test_accepted_changes_do_not_count(moved: Callable[..., str], tmp_path: Path) -> None:
    """What somebody accepted is told with the reason and fails nothing; an entry that matches nothing is told."""
    accept = _accepting(
        tmp_path,
        f"accepted:\n- {{rule: enum, pointer: '{S}JobState/*', reason: Announced.}}\n"
        "- {operation: 'GET /v1/jobs/{id}', what: '*429*', kind: added, reason: Known.}\n"
        "- {rule: server, reason: They move.}\n",
    )
    file = moved(PAUSED, WARNED)
    result = _run(file, "--accept", accept)
    assert result.exit_code == 0
    assert (
        f"  property `status` gained the value `Paused` ({S}JobState/properties/status/enum): Announced.\n"
        in result.stdout
    )
    assert "note: an accepted change is not there (any more): rule: server\n" in result.stdout
    assert result.stdout.endswith("no drift beside 2 accepted changes\n")
    assert (
        json.loads(_run(file, "--accept", accept, "--format", "json").stdout)["changes"][0]["accepted"] == "Announced."
    )
    assert "## Accepted" in _run(file, "--accept", accept, "--format", "markdown").stdout
    assert _run(moved(PAUSED, WARNED, ADDED), "--accept", accept).exit_code == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1", "has no list `accepted`"),
        ("accepted: [x]", "entry 1: an object is expected"),
        ("accepted: [{rule: enum}]", "entry 1: it has no `reason`"),
        ("accepted: [{reason: why}]", "entry 1: it accepts everything; say one of rule"),
        ("accepted: [{rules: enum, reason: why}]", "there is no `rules`; did you mean `rule`?"),
        ("accepted: [{zzz: enum, reason: why}]", "there is no `zzz`; known: reason, rule"),
        ("accepted: [{rule: 1, reason: why}]", "`rule` is a text"),
        ("accepted: [", "is not YAML"),
    ],
)
def test_file_of_accepted_changes_that_makes_no_sense(text: str, message: str, tmp_path: Path) -> None:
    """Each entry says what it accepts and why; what does not is refused with its number."""
    result = _run("platform", "--accept", _accepting(tmp_path, text))
    assert result.exit_code == 2
    assert message in result.stderr


# ---- Sources


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nothing.json",), "there is no file 'nothing.json'"),
        (("platform", "--edition", "1999"), "there is no document '1999'; known: legacy-2021, platform"),
        (("--edition", "2021"), "the service of legacy-2021 is gone, and with it its live document: name a SOURCE"),
        (("--base", "2021"), "the service of legacy-2021 is gone"),
        (("--api-version", "new"), "a version of the API is a date"),
        (("platform", "--api-version", "2026-02-01"), "either SOURCE or --api-version, not both"),
        (("platform", "--accept", "nothing.yaml"), "nothing.yaml cannot be read: No such file"),
        (("platform", "--report", "/dev/null/x"), "the report cannot be written"),
        (("http://127.0.0.1:9/x",), "127.0.0.1 cannot be reached"),
        (("platform@no-such-revision",), "has no revision 'no-such-revision'"),
    ],
)
def test_what_cannot_be_checked_exits_with_2(arguments: tuple[str, ...], message: str) -> None:
    """The message says what is missing, and where."""
    result = _run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_interrupted_run_exits_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while the document is fetched ends it."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("runtime_contracts.drift.checking.check_drift", interrupted)
    result = _run("--no-cache")
    assert (result.exit_code, result.stderr) == (130, "interrupted\n")


def test_live_document_is_compared_with_ours() -> None:
    """Without SOURCE the live document is fetched, and told on the way; a version has its own address."""
    asked: list[str] = []
    text = documents.text("platform").encode()

    def fetch(url: str, _headers: object) -> Answer:
        asked.append(url)
        return Answer(status=200, content=text)

    lines: list[str] = []
    drift = check_drift(fetch=fetch, progress=lines.append)
    check_drift(api_version="2026-02-01", fetch=fetch)
    assert (drift.changes, drift.edition, drift.operations) == ((), "platform", (30, 30))
    assert asked == [
        "https://quantum.cloud.ibm.com/api/openapi.json",
        "https://quantum.cloud.ibm.com/api/openapi-2026-02-01.json",
    ]
    assert lines == ["fetching https://quantum.cloud.ibm.com/api/openapi.json"]


def test_base_at_a_revision_is_compared_with_the_file_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """`--base FILE@REVISION` alone says from where to where; so does a revision of the edition."""
    asked: list[str] = []
    original = sources.read

    def read(reference: str, **named: Any) -> Any:
        asked.append(reference)
        return original(reference.partition("@")[0] or named["edition"])

    monkeypatch.setattr(checking, "read", read)
    check_drift(base="2021@HEAD~1")
    check_drift(base="@HEAD~1", edition="2021")
    assert asked == ["2021", "2021@HEAD~1", "legacy-2021", "@HEAD~1"]


def test_overlay_corrects_both_sides(moved: Callable[..., str], tmp_path: Path) -> None:
    """With it, what is known to be wrong is corrected in both; what does not fit a stranger's document is noted."""
    assert _run("2021", "--overlay").exit_code == 0
    result = _run(moved(cut(f"{S}ClopsType")), "--overlay")
    assert result.exit_code == 2
    result = _run(
        moved(put(f"{S}BackendDefaultsResponse", {"type": "object"}), cut(f"{S}Hamiltonian/properties/h_latex")),
        "--overlay",
    )
    assert "a correction of ours does not fit and was left out: action" in result.stdout
    assert result.exit_code == 1
    (tmp_path / "own.yaml").write_text(documents.text("2021"))
    (tmp_path / "own.overlay.yaml").write_text(
        "overlay: 1.0.0\ninfo: {title: T, version: '1'}\nactions: [{target: $.zzz, remove: true}]"
    )
    with pytest.raises(SourceError, match=r"the overlay of .*own\.yaml does not fit: action 1"):
        check_drift(str(tmp_path / "own.yaml"), overlay=True)


def test_unused_components_are_a_note(moved: Callable[..., str]) -> None:
    """A component that no operation uses is no change, but is told."""
    result = _run(moved(put(f"{S}Unused", {"type": "string"})))
    assert result.exit_code == 0
    assert "1 component that no operation uses came, went or changed: Unused" in result.stdout
