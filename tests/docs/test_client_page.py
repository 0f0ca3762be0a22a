"""The examples in docs/client.md run, and its table names every option."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from mock_runtime import Config, LiveServer, create_app
from runtime_client import AsyncClientOptions, AsyncPlatformOptions, ClientOptions, PlatformOptions

PAGE: Final = (Path(__file__).resolve().parents[2] / "docs" / "client.md").read_text(encoding="utf-8")
EXAMPLES: Final = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("number", range(4), ids=["blocking", "awaiting", "testing", "lost"])
def test_examples_run(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Each example runs as it stands, against a fake, and prints something."""
    assert len(EXAMPLES) == 4
    with LiveServer(create_app(Config(seed=0))) as server:
        here = EXAMPLES[number].replace("http://127.0.0.1:8000/api", server.url.rstrip("/"))
        here = here.replace("poll_interval=0.5", "poll_interval=0.01")
        exec(compile(here, "docs/client.md", "exec"), {})  # noqa: S102 - our own page
    assert capsys.readouterr().out


def test_every_option_is_in_the_table() -> None:
    """The table names each option of all clients, and no other."""
    named: set[str] = set()
    for row in re.findall(r"^\| (`[^|]+) \|", PAGE, re.MULTILINE):
        named |= set(re.findall(r"`(\w+)`", row))
    kinds = (ClientOptions, PlatformOptions, AsyncClientOptions, AsyncPlatformOptions)
    assert named == {"edition", "token"}.union(*(kind.__annotations__ for kind in kinds))
