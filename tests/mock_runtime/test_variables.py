"""The variables that lead to the fake, and how shells are told of them."""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import partial
from pathlib import Path

import pytest

from mock_runtime.variables import BEFORE, SHELLS, Variables, plain, proxied, undone

ODD = 'it\'s $HOME \\ "quoted" `id`'
BUNDLE, CA = Path("/x/bundle.pem"), Path("/x/ca.pem")


def test_plain_variables_are_those_of_the_client() -> None:
    """All of them of one origin; the catalogue has a path of its own."""
    variables = plain("http://127.0.0.1:8000", environment={}).set
    assert variables == {
        "QISKIT_IBM_URL": "http://127.0.0.1:8000/experimental/api/v1",
        "IAM_URL": "http://127.0.0.1:8000",
        "GLOBAL_SEARCH_URL": "http://127.0.0.1:8000",
        "GLOBAL_CATALOG_URL": "http://127.0.0.1:8000/globalcatalog/api/v1",
        "NO_PROXY": "localhost,127.0.0.1,::1",
        "no_proxy": "localhost,127.0.0.1,::1",
        "QISKIT_IBM_TOKEN": "mock-runtime",
    }


def test_a_token_is_set_where_there_is_none() -> None:
    """One of the user's stays, and where none is known that would be accepted, none is set."""
    for make in (partial(plain, "http://x"), partial(proxied, "http://x", bundle=BUNDLE, authority=CA)):
        assert make(environment={"QISKIT_IBM_TOKEN": ""}, token="t").set["QISKIT_IBM_TOKEN"] == "t"
        assert "QISKIT_IBM_TOKEN" not in make(environment={"QISKIT_IBM_TOKEN": "mine"}, token="t").set
        assert "QISKIT_IBM_TOKEN" not in make(environment={}, token=None).set


def test_what_was_there_before_comes_back() -> None:
    """However often variables were set in between."""
    before = {"HTTPS_PROXY": "http://corporate:3128", "ALL_PROXY": "socks5://x", "OTHER": "1"}
    to = partial(proxied, bundle=BUNDLE, authority=CA)
    first = to("http://127.0.0.1:1/", environment=before).undoable(before).over(before)
    second = to("http://127.0.0.1:2/", environment=first).undoable(first).over(first)
    assert (second["HTTPS_PROXY"], "ALL_PROXY" in second, second["OTHER"]) == ("http://127.0.0.1:2", False, "1")
    assert undone(second).over(second) == before


@pytest.mark.parametrize("text", ["", "{", "[]", "5", "null", '{"A; rm -rf": "x"}'])
def test_what_is_not_remembered_is_not_brought_back(text: str) -> None:
    """A variable of that name that is none of ours is left alone."""
    assert undone({BEFORE: text}) == Variables(set={}, unset=())
    assert undone({}) == Variables(set={}, unset=())


@pytest.mark.parametrize(
    ("shell", "command"),
    [
        ("sh", ["sh", "-c"]),
        ("bash", ["bash", "-c"]),
        ("zsh", ["zsh", "-c"]),
        ("fish", ["fish", "-c"]),
        ("powershell", ["pwsh", "-NoProfile", "-Command"]),
    ],
)
def test_a_shell_takes_a_value_as_it_is(shell: str, command: list[str]) -> None:
    """Quotes, blanks and what would be run are nothing but characters."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    lines = SHELLS[shell](Variables(set={"ODD": ODD}, unset=("GONE",)))
    done = subprocess.run(
        [*command, "\n".join([*lines, "env"])],
        env={"GONE": "1", "PATH": "/usr/bin:/bin", "HOME": "/"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"ODD={ODD}\n" in done.stdout
    assert "GONE" not in done.stdout


def test_the_words_of_shells_that_may_not_be_here() -> None:
    """As their manuals have them."""
    variables = Variables(set={"A": "it's \\"}, unset=("B",))
    assert SHELLS["fish"](variables) == ["set -gx A 'it\\'s \\\\';", "set -e B;"]
    assert SHELLS["powershell"](variables) == [
        "$Env:A = 'it''s \\'",
        "Remove-Item Env:B -ErrorAction SilentlyContinue",
    ]


def test_json_has_null_for_what_goes() -> None:
    """For programs that set the environment of others."""
    assert json.loads("".join(SHELLS["json"](Variables(set={"A": ODD}, unset=("B",))))) == {"A": ODD, "B": None}
