"""The documentation is true: what it names exists, what exists is named, and its examples run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import click
import pytest
import yaml
from click.testing import CliRunner

from mock_runtime import LiveServer, pytest_plugin, runtime_of
from mock_runtime.cli import main
from mock_runtime.config import from_mapping
from mock_runtime.editions.legacy_2021.errors import CODES, INJECTED_CODES
from mock_runtime.editions.platform.errors import INJECTED, PROTOCOL, REFUSALS
from mock_runtime.faults.injected import MESSAGES
from runtime_contracts import documents
from runtime_contracts.client_fuzz import fuzz_client

ROOT: Final = Path(__file__).resolve().parents[2]
PAGES: Final = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "benchmarks").glob("*.md")])
SCENARIOS: Final = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
EVERY_PAGE: Final = "".join(page.read_text(encoding="utf-8") for page in PAGES)
VERIFY_CLIENT: Final = (ROOT / "docs" / "verify-client.md").read_text(encoding="utf-8")
PAGES_OF_COMMANDS: Final = {
    "drift": "drift.md",
    "verify server": "verify-server.md",
    "proxy": "proxy.md",
    "verify recording": "verify-recording.md",
    "verify client": "verify-client.md",
}
"""The page that documents each option of a command."""
ERRORS: Final = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
OF_FAULTS: Final = "## What a fault answers"
README: Final = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    """The code blocks of a language on a page."""
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link on a page is to a file that exists."""
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert missing == []


def test_every_flag_of_serve_is_documented() -> None:
    """docs/scenarios.md names each flag of `serve`, and no flag that is not there."""
    serve = main.get_command(click.Context(main), "serve")
    assert serve is not None
    flags = {option for parameter in serve.params for option in (*parameter.opts, *parameter.secondary_opts)}
    long = {flag for flag in flags if flag.startswith("--")}
    table = "\n".join(line for line in SCENARIOS.splitlines() if line.startswith("| `--"))
    assert set(re.findall(r"`(--[a-z-]+)`", table)) == long


def test_every_error_code_is_documented() -> None:
    """docs/errors.md has a row for each status and code of the edition, and no other."""
    page, _ = ERRORS.split(OF_FAULTS)
    rows = {int(status): code for status, code in re.findall(r"^\| (\d{3}) \| `([a-z_]+)`", page, re.MULTILINE)}
    assert rows == CODES


def test_every_number_of_todays_errors_is_documented() -> None:
    """docs/errors.md has a row for each status and number, and no other."""
    page, _ = ERRORS.split(OF_FAULTS)
    rows = {(int(status), int(code)) for status, code in re.findall(r"^\| (\d{3}) \| (\d{4}) \|", page, re.MULTILINE)}
    assert rows == {(refusal.status, refusal.code) for refusal in REFUSALS.values()} | set(PROTOCOL.items()) | {
        (401, 1200)
    }


def test_every_default_of_a_fault_is_documented() -> None:
    """docs/errors.md says which code and message go with each status that a rule asks for, in both editions."""
    _, page = ERRORS.split(OF_FAULTS)
    row = re.compile(r"^\| (\d{3}) \| (\d{4})[^|]*\| `([a-z_]+)`[^|]*\| ([^|]+) \|$", re.MULTILINE)
    rows = {int(status): (int(number), code, message) for status, number, code, message in row.findall(page)}
    default = {status: 1208 if status < 500 else 1000 for status in MESSAGES}
    numbers = {status: INJECTED[status].code if status in INJECTED else default[status] for status in MESSAGES}
    codes = {**CODES, **INJECTED_CODES}
    assert rows == {status: (numbers[status], codes[status], message) for status, message in MESSAGES.items()}


def test_error_codes_are_those_of_the_document() -> None:
    """The codes that the fake answers are the ones that the document lists."""
    error = documents.load("legacy-2021")["components"]["schemas"]["Error"]
    assert set(error["properties"]["errors"]["items"]["properties"]["code"]["x-known-codes"]) == set(CODES.values())


def test_the_example_file_is_a_configuration() -> None:
    """The YAML file in docs/scenarios.md says what its comments say."""
    (example,) = blocks(SCENARIOS, "yaml")
    config = from_mapping(yaml.safe_load(example))
    assert config.seed == 7
    assert [token.name for token in config.tokens] == ["", "bob"]
    assert len(config.scenario.jobs) == 2


def test_the_python_example_runs() -> None:
    """The Python in docs/scenarios.md runs, and has the effect it is there for."""
    steering, example = blocks(SCENARIOS, "python")
    clock: dict[str, Any] = {}
    exec(compile(steering, "docs/scenarios.md", "exec"), clock)  # noqa: S102 - our own page
    assert clock["clock"].is_manual
    names: dict[str, object] = {}
    exec(compile(example, "docs/scenarios.md", "exec"), names)  # noqa: S102 - our own page
    app = names["app"]
    assert runtime_of(app).script.current.jobs != ()  # type: ignore[arg-type]


@pytest.mark.parametrize("line", re.findall(r"^\$ (mock-runtime .*)$", EVERY_PAGE, re.MULTILINE))
def test_commands_are_understood(line: str) -> None:
    """Each command line on the pages has flags that exist."""
    # What stands after the two dashes is another program's.
    words = re.sub(r"\s+(#|-- ).*$", "", line).removesuffix(" &").split()[1:]
    command: click.Command = main
    context = click.Context(main)
    while isinstance(command, click.Group) and words:
        found = command.get_command(context, words.pop(0))
        assert found is not None, line
        command = found
    known = {option for parameter in command.params for option in parameter.opts}
    if "--" in words:
        # What follows is the command line of somebody else.
        words = words[: words.index("--")]
    assert {word.split("=")[0] for word in words if word.startswith("--")} <= known


def test_the_example_of_a_driver_shows_what_it_says() -> None:
    """The client in docs/verify-client.md takes null for a version; the fuzz finds that and nothing else."""
    example = next(block for block in blocks(VERIFY_CLIENT, "python") if "class Driver" in block)
    names: dict[str, Any] = {}
    exec(compile(example, "docs/verify-client.md", "exec"), names)  # noqa: S102 - our own page
    report = fuzz_client(names["driver"], seed=1, max_examples=2, operations=["get-version"])
    assert {failure.check for failure in report.failures} == {"accepts_broken"}, report.to_text()


@pytest.mark.parametrize(("name", "page"), PAGES_OF_COMMANDS.items())
def test_every_option_of_a_command_is_documented(name: str, page: str) -> None:
    """The page of a command names each of its options in a table, and no option that is not there."""
    command: click.Command = main
    for word in name.split():
        assert isinstance(command, click.Group)
        command = command.get_command(click.Context(command), word) or pytest.fail(f"no command {name}")
    options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    table = "\n".join(line for line in text.splitlines() if line.startswith("| `--"))
    assert set(re.findall(r"`(--[a-z-]+)`", table)) == {option for option in options if option.startswith("--")}


def test_the_fixtures_of_the_readme_are_all_there_are() -> None:
    """The table of the README names each fixture of the plugin, and no other."""
    fixtures = {name for name, value in vars(pytest_plugin).items() if "fixture" in type(value).__name__.lower()}
    assert set(re.findall(r"^\| `(runtime\w*|client_contract)` \|", README, re.MULTILINE)) == fixtures


def test_the_readme_example_of_a_test_runs(pytester: pytest.Pytester) -> None:
    """The tests in the README pass as they stand there."""
    examples = [block for block in blocks(README, "python") if "def test_" in block]
    pytester.makepyfile(*examples[:1], test_bad_day=examples[1])
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=2)


@pytest.mark.mock_runtime(edition="2021", polls=3)
def test_the_readme_example_of_the_client_runs(runtime_server: LiveServer, capsys: pytest.CaptureFixture[str]) -> None:
    """It prints each poll, and then the result."""
    (example,) = [block for block in blocks(README, "python") if "runtime_client.connect" in block]
    here = example.replace("http://127.0.0.1:8000/", runtime_server.url).replace("poll_interval=0.5", "poll_interval=0")
    exec(compile(here, "README.md", "exec"), {})  # noqa: S102 - our own page
    printed = capsys.readouterr().out.splitlines()
    assert [line.startswith("Poll(") for line in printed] == [True] * 4 + [False]
    assert printed[-1] == "All done!"


def test_help_names_every_command() -> None:
    """`mock-runtime --help` lists serve, demo and verify, each with a sentence."""
    shown = CliRunner().invoke(main, ["--help"]).output
    for name in ("serve", "demo", "verify"):
        assert re.search(rf"^  {name} +\S", shown, re.MULTILINE), name


def test_architecture_names_rooms_that_exist() -> None:
    """Each module that ARCHITECTURE.md draws is there."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    drawing = blocks(text, "")[0]
    rooms = re.findall(r"^(?:  )?(\w+(?:\.py|/))", drawing, re.MULTILINE)
    contracts = ROOT / "contracts" / "runtime_contracts"
    places = [ROOT, ROOT / "mock_runtime", contracts, ROOT / "clients"]
    assert [room for room in rooms if not any((place / room).exists() for place in places)] == []
