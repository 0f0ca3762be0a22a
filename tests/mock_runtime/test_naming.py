"""Which instances a program and its user name."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from mock_runtime.naming import named_by_program, named_by_user, saved_accounts

ONE = "crn:v1:bluemix:public:quantum-computing:us-east:a/0123456789abcdef0123456789abcdef:1-1::"
TWO = "crn:v1:bluemix:public:quantum-computing:eu-de:a/0123456789abcdef0123456789abcdef:2-2::"
THREE = "crn:v1:bluemix:public:quantum-computing:us-east:a/0123456789abcdef0123456789abcdef:3-3::"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without accounts; its folder for them."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    folder = tmp_path / ".qiskit"
    folder.mkdir()
    return folder


def save(home: Path, accounts: object) -> Path:
    """The file of accounts, with that in it."""
    file = home / "qiskit-ibm.json"
    file.write_text(json.dumps(accounts), encoding="utf-8")
    return file


def account(instance: object, channel: str = "ibm_quantum_platform", **more: Any) -> dict[str, Any]:
    """An account as IBM's client saves it."""
    return {"channel": channel, "token": "a-secret", "instance": instance, **more}


def test_nobody_names_anything(home: Path) -> None:
    """Nothing is there then, and nothing is made."""
    assert named_by_user({}) == ()
    assert named_by_program(["python", "no-such-file.py", "\0.py", "x" * 5000 + ".py"], {}) == ()
    assert list(home.iterdir()) == []


def test_the_variable_comes_first_and_nothing_twice(home: Path) -> None:
    """What the user says now, then what was saved."""
    save(home, {"mine": account(ONE, is_default_account=True)})
    assert named_by_user({"QISKIT_IBM_INSTANCE": "my-instance"}) == ("my-instance", ONE)
    assert named_by_user({"QISKIT_IBM_INSTANCE": ONE}) == (ONE,)


@pytest.mark.parametrize("said", ["", "  ", "auto", "crn:v1:nonsense", ONE + "x", "a\nb", "x" * 201])
def test_what_can_be_no_instance_is_none(said: str) -> None:
    """Also what the client takes for its own choice."""
    assert named_by_user({"QISKIT_IBM_INSTANCE": said}) == ()


CLOUD = "ibm_cloud"


@pytest.mark.parametrize(
    ("accounts", "channel", "instance"),
    [
        ({"a": account("a"), "b": account("b", CLOUD, is_default_account=True)}, "", "b"),
        ({"default-ibm-quantum-platform": account("d"), "z": account("z")}, "", "d"),
        ({"y": account("y"), "z": account("z")}, "", "z"),
        ({"y": account("y"), "c": account("c", CLOUD)}, "ibm_cloud", "c"),
        ({"default-ibm-cloud": account("d", CLOUD), "c": account("c", CLOUD)}, "ibm_cloud", "d"),
        ({"default-ibm-cloud": account("d", CLOUD)}, "", "d"),
        ({"default-ibm-cloud": account("d", CLOUD)}, "nonsense", "d"),
    ],
)
def test_the_default_account_is_the_clients(home: Path, accounts: object, channel: str, instance: str) -> None:
    """In the order of the real one, which differs with the channel that the user prefers."""
    save(home, accounts)
    assert named_by_user({"QISKIT_IBM_CHANNEL": channel}) == (instance,)


def test_the_default_account_is_the_one_that_the_client_itself_takes(home: Path) -> None:
    """The real client is asked."""
    management = pytest.importorskip("qiskit_ibm_runtime.accounts.management")
    both = {"x": account(ONE), "default-ibm-cloud": account(TWO, CLOUD), "w": account(THREE)}
    for accounts in (
        both,
        both | {"v": account(TWO, is_default_account=True)},
        {"default-ibm-cloud": account(TWO, CLOUD)},
    ):
        file = save(home, accounts)
        assert named_by_user({}) == (management.AccountManager.get(filename=str(file)).instance,)


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"\xff\xfe", b"{", b"[]", b"7", b"null", b"[" * 100_000, b'{"a": 1, "b": [], "c": null}'),
        json.dumps({"a": account(["x"]), "b": account(None), "c": account({})}).encode(),
        json.dumps({"a": account("ibm-q/open/main", "ibm_quantum", is_default_account=True)}).encode(),
        json.dumps({"a": {"channel": ["x"], "instance": "i"}, "b": {"instance": "i"}}).encode(),
        b'{"a": ' + b"9" * 5000 + b"}",
    ],
)
def test_accounts_that_make_no_sense_name_nothing(home: Path, content: bytes) -> None:
    """Whatever is in the file; it stays as it is."""
    file = home / "qiskit-ibm.json"
    file.write_bytes(content)
    assert named_by_user({}) == ()
    assert file.read_bytes() == content


def test_a_file_that_cannot_be_read_names_nothing(home: Path) -> None:
    """A folder of that name, or a pipe, which is not waited for."""
    file = home / "qiskit-ibm.json"
    file.mkdir()
    assert saved_accounts() == {}
    file.rmdir()
    if hasattr(os, "mkfifo"):
        os.mkfifo(file)
        assert saved_accounts() == {}


def test_a_program_names_what_is_written_in_it(tmp_path: Path) -> None:
    """In its words, its variables and its files, in this order, each once."""
    notebook = tmp_path / "Analysis.IPYNB"
    notebook.write_text(json.dumps({"cells": [{"source": [f"instance='{THREE}'\n", ONE]}]}), encoding="utf-8")
    words = ["jupyter", "execute", str(notebook), f"--instance={ONE}"]
    assert named_by_program(words, {"MY_CRN": f"<{TWO}>"}) == (ONE, TWO, THREE)


def test_a_test_of_a_file_is_in_that_file(tmp_path: Path) -> None:
    """As pytest writes it."""
    (tmp_path / "test_it.py").write_text(f'CRN = "{ONE}"', encoding="utf-8")
    assert named_by_program(["pytest", f"{tmp_path}/test_it.py::test_one"], {}) == (ONE,)


def test_only_programs_are_read_and_only_their_beginning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other files are nobody's business, and large ones are not read to their end."""
    monkeypatch.setattr("mock_runtime.naming._MOST_BYTES", 2 * len(ONE))
    for name in ("data.csv", "noending", ".env"):
        (tmp_path / name).write_text(ONE, encoding="utf-8")
    (tmp_path / "long.py").write_text(ONE + "#" * len(ONE) + TWO, encoding="utf-8")
    (tmp_path / "binary.sh").write_bytes(b"\xff\x00" + THREE.encode())
    assert named_by_program([str(path) for path in sorted(tmp_path.iterdir())], {}) == (THREE, ONE)


def test_an_account_that_a_program_names_has_its_instance(home: Path, tmp_path: Path) -> None:
    """By the name it is saved under, in quotes; others are left alone."""
    save(home, {"work": account(ONE), "play": account("playground"), "rest": account(TWO)})
    script = tmp_path / "script.py"
    script.write_text("QiskitRuntimeService(name='work'), QiskitRuntimeService(name=\"play\") # rest", encoding="utf-8")
    assert named_by_program(["python", str(script)], {}) == (ONE, "playground")


def test_no_more_instances_are_named_than_a_client_can_ask() -> None:
    """Each of them costs every program requests."""
    many = " ".join(ONE.replace("1-1", f"g{number}") for number in range(100))
    assert len(named_by_program([many], {})) == 16
