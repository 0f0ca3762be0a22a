"""Answers to whatever a client asks: which case it gets, and what the request makes of that case."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict, deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from runtime_contracts.answers import wire
from runtime_contracts.answers.broken import Broken
from runtime_contracts.answers.case import CASE, Answer
from runtime_contracts.answers.generated import Generated
from runtime_contracts.answers.growing import Growing
from runtime_contracts.answers.senses import RESULTS, ended, is_page_after_the_first, is_under_way, sensible
from runtime_contracts.options import refuse_unknown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runtime_contracts.answers.senses import Asked
    from runtime_contracts.contract import Contract
    from runtime_contracts.operation import Operation

MODES: Final = ("generated", "broken")
_STATUSES: Final = re.compile(r"all|success|[1-5]xx|[1-5][0-9][0-9]")
_NUMBER: Final = re.compile(r"[0-9]{1,15}", re.ASCII)
_PATIENCE: Final = 3
_REMEMBERED: Final = 1000
_THINGS: Final = 4096
_SOUGHT_AT_MOST: Final = 20_000


class NoSuchCaseError(ValueError):
    """What is meant to be the number of a case is none; the message says what one is."""


class Answers:
    """Right or broken answers to the operations of a contract, each with a number under which it can be had again.

    >>> answers = Answers(Contract.of("legacy-2021"), seed=7)
    >>> answers.case("get-version", 1).body
    b'{"api-auth":"..."}'

    An answer depends on the document, the seed, the mode, the operation and its number, and on nothing else, but for
    what the request determines (`senses`). Any thread may ask.

    Args:
        mode: "generated" for right answers, "broken" for such as have one fault.
        statuses: which documented statuses come in turn: "all", "success", a class such as "4xx", or one of them.
        operations: the ids of those that are answered, None for all; `answer` has nothing to say about the others.
        case: the number that every operation answers with, None for one after the other.

    Raises:
        ValueError: there is no such mode or status.
        UnknownNameError: there is no such operation.
    """

    def __init__(
        self,
        contract: Contract,
        *,
        mode: str = "generated",
        seed: int = 1,
        statuses: str = "all",
        operations: Sequence[str] | None = None,
        case: int | None = None,
    ) -> None:
        if mode not in MODES:
            raise ValueError(f"there are no answers {mode!r}; known: {', '.join(MODES)}")
        self.contract: Final = contract
        self.mode: Final = mode
        self.seed: Final = seed
        self._growing = Growing(contract.document, seed)
        self._sources: dict[str, Generated | Broken] = {}
        self._lock = threading.RLock()
        self._next: dict[str, int] = {}
        self._served: dict[str, int] = {}
        self._waits: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._pinned: dict[str, int] = {}
        self.sent: Final[deque[Answer]] = deque(maxlen=_REMEMBERED)
        self.operations: tuple[str, ...] | None = None
        self.statuses = "all"
        self.pinned: int | None = None
        self.choose(operations=operations, statuses=statuses, case=case)

    def choose(
        self,
        *,
        operations: Sequence[str] | None = None,
        statuses: str | None = None,
        case: int | None = None,
    ) -> None:
        """Say anew what is answered how; `operations` and `case` of None mean all of them.

        Raises:
            ValueError: there is no such status or number.
            UnknownNameError: there is no such operation.
        """
        if operations is not None:
            refuse_unknown("operation", operations, self.contract.operations)
        if statuses is not None and _STATUSES.fullmatch(statuses) is None:
            raise ValueError(f"no statuses are called {statuses!r}; write all, success, 4xx or 404")
        if case is not None:
            _number(str(case))
        with self._lock:
            self.operations = None if operations is None else tuple(operations)
            self.statuses = self.statuses if statuses is None else statuses
            self.pinned = case
            self._pinned.clear()

    def pin(self, operation_id: str, case: int | None) -> None:
        """Let one operation answer with a case until further notice; None ends that.

        Raises:
            UnknownNameError: there is no such operation.
            NoSuchCaseError: there is no such number.
        """
        refuse_unknown("operation", (operation_id,), self.contract.operations)
        with self._lock:
            if case is None:
                self._pinned.pop(operation_id, None)
            else:
                self._pinned[operation_id] = _number(str(case))

    def case(self, operation_id: str, number: int) -> Answer:
        """Return the answer with a number, from 0 on without end, as it is without a request.

        Raises:
            KeyError: there is no such operation.
            ValueError: the number is less than 0.
        """
        if number < 0:
            raise ValueError(f"the number of a case is 0 or more, and not {number}")
        return self._source(operation_id).answer(number)

    def designed(self, operation_id: str) -> int:
        """Return how many answers to an operation are designed: these numbers come first, random ones after them.

        Raises:
            KeyError: there is no such operation.
        """
        return len(self._source(operation_id).designed)

    def answers_to(self, operation: Operation) -> bool:
        """Tell whether an operation is among those that are answered here."""
        chosen = self.operations is None or operation.id in self.operations
        return chosen and (self.mode == "broken" or any(map(self._selects, operation.responses)))

    @property
    def wants_what_is_made(self) -> bool:
        """Tell whether some operations are answered by an honest server, which has to know what this one hands out."""
        return self.operations is not None

    def answer(self, operation: Operation, asked: Asked) -> Answer:
        """Return the answer to a request.

        With the header Mock-Runtime-Case it is that case, however often it is asked for. Without it, it is the next one
        in turn, and what is under way for the caller comes to an end after three looks at it.

        Raises:
            NoSuchCaseError: the header is no number of a case.
        """
        given = asked.headers.get(CASE.lower())
        if given is not None:
            answer = self._for_request(operation, self.case(operation.id, _number(given)), asked)
        else:
            answer = self._in_turn(operation, asked)
        with self._lock:
            self._served[operation.id] = self._served.get(operation.id, 0) + 1
            self.sent.append(answer)
        return answer

    @property
    def chosen(self) -> Mapping[str, Any]:
        """What is answered how."""
        operations = None if self.operations is None else list(self.operations)
        return {
            "mode": self.mode,
            "seed": self.seed,
            "status": self.statuses,
            "case": self.pinned,
            "only": operations,
        }

    def overview(self) -> Mapping[str, Any]:
        """Return what is answered how, and how many designed cases each operation has.

        The first time it takes a second or two: every case of every operation is made.
        """
        with self._lock:
            return {
                **self.chosen,
                "operations": [
                    {
                        "id": operation.id,
                        "method": operation.method,
                        "path": operation.path,
                        "answered": self.answers_to(operation),
                        "designed": self.designed(operation.id),
                        "case": self._pinned.get(operation.id, self.pinned),
                        "next": self._next.get(operation.id, 0),
                        "served": self._served.get(operation.id, 0),
                    }
                    for operation in self.contract.operations.values()
                ],
            }

    def listed(self, operation_id: str, *, offset: int, limit: int) -> list[Mapping[str, Any]]:
        """Return number, name and status of some designed cases of an operation.

        Raises:
            KeyError: there is no such operation.
        """
        source = self._source(operation_id)
        numbers = range(len(source.designed))[offset : offset + limit]
        return [{"case": n, "name": source.name(n), "status": source.status(n)} for n in numbers]

    def _source(self, operation_id: str) -> Generated | Broken:
        operation = self.contract.operations[operation_id]
        with self._lock:
            if operation_id not in self._sources:
                made = Generated if self.mode == "generated" else Broken
                self._sources[operation_id] = made(self.contract, self._growing, operation, self.seed)
        return self._sources[operation_id]

    def _selects(self, status: int) -> bool:
        if self.statuses == "all":
            return True
        if self.statuses == "success":
            return status < 400
        return str(status)[0] == self.statuses[0] if self.statuses.endswith("xx") else str(status) == self.statuses

    def _in_turn(self, operation: Operation, asked: Asked) -> Answer:
        with self._lock:
            number = self._turn(operation, asked)
        answer = self._for_request(operation, self.case(operation.id, number), asked)
        if answer.wire is not None or answer.fault or not is_under_way(operation, answer.status, answer.value):
            with self._lock:
                self._waits.pop((operation.id, asked.path), None)
            return answer
        return self._ended(operation, answer, asked) if self._waited_enough(operation, asked) else answer

    def _turn(self, operation: Operation, asked: Asked) -> int:
        pinned = self._pinned.get(operation.id, self.pinned)
        if pinned is not None:
            return pinned
        number = self._next.get(operation.id, 0)
        if number and is_page_after_the_first(asked):
            # The pages of a list are pages of the same list.
            return number - 1
        source = self._source(operation.id)
        if self.statuses != "all":
            # Where no such status is among the answers, as may be with broken ones, any will do.
            sought = range(number, number + _SOUGHT_AT_MOST)
            number = next((n for n in sought if self._selects(source.status(n))), number)
        self._next[operation.id] = number + 1
        return number

    def _waited_enough(self, operation: Operation, asked: Asked) -> bool:
        """Tell whether this client has seen the same thing under way so often that it is to end."""
        thing = (operation.id, asked.path)
        with self._lock:
            count = self._waits.pop(thing, 0) + 1
            self._waits[thing] = count
            if len(self._waits) > _THINGS:
                self._waits.popitem(last=False)
        return count > _PATIENCE

    def _ended(self, operation: Operation, answer: Answer, asked: Asked) -> Answer:
        if operation.id in RESULTS:
            source = self._source(operation.id)
            numbers = range(len(source.designed))
            number = next((n for n in numbers if source.status(n) == 200), answer.number)
            return self._for_request(operation, self.case(operation.id, number), asked)
        return self._rewritten(operation, answer, ended(operation, answer.value))

    def _for_request(self, operation: Operation, answer: Answer, asked: Asked) -> Answer:
        """Return the answer with what the request determines, as far as it stays right, or broken in the same way."""
        if not answer.layout or answer.status >= 400:
            return answer
        key = f"{self.seed} {operation.id} {answer.number}"
        return self._rewritten(operation, answer, sensible(operation, answer.value, asked, key))

    def _rewritten(self, operation: Operation, answer: Answer, value: Any) -> Answer:
        if value == answer.value:
            return answer
        result = replace(answer, value=value, body=wire.encoded(value, answer.layout))
        # A right answer has none, which is known and need not be looked at again.
        before = self._faults(operation, answer) if answer.fault else []
        return result if self._faults(operation, result) == before else answer

    def _faults(self, operation: Operation, answer: Answer) -> list[tuple[str, str]]:
        headers = dict(answer.headers)
        found = self.contract.check_response(operation, answer.status, headers=headers, body=answer.body)
        return sorted((violation.where, violation.expected) for violation in found)


def _number(text: str) -> int:
    if _NUMBER.fullmatch(text.strip()) is None:
        raise NoSuchCaseError(f"the number of a case is 0 or more, of 15 digits at most, and not {text[:40]!r}")
    return int(text)
