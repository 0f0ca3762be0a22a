"""Clients without a driver, before a run: which edition they speak, and which operations they ask for."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from runtime_contracts import profiles
from runtime_contracts.calling import (
    Surroundings,
    UnknownParameterError,
    filled,
    name_of,
    refuse_unknown_arguments,
)
from runtime_contracts.client_calls import Caller
from runtime_contracts.discovering import Answering, nearest
from runtime_contracts.feeding import ORIGIN, Feed
from runtime_contracts.inferring import InferredDriver, Wishes, methods_of
from runtime_contracts.own_lines import line_of
from runtime_contracts.violation import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from runtime_contracts.client_calls import Ground, Outcome
    from runtime_contracts.contract import Contract
    from runtime_contracts.feeding import SentRequest

_CALL: Final = "call"


class NothingSeenError(Exception):
    """Nothing can be said about the client, because nothing that it sends was seen; the message says why."""


class _StrayError(Exception):
    """A call asks for nothing that is documented, or near it; the message says what for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """A client without a driver, as it was found to be.

    Attributes:
        drivers: one for each function or method that sends something, with the operations that it asks for.
        notes: what was left out, and why.
        strays: what asks for something that is near nothing in the document.
    """

    edition: str
    drivers: tuple[InferredDriver, ...]
    notes: tuple[str, ...] = ()
    strays: tuple[str, ...] = ()


def strangers_of(
    subject: Any,
    wishes: Wishes,
    *,
    contracts: Mapping[str, Contract],
    operations: Collection[str] | None,
    ground: Ground,
) -> Stranger:
    """Call every function of a client once, answer it well, and return what was seen; `contracts` are by edition.

    The edition, and what of the address the client puts in itself, are those with which it asks for documented paths.

    Raises:
        UnknownParameterError: nothing is known to fill in for a parameter.
        NothingSeenError: the client sends nothing, or nothing that is near anything documented.
    """
    owner = subject if inspect.isclass(subject) else None
    functions = [subject] if owner is None else methods_of(owner)
    if not functions:
        raise NothingSeenError(f"{name_of(subject)} has no public method")
    shells = functions if owner is None else [owner, *functions]
    refuse_unknown_arguments(shells, wishes.arguments)
    best: tuple[int, Stranger] | None = None
    told: NothingSeenError | UnknownParameterError | None = None
    for edition, contract in contracts.items():
        for url in _addresses(contract):
            around = Surroundings(url=url, edition=edition, given=wishes.arguments)
            try:
                score, found = _Look(contract, around, wishes, owner, ground).at(functions, operations)
            except (NothingSeenError, UnknownParameterError) as error:
                told = told or error
                continue
            if best is None or score > best[0]:
                best = score, found
            if score == len(functions):
                return found
    if best is None:
        raise told or NothingSeenError(f"{name_of(subject)} sends nothing")
    return best[1]


def _addresses(contract: Contract) -> tuple[str, ...]:
    """Return the forms of the address that a client may want: with more or less of the path, with a slash or not."""
    below = ORIGIN + contract.base_path
    versioned = all(operation.path.startswith("/v1/") for operation in contract.operations.values())
    forms = [below, f"{below}/", ORIGIN, f"{ORIGIN}/", *([f"{below}/v1", f"{below}/v1/"] if versioned else [])]
    return tuple(dict.fromkeys(forms))


class _Look:
    """One look at a client, under one edition and at one address."""

    def __init__(
        self, contract: Contract, around: Surroundings, wishes: Wishes, owner: type | None, ground: Ground
    ) -> None:
        self._contract = contract
        self._around = around
        self._wishes = wishes
        self._owner = owner
        self._ground = ground
        self._arguments = profiles.of(around.edition).client.arguments()

    def at(self, functions: Sequence[Callable[..., Any]], operations: Collection[str] | None) -> tuple[int, Stranger]:
        """Return how many of the functions ask for something documented, and what was seen."""
        notes: list[str] = []
        drivers: list[InferredDriver] = []
        strays: list[str] = []
        score = 0
        if self._owner is not None:
            filled(self._owner, self._around, self._arguments)
        for function in functions:
            try:
                driver = InferredDriver(
                    function, self._around, self._wishes, arguments=self._arguments, owner=self._owner
                )
                sure, asked = self._seen(driver)
            except _StrayError as error:
                if operations is None or self._owner is not None:
                    strays.append(str(error))
                    continue
                sure, asked = False, ()
            except (UnknownParameterError, NothingSeenError) as error:
                if self._owner is None:
                    raise
                notes.append(f"left out: {error}")
                continue
            score += sure
            chosen = self._chosen(asked, operations)
            if chosen:
                driver.about(chosen)
                drivers.append(driver)
        if not drivers and not strays:
            raise NothingSeenError("; ".join(notes) or f"no method of {self._around.edition} asks for what was chosen")
        return score, Stranger(
            edition=self._around.edition, drivers=tuple(drivers), notes=tuple(notes), strays=tuple(strays)
        )

    def _chosen(self, asked: tuple[str, ...], operations: Collection[str] | None) -> tuple[str, ...]:
        if operations is None:
            return asked
        # Of a function it is said what it is about, of a class what is to be looked at.
        known = self._contract.operations if self._owner is None else asked
        return tuple(name for name in operations if name in known)

    def _seen(self, driver: InferredDriver) -> tuple[bool, tuple[str, ...]]:
        """Call a function once and return whether it asks for documented operations, and which or the nearest."""
        driver.about((_CALL,))
        outcome = self._called(driver)
        ours = [request for request in outcome.sent if request.is_ours]
        if not ours:
            raise NothingSeenError(_why_nothing(driver, outcome))
        exact = [self._contract.operation_for(request.method, request.path) for request in ours]
        sure = dict.fromkeys(operation.id for operation in exact if operation is not None)
        if sure:
            return True, tuple(sure)
        near = dict.fromkeys(found.id for found in map(self._nearest, ours) if found is not None)
        if not near:
            first = ours[0]
            raise _StrayError(
                f"{driver.name} asked for {first.method} {shown(first.path)}, which is near nothing in the document"
            )
        return False, tuple(near)

    def _nearest(self, request: SentRequest) -> Any:
        return nearest(self._contract, request)

    def _called(self, driver: InferredDriver) -> Outcome:
        self._ground.feeder.choose = Answering(self._contract).choose
        caller = Caller(self._contract, driver, self._ground)
        try:
            return caller.call(_CALL, Feed(204), self._arguments)
        finally:
            caller.close()


def _why_nothing(driver: InferredDriver, outcome: Outcome) -> str:
    if outcome.error is None:
        return f"{driver.name} sent no request that could be seen; it returned {shown(outcome.result)}"
    line = line_of(outcome.error, driver.packages)
    told = f"{type(outcome.error).__name__}: {shown(str(outcome.error))}"
    return f"{driver.name} raised {told} before it sent anything{f', at {line}' if line else ''}"
