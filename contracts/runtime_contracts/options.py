"""What a run may depend on: the phases, the options, and the one place where their defaults are.

The command line imports this, so it imports nothing heavy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypedDict

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from runtime_contracts import documents

EDITION: Final = "platform"
"""The edition of whoever does not say which it is."""
SEED: Final = 20210507
PROBES: Final = "probes"
LIFECYCLE: Final = "lifecycle"
ENGINE_PHASES: Final = ("examples", "coverage", "fuzzing", "stateful")
SERVER_PHASES: Final = (PROBES, *ENGINE_PHASES, LIFECYCLE)
CLIENT_PHASES: Final = ("answers", "fuzzing", "arguments")


class ServerFuzzOptions(TypedDict, total=False):
    """What a run against a server may further depend on, as keywords of `fuzz_server`; ServerSettings says what holds.

    Attributes:
        document: replaces the document of the edition.
        other_token: API token of a second account, for what one caller can see or change of another's.
        instance: the service instance of the caller, in editions that have them; None to ask the server for it.
        other_instance: the one of the second account.
        iam_url: where API keys are exchanged, in editions that do; None for the server's own origin.
        seed: makes the same run again on a server in the same state.
        max_examples: how many random cases each operation gets in the phase fuzzing; the other phases grow with it.
        phases: those of `SERVER_PHASES` to run.
        operations: ids of the operations to run; None for every one.
        max_response_time_s: the longest an answer may take.
        advance: called to let time pass on a server whose clock is moved by hand; None for one that goes by itself.
    """

    document: documents.Document | None
    other_token: str | None
    instance: str | None
    other_instance: str | None
    iam_url: str | None
    seed: int
    max_examples: int
    phases: Collection[str]
    operations: Collection[str] | None
    max_response_time_s: float
    advance: Callable[[], None] | None


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """The options of a run against a server, with what holds when one is not given."""

    document: documents.Document | None = None
    other_token: str | None = None
    instance: str | None = None
    other_instance: str | None = None
    iam_url: str | None = None
    seed: int = SEED
    max_examples: int = 15
    phases: Collection[str] = SERVER_PHASES
    operations: Collection[str] | None = None
    max_response_time_s: float = 5.0
    advance: Callable[[], None] | None = None


class ClientFuzzOptions(TypedDict, total=False):
    """What a run against a client may further depend on, as keywords of `fuzz_client`; ClientSettings says what holds.

    Attributes:
        document: replaces the document of the edition.
        seed: makes the same run again.
        max_examples: how many random answers, valid ones and invalid ones, each operation and status gets.
        phases: those of `CLIENT_PHASES` to run.
        operations: ids of the operations to run; None for every one.
        lenient: the client may make sense of answers that are only unusual; see `wire_faults.Policy`.
        max_call_time_s: the longest that one call of the client may take, where that can be measured.
    """

    document: documents.Document | None
    seed: int
    max_examples: int
    phases: Collection[str]
    operations: Collection[str] | None
    lenient: bool
    max_call_time_s: float


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """The options of a run against a client, with what holds when one is not given."""

    document: documents.Document | None = None
    seed: int = SEED
    max_examples: int = 25
    phases: Collection[str] = CLIENT_PHASES
    operations: Collection[str] | None = None
    lenient: bool = False
    max_call_time_s: float = 5.0


class UnknownNameError(ValueError):
    """A phase or an operation does not exist; the message lists those that do."""


def refuse_unknown(kind: str, names: Collection[str], known: Collection[str]) -> None:
    """Refuse names that do not exist; `kind` says of what they are.

    Raises:
        UnknownNameError: one of `names` is not in `known`; the message lists those that are.
    """
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UnknownNameError(f"there is no {kind} {unknown[0]!r}; known: {', '.join(known)}")
