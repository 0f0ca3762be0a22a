"""Requests as curl lines: what they hide, what they hold, and the files for what they cannot hold."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from runtime_contracts import reproducing
from runtime_contracts.collector import Collector
from runtime_contracts.contract import Contract
from runtime_contracts.exchange import Exchange, bearer
from runtime_contracts.reproducing import NOBODYS_TOKEN, BodyFiles, curl
from runtime_contracts.server_fuzz import fuzz_server
from runtime_contracts.steps import Step, script
from tests.broken import lifecycles, servers
from tests.broken.serving import ALICE, BOB, Plant, served

URL = "http://host.test/jobs"
SECRET = "a-secret-that-must-not-show"


def _collector(files: BodyFiles | None = None) -> Collector:
    return Collector("server", "t", "e", 1, {"get-jobs": (200,)}, secrets={SECRET}, files=files)


def _words(line: str, **variables: str) -> list[str]:
    """Return the words that a shell makes of a line."""
    command = f"printf '%s\\0' {line}"
    done = subprocess.run(["bash", "-c", command], env=variables, capture_output=True, check=True)
    return done.stdout.decode().split("\0")[:-1]


def test_line_is_a_command_without_credentials() -> None:
    """A shell reads the line as the request, with variables for credentials and nothing else expanded."""
    headers = {"Authorization": f"Bearer {SECRET}", "X-Access-Token": SECRET, "X-Price": "$5 `id`"}
    line = curl("POST", URL, headers=headers, body=b"@'quoted'\n")
    assert SECRET not in line
    assert "\n" not in line
    assert _words(line, TOKEN="one", ACCESS_TOKEN="two") == [
        *("curl", "-i", "-X", "POST", "-H", "Authorization: Bearer one", "-H", "X-Access-Token: two"),
        *("-H", "X-Price: $5 `id`", "--data-raw", "@'quoted'\n", URL),
    ]
    assert "-H 'X-Price: $5 `id`'" in line


@pytest.mark.parametrize("body", [b"x" * 2001, b"\xff", b"a\x00b"], ids=["too long", "not UTF-8", "a NUL"])
def test_body_that_does_not_fit_becomes_a_file(body: bytes, tmp_path: Path) -> None:
    """A body that no line can hold is written into the folder of the report, byte for byte."""
    collector = _collector(BodyFiles())
    line = curl("POST", URL, headers={}, body=body, files=collector.files)
    collector.fail("a_check", "get-jobs", phase="probes", message="m", reproduce=line)
    collector.report().write(tmp_path)
    name = shlex.split(line)[shlex.split(line).index("--data-binary") + 1].removeprefix("@")
    assert (tmp_path / name).read_bytes() == body


def test_body_without_a_folder_is_said_to_be_cut() -> None:
    """Without a place for a file, the line says that it does not hold the whole body."""
    line = curl("POST", URL, headers={}, body=b"x" * 3000)
    assert line.endswith("# the body, 3000 bytes, is not whole here; a folder for the report would hold it")
    assert "x" * 2000 in line
    assert "x" * 2001 not in line


def test_only_bodies_of_failures_are_written_and_without_secrets(tmp_path: Path) -> None:
    """A body that no failure refers to leaves no file, and a token in one that is written is masked."""
    files = BodyFiles()
    collector = _collector(files)
    curl("POST", URL, headers={}, body=b"unneeded" * 1000, files=files)
    line = curl("POST", URL, headers={}, body=SECRET.encode() + b"x" * 3000, files=files)
    collector.fail("a_check", "get-jobs", phase="probes", message="m", reproduce=line)
    collector.report().write(tmp_path)
    written = list(tmp_path.glob("body-*.bin"))
    assert [file.read_bytes() for file in written] == [b"[masked]" + b"x" * 3000]


def test_bodies_are_forgotten_after_a_while() -> None:
    """Many large bodies do not fill the memory; one that a failure has referred to stays."""
    files = BodyFiles()
    first = curl("POST", URL, headers={}, body=b"1" * 3000, files=files)
    files.keep_for(first)
    for number in range(100):
        curl("POST", URL, headers={}, body=str(number).encode() * 3000, files=files)
    assert len(files._latest) == 64
    assert list(files.kept.values()) == [b"1" * 3000]


def test_large_body_of_a_run_can_be_sent_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the engine has sent and a line cannot hold lies beside the report, and nothing else does."""
    monkeypatch.setattr(reproducing, "LINE_LIMIT", 0)
    with served(servers.fails_on_form_without_source) as server:
        report = fuzz_server(
            server.url,
            token=ALICE,
            operations=("post-program",),
            phases=("coverage",),
            report_dir=tmp_path,
        )
    large = [failure for failure in report.failures if "--data-binary" in failure.reproduce]
    assert "not_a_server_error" in {failure.check for failure in large}
    assert all(b"Content-Disposition" in body for body in report.bodies.values())
    assert all("$TOKEN" in failure.reproduce or "$ACCESS_TOKEN" in failure.reproduce for failure in large)
    assert {file.name for file in tmp_path.glob("body-*.bin")} == set(report.bodies)
    assert all(any(f"@{name}" in failure.reproduce for failure in large) for name in report.bodies)


def test_journal_remembers_the_latest_calls_only() -> None:
    """However many calls are made, a bounded number of lines is kept."""
    with served() as server:
        exchange = Exchange(Contract.of("legacy-2021"), server.url, _collector(), "probes")
        for number in range(40):
            exchange.send("GET", f"/jobs?offset={number}", headers=bearer(ALICE))
        exchange.close()
    assert len(exchange.journal) == 32
    assert exchange.line.endswith("offset=39'")
    assert [step.url.rpartition("=")[2] for step in exchange.steps(2)] == ["38", "39"]


def test_header_without_a_value_and_a_token_of_nobody_are_sent_as_they_are() -> None:
    """What a probe sends in place of credentials is no secret, and without it the line would be another request."""
    headers = {"X-Access-Token": "", "Authorization": f"Bearer {NOBODYS_TOKEN}"}
    words = _words(curl("GET", URL, headers=headers, body=b""))
    assert words[4:8] == ["-H", "X-Access-Token;", "-H", f"Authorization: Bearer {NOBODYS_TOKEN}"]


def test_ids_become_variables_in_paths_and_json_only() -> None:
    """An id is carried on where it stands for itself, and not where its letters happen to be."""
    names = {"17": "JOB", "secret-token": "TOKEN"}
    url = "http://17.test/jobs/17/results?limit=17"
    line = curl("POST", url, headers={}, body=b'{"id":"17","n":17,"t":"secret-token","x":"it\'s 17"}', names=names)
    assert _words(line, JOB="j", TOKEN="t")[4:] == [
        *("--data-raw", '{"id":"j","n":17,"t":"t","x":"it\'s 17"}', "http://17.test/jobs/j/results?limit=17"),
    ]


def _answers(script: str, url: str) -> list[str]:
    """Return the status lines that the steps get from the server at `url`."""
    environment = {"PATH": os.environ["PATH"], "TOKEN": ALICE, "OTHER_TOKEN": BOB}
    old = re.search(r"http://127\.0\.0\.1:\d+", script)
    assert old is not None
    command = script.replace(old.group(), url)
    done = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, check=True)
    return re.findall(r"^HTTP/1\.1 (\d+)", done.stdout.decode(), flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("plant", "check", "right"),
    [
        (lifecycles.DeletedJobsStay, "deleted_is_gone", "404"),
        (lifecycles.DeletedProgramsStay, "deleted_is_gone", "404"),
        (lambda: lifecycles.shows_jobs_of_others, "private_to_its_owner", "404"),
        (lambda: servers.keeps_sessions, "session_ends_at_logout", "401"),
    ],
)
def test_steps_can_be_pasted_on_a_fresh_server(plant: Callable[[], Plant], check: str, right: str) -> None:
    """The steps of a failure, run by a shell against a new server, lead to the same wrong answer."""
    with served(plant()) as server:
        report = fuzz_server(
            server.url,
            token=ALICE,
            other_token=BOB,
            operations=(),
            phases=("lifecycle",),
            max_examples=1,
            advance=server.advance,
        )
    found = report.failures[0]
    assert found.check == check
    with served(plant()) as server:
        assert _answers(found.reproduce, server.url)[-1] == "200"
    with served() as server:
        assert _answers(found.reproduce, server.url)[-1] == right


def test_steps_hold_what_the_failure_needs() -> None:
    """Calls of another caller that changed nothing, and reads that said nothing new, are left out."""
    mine, others = bearer(ALICE), bearer(BOB)
    made = Step(1, "POST", f"{URL}", mine, b"{}", status=200, made=("JOB", "17"))
    read = Step(2, "GET", f"{URL}/17", mine, b"", status=200, said=1)
    refused = Step(4, "DELETE", f"{URL}/17", others, b"", status=404, said=3)
    waited = replace(read, number=5, said=2, slept_s=1.25)
    last = replace(read, number=6, slept_s=1.25, said=2)
    steps = [last, made, read, replace(read, number=3), refused, waited, replace(last, number=7)]
    lines = script(steps, {ALICE: "TOKEN", BOB: "OTHER_TOKEN"}, None)
    assert lines[0].startswith("JOB=$(curl -s -X POST ")
    assert lines[1:] == [
        f'curl -i -X GET -H "Authorization: Bearer $TOKEN" "{URL}/$JOB"',
        "sleep 2",
        f'curl -i -X GET -H "Authorization: Bearer $TOKEN" "{URL}/$JOB"',
        f'curl -i -X GET -H "Authorization: Bearer $TOKEN" "{URL}/$JOB"',
    ]
    by_others = script([made, read, replace(refused, status=204)], {ALICE: "TOKEN", BOB: "OTHER_TOKEN"}, None)
    assert by_others[1:] == [f'curl -i -X DELETE -H "Authorization: Bearer $OTHER_TOKEN" "{URL}/$JOB"']
