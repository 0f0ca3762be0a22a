"""`mock-runtime serve --proxy`, and what `serve` tells its user to put into a shell."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import requests

from mock_runtime.variables import plain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.mock_runtime.commands.conftest import MockRuntime

IBM = "https://runtime-us-east.quantum-computing.ibm.com"


@contextmanager
def serving(environment: dict[str, str], *flags: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A server as a process, and its URL."""
    words = [sys.executable, "-m", "mock_runtime", "serve", "--port", "0", *flags]
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip(), process
        finally:
            process.kill()


def said(process: subprocess.Popen[str]) -> str:
    """What a server has told its user by its end."""
    process.send_signal(signal.SIGTERM)
    return process.communicate(timeout=60)[1]


def test_a_server_can_be_a_proxy(clean: dict[str, str], tmp_path: Path) -> None:
    """With a certificate where the user wants it; what is refused is shown, and the way in is told."""
    authority = tmp_path / "ca.pem"
    flags = ("--edition", "2021", "--proxy", "--ca-file", str(authority), "--allow", "nobody.invalid")
    with serving(clean, *flags) as (url, process), requests.Session() as session:
        session.trust_env, session.verify, session.proxies = False, str(authority), {"https": url, "http": url}
        assert session.get(f"{IBM}/programs", headers={"Authorization": "Bearer x"}).status_code == 200
        with pytest.raises(requests.exceptions.ProxyError, match=r"403 example\.org is refused"):
            session.get("https://example.org/")
        with pytest.raises(requests.exceptions.ProxyError, match=r"502 nobody\.invalid cannot be reached"):
            session.get("https://nobody.invalid/")
        told = said(process)
    assert f'eval "$(mock-runtime env --url {url.rstrip("/")} --ca-file {authority})"' in told
    assert "--- example.org: refused\n" in told
    assert "QISKIT_IBM_URL" not in told


def test_plain_variables_are_told(clean: dict[str, str]) -> None:
    """Ready to be pasted; a configured token is not shown."""
    with serving(clean, "--edition", "platform", "--token", "a-secret-token") as (url, process):
        told = said(process)
    origin = url.removesuffix("/").removesuffix("/api")
    for name, value in plain(origin, environment={"QISKIT_IBM_TOKEN": "x"}).set.items():
        assert f"    export {name}={value}\n" in told
    assert "a-secret-token" not in told


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (("--proxy",), "--proxy needs a --ca-file"),
        (("--allow", "x"), "--ca-file and --allow belong to --proxy"),
        (("--ca-file", "x"), "--ca-file and --allow belong to --proxy"),
        (("--proxy", "--ca-file", "no/such/folder/ca.pem"), "no/such/folder/ca.pem cannot be written"),
    ],
)
def test_what_belongs_together_is_asked_for(mock_runtime: MockRuntime, flags: tuple[str, ...], sentence: str) -> None:
    """Before anything listens."""
    done = mock_runtime("serve", "--edition", "2021", "--port", "0", *flags)
    assert done.returncode != 0
    assert done.stdout == ""
    assert sentence in done.stderr
