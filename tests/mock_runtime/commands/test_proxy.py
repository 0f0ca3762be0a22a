"""`mock-runtime proxy`, as its user sees it: a program behind it, a server in front of it, or a recording."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
import requests
from click.testing import CliRunner, Result

from mock_runtime import Config, LiveServer, create_app
from mock_runtime.cli import main
from runtime_contracts import documents
from runtime_contracts.recording import read
from tests.mock_runtime.commands.recordings import CRN, KEY, platform
from tests.mock_runtime.transport.upstreams_under_test import scripted

if TYPE_CHECKING:
    from tests.mock_runtime.commands.conftest import MockRuntime

TIMEOUT_S: Final = 20.0
PROGRAM: Final = """
import json, sys, requests
form = {"grant_type": "urn:ibm:params:oauth:grant-type:apikey", "apikey": "%(key)s"}
token = requests.post("https://iam.cloud.ibm.com/identity/token", data=form).json()["access_token"]
headers = {"Authorization": f"Bearer {token}", "Service-CRN": "%(crn)s"}
answer = requests.get("https://quantum.cloud.ibm.com/api/v1/%(target)s", headers=headers)
print(answer.status_code, json.dumps(answer.json())[:300])
sys.exit(%(code)s)
"""


def program(target: str, code: int = 0) -> list[str]:
    """A program that knows nothing of a proxy: it signs in and asks for something."""
    return ["--", sys.executable, "-c", PROGRAM % {"key": KEY, "crn": CRN, "target": target, "code": code}]


@pytest.fixture(scope="module")
def fake() -> Iterator[LiveServer]:
    """A server to pass on to: one of ours that has all services by their paths."""
    with LiveServer(create_app(Config(seed=3))) as server:
        yield server


@pytest.fixture(autouse=True)
def nothing_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of this machine's proxies and tokens."""
    for name in os.environ:
        if name.lower().endswith("_proxy") or name.startswith(("QISKIT_", "MOCK_RUNTIME_")):
            monkeypatch.delenv(name)


def proxy(*words: str) -> Result:
    """The command's outcome."""
    return CliRunner().invoke(main, ["proxy", *words])


def test_an_unmodified_program_is_watched(fake: LiveServer, tmp_path: Path) -> None:
    """IBM's hosts lead to the upstream; what was seen is shown, reported and recorded, without the key."""
    file, reports = tmp_path / "a.ndjson", tmp_path / "reports"
    done = proxy("--upstream", fake.origin, "--record", str(file), "--report", str(reports), *program("backends"))
    assert done.exit_code == 0, done.output
    assert "#2 200 GET    /api/v1/backends" in done.stderr
    assert "no violation in 2 exchanges" in done.stderr
    assert KEY not in done.output + file.read_text(encoding="ascii")
    report = json.loads((reports / "proxy-platform.json").read_text(encoding="utf-8"))
    assert (report["total"], report["coverage"]["list_backends"]["met"]) == (2, {"200": 1})
    assert [each.request.target for each in read(file).exchanges] == ["/identity/token", "/api/v1/backends"]


def test_violations_are_shown_and_make_the_exit_code_1(fake: LiveServer) -> None:
    """If the program itself ended well; else its own code is the code."""
    done = proxy("-q", "--upstream", fake.origin, *program("backends?colour=red"))
    own = proxy("-q", "--upstream", fake.origin, *program("backends?colour=red", code=7))
    assert (done.exit_code, own.exit_code) == (1, 7)
    line = "VIOLATION list_backends: request /query/colour: expected a documented parameter"
    assert line in done.stderr
    assert "1 violation in 2 exchanges" in done.stderr


def test_what_is_said_of_an_exchange_does_not_tell_its_secrets(tmp_path: Path) -> None:
    """Not those that only the answer shows, not in an encoding, not in the name of a field, not cut off."""
    secret, person = "Zk9-Qx7_plain-42abcXYZ", "grace.hopper@navy.example"
    encoded = base64.b64encode(f"user:{secret}".encode()).decode()
    body = json.dumps({"basic": encoded, secret: 1, "x": "y" * 44, "who": [person], "access_token": secret}).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    with scripted(head + body) as upstream:
        for extra in ([], ["--record", str(tmp_path / "a")]):
            words = ["--upstream", upstream.address.origin, "--report", str(tmp_path), *extra]
            found, done = while_serving(
                words,
                lambda origin: (
                    requests.get(f"{origin}/api/v1/jobs/abc?{secret}=1", timeout=TIMEOUT_S),
                    requests.get(f"{origin}/_proxy/violations", timeout=TIMEOUT_S).text,
                )[1],
            )
            assert done.exit_code == 1
            assert "expected the property 'id', found {" in done.stderr
            told = found + done.output + "".join(each.read_text(encoding="utf-8") for each in tmp_path.iterdir())
            assert [part for part in (secret, encoded, encoded[:20], "grace", "navy") if part in told] == []


def test_requests_can_be_enforced(fake: LiveServer, capfd: pytest.CaptureFixture[str]) -> None:
    """One that breaks the document is not passed on: the program gets 400 in the edition's envelope."""
    done = proxy("--upstream", fake.origin, "--enforce", "requests", *program("backends?colour=red"))
    said = capfd.readouterr().out
    assert said.startswith('400 {"errors": [{"code": 1208, "message": "the request breaks the contract and')
    assert done.exit_code == 1


@pytest.mark.parametrize("edition", ["platform", "legacy-2021"])
def test_responses_can_be_enforced(edition: str, tmp_path: Path) -> None:
    """One that breaks the document becomes 502 in the edition's envelope; the recording has what really came."""
    path = {"platform": "/api/v1/versions", "legacy-2021": "/api/version"}[edition]
    broken = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]"
    with scripted(broken) as upstream:
        answer, done = while_serving(
            [
                "--upstream",
                upstream.address.origin,
                "--edition",
                edition,
                "--enforce",
                "responses",
                "--record",
                str(tmp_path / "a"),
            ],
            lambda origin: requests.get(origin + path, timeout=TIMEOUT_S),
        )
    error = answer.json()["errors"][0]
    assert (answer.status_code, error["message"].startswith("the answer breaks the contract: /body")) == (502, True)
    assert error["code"] == {"platform": 1000, "legacy-2021": "internal_error"}[edition]
    assert read(tmp_path / "a").exchanges[0].answer.body == b"[]"
    assert done.exit_code == 1


def while_serving(words: list[str], use: Callable[[str], Any], *, by: int = signal.SIGINT) -> tuple[Any, Result]:
    """What a use of a proxy gives that runs by itself and is ended by a signal; and the command's outcome."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    origin, found = f"http://127.0.0.1:{port}", []

    def client() -> None:
        try:
            for _ in range(2000):
                try:
                    requests.get(f"{origin}/_proxy/", timeout=TIMEOUT_S)
                    break
                except requests.ConnectionError:
                    threading.Event().wait(0.01)
            found.append(use(origin))
        finally:
            os.kill(os.getpid(), by)

    thread = threading.Thread(target=client)
    thread.start()
    done = proxy("--port", str(port), *words)
    thread.join()
    return found[0], done


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_by_itself_it_serves_until_it_is_told_to_stop(fake: LiveServer, by: int) -> None:
    """That is its usual end: 0 if nothing was found. What was found can be asked for meanwhile."""

    def use(origin: str) -> Any:
        assert requests.get(f"{origin}/api/v1/versions", timeout=TIMEOUT_S).status_code == 200
        assert requests.get(f"{origin}/_proxy/else", timeout=TIMEOUT_S).status_code == 404
        return requests.get(f"{origin}/_proxy/violations", timeout=TIMEOUT_S).json()

    found, done = while_serving(["--upstream", fake.origin], use, by=by)
    assert (found["exchanges"], found["violations"], found["findings"]) == (1, 0, [])
    assert (done.exit_code, "no violation in 1 exchange" in done.stderr) == (0, True)


def test_a_request_under_way_at_the_end_is_told() -> None:
    """It has no answer, and nobody would know of it otherwise."""
    arrived, silence = threading.Event(), threading.Event()

    def answer(_: bytes) -> None:
        arrived.set()
        silence.wait(TIMEOUT_S)

    def client(origin: str) -> None:
        with contextlib.suppress(requests.RequestException):
            requests.get(f"{origin}/api/v1/versions", timeout=TIMEOUT_S)

    def use(origin: str) -> threading.Thread:
        thread = threading.Thread(target=client, args=(origin,))
        thread.start()
        assert arrived.wait(TIMEOUT_S)
        return thread

    with scripted(answer) as upstream:
        thread, done = while_serving(["--upstream", upstream.address.origin], use)
        silence.set()
    thread.join()
    assert "note: 1 request without an answer: the proxy was ended before its answer was complete" in done.stderr
    assert done.exit_code == 0


def test_what_is_found_can_be_asked_for(fake: LiveServer) -> None:
    """As JSON, each kind once; and it makes the exit code 1."""

    def use(origin: str) -> Any:
        for _ in range(5):
            requests.get(f"{origin}/api/v1/versions?x=1", timeout=TIMEOUT_S)
        return requests.get(f"{origin}/_proxy/violations", timeout=TIMEOUT_S).json()

    found, done = while_serving(["-q", "--upstream", fake.origin], use)
    (finding,) = found["findings"]
    assert (finding["check"], finding["where"], finding["count"]) == ("undocumented_parameter", "/query/x", 5)
    assert done.stderr.count("VIOLATION") == 3
    assert "#3 VIOLATION" in done.stderr
    assert "more of this kind are only counted" in done.stderr
    assert done.exit_code == 1


def test_an_upstream_that_is_not_there_is_said_in_the_envelope(fake: LiveServer) -> None:
    """To the client, and on the terminal."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    answer, done = while_serving(
        ["--upstream", f"http://127.0.0.1:{port}"],
        lambda origin: requests.get(f"{origin}/api/v1/versions", timeout=TIMEOUT_S),
    )
    assert answer.status_code == 502
    assert answer.json()["errors"][0]["message"].startswith(f"mock-runtime proxy: 127.0.0.1:{port} cannot be reached")
    assert "note: 1 request without an answer" in done.stderr


def test_other_programs_can_be_led_here_by_a_certificate(fake: LiveServer, tmp_path: Path) -> None:
    """It is written where the user says; other hosts are refused."""
    authority = tmp_path / "ca.pem"

    def use(origin: str) -> Any:
        # The server listens before the file is there.
        for _ in range(2000):
            if authority.exists() and authority.read_bytes().endswith(b"-----\n"):
                break
            threading.Event().wait(0.01)
        session = requests.Session()
        session.proxies, session.verify, session.trust_env = {"https": origin}, str(authority), False
        with pytest.raises(requests.exceptions.ProxyError):
            session.get("https://example.org", timeout=TIMEOUT_S)
        return session.get("https://quantum.cloud.ibm.com/api/v1/versions", timeout=TIMEOUT_S)

    answer, done = while_serving(["--upstream", fake.origin, "--write-ca", str(authority)], use)
    assert (answer.status_code, done.exit_code) == (200, 0)
    assert "--- example.org: refused (--allow example.org lets it through)" in done.stderr
    assert f"--ca-file {authority}" in done.stderr


def test_a_recording_can_be_replayed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """To an unmodified program; what was not recorded is a 404 that names the nearest request, and is reported."""
    file = platform().write(tmp_path / "a.ndjson")
    done = proxy("--replay", str(file), "--paced", *program("backends"))
    assert (done.exit_code, capfd.readouterr().out.startswith('200 {"devices"')) == (0, True), done.output
    other = proxy("--replay", str(file), *program("backend"))
    said = capfd.readouterr().out
    assert said.startswith(
        '404 {"errors": [{"code": 1296, "message": "the recording has no GET /api/v1/backend; the nearest is'
    )
    assert (other.exit_code, "not_recorded" in other.stderr) == (1, True)


def test_what_is_not_whole_in_a_recording_is_said(tmp_path: Path) -> None:
    """A body that was left out, a line that is damaged; and a WebSocket is refused."""
    file = tmp_path / "a.ndjson"
    head = '{"format":"runtime-recording","version":1,"edition":"legacy-2021"}\n'
    line = (
        '{"number":1,"request":{"method":"GET","target":"/programs"},"answer":{"status":200,"body":{"omitted":true}}}\n'
    )
    file.write_text(head + line + "{\n" * 25, encoding="ascii")

    def use(origin: str) -> Any:
        upgrade = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        }
        statuses = [
            requests.get(f"{origin}/programs", headers=headers, timeout=TIMEOUT_S).status_code
            for headers in ({}, upgrade)
        ]
        return [*statuses, requests.get(f"{origin}/_proxy/violations", timeout=TIMEOUT_S).status_code]

    found, done = while_serving(["--replay", str(file)], use)
    assert found == [502, 501, 200]
    assert "line 3: not JSON" in done.stderr
    assert "5 more lines cannot be read" in done.stderr


def test_a_disk_that_is_full_does_not_stop_the_traffic(
    fake: LiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said, and the exchanges go on unrecorded."""
    write, calls = os.write, []

    def full(descriptor: int, data: bytes) -> int:
        if data.startswith(b'{"number"'):
            calls.append(data)
            raise OSError(28, "No space left on device")
        return write(descriptor, data)

    monkeypatch.setattr("runtime_contracts.recording.writing.os.write", full)
    _, done = while_serving(
        ["--upstream", fake.origin, "--record", str(tmp_path / "a")],
        lambda origin: [requests.get(f"{origin}/api/v1/versions", timeout=TIMEOUT_S) for _ in range(2)],
    )
    assert len(calls) == 1
    assert "cannot be written any more: No space left on device" in done.stderr


def test_clients_that_break_off_leave_a_replay_alone(tmp_path: Path) -> None:
    """In the middle of a body; and a body that is too large is known by nothing."""
    file = tmp_path / "a.ndjson"
    file.write_text('{"format":"runtime-recording","version":1,"edition":"legacy-2021"}\n', encoding="ascii")

    def use(origin: str) -> Any:
        with socket.create_connection(("127.0.0.1", int(origin.rpartition(":")[2])), timeout=TIMEOUT_S) as opened:
            opened.sendall(b"POST /jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx")
        return requests.post(f"{origin}/jobs", data=b"x" * (1 << 21), timeout=TIMEOUT_S).status_code

    assert while_serving(["--replay", str(file), "--max-body", "1"], use)[0] == 404


def test_both_sides_can_be_held_to_another_document(fake: LiveServer, tmp_path: Path) -> None:
    """What had to be done to it is told."""
    document = documents.load("platform")
    document["paths"]["/v1/versions"]["get"]["responses"]["200"]["content"]["application/json"]["schema"] = {
        "type": "object", "required": ["more"], "properties": {"more": {"type": "string"}},
    }  # fmt: skip
    file = tmp_path / "other.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    _, done = while_serving(
        ["--upstream", fake.origin, "--against", str(file)],
        lambda origin: requests.get(f"{origin}/api/v1/versions", timeout=TIMEOUT_S),
    )
    assert (done.exit_code, "get_versions 200: answer /body: expected" in done.stderr) == (1, True), done.stderr


def test_ibms_own_hosts_can_be_the_upstream() -> None:
    """Nothing is asked of them before somebody asks; `--allow` is told."""
    words = ["--upstream", "https://quantum.cloud.ibm.com", "--allow", "pypi.test", "--write-ca", os.devnull]
    found, done = while_serving(words, lambda origin: requests.get(f"{origin}/_proxy/", timeout=TIMEOUT_S).json())
    assert (found, done.exit_code) == ({"violations": "/_proxy/violations"}, 0)
    assert "it stands for IBM's hosts, and refuses others, but for pypi.test" in done.stderr


def test_everybody_may_be_warned(fake: LiveServer) -> None:
    """Of what is dangerous."""
    _, done = while_serving(
        ["--upstream", fake.origin, "--insecure", "--drop-inputs", "--host", "0.0.0.0", "--upstream-iam", fake.origin],  # noqa: S104
        lambda _: None,
    )
    assert done.stderr.count("WARNING") == 2


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "give --upstream URL, or --replay FILE"),
        (["--upstream", "http://x", "--replay", __file__], "give --upstream URL, or --replay FILE"),
        (["--replay", __file__, "--record", "x"], "cannot go together"),
        (["--upstream", "http://x", "--paced"], "--paced belongs to --replay"),
        (["--upstream", "http://x", "--insecure", "--ca-file", __file__], "leave out --ca-file"),
        (["--upstream", "http://x", "--ca-file", __file__], "holds no certificates"),
        (["--upstream", "x.test"], "is no http or https URL"),
        (["--upstream", "http://me:secret@x.test"], "has more than an address and a path"),
        (["--upstream", "http://x", "--upstream-iam", "x"], "is no http or https URL"),
        (["--upstream", "http://x", "--edition", "1999"], "there is no document '1999'"),
        (["--upstream", "http://x", "--against", __file__], "--against: "),
        (["--upstream", "http://x", "--record", __file__], "exists: remove it"),
        (["--upstream", "http://x", "--record", "/no/such/folder/a"], "cannot be written: No such file"),
        (["--replay", __file__], "line 1: not JSON"),
        (["--upstream", "http://x", "--host", "no.such.host.invalid"], "is no address to listen on"),
        (["--upstream", "http://x", "--port", "0", "--write-ca", "/no/such/folder/a"], "cannot be written"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_in_one_sentence(words: list[str], sentence: str) -> None:
    """With exit code 2, before anything is passed on."""
    done = proxy(*words)
    assert (done.exit_code, sentence in done.output, "Traceback" in done.output) == (2, True, False), done.output


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    """127, as in a shell; 126 for one that cannot be run."""
    plain = tmp_path / "plain.txt"
    plain.write_text("text", encoding="utf-8")
    assert proxy("--upstream", "http://x", "--", "no-such-command-anywhere").exit_code == 127
    assert proxy("--upstream", "http://x", "--", str(plain)).exit_code == 126


def test_a_report_that_cannot_be_written_is_said(fake: LiveServer, tmp_path: Path) -> None:
    """With exit code 2."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = proxy(
        "-q", "--upstream", fake.origin, "--report", str(tmp_path / "file" / "x"), "--", sys.executable, "-c", ""
    )
    assert (done.exit_code, "the report cannot be written" in done.output) == (2, True)


def test_ctrl_c_of_a_process_of_its_own(fake: LiveServer, mock_runtime: MockRuntime) -> None:
    """The whole thing as a process: a program that is interrupted ends the proxy with its code."""
    code = "import os, signal; os.kill(os.getpid(), signal.SIGINT)"
    done = mock_runtime("proxy", "--upstream", fake.origin, "--", sys.executable, "-c", code)
    assert (done.returncode, "Traceback" in done.stderr.partition("KeyboardInterrupt")[2]) == (130, False)
    assert "no violation in 0 exchanges" in done.stderr
