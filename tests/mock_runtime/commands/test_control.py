"""`mock-runtime control`: a server that runs already, steered from a shell."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
import requests
import yaml
from click.testing import CliRunner

from mock_runtime import Config, create_app
from mock_runtime.cli import main
from mock_runtime.clock import SteerableClock, SystemClock
from mock_runtime.commands.control import control as control_group
from mock_runtime.commands.control_views import VIEWS
from mock_runtime.guard import Guard
from mock_runtime.transport.server import LiveServer
from tests.mock_runtime.fakes import EDITION_2021
from tests.mock_runtime.test_imports import imported

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import click
    from click.testing import Result

ME = {"Authorization": "Bearer alice"}

Run = Callable[..., str]


@pytest.fixture
def server() -> Iterator[LiveServer]:
    """A server whose time stands still, and may run."""
    with LiveServer(create_app(Config(edition=EDITION_2021, seed=0), clock=SteerableClock(1e9, 0.0))) as found:
        yield found


@pytest.fixture
def run(server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Call `mock-runtime control` with that server; what it writes."""
    monkeypatch.setenv("MOCK_RUNTIME_CONTROL_URL", server.origin)

    def call(*arguments: str, code: int = 0, given: str | None = None) -> str:
        result = called(*arguments, given=given)
        assert result.exit_code == code, result.output
        return result.output

    return call


def called(*arguments: str, given: str | None = None) -> Result:
    """The result of `mock-runtime control`."""
    return CliRunner().invoke(main, ["control", *arguments], input=given, auto_envvar_prefix="MOCK_RUNTIME")


def submit(server: LiveServer, scope: str = "") -> str:
    """The id of a new job."""
    url = f"{server.origin}{scope}/jobs"
    return str(requests.post(url, json={"programId": "runtime-simple"}, headers=ME, timeout=10).json()["id"])


def test_the_state_is_told(run: Run, server: LiveServer) -> None:
    """To people in lines, to programs as JSON."""
    submit(server)
    told = run("state")
    assert "jobs       1 queued" in told
    assert "2001-09-09T01:46:40.000Z, stands still until it is moved" in told
    assert json.loads(run("state", "--json"))["jobs"] == {"queued": 1}


def test_time_is_steered(run: Run, server: LiveServer) -> None:
    """By a length, by a speed, or until a job is somewhere."""
    job = submit(server)
    assert run("clock") == "2001-09-09T01:46:40.000Z, stands still until it is moved\n"
    moved = json.loads(run("advance", "--until", f"{job}=running", "--json"))
    assert (moved["now"], moved["job"]["status"]) == (1e9 + 1, "running")
    assert "status      completed" in run("advance", "--until", f"{job}=final", "--at-most", "1h")
    assert run("advance", "57s").startswith("2001-09-09T01:47:40")
    assert "runs at 100x" in run("speed", "100x")
    assert "stands still" in run("speed", "manual")
    assert json.loads(run("latency", "1s", "submit-job=2s", "--json")) == {"latency": "1s", "of": {"submit-job": "2s"}}
    assert run("latency") == "all         1s\nsubmit-job  2s\n"


def test_jobs_are_told_and_changed(run: Run, server: LiveServer) -> None:
    """By events, and by another future."""
    job = submit(server)
    assert job in run("jobs", "--status", "queued")
    assert run("jobs", "--status", "failed") == "no jobs yet\n"
    assert "starts 2001-09-09 01:46:41.0" in run("jobs")
    assert "status      running" in run("job", job, "--plan", "queue=0;run=1m")
    assert "completed 2001-09-09 01:47:40.0" in run("jobs")
    assert json.loads(run("job", job, "requeue", "--queue", "5s", "--json"))["status"] == "queued"
    assert json.loads(run("job", job, "fail", "--reason", "KeyError: 'x'", "--json"))["status"] == "failed"
    assert "status      failed" in run("job", job)
    assert run("sessions") == "no sessions yet\n"


def test_the_scenario_is_told_and_changed(run: Run, tmp_path: Path) -> None:
    """For all jobs, for a program's, for the next one, or as a whole."""
    assert json.loads(run("scenario", "polls=3"))["queue"] == "1 poll"
    assert "vqe" in json.loads(run("scenario", "outcome=failed", "reason=E", "--program", "vqe"))["programs"]
    assert len(json.loads(run("scenario", "run=5s", "--next-job", "--json"))["jobs"]) == 1
    file = tmp_path / "scenario.json"
    file.write_text('{"run": "1h"}')
    assert json.loads(run("scenario", "--file", str(file))) == json.loads(run("scenario"))
    assert json.loads(run("scenario", "--file", "-", given="{}")) == {"programs": {}, "jobs": []}


def test_backends_come_and_go(run: Run) -> None:
    """One of them or all, now or announced."""
    assert "online" in run("backends")
    assert "calibration" in run("backends", "*", "offline", "--reason", "calibration", "--for", "1h")
    assert "offline" not in run("backends", "*", "online")
    assert "paused" in run("backends", "*", "paused")
    assert "paused" not in run("maintenance", "--end")
    assert "Devices rest" in run("maintenance", "--for", "1h", "--message", "Devices rest")
    assert run("tokens", "expire") == run("tokens", "restore", "alice") == ""


def test_faults_are_steered(run: Run, server: LiveServer) -> None:
    """Armed, switched, changed, demanded, and disarmed."""
    assert run("faults") == "no faults are armed\n"
    assert "fault-1" in run("faults", "add", "match.operation=get-job;act.status=503;times=3")
    assert [one["id"] for one in json.loads(run("faults", "--json"))] == ["fault-1"]
    refused = run("faults", "assert", code=1)
    assert "1 of 1 fault was never met" in refused
    assert " off " in run("faults", "off", "fault-1")
    assert " on " in run("faults", "on", "fault-1")
    assert json.loads(run("faults", "change", "fault-1", "times=5", "--json"))["times"] == 5
    requests.get(f"{server.origin}/jobs/{submit(server)}", headers=ME, timeout=10)
    assert run("faults", "assert", "fault-1") == "it is so\n"
    assert json.loads(run("faults", "assert", "--json")) == {"ok": True}
    assert "1 of 1" in run("faults", "list")
    run("faults", "remove", "fault-1")
    assert "flaky-network" in run("faults", "profiles")
    assert "storm.503" in run("faults", "arm", "storm", "probability=0.5")
    run("faults", "disarm", "storm")
    run("faults", "add", "act.slow=1s", "act.slow=2s")
    run("faults", "remove", "--all")
    assert run("faults") == "no faults are armed\n"


def test_the_journal_is_told(run: Run, server: LiveServer, tmp_path: Path) -> None:
    """As lines, whole, as an archive, asserted on, and as what an operator would say."""
    assert run("journal") == "no exchanges\n"
    job = submit(server)
    requests.get(f"{server.origin}/jobs/{job}/results", headers=ME, timeout=10)
    lines = run("journal").splitlines()
    assert len(lines) == 2
    assert f"204  GET    /jobs/{job}/results  get-results, " in lines[1]
    assert [one["number"] for one in json.loads(run("journal", "--status", "204", "--job", job, "--json"))] == [2]
    assert run("journal", "--operation", "get-job", "--since", "1") == "no exchanges\n"
    whole = run("exchange", "1")
    assert '"programId": "runtime-simple"' in whole
    assert "alice" not in whole
    archive = tmp_path / "all.har"
    run("har", str(archive))
    assert len(json.loads(archive.read_text())["log"]["entries"]) == 2
    assert json.loads(run("har", "-", "--status", "204"))["log"]["entries"][0]["_number"] == 2
    assert run("assert", "polled", f"job={job}", "times=1") == "it is so\n"
    assert f"expected 3 polls of job {job}, found 1" in run("assert", "polled", f"job={job}", "times=3", code=1)
    assert run("scorecard").startswith("2 exchanges")
    assert json.loads(run("scorecard", "--json", "--caller", "nobody"))["findings"] == []
    run("journal", "--forget")
    assert run("journal") == "no exchanges\n"


def test_faults_are_told_with_the_exchanges_that_met_them(run: Run, server: LiveServer) -> None:
    """And so are cut connections, bodies that are no JSON, and what is forgotten."""
    run(
        "faults",
        "add",
        "id=storm;match.operation=get-job;act.status=503;act.body.text=a page",
        "match.method=DELETE;act.cut=before",
    )
    job = submit(server)
    requests.get(f"{server.origin}/jobs/{job}", headers=ME, timeout=10)
    with pytest.raises(requests.ConnectionError):
        requests.delete(f"{server.origin}/jobs/{job}", headers=ME, timeout=10)
    lines = run("journal").splitlines()
    assert lines[1].endswith("!storm")
    assert lines[2].endswith("!fault-1  cut before")
    assert "    a page" in run("exchange", "2")
    assert json.loads(run("jobs", "--json")) == []


def test_a_bad_client_fails_a_build(run: Run, server: LiveServer) -> None:
    """If its findings are as bad as was said."""
    job = submit(server)
    for _ in range(30):
        requests.get(f"{server.origin}/jobs/{job}/results", headers=ME, timeout=10)
    run("advance", "10s")
    for _ in range(3):
        requests.get(f"{server.origin}/jobs/{job}/results", headers=ME, timeout=10)
    worst = json.loads(run("scorecard", "--json"))["worst"]
    assert worst is not None
    assert f"the worst finding is a {worst}" in run("scorecard", "--fail-on", "note", code=1)


def test_the_journal_is_followed_until_it_is_enough(
    run: Run, server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is there first, then what comes; Ctrl-C ends it well, and another server begins it again."""
    submit(server)
    naps: list[float] = []

    def nap(_clock: SystemClock, seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 1:
            submit(server)
        elif len(naps) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(SystemClock, "sleep", nap)
    lines = [json.loads(line) for line in run("journal", "--follow", "--json").splitlines() if line]
    assert [one["number"] for one in lines] == [1, 2]
    naps[:] = [0.0, 0.0]
    assert len([line for line in run("journal", "-f").splitlines() if "submit-job" in line]) == 2


def test_a_journal_that_begins_again_is_followed_from_its_beginning(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the server was started anew."""
    from mock_runtime.remote.journal import RemoteJournal  # noqa: PLC0415 - for this alone

    one = {"exchanges": [], "position": 5, "last": 5, "dropped": 0}
    asked: list[dict[str, Any]] = []
    pages = iter([one, {**one, "position": 0}, {**one, "position": 1}])

    def page(_journal: RemoteJournal, **filters: Any) -> Any:
        asked.append(filters)
        found = next(pages, None)
        if found is None:
            raise KeyboardInterrupt
        return found

    monkeypatch.setattr(RemoteJournal, "page", page)
    monkeypatch.setattr(SystemClock, "sleep", lambda _clock, _seconds: None)
    run("journal", "--follow")
    assert asked == [{}, {"after": 5}, {}, {"after": 1}]


def test_worlds_are_steered(run: Run, server: LiveServer, tmp_path: Path) -> None:
    """Scopes, snapshots, files, and the beginning."""
    assert run("scopes", "create", "one", "polls=3", "seed=7") == f"{server.origin}/_scope/one/\n"
    job = submit(server, "/_scope/one")
    assert job in run("--scope", "one", "jobs")
    assert run("jobs") == "no jobs yet\n"
    assert "one" in run("scopes")
    assert len(json.loads(run("scopes", "--json"))) == 2
    assert json.loads(run("scopes", "create", "polls=1", "--json"))["name"] == "scope-1"
    run("scopes", "drop", "one", "scope-1")
    assert len(json.loads(run("scopes", "list", "--json"))) == 1
    assert run("snapshot", "before") == "before\n"
    submit(server)
    run("rollback", "before")
    assert run("jobs") == "no jobs yet\n"
    assert "before" in run("snapshots")
    assert run("snapshots", "--drop", "before") == "no snapshots\n"
    file = tmp_path / "world.yaml"
    kept = submit(server)
    run("world", "export", str(file))
    assert yaml.safe_load(file.read_text()) == yaml.safe_load(run("world", "export"))
    run("reset")
    assert run("jobs") == "no jobs yet\n"
    run("world", "load", str(file))
    assert kept in run("jobs")
    assert "line 1" in run("world", "load", "-", given="sede: 1\n", code=2)
    assert "properties" in json.loads(run("world", "schema"))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("advance", "say how far"),
        ("advance 5s --until x=final", "say how far"),
        ("advance 5s --at-most 1h", "--at-most belongs to --until"),
        ("advance --until running", "--until: expected JOB=STATUS"),
        ("scenario --next-job", "say which settings"),
        ("scenario polls=3 --file x", "--file says all of the scenario"),
        ("scenario --file nothing.json", "No such file or directory"),
        ("scenario polls", "expected KEY=VALUE"),
        ("scenario pols=3", "pols: unknown setting"),
        ("job x", "no job 'x'"),
        ("job x --reason y", "--reason belongs to fail"),
        ("job x fail --plan run=1", "leave out --plan"),
        ("job x explode", "event: expected one of finish"),
        ("backends ibmq_lima", "say what it is to be"),
        ("backends --for 1h", "say which"),
        ("journal --forget --follow", "leave out the rest"),
        ("journal --status 9xx", "query parameter status"),
        ("exchange 99", "no exchange '99'"),
        ("faults remove", "say which"),
        ("faults remove a --all", "say which"),
        ("faults add act.stauts=5", "did you mean 'status'"),
        ("faults remove ..", "names nothing"),
        ("assert pollled", "assert: expected one of polled"),
        ("har /nowhere/x.har", "No such file or directory"),
        ("--scope nothing state", "no scope 'nothing'"),
        ("--url ftp://x state", "expected the URL of a server"),
        ("rollback nothing", "no snapshot 'nothing'"),
        ("snapshot ..", "name: '..' is none"),
    ],
)
def test_wrong_use_ends_with_two_and_a_sentence(run: Run, arguments: str, expected: str) -> None:
    """Be it seen here or by the server."""
    result = called(*arguments.split())
    assert result.exit_code == 2, result.output
    assert expected in result.output
    assert run("state")


def test_a_scenario_that_is_none_is_refused_here(run: Run) -> None:
    """Before anything is sent."""
    assert "is not JSON" in run("scenario", "--file", "-", given="{", code=2)
    assert "expected a JSON object" in run("scenario", "--file", "-", given="[]", code=2)


def test_where_nobody_answers_it_says_so_with_three(server: LiveServer) -> None:
    """And what to do about it."""
    server.stop()
    result = called("--url", server.origin, "state")
    assert result.exit_code == 3
    assert "start one with mock-runtime serve" in result.output


def test_a_token_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """And shown nowhere."""
    with LiveServer(create_app(Config(edition=EDITION_2021), guard=Guard(token="secret-token"))) as server:
        assert called("--url", server.origin, "state").exit_code == 2
        monkeypatch.setenv("MOCK_RUNTIME_CONTROL_TOKEN", "secret-token")
        result = called("--url", server.origin, "state")
    assert result.exit_code == 0
    assert "secret-token" not in result.output


def test_what_strangers_wrote_moves_no_cursor(run: Run, server: LiveServer) -> None:
    """Nor does it become markup."""
    requests.get(f"{server.origin}/jobs/%1b[2J[red]x", headers=ME, timeout=10)
    told = run("journal")
    assert "\x1b" not in told
    assert "[red]" in told or "%5Bred" in told


def commands(group: click.Group, context: click.Context) -> Iterator[tuple[str, click.Command]]:
    """All commands below a group, by their names."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield name, command
        if hasattr(command, "list_commands"):
            yield from ((f"{name} {below}", one) for below, one in commands(command, context))  # type: ignore[arg-type]


def test_every_command_says_what_it_does() -> None:
    """In one sentence, and each of its options, too."""
    with control_group.make_context("control", ["state"]) as context:
        for name, command in commands(control_group, context):
            assert (command.help or "").strip(), name
            for parameter in command.params:
                assert parameter.param_type_name == "argument" or getattr(parameter, "help", None), (
                    name,
                    parameter.name,
                )


def test_what_is_forgotten_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Before what is left."""
    VIEWS["exchanges"]({"exchanges": [], "dropped": 7})
    assert capsys.readouterr().out == "7 older exchanges are forgotten\nno exchanges\n"


@pytest.mark.parametrize("arguments", [["control", "--help"], ["control", "faults", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    """Neither a client for HTTP nor a painter of tables."""
    assert imported(f"from mock_runtime.cli import main; main({arguments!r}, standalone_mode=False)") == set()
