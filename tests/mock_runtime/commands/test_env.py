"""`mock-runtime env`: a fake in the background, and a shell that is led to it."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import MagicMock

import pytest
import requests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.mock_runtime.commands.conftest import MockRuntime

FAKE = ("--edition", "legacy-2021", "--polls", "2")


@pytest.fixture
def background(mock_runtime: MockRuntime) -> Iterator[dict[str, Any]]:
    """The variables of a server in the background, which is stopped at the end."""
    done = mock_runtime("env", *FAKE, "--json")
    assert done.returncode == 0, done.stderr
    yield json.loads(done.stdout)
    mock_runtime("env", "--stop")


def test_a_shell_is_led_there_and_back(
    mock_runtime: MockRuntime, script: str, clean: dict[str, str], tmp_path: Path
) -> None:
    """Starts, runs an unmodified script, stops; afterwards the shell is as it was."""
    me = f"{sys.executable} -m mock_runtime"
    lines = [
        "export HTTPS_PROXY=http://corporate.invalid:3128",
        f'eval "$({me} env {" ".join(FAKE)} --shell sh)"',
        f"{sys.executable} {script}",
        f'eval "$({me} env --stop --shell sh)"',
        "echo $HTTPS_PROXY ${REQUESTS_CA_BUNDLE-none} ${QISKIT_IBM_TOKEN-none} ${MOCK_RUNTIME_BEFORE-none}",
    ]
    environment = {**clean, "XDG_RUNTIME_DIR": str(tmp_path / "run")}
    (tmp_path / "run").mkdir(mode=0o700, exist_ok=True)
    done = subprocess.run(
        ["sh", "-ec", "\n".join(lines)], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.splitlines() == ["All done!", "http://corporate.invalid:3128 none none none"]
    assert done.stderr.splitlines() == ["the server is stopped"]


def test_whoever_calls_again_gets_the_same(mock_runtime: MockRuntime, background: dict[str, Any]) -> None:
    """Also as plain URLs; but another configuration is not possible without stopping first."""
    again = json.loads(mock_runtime("env", "--json").stdout)
    assert again["HTTPS_PROXY"] == background["HTTPS_PROXY"]
    by_url = json.loads(mock_runtime("env", "--json", "--plain").stdout)
    assert by_url["IAM_URL"] == background["HTTPS_PROXY"]
    assert "HTTPS_PROXY" not in by_url
    other = mock_runtime("env", "--seed", "5")
    assert other.returncode == 1
    assert "a server is there already" in other.stderr


def test_a_stopped_server_is_gone(mock_runtime: MockRuntime, background: dict[str, Any]) -> None:
    """Nobody listens, nothing of it is left; stopping again is no error."""
    folder = Path(background["REQUESTS_CA_BUNDLE"]).parent
    assert {path.name for path in folder.iterdir()} == {"ca.pem", "ca-bundle.pem", "lock", "server.json", "server.log"}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert mock_runtime("env", "--stop").stderr == "the server is stopped\n"
    assert [path.name for path in folder.iterdir()] == ["lock"]
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get(background["HTTPS_PROXY"], timeout=5)
    again = mock_runtime("env", "--stop")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "there was no server\n")


def test_a_process_that_has_the_old_number_is_left_alone(mock_runtime: MockRuntime, tmp_path: Path) -> None:
    """What is written of a server that has died, or that never was, is not believed."""
    folder = tmp_path / "run" / "mock-runtime"
    folder.mkdir(mode=0o700)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as innocent:
        state = {"pid": innocent.pid, "url": "http://127.0.0.1:9/", "any_token": True}
        (folder / "server.json").write_text(json.dumps(state), encoding="utf-8")
        assert mock_runtime("env", "--stop").stderr == "there was no server\n"
        assert innocent.poll() is None
        innocent.communicate(b"\n")


def test_a_token_that_was_chosen_is_written_nowhere(mock_runtime: MockRuntime, tmp_path: Path) -> None:
    """Neither in files nor among the arguments of the server; who chose it gets it, and nobody after."""
    token = "a-token-that-was-chosen"
    first = json.loads(mock_runtime("env", *FAKE, "--token", token, "--json").stdout)
    try:
        assert first["QISKIT_IBM_TOKEN"] == token
        assert "QISKIT_IBM_TOKEN" not in json.loads(mock_runtime("env", "--json").stdout)
        folder = tmp_path / "run" / "mock-runtime"
        assert [path for path in folder.iterdir() if token.encode() in path.read_bytes()] == []
        pid = json.loads((folder / "server.json").read_text(encoding="utf-8"))["pid"]
        command = Path(f"/proc/{pid}/cmdline")
        assert not command.exists() or token.encode() not in command.read_bytes()
        url = f"{first['HTTPS_PROXY']}/jobs"
        statuses = [
            requests.get(url, headers={"Authorization": f"Bearer {each}"}, timeout=5).status_code
            for each in (token, "another")
        ]
        assert statuses == [200, 401]
    finally:
        mock_runtime("env", "--stop")


def test_a_server_that_runs_already_needs_no_other(mock_runtime: MockRuntime, tmp_path: Path) -> None:
    """By its plain URL, or by its proxy if the certificate is there."""
    by_url = json.loads(mock_runtime("env", "--url", "127.0.0.1:8000", "--json").stdout)
    assert by_url["QISKIT_IBM_URL"] == "http://127.0.0.1:8000/experimental/api/v1"
    authority = tmp_path / "their.pem"
    authority.write_text("theirs\n", encoding="utf-8")
    words = ("env", "--url", "http://127.0.0.1:8000/", "--ca-file", str(authority), "--json")
    by_proxy = json.loads(mock_runtime(*words).stdout)
    assert by_proxy["HTTPS_PROXY"] == "http://127.0.0.1:8000"
    assert Path(by_proxy["REQUESTS_CA_BUNDLE"]).read_text(encoding="utf-8").endswith("\ntheirs\n")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--latency", "soon"), "latency: 'soon' is not a length of time"),
        (("--edition", "1999"), "edition: there is no '1999'"),
        (("--ca-file", __file__), "--ca-file belongs to --url"),
        (("--url", "https://x"), "--url: expected an address such as http://127.0.0.1:8000"),
    ],
)
def test_a_mistake_is_named(mock_runtime: MockRuntime, words: tuple[str, ...], sentence: str) -> None:
    """And writes nothing that a shell would take for variables."""
    done = mock_runtime("env", *words)
    assert done.returncode != 0
    assert done.stdout == ""
    assert sentence in done.stderr


def test_a_folder_that_others_can_enter_is_not_used(mock_runtime: MockRuntime, tmp_path: Path) -> None:
    """Whoever could write there could choose what is trusted."""
    folder = tmp_path / "run" / "mock-runtime"
    folder.mkdir()
    folder.chmod(0o777)
    done = mock_runtime("env")
    assert done.returncode == 1
    assert f"{folder} is not private to you" in done.stderr


def test_without_a_runtime_directory_there_is_a_private_one(mock_runtime: MockRuntime, tmp_path: Path) -> None:
    """Named after the user, below the directory for temporary files."""
    done = mock_runtime("env", "--stop", XDG_RUNTIME_DIR="", TMPDIR=str(tmp_path))
    assert done.returncode == 0
    assert (tmp_path / f"mock-runtime-{os.getuid()}").stat().st_mode & 0o777 == 0o700


def test_the_instances_of_the_user_are_there(mock_runtime: MockRuntime) -> None:
    """Those of the call that starts the server, unless it is told which there are."""
    for words, expected in (((), ["default", "mine"]), (("--instance", "given"), ["given"])):
        done = mock_runtime("env", "--edition", "platform", *words, "--json", QISKIT_IBM_INSTANCE="mine")
        try:
            server = json.loads(done.stdout)["HTTPS_PROXY"]
            headers = {"Authorization": "Bearer any"}
            found = requests.post(f"{server}/v3/resources/search", json={}, headers=headers, timeout=5).json()
            assert [item["name"] for item in found["items"]] == expected
        finally:
            mock_runtime("env", "--stop")


def test_who_interrupts_the_start_leaves_no_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It would hold the lock, and neither another call nor `--stop` would know where it is."""
    begun: list[subprocess.Popen[bytes]] = []

    class Starting(subprocess.Popen[bytes]):
        """A server that has said nothing yet when Ctrl-C is pressed."""

        def __init__(self, *_words: object, **_how: object) -> None:
            super().__init__([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
            self.stdout = MagicMock()
            self.stdout.__enter__.return_value.readline.side_effect = KeyboardInterrupt
            begun.append(self)

    monkeypatch.setattr(subprocess, "Popen", Starting)
    command = importlib.import_module("mock_runtime.commands.env")
    with pytest.raises(KeyboardInterrupt):
        command._start(tmp_path, 0, [], ())
    (server,) = begun
    assert server.stdin is not None
    server.stdin.close()
    assert server.returncode == -15
    assert not (tmp_path / "server.json").exists()
