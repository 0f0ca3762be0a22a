"""`mock-runtime run -- CMD`, as its user sees it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import certifi
import pytest

if TYPE_CHECKING:
    from tests.mock_runtime.commands.conftest import MockRuntime

PYTHON = sys.executable
FAKE = ("--edition", "legacy-2021", "--polls", "2")


def test_an_unmodified_script_runs_against_the_fake(mock_runtime: MockRuntime, script: str) -> None:
    """Its output is its own, its code as well; what it called is on stderr, without the token."""
    done = mock_runtime("run", *FAKE, "--", PYTHON, script, "3")
    assert (done.returncode, done.stdout) == (3, "All done!\n")
    assert "script.py 3 made 4 requests\n" in done.stderr
    assert done.stderr.splitlines()[1:] == [
        "  POST   /jobs               200",
        "  GET    /jobs/{id}/results  204  x2",
        "  GET    /jobs/{id}/results  200",
    ]
    assert "a-secret-token" not in done.stderr


def test_backends_are_shown_in_one_line(mock_runtime: MockRuntime) -> None:
    """A program that chooses among them asks for each; and its text, if it is one, is cut short."""
    headers = (
        '{"Authorization": "apikey any", "Service-CRN": "crn:v1:bluemix:public:quantum-computing:us-east:a/1:2::"}'
    )
    urls = "f'https://quantum.cloud.ibm.com/api/v1/backends/{name}/status'"
    code = f"import requests\nfor name in ('ibm_fez', 'ibm_torino'):\n requests.get({urls}, headers={headers})"
    done = mock_runtime("run", "--", PYTHON, "-c", code)
    title, *lines = done.stderr.splitlines()
    assert title.endswith("... made 2 requests")
    assert len(title) < 200
    assert lines == ["  GET    /api/v1/backends/{id}/status  200  x2"]


def test_quiet_shows_nothing(mock_runtime: MockRuntime, script: str) -> None:
    """The dashes before the command can be left out."""
    done = mock_runtime("run", *FAKE, "-q", PYTHON, script)
    assert (done.returncode, done.stdout, done.stderr) == (0, "All done!\n", "")


def test_another_host_is_refused_and_named(mock_runtime: MockRuntime) -> None:
    """Never tunnelled; the way to allow it is told twice, to the program and to its user."""
    code = (
        "import requests\ntry:\n requests.get('https://example.org')\nexcept requests.ConnectionError as e:\n print(e)"
    )
    done = mock_runtime("run", *FAKE, "--", PYTHON, "-c", code)
    assert "403 example.org is refused by mock-runtime: --allow example.org lets it through" in done.stdout
    assert "called nothing of IBM's\n" in done.stderr
    assert "  example.org: refused (--allow example.org lets it through)\n" in done.stderr


def test_the_program_alone_gets_the_variables(mock_runtime: MockRuntime) -> None:
    """A proxy, the certificates that were trusted before and one more, and a token for code that brings none."""
    code = (
        "import json, os; e = dict(os.environ);"
        " e['bundle'] = open(e['REQUESTS_CA_BUNDLE']).read(); e['ca'] = open(e['NODE_EXTRA_CA_CERTS']).read();"
        " e['mode'] = os.stat(os.path.dirname(e['REQUESTS_CA_BUNDLE'])).st_mode & 0o777; print(json.dumps(e))"
    )
    done = mock_runtime("run", *FAKE, "--", PYTHON, "-c", code, ALL_PROXY="socks5://127.0.0.1:9", NO_PROXY="ibm.com")
    seen = json.loads(done.stdout)
    proxy = seen["HTTPS_PROXY"]
    assert proxy.startswith("http://127.0.0.1:")
    assert {seen[name] for name in ("https_proxy", "HTTP_PROXY", "http_proxy")} == {proxy}
    assert {seen["NO_PROXY"], seen["no_proxy"]} == {"localhost,127.0.0.1,::1"}
    assert "ALL_PROXY" not in seen
    assert {seen["SSL_CERT_FILE"], seen["CURL_CA_BUNDLE"]} == {seen["REQUESTS_CA_BUNDLE"]}
    assert seen["bundle"] == f"{Path(certifi.where()).read_text(encoding='utf-8')}\n{seen['ca']}"
    assert seen["NODE_USE_ENV_PROXY"] == "1"
    assert seen["QISKIT_IBM_TOKEN"] == "mock-runtime"
    assert seen["mode"] == 0o700
    assert not Path(seen["REQUESTS_CA_BUNDLE"]).exists()


def test_what_the_user_has_chosen_stays(mock_runtime: MockRuntime, tmp_path: Path) -> None:
    """A token, and a bundle of certificates of one's own, to which the fake's is added."""
    own = tmp_path / "own.pem"
    own.write_text("# mine\n", encoding="utf-8")
    code = "import os; print(os.environ['QISKIT_IBM_TOKEN'], open(os.environ['SSL_CERT_FILE']).read()[:6])"
    done = mock_runtime("run", *FAKE, "--", PYTHON, "-c", code, QISKIT_IBM_TOKEN="mine", REQUESTS_CA_BUNDLE=str(own))
    assert done.stdout == "mine # mine\n"


def test_a_configured_token_is_the_programs(mock_runtime: MockRuntime) -> None:
    """Otherwise code that brings none would be refused."""
    code = "import os; print(os.environ['QISKIT_IBM_TOKEN'])"
    done = mock_runtime("run", *FAKE, "--token", "first", "--token", "second", "--", PYTHON, "-c", code)
    assert done.stdout == "first\n"
    assert "first" not in done.stderr


@pytest.mark.parametrize(
    ("command", "code", "sentence"),
    [
        ("no-such-command-anywhere", 127, "mock-runtime: no-such-command-anywhere: command not found\n"),
        ("{folder}/plain.txt", 126, "mock-runtime: {folder}/plain.txt: cannot be executed\n"),
        ("{folder}/broken", 126, "mock-runtime: {folder}/broken: exec format error\n"),
    ],
)
def test_what_cannot_be_run_is_told_as_by_a_shell(
    mock_runtime: MockRuntime, tmp_path: Path, command: str, code: int, sentence: str
) -> None:
    """127 for what is not there, 126 for what is no program."""
    (tmp_path / "plain.txt").write_text("text", encoding="utf-8")
    (tmp_path / "broken").write_bytes(b"\x00\x01")
    (tmp_path / "broken").chmod(0o700)
    done = mock_runtime("run", *FAKE, "-q", "--", command.format(folder=tmp_path))
    assert (done.returncode, done.stderr) == (code, sentence.format(folder=tmp_path))


def test_a_program_that_a_signal_ends_has_its_code(mock_runtime: MockRuntime) -> None:
    """128 and the number of the signal, as in a shell."""
    assert mock_runtime("run", *FAKE, "-q", "--", "sh", "-c", "kill -9 $$").returncode == 128 + 9


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_are_passed_on(clean: dict[str, str], number: signal.Signals) -> None:
    """The program decides what they mean, and its code is the code."""
    code = (
        "import signal, sys\n"
        f"signal.signal({int(number)}, lambda *_: sys.exit(42))\n"
        "print('ready', flush=True)\n"
        "while True: signal.pause()"
    )
    words = [PYTHON, "-m", "mock_runtime", "run", *FAKE, "-q", "--", PYTHON, "-c", code]
    # In a session of its own it has no terminal, which would send Ctrl-C to the program itself.
    started = subprocess.Popen(words, env=clean, stdout=subprocess.PIPE, start_new_session=True)
    with started:
        assert started.stdout is not None
        assert started.stdout.readline() == b"ready\n"
        os.kill(started.pid, number)
        assert started.wait(60) == 42


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--latency", "soon", "--", "true"), "latency: 'soon' is not a length of time"),
        (("--edition", "1999", "--", "true"), "edition: there is no '1999'"),
        ((), "Missing argument 'COMMAND...'"),
    ],
)
def test_a_mistake_is_named_before_anything_runs(
    mock_runtime: MockRuntime, words: tuple[str, ...], sentence: str
) -> None:
    """With the code that a wrong use of a command has."""
    done = mock_runtime("run", *words)
    assert done.returncode == 2
    assert sentence in done.stderr


REAL = "crn:v1:bluemix:public:quantum-computing:us-east:a/0123456789abcdef0123456789abcdef:11111111-2222::"
TODAY = ("run", "--edition", "platform")
SEARCH = """
import os, sys, requests
form = {"grant_type": "urn:ibm:params:oauth:grant-type:apikey", "apikey": os.environ["QISKIT_IBM_TOKEN"]}
token = requests.post("https://iam.cloud.ibm.com/identity/token", data=form).json()["access_token"]
search = "https://api.global-search-tagging.cloud.ibm.com/v3/resources/search"
headers = {"Authorization": "Bearer " + token}
print([item["name"] for item in requests.post(search, json={"query": "x"}, headers=headers).json()["items"]])
"""
API = """
answer = requests.get("https://quantum.cloud.ibm.com/api/v1/backends", headers={**headers, "Service-CRN": CRN})
print(answer.status_code)
"""
HINT = "mock-runtime: does the program name an instance? give it with --instance NAME|CRN\n"


def test_the_instances_of_the_user_are_there(mock_runtime: MockRuntime, tmp_path: Path) -> None:
    """Beside the one that everybody has: a program that asks for what its user works with finds it."""
    saved = tmp_path / "home" / ".qiskit" / "qiskit-ibm.json"
    saved.parent.mkdir()
    account = {"channel": "ibm_quantum_platform", "token": "t", "instance": "saved", "is_default_account": True}
    saved.write_text(json.dumps({"mine": account}), encoding="utf-8")
    done = mock_runtime(*TODAY, "-q", "--", PYTHON, "-c", SEARCH, QISKIT_IBM_INSTANCE="my-instance")
    assert done.stdout == "['default', 'my-instance', 'saved']\n"


def test_a_program_finds_the_instance_that_is_written_in_it(mock_runtime: MockRuntime, tmp_path: Path) -> None:
    """And can work with it."""
    script = tmp_path / "theirs.py"
    script.write_text(f"CRN = {REAL!r}\n{SEARCH}\n{API}", encoding="utf-8")
    done = mock_runtime(*TODAY, "-q", "--", PYTHON, str(script))
    assert done.stdout == "['default', 'instance-11111111']\n200\n"


def test_instances_that_are_given_are_all_there_are(mock_runtime: MockRuntime) -> None:
    """Whatever else the program and its user name."""
    words = (*TODAY, "-q", "--instance", "given", "--", PYTHON, "-c", f"{SEARCH}# {REAL}")
    assert mock_runtime(*words, QISKIT_IBM_INSTANCE="my-instance").stdout == "['given']\n"


def test_a_program_that_does_not_find_its_instance_is_helped(mock_runtime: MockRuntime) -> None:
    """What stands at the end says how."""
    done = mock_runtime(*TODAY, "--", PYTHON, "-c", f"{SEARCH}\nsys.exit('mine is not among them')")
    assert done.returncode == 1
    assert done.stderr.endswith(HINT)


@pytest.mark.parametrize("ending", ["", f"CRN = {REAL!r}\n{API}\nsys.exit(1)"])
def test_a_program_that_needs_no_help_gets_none(mock_runtime: MockRuntime, ending: str) -> None:
    """Neither one that ends well, nor one that went on to the API."""
    done = mock_runtime(*TODAY, "--", PYTHON, "-c", SEARCH + ending)
    assert "requests\n" in done.stderr
    assert HINT not in done.stderr


def test_a_bad_day_and_what_an_operator_says_of_it(mock_runtime: MockRuntime, script: str) -> None:
    """Faults that were met are in the summary; one that was not makes exit code 1 if all are required."""
    slow = ("--fault", "id=late;match.operation=submit-job;act.slow=10ms")
    done = mock_runtime("run", *FAKE, *slow, "--scorecard", "--require-faults", "--", PYTHON, script)
    assert done.returncode == 0, done.stderr
    assert "\n  met fault late\n" in done.stderr
    assert "exchanges in" in done.stderr
    never = ("--fault", "id=never;match.operation=delete-job;act.status=500")
    done = mock_runtime("run", *FAKE, *never, "--require-faults", "--", PYTHON, script)
    assert done.returncode == 1
    assert "never" in done.stderr
