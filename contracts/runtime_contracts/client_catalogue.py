"""The cases of one operation with their numbers: the same seed, document and number of examples give the same ones.

First come the cases that are made from the document, then random answers, then good answers to random arguments. Which
of them a run goes through does not change their numbers, so that one can be asked for again.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import seed as hypothesis_seed
from hypothesis import settings as hypothesis_settings
from schemathesis.generation import GenerationMode

from runtime_contracts.client_cases import ClientCase, cases, judged
from runtime_contracts.wire_faults import Policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hypothesis import strategies as st

    from runtime_contracts.contract import Contract
    from runtime_contracts.operation import Judge, Operation

_ENOUGH: Final = {Policy.REFUSE: 3, Policy.UNUSUAL: 2}
_GOOD: Final = ("as documented", "the text 'All done!'", "the text ''")


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedCase:
    """One case of an operation.

    Attributes:
        number: counts from 1 in each operation.
        arguments: what the client is called with; None for the arguments of the walkthrough.
    """

    number: int
    phase: str
    case: ClientCase
    arguments: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The cases of the operations of a contract.

    Attributes:
        seed: makes the same random ones again.
        max_examples: how many random answers, valid ones and invalid ones, each schema gets, and how many arguments.
        strategy: makes other arguments than those of the walkthrough.
    """

    contract: Contract
    seed: int
    max_examples: int
    strategy: Callable[[], st.SearchStrategy[Any]]

    def of(self, operation: Operation, phase: str) -> Iterator[NumberedCase]:
        """Yield the cases of one phase."""
        makers = {"answers": self._answers, "fuzzing": self._random, "arguments": self._arguments}
        yield from makers[phase](operation)

    def good(self, operation: Operation) -> ClientCase:
        """Return the plain case: the documented answer."""
        return good_case(self.contract, operation)

    def _answers(self, operation: Operation) -> Iterator[NumberedCase]:
        for number, case in enumerate(_made(self.contract, operation.id), start=1):
            yield NumberedCase(number=number, phase="answers", case=case)

    def _random(self, operation: Operation) -> Iterator[NumberedCase]:
        number = len(_made(self.contract, operation.id))
        for status, bodies in operation.responses.items():
            for judge in bodies.values():
                for case in self._random_of(operation, status, judge):
                    number += 1
                    yield NumberedCase(number=number, phase="fuzzing", case=case)

    def _random_of(self, operation: Operation, status: int, judge: Judge) -> Iterator[ClientCase]:
        if judge.is_plain_text:
            return
        schema = json.dumps(judge.schema, sort_keys=True)
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            for text in _drawn_values(self.contract, schema, mode, self.seed, self.max_examples):
                yield judged(operation, status, "a random answer", judge=judge, value=json.loads(text))

    def _arguments(self, operation: Operation) -> Iterator[NumberedCase]:
        # Random cases are a multiple of the examples at most, so these numbers depend on nothing that has to be made.
        bodies = sum(len(by_media) for by_media in operation.responses.values())
        first = len(_made(self.contract, operation.id)) + 2 * self.max_examples * bodies
        good = self.good(operation)
        for index, arguments in enumerate(_drawn_arguments(self.strategy, self.seed, self.max_examples), start=1):
            yield NumberedCase(number=first + index, phase="arguments", case=good, arguments=arguments)


def thinned(numbered: Iterator[NumberedCase]) -> Iterator[NumberedCase]:
    """Yield the cases without those that go wrong in a place where enough others do already; every valid one stays.

    Of errors it is enough to see that they are errors: each place of their bodies is broken once, and what goes wrong
    with the bytes is left to the first of them.
    """
    seen: Counter[tuple[int, str, Policy]] = Counter()
    first = 0
    for one in numbered:
        case = one.case
        key = (case.feed.status, case.place, case.policy)
        seen[key] += 1
        in_body = case.place.startswith("/")
        if case.feed.status >= 400 and case.place != "the status":
            first = first or case.feed.status
            kept = seen[key] == 1 if in_body else case.feed.status == first
        else:
            kept = not in_body or seen[key] <= _ENOUGH.get(case.policy, seen[key])
        if kept:
            yield one


def good_case(contract: Contract, operation: Operation) -> ClientCase:
    """Return the plain case of an operation: the documented answer, with a body if any status has one."""
    found = [case for case in _made(contract, operation.id) if case.name in _GOOD and case.feed.status < 400]
    return next((case for case in found if case.feed.body), found[0])


@lru_cache(maxsize=128)
def _made(contract: Contract, operation_id: str) -> tuple[ClientCase, ...]:
    return tuple(cases(contract, contract.operations[operation_id]))


@lru_cache(maxsize=512)
def _drawn_values(contract: Contract, schema: str, mode: GenerationMode, seed: int, count: int) -> tuple[str, ...]:
    """Return JSON texts for a schema; making them is what costs time, and most answers share a few schemas."""
    strategy = random_values(contract.document, json.loads(schema), mode)
    return tuple(json.dumps(value) for value in drawn(strategy, seed=seed, count=count))


@lru_cache(maxsize=32)
def _drawn_arguments(make: Callable[[], st.SearchStrategy[Any]], seed: int, count: int) -> tuple[Any, ...]:
    return tuple(drawn(make(), seed=seed, count=count))


def drawn(strategy: st.SearchStrategy[Any], *, seed: int, count: int) -> list[Any]:
    """Return at most `count` values of a strategy, the same for the same seed."""
    found: list[Any] = []

    @hypothesis_seed(seed)
    @hypothesis_settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=False,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(strategy)
    def draw(value: Any) -> None:
        found.append(value)

    draw()
    return found[:count]


def random_values(document: dict[str, Any], schema: dict[str, Any], mode: GenerationMode) -> st.SearchStrategy[Any]:
    """Return JSON values that schemathesis makes for a response schema, turned round into a request body."""
    inverted = {
        "openapi": "3.0.3",
        "info": {"title": "inverted", "version": "1"},
        "paths": {
            "/answer": {
                "post": {
                    "operationId": "answer",
                    "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
                    "responses": {"204": {"description": "understood"}},
                }
            }
        },
        "components": {"schemas": document.get("components", {}).get("schemas", {})},
    }
    operation = schemathesis.openapi.from_dict(inverted)["/answer"]["POST"]
    strategy: st.SearchStrategy[Any] = operation.as_strategy(generation_mode=mode)
    return strategy.map(lambda case: case.body).filter(_is_json)


def _is_json(value: Any) -> bool:
    # Negative bodies may be raw bytes, or the mark for no body at all; the faults of the wire see to those.
    return value is None or isinstance(value, (bool, int, float, str, list, dict))
