"""What a run may depend on: the phases, the options, and the one place where their defaults are.

The command line imports this, so it imports nothing heavy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypedDict

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from runtime_contracts import documents

EDITION: Final = "platform"
"""The edition of whoever does not say which it is."""
SEED: Final = 20210507
PROBES: Final = "probes"
REQUESTS: Final = "requests"
JOURNEYS: Final = "journeys"
LIFECYCLE: Final = "lifecycle"
ENGINE_PHASES: Final = ("examples", "coverage", "fuzzing", "stateful")
SERVER_PHASES: Final = (PROBES, REQUESTS, *ENGINE_PHASES, JOURNEYS, LIFECYCLE)
READING_PHASES: Final = (PROBES, REQUESTS, "examples", "fuzzing", JOURNEYS)
"""What a run that changes nothing on a server does, if nobody says otherwise."""
POLITE_RATE_PER_S: Final = 4.0
"""So many requests a second go to a server that is only read, if nobody says otherwise."""
CLIENT_PHASES: Final = ("answers", "fuzzing", "arguments")
DRIFT_FORMATS: Final = ("text", "json", "junit", "markdown")
DRIFT_FAIL_ON: Final = ("breaking", "warning", "any", "never")


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
        journeys: names of the journeys to make; None for every one.
        profile: one of `PROFILES`, whose phases and numbers hold where none are given.
        read_only: nothing leaves but GET, and the exchange of a key for a token at IAM.
        rate_per_s: so many requests a second at most; None for no limit, or `POLITE_RATE_PER_S` if `read_only`.
        time_limit_s: the run ends after so many seconds, with what was found until then; None for no limit.
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
    journeys: Collection[str] | None
    profile: str | None
    read_only: bool
    rate_per_s: float | None
    time_limit_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProfile:
    """How thorough a run against a server is.

    Attributes:
        phases: those that it has.
        max_examples: how many random cases each operation gets.
        walks: how many random walks the lifecycle takes.
        tour: the lifecycle takes its fixed tour as well where there were journeys, which see most of the same.
        whole_bodies: bodies are varied in all their alternatives, not only in the usual ones.
        about: what it is for, in a few words.
    """

    phases: Collection[str]
    max_examples: int
    walks: int
    tour: bool
    whole_bodies: bool
    about: str


PROFILES: Final[Mapping[str, RunProfile]] = {
    "quick": RunProfile(
        phases=(PROBES, REQUESTS, "examples", JOURNEYS, LIFECYCLE),
        max_examples=2,
        walks=2,
        tour=False,
        whole_bodies=False,
        about="half a minute: while you write",
    ),
    "ci": RunProfile(
        phases=SERVER_PHASES,
        max_examples=15,
        walks=15,
        tour=True,
        whole_bodies=True,
        about="a minute or two: for each change",
    ),
    "nightly": RunProfile(
        phases=SERVER_PHASES,
        max_examples=200,
        walks=100,
        tour=True,
        whole_bodies=True,
        about="half an hour: everything, deeply",
    ),
}
"""The profiles by name."""
PROFILE: Final = "ci"
"""The profile of whoever names none."""


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """The options of a run against a server, with what holds when one is not given."""

    document: documents.Document | None = None
    other_token: str | None = None
    instance: str | None = None
    other_instance: str | None = None
    iam_url: str | None = None
    seed: int = SEED
    max_examples: int | None = None
    phases: Collection[str] | None = None
    operations: Collection[str] | None = None
    max_response_time_s: float = 5.0
    advance: Callable[[], None] | None = None
    journeys: Collection[str] | None = None
    profile: str | None = None
    read_only: bool = False
    rate_per_s: float | None = None
    time_limit_s: float | None = None

    @property
    def run_profile(self) -> RunProfile:
        """The profile that holds.

        Raises:
            UnknownNameError: there is no such profile.
        """
        refuse_unknown("profile", (self.profile or PROFILE,), PROFILES)
        return PROFILES[self.profile or PROFILE]

    @property
    def chosen_phases(self) -> Collection[str]:
        """The phases to run: those that were given, or else those of the profile, or of them those that only read."""
        if self.phases is not None:
            return self.phases
        if not self.read_only:
            return self.run_profile.phases
        reading = READING_PHASES if self.profile is None else (*READING_PHASES, "coverage")
        return tuple(name for name in SERVER_PHASES if name in reading and name in self.run_profile.phases)

    @property
    def examples(self) -> int:
        """How many random cases each operation gets; few where a server is only read and nobody asked for more."""
        if self.max_examples is not None:
            return self.max_examples
        return 3 if self.read_only and self.profile is None else self.run_profile.max_examples

    @property
    def walks(self) -> int:
        """How many random walks the lifecycle takes."""
        return self.run_profile.walks if self.max_examples is None else self.max_examples

    @property
    def rate(self) -> float | None:
        """So many requests a second at most."""
        return POLITE_RATE_PER_S if self.rate_per_s is None and self.read_only else self.rate_per_s


class ClientFuzzOptions(TypedDict, total=False):
    """What a run against a client may further depend on, as keywords of `fuzz_client`; ClientSettings says what holds.

    Attributes:
        document: replaces the document of the edition.
        seed: makes the same run again.
        max_examples: how many random answers, valid ones and invalid ones, each operation and status gets.
        phases: those of `CLIENT_PHASES` to run.
        operations: ids of the operations to run; None for every one, or for those that a client without a driver asks.
        case: only the case of this number, of each operation; None for all.
        level: one of `LEVELS`, what has to be done with a broken answer.
        lenient: the same as the level "lenient", if no level is given.
        max_call_time_s: the longest that one call of the client may take, where that can be measured.
        profile: one of `CLIENT_PROFILES`, whose phases and numbers hold where none are given.
        time_limit_s: the run ends after so many seconds, with what was found until then; None for no limit.
    """

    document: documents.Document | None
    seed: int
    max_examples: int | None
    phases: Collection[str] | None
    operations: Collection[str] | None
    case: int | None
    level: str | None
    lenient: bool
    max_call_time_s: float
    profile: str | None
    time_limit_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientProfile:
    """How thorough a run against a client is.

    Attributes:
        phases: those that it has.
        max_examples: how many random answers and arguments there are.
        whole: every place of an answer is broken in all ways, not only in some.
        about: what it is for, in a few words.
    """

    phases: Collection[str]
    max_examples: int
    whole: bool
    about: str


CLIENT_PROFILES: Final[Mapping[str, ClientProfile]] = {
    "quick": ClientProfile(
        phases=("answers", "arguments"), max_examples=5, whole=False, about="some seconds: while you write"
    ),
    "ci": ClientProfile(phases=CLIENT_PHASES, max_examples=20, whole=True, about="a minute or two: for each change"),
    "nightly": ClientProfile(
        phases=CLIENT_PHASES, max_examples=200, whole=True, about="half an hour: everything, deeply"
    ),
}
"""The profiles by name; they are called as those of a server."""
LEVELS: Final[Mapping[str, str]] = {
    "strict": "a broken answer must raise",
    "lenient": "answers that are only unusual may be understood: unknown words, bounds, content types, 2xx",
    "tolerant": "any body of a success may be understood; errors and broken connections must raise",
}
"""What a client may do with a broken answer, by the name of the level. In each, only its own errors may leave it."""


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """The options of a run against a client, with what holds when one is not given."""

    document: documents.Document | None = None
    seed: int = SEED
    max_examples: int | None = None
    phases: Collection[str] | None = None
    operations: Collection[str] | None = None
    case: int | None = None
    level: str | None = None
    lenient: bool = False
    max_call_time_s: float = 5.0
    profile: str | None = None
    time_limit_s: float | None = None

    @property
    def run_profile(self) -> ClientProfile:
        """The profile that holds.

        Raises:
            UnknownNameError: there is no such profile.
        """
        refuse_unknown("profile", (self.profile or PROFILE,), CLIENT_PROFILES)
        return CLIENT_PROFILES[self.profile or PROFILE]

    @property
    def chosen_phases(self) -> Collection[str]:
        """The phases to run: those that were given, or else those of the profile.

        Raises:
            UnknownNameError: a phase does not exist.
        """
        chosen = self.run_profile.phases if self.phases is None else self.phases
        refuse_unknown("phase", chosen, CLIENT_PHASES)
        # A number tells in which phase the case is.
        return chosen if self.case is None else CLIENT_PHASES

    @property
    def is_whole(self) -> bool:
        """Whether every place of an answer is broken in all ways."""
        return self.run_profile.whole

    @property
    def examples(self) -> int:
        """How many random answers and arguments there are."""
        return self.run_profile.max_examples if self.max_examples is None else self.max_examples

    def check(self) -> None:
        """Refuse names that do not exist.

        Raises:
            UnknownNameError: a phase, a level or a profile does not exist.
        """
        _ = self.examples, self.chosen_phases, self.chosen_level

    @property
    def chosen_level(self) -> str:
        """The level that holds.

        Raises:
            UnknownNameError: there is no such level.
        """
        refuse_unknown("level", () if self.level is None else (self.level,), LEVELS)
        return self.level or ("lenient" if self.lenient else "strict")


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
