"""`mock-runtime serve` as a process: its first line, its signals, and its streams."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import requests

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TIMEOUT_S = 20.0
ALICE = {"Authorization": "Bearer alice"}
PROGRAM = "import sys; from mock_runtime.cli import main; sys.argv[0] = 'mock-runtime'; main()"
SERVE = (sys.executable, "-c", PROGRAM, "serve", "--edition", "2021", "--port", "0")


@contextmanager
def running(command: Sequence[str], stdout: int | IO[str] = subprocess.PIPE) -> Iterator[subprocess.Popen[str]]:
    """A process, which is gone in the end whatever happens."""
    with subprocess.Popen(command, stdout=stdout, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def serving(*flags: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process that serves, and the URL on the first line of its stdout."""
    with running([*SERVE, *flags]) as process:
        assert process.stdout is not None
        yield process, process.stdout.readline().rstrip("\n")


def ended(process: subprocess.Popen[str], number: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
    """The exit code of a process that got a signal, and what else it wrote."""
    process.send_signal(number)
    out, err = process.communicate(timeout=TIMEOUT_S)
    return process.returncode, out, err


def get(url: str, **request: Any) -> requests.Response:
    """The answer to a GET of `alice`."""
    return requests.get(url, headers=ALICE, timeout=TIMEOUT_S, **request)


def post(url: str, body: object) -> requests.Response:
    """The answer to a POST of `alice`."""
    return requests.post(url, json=body, headers=ALICE, timeout=TIMEOUT_S)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_url_is_the_first_line_and_a_signal_ends_it(number: signal.Signals) -> None:
    """With exit code 0; everything for people is on stderr, and no token is."""
    with serving("--seed", "7", "--token", "alice") as (process, url):
        assert get(f"{url}_mock/health").json()["seed"] == 7
        assert get(f"{url}jobs?limit=1").status_code == 200
        code, out, err = ended(process, number)
    assert (code, out) == (0, "")
    assert url.startswith("http://127.0.0.1:")
    assert err.splitlines()[:4] == [
        "Qiskit Runtime API of 2021: a fake, ready for requests",
        f"  documentation  {url}openapi/",
        f"  control        {url}_mock/  (this machine only)",
        "  tokens         1 configured",
    ]
    assert "  seed           7  (--seed 7 gives the same run again)\n" in err
    assert "/_mock/health" not in err
    assert "\n200 GET    /jobs  " in err
    assert err.endswith("stopped\n")
    assert "alice" not in err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_at_once_though_an_answer_is_due(number: signal.Signals) -> None:
    """The answer would have come in an hour; the client sees its connection close, and nobody a stack trace."""
    with serving("--latency", "1h", "--quiet") as (process, url):
        parts = urlsplit(url)
        with socket.create_connection((parts.hostname, parts.port), timeout=TIMEOUT_S) as waiting:
            waiting.sendall(b"GET /programs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer alice\r\n\r\n")
            assert get(f"{url}_mock/health").status_code == 200
            code, out, err = ended(process, number)
    assert (code, out) == (0, "")
    assert err.splitlines()[-2:] == ["  Ctrl-C ends it", "stopped"]


def test_a_reader_that_has_seen_enough_is_no_crash() -> None:
    """As in `mock-runtime serve | head -1`: it goes on serving."""
    with serving() as (process, url):
        assert process.stdout is not None
        process.stdout.close()
        assert get(f"{url}programs").status_code == 200
        process.terminate()
        assert process.wait(TIMEOUT_S) == 0
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()


def welcome(process: subprocess.Popen[str]) -> list[str]:
    """The lines on stderr until it is ready."""
    assert process.stderr is not None
    lines: list[str] = []
    while not lines or "Ctrl-C" not in lines[-1]:
        lines.append(process.stderr.readline())
        assert lines[-1], "".join(lines)
    return lines


def test_a_full_disk_is_no_crash() -> None:
    """The URL is told on stderr instead."""
    with Path("/dev/full").open("w", encoding="utf-8") as full, running(SERVE, stdout=full) as process:
        lines = welcome(process)
        assert lines[0].startswith(
            "the URL could not be written to stdout (No space left on device): http://127.0.0.1:"
        )
        assert get(f"{lines[0].split()[-1]}programs").status_code == 200
        code, _, err = ended(process)
    assert (code, err.splitlines()[-1]) == (0, "stopped")
    assert "Traceback" not in err


def test_a_closed_stdout_is_no_crash() -> None:
    """As in `mock-runtime serve >&-`."""
    with running(["/bin/sh", "-c", 'exec "$@" >&-', "sh", *SERVE]) as process:
        lines = welcome(process)
        code, _, err = ended(process)
    assert (code, err) == (0, "stopped\n")
    assert "Traceback" not in "".join(lines)


STILL = ("--speed", "manual", "--start", "2021-05-08T03:15:11Z")


def test_a_seed_gives_the_same_run_again() -> None:
    """Ids, times and results, from one process to the next, if time stands still and begins at the same instant."""

    def run(seed: str) -> list[str]:
        told = []
        with serving("--seed", seed, *STILL, "--queue", "1s..9s", "--run", "5s~2s") as (_, url):
            for program in ("vqe", "circuit-runner"):
                job = post(f"{url}jobs", {"programId": program}).json()["id"]
                told.append(job)
                for _ in range(10):
                    post(f"{url}_mock/clock", {"advance": "2s"})
                    told.append(get(f"{url}jobs/{job}/results").text)
        return told

    first = run("5")
    assert first == run("5")
    assert first != run("6")
    assert first[10]


def test_a_manual_clock_is_moved_over_http() -> None:
    """Jobs are where they would be by then, and no sooner."""
    with serving("--speed", "manual", "--queue", "1h", "--run", "now") as (_, url):
        job = post(f"{url}jobs", {"programId": "simple"}).json()["id"]
        assert get(f"{url}jobs/{job}/results").status_code == 204
        assert post(f"{url}_mock/clock", {"advance": "1h"}).json()["manual"] is True
        assert get(f"{url}jobs/{job}/results").text == "All done!"


def test_a_prefix_is_in_the_url_that_is_told() -> None:
    """The control plane and the documentation stand beside it."""
    with serving("--prefix", "/runtime", "--no-control") as (process, url):
        assert url.endswith("/runtime/")
        assert get(f"{url}programs").status_code == 200
        _, _, err = ended(process)
    assert f"documentation  {url.removesuffix('runtime/')}openapi/\n" in err
    assert "control" not in err


def test_a_port_that_is_taken_is_one_sentence() -> None:
    """With exit code 1 and what to do."""
    with serving() as (_, url):
        port = str(urlsplit(url).port)
        again = [*SERVE, "--port", port]
        second = subprocess.run(again, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr == (
        f"Error: cannot listen on 127.0.0.1:{port}: address already in use; "
        "choose another --port, or 0 for a free one\n"
    )
