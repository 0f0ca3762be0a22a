"""The instances that a program and its user name: in variables, in saved accounts, in what the program is made of.

IBM's client compares the instance that it is given with those that a search finds, and tells nobody before it gives
up: no request teaches a fake which one was meant. Evidence: qiskit-ibm-runtime 0.41 to 0.51. So they are looked for
where they are written. All of it belongs to somebody else: it is read, in bounded pieces, and never written, and what
cannot be read names nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

from mock_runtime.domain.instances import CRN

VARIABLE: Final = "QISKIT_IBM_INSTANCE"
"""The variable in which a user says which instance to work with."""

ACCOUNTS: Final = "~/.qiskit/qiskit-ibm.json"
"""Where IBM's client saves accounts."""

READABLE: Final = frozenset({".py", ".ipynb", ".sh", ".js", ".mjs", ".cjs", ".ts"})
"""The endings of the files that are read as programs."""

_MOST_BYTES: Final = 4 << 20
_MOST_INSTANCES: Final = 16
"""A client asks each instance for its backends: more would be felt by programs that name none."""
_LONGEST_NAME: Final = 200
_AUTO: Final = "auto"
"""What IBM's client takes for "choose one"."""
_DEFAULT_NAMES: Final = {
    "ibm_quantum_platform": "default-ibm-quantum-platform",
    "ibm_cloud": "default-ibm-cloud",
}
"""The channels of today, and the name under which each saves an account that was given none."""

Accounts: TypeAlias = Mapping[str, Mapping[str, Any]]


def named_by_user(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The instances, names or CRNs, that a user works with: of the variable, and of the account saved as default."""
    account = _default(saved_accounts(), environment.get("QISKIT_IBM_CHANNEL", ""))
    return _distinct([environment.get(VARIABLE), account.get("instance")])


def named_by_program(words: Sequence[str], environment: Mapping[str, str]) -> tuple[str, ...]:
    """The instances that a command names: every CRN in its words, its variables and those of its words that are files.

    An account that is saved under a name which stands in such a file, in quotes, names its own.
    """
    texts = list(filter(None, map(_text, words)))
    written = (found[0] for text in (*words, *environment.values(), *texts) for found in CRN.finditer(text))
    return _distinct([*_distinct(written), *_of_accounts(texts)])


def saved_accounts() -> Accounts:
    """The accounts that the user has saved with IBM's client, by name; none if there is no such file, or no sense."""
    try:
        text = _start_of(Path(ACCOUNTS).expanduser())
        saved = json.loads(text) if text else {}
    except (RuntimeError, ValueError):  # no home; no JSON, or too deep: RecursionError is a RuntimeError
        return {}
    if not isinstance(saved, dict):
        return {}
    accounts = {name: account for name, account in saved.items() if isinstance(account, dict)}
    # Those of the channel that is gone had a hub, group and project for an instance.
    return {name: account for name, account in accounts.items() if str(account.get("channel")) in _DEFAULT_NAMES}


def _default(accounts: Accounts, chosen: str) -> Mapping[str, Any]:
    """The account that IBM's client takes when it is told nothing. Evidence: what 0.51 says of the order."""
    channel = chosen or next(iter(_DEFAULT_NAMES))
    of_channel = {name: account for name, account in accounts.items() if account["channel"] == channel}
    candidates = (
        next((account for account in accounts.values() if account.get("is_default_account")), None),
        of_channel.get(_DEFAULT_NAMES.get(channel, "")),
        next(reversed(of_channel.values()), None),
        *(accounts.get(name) for name in _DEFAULT_NAMES.values()),
    )
    return next(filter(None, candidates), {})


def _of_accounts(texts: Sequence[str]) -> Iterator[object]:
    if texts:
        for name, account in saved_accounts().items():
            if any(f'"{name}"' in text or f"'{name}'" in text for text in texts):
                yield account.get("instance")


def _text(word: str) -> str:
    """What is written in the program that a word of a command names, empty if it names none: `test_it.py::test_one`."""
    path = Path(word.partition("::")[0])
    return _start_of(path) if path.suffix.lower() in READABLE else ""


def _start_of(path: Path) -> str:
    """The beginning of a text file, empty if it cannot be read."""
    try:
        if not path.is_file():  # a pipe would never end
            return ""
        with path.open("rb") as file:
            return file.read(_MOST_BYTES).decode("utf-8", "replace")
    except (OSError, ValueError):
        return ""


def _distinct(said: Iterable[object]) -> tuple[str, ...]:
    """What of it can be an instance, each once, and not too many."""
    found: dict[str, None] = {}
    for each in said:
        if isinstance(each, str) and _is_instance(each):
            found[each] = None
        if len(found) == _MOST_INSTANCES:
            break
    return tuple(found)


def _is_instance(text: str) -> bool:
    if text.startswith("crn:"):
        return CRN.fullmatch(text) is not None
    return bool(text.strip()) and text != _AUTO and len(text) <= _LONGEST_NAME and text.isprintable()
