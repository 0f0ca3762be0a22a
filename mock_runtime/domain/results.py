"""What a job leaves behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

JSONValue: TypeAlias = "bool | int | float | str | Sequence[JSONValue] | Mapping[str, JSONValue] | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What a program produced.

    `result` is the final value, `interim` what it published on the way (made when looked at, so that a billion
    iterations cost nothing), `logs` its stdout and stderr. `error` is the traceback with which it failed, None if it
    did not; `error_code` is the number that IBM's registry gives to such a failure, where there is one.
    """

    result: JSONValue = None
    interim: Sequence[JSONValue] = ()
    logs: str = ""
    error: str | None = None
    error_code: int | None = None


def failure(reason: str) -> Output:
    """The output of a program that died of `reason`: a traceback, which is its log as well."""
    text = f'Traceback (most recent call last):\n  File "program.py", line 1, in main\n{reason}\n'
    return Output(error=text, logs=text)
