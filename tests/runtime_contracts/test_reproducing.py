"""Requests as curl lines: what they hide, what they hold, and the files for what they cannot hold."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from runtime_contracts import reproducing
from runtime_contracts.collector import Collector
from runtime_contracts.contract import Contract
from runtime_contracts.exchange import Exchange, bearer
from runtime_contracts.reproducing import BodyFiles, curl
from runtime_contracts.server_fuzz import fuzz_server
from tests.broken import servers
from tests.broken.serving import ALICE, served

URL = "http://host.test/jobs"
SECRET = "a-secret-that-must-not-show"


def _collector(files: BodyFiles | None = None) -> Collector:
    return Collector("server", "t", "e", 1, {"get-jobs": (200,)}, secrets={SECRET}, files=files)


def test_line_is_a_command_without_credentials() -> None:
    """A shell reads the line as the request, with variables for credentials and nothing else expanded."""
    headers = {"Authorization": f"Bearer {SECRET}", "X-Access-Token": SECRET, "X-Price": "$5 `id`"}
    line = curl("POST", URL, headers=headers, body=b"@'quoted'\n")
    assert SECRET not in line
    assert shlex.split(line) == [
        *("curl", "-i", "-X", "POST", "-H", "Authorization: Bearer $TOKEN", "-H", "X-Access-Token: $ACCESS_TOKEN"),
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
    assert [line.rpartition("=")[2] for line in exchange.lines(2)] == ["38'", "39'"]
