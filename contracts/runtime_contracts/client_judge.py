"""Judging what a client does with one answer."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from runtime_contracts.call_limits import NeverEndsError
from runtime_contracts.client_calls import SEAM, Caller, Outcome, SessionNotUsedError
from runtime_contracts.client_driver import NOT_COMPARED
from runtime_contracts.client_telling import credentials, excerpt, excerpt_of, leads_away, text_of, words_of
from runtime_contracts.discovering import operation_at, tells_failure
from runtime_contracts.driver_faults import DriverFaultError, refuse_driver_fault
from runtime_contracts.learned import Learned
from runtime_contracts.own_lines import Line, line_of
from runtime_contracts.paging import pages_of
from runtime_contracts.travelling import Travelling
from runtime_contracts.undocumented import undocumented_properties
from runtime_contracts.violation import difference, holds_secret, shown
from runtime_contracts.wire_faults import Policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runtime_contracts.client_calls import Ground
    from runtime_contracts.client_cases import ClientCase
    from runtime_contracts.client_driver import ClientDriver
    from runtime_contracts.contract import Contract
    from runtime_contracts.discovering import Answering
    from runtime_contracts.feeding import SentRequest
    from runtime_contracts.operation import Operation
    from runtime_contracts.options import ClientSettings
    from runtime_contracts.paging import Pages
    from runtime_contracts.profiles.profile import ClientSide

__all__ = ["ClientJudge", "Outcome", "SessionNotUsedError", "Verdict"]

_WHOLE: Final = 400
_ENDLESS: Final = 3
_ARGUMENT_ERRORS: Final = (ValueError, TypeError)
_LONGEST_TEXT: Final = 200_000
_SAFE_TO_REPEAT: Final = frozenset({401, 429})
"""After these the server has done nothing, so even a submission may be sent again."""
_MOST_WAITED_S: Final = 30.0
_BODILESS: Final = frozenset({204, 304})


@dataclass(frozen=True, slots=True)
class Verdict:
    """One thing that the client did wrong.

    Attributes:
        check: the check that says so.
        message: what the client did.
        place: where in the request, if it is there.
        line: the client's own line that raised, if one did.
        expected: what it should have done, if the check alone does not say so.
    """

    check: str
    message: str
    place: str = ""
    line: Line | None = None
    expected: str = ""


class ClientJudge:
    """Feeds cases to one client and judges what it does with them.

    After some calls of an operation that had no end the others are left out. `answering` is for clients without a
    driver, which may take several steps.

    Attributes:
        travelling: where arguments have arrived, and where not.
        driver: what calls the client.
    """

    def __init__(
        self,
        contract: Contract,
        driver: ClientDriver,
        side: ClientSide,
        *,
        settings: ClientSettings,
        ground: Ground,
        answering: Answering | None = None,
    ) -> None:
        self.driver = driver
        self._answering = answering
        self._feeder = ground.feeder
        self.travelling = Travelling(side.places, only=getattr(driver, "passed", None))
        self._contract = contract
        self._side = side
        self._level = settings.chosen_level
        self._endless: Counter[str] = Counter()
        self._waits_for: set[str] = set()
        self._learned: dict[tuple[str, int], Learned] = {}
        self._is_inferred = getattr(driver, "transport", "") == SEAM
        self._packages: frozenset[str] = getattr(driver, "packages", frozenset())
        self._caller = Caller(contract, driver, ground)

    def close(self) -> None:
        """Let go of the session."""
        self._caller.close()

    @property
    def passes_arguments(self) -> bool:
        """Whether the calls depend on the arguments at all."""
        return self.travelling.only is None or bool(self.travelling.only)

    def gives_up(self, operation: Operation) -> bool:
        """Tell whether so many calls of an operation had no end that no more are made."""
        return self._endless[operation.id] >= _ENDLESS

    def judge(self, case: ClientCase, arguments: Any = None) -> list[Verdict]:
        """Feed one case and return everything that went wrong.

        Raises:
            DriverFaultError: the driver went wrong, so nothing is known about the client.
            SessionNotUsedError: the client goes to a network by itself.
        """
        chosen = self._side.arguments() if arguments is None else arguments
        outcome = self._outcome(case, chosen)
        if isinstance(outcome.error, NeverEndsError):
            self._endless[case.operation.id] += 1
            line = line_of(outcome.error, self._packages)
            return [Verdict("never_ends", f"the call did not come to an end: {outcome.error}", line=line)]
        if not outcome.sent and not self._is_inferred:
            refuse_driver_fault(self.driver, outcome.error, client=outcome.client, operation=case.operation.id)
        refusals: tuple[type[Exception], ...] = (*_ARGUMENT_ERRORS, *_several(self.driver.error_class))
        if arguments is not None and isinstance(outcome.error, refusals) and not outcome.sent:
            # Refusing an argument before anything was sent is the client's good right.
            return list(self._secrets(outcome))
        return [
            *self._requests(case, outcome.sent, chosen),
            *self._behaviour(case, outcome),
            *self._secrets(outcome),
            *self._manners(case, outcome),
        ]

    def try_driver(self, case: ClientCase) -> None:
        """Feed a good case only to see whether the driver itself works.

        Raises:
            DriverFaultError: it does not.
            SessionNotUsedError: the client goes to a network by itself.
        """
        outcome = self._outcome(case, self._side.arguments())
        refuse_driver_fault(self.driver, outcome.error, client=outcome.client, operation=case.operation.id)

    def look(self, case: ClientCase) -> None:
        """Feed a good case to see whether the client asks again until something is over."""
        outcome = self._outcome(case, self._side.arguments())
        if sum(request.is_ours for request in outcome.sent) > 1:
            self._waits_for.add(case.operation.id)

    def _outcome(self, case: ClientCase, arguments: Any, pages: Pages | None = None) -> Outcome:
        self._feeder.choose = None
        if self._answering is not None:
            self._answering.begin(case, pages)
            self._feeder.choose = self._answering.choose
        return self._caller.call(case.operation.id, case.feed, arguments)

    def policy(self, case: ClientCase) -> Policy:
        """Return what the client has to do with a case at the level of this run."""
        feed = case.feed
        if self._is_inferred and self._is_open(case):
            return Policy.EITHER
        if case.policy is Policy.UNUSUAL:
            return Policy.REFUSE if self._level == "strict" else Policy.EITHER
        arrived = feed.status < 400 and not feed.cut and not feed.missing
        if case.policy is Policy.REFUSE and self._level == "tolerant" and arrived:
            return Policy.EITHER
        return case.policy

    def _is_open(self, case: ClientCase) -> bool:
        """Tell whether an answer may be understood or refused by a client that nobody has described."""
        if case.feed.status in _BODILESS and case.feed.body:
            return True  # On a socket nobody sees such a body.
        if case.policy is not Policy.ACCEPT:
            return False
        # What the next step does with an odd id is another operation's affair. Where the next page is said to be is a
        # text to the document, and a client has to make sense of it. Whoever waits for a result may raise when there
        # will be none.
        odd_id = case.place.endswith("/id") and len(self.driver.operations) > 1
        waits = case.operation.id in self._waits_for
        return odd_id or _has_next(case.value) or (waits and tells_failure(case.value))

    def _behaviour(self, case: ClientCase, outcome: Outcome) -> Iterator[Verdict]:
        error = outcome.error
        policy = self.policy(case)
        line = line_of(error, self._packages)
        if error is not None and not isinstance(error, self.driver.error_class):
            before = "" if outcome.sent else " (before anything was sent)"
            told = f"{type(error).__name__} left the client: {excerpt(error)}{before}"
            expected = "a value" if policy is Policy.ACCEPT else f"one of {_named(self.driver.error_class)}"
            yield Verdict("leaks_exception", told, line=line, expected=expected)
        elif error is not None and policy is Policy.ACCEPT:
            told = f"{type(error).__name__}: {excerpt(error)}"
            yield Verdict("refuses_valid", told, line=line, expected="a value, as the answer is a valid one")
        elif error is None and policy is Policy.REFUSE:
            remark = " (a lenient run lets this pass)" if case.policy is Policy.UNUSUAL else ""
            expected = f"one of {_named(self.driver.error_class)}"
            yield Verdict("accepts_broken", f"returned {excerpt_of(outcome.result)}{remark}", expected=expected)
        elif error is None and policy is Policy.ACCEPT:
            yield from self._decoded(case, outcome)

    def _decoded(self, case: ClientCase, outcome: Outcome) -> Iterator[Verdict]:
        asked = sum(self._is_of(case.operation, request) for request in outcome.sent)
        if self._is_inferred and asked != 1:
            return  # It went on asking, and was answered something else.
        try:
            wanted = self.driver.expected(case.operation.id, case.feed.status, case.value)
        except Exception as error:
            raise DriverFaultError(self.driver, "expected", case.operation.id, error=error) from error
        if wanted is NOT_COMPARED:
            yield from self._followed(case, outcome)
            return
        try:
            found = self.driver.observed(case.operation.id, outcome.result)
        except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
            yield Verdict(
                "decodes_wrong", f"{excerpt_of(outcome.result)} does not say what it should: {excerpt(error)}"
            )
            return
        if found != wanted:
            yield Verdict("decodes_wrong", _unequal(wanted, found))

    def _followed(self, case: ClientCase, outcome: Outcome) -> Iterator[Verdict]:
        """Yield where the result does not follow the answer, as far as what it returns of others tells."""
        if self._is_inferred and case.value is not None and case.name != "a random answer":
            learned = self._learned.setdefault((case.operation.id, case.feed.status), Learned())
            wrong = learned.wrong(case.value, outcome.result)
            if wrong:
                yield Verdict("decodes_wrong", wrong)

    def pages(self, case: ClientCase) -> list[Verdict] | None:
        """Serve a list on several pages in place of a case, and return what is wrong with how they are read.

        None of an operation that has no pages, or of a client with a driver, whose calls are for one page each.
        """
        pages = pages_of(case.operation, case.feed)
        if self._answering is None or pages is None:
            return None
        outcome = self._outcome(case, self._side.arguments(), pages)
        if isinstance(outcome.error, NeverEndsError):
            return [Verdict("never_ends", f"the pages did not come to an end: {outcome.error}")]
        wrong = pages.wrong(outcome.result) if outcome.error is None else ""
        return [Verdict("pages_wrong", wrong, expected=f"each of {pages.total} items once")] if wrong else []

    def _is_of(self, operation: Operation, request: SentRequest) -> bool:
        return operation_at(self._contract, request.method, request.path) is operation

    def _requests(self, case: ClientCase, sent: tuple[SentRequest, ...], arguments: Any) -> Iterator[Verdict]:
        operation = case.operation
        ours = [request for request in sent if request.is_ours]
        if not ours:
            yield Verdict("sends_nothing", "no request was sent", expected=operation.label)
            return
        asked = 0
        for request in ours:
            path = request.path
            found = operation_at(self._contract, request.method, path)
            asked += found is operation
            if self._is_inferred and found is not operation and asked and case.place:
                continue  # This step was made of an odd answer.
            if found is None or not (found is operation or self._is_inferred):
                yield self._wrong_operation(operation, request)
                continue
            violations = self._contract.check_request(
                request.method, request.target, headers=request.headers, body=request.body
            )
            for violation in violations:
                where = f"{'' if found is operation else found.label}{violation.where}"
                yield Verdict("request_conformance", str(violation), where, expected=violation.expected)
            for name in undocumented_properties(self._contract, found, request.body):
                told = f"/body/{name}: expected a documented property, found an undocumented one"
                yield Verdict("request_conformance", told, f"/body/{name}", expected="a documented property")
            if found is operation and (asked == 1 or not self._is_inferred):
                changed = self.travelling.compare(operation, request, arguments)
                yield from (Verdict("argument_changed", message, place) for place, message in changed)
        repeated = asked if self._is_inferred else len(ours)
        may_repeat = case.feed.status in _SAFE_TO_REPEAT and not case.feed.cut
        if repeated > 1 and operation.id in self._side.never_repeated and not may_repeat:
            yield Verdict("repeats_unsafe", f"{operation.label} was sent {repeated} times", expected="one request")

    def _wrong_operation(self, operation: Operation, request: SentRequest) -> Verdict:
        path = request.path
        labels = [f"{known.method} {base}{known.path}" for known in self._contract.operations.values()
                  for base in known.bases[:1]]  # fmt: skip
        near = get_close_matches(f"{request.method} {path}", labels, n=1, cutoff=0.5)
        hint = f"; near it is {near[0]}" if near and near[0] != operation.label else ""
        message = f"expected {operation.label}, sent {request.method} {shown(path)}{hint}"
        return Verdict("wrong_operation", message, expected=operation.label)

    def _secrets(self, outcome: Outcome) -> Iterator[Verdict]:
        secrets = {*self.driver.secrets, *(credentials(outcome.sent) if self._is_inferred else ())}
        told = "\n".join([*words_of(outcome.error), text_of(outcome.result)])
        if holds_secret(told[:_LONGEST_TEXT], secrets):
            yield Verdict(
                "leaks_secret",
                "a token appears in the exception or in the repr of the result",
                line=line_of(outcome.error, self._packages),
            )
        if holds_secret(outcome.said, secrets):
            yield Verdict("leaks_secret", "a token was logged or printed", "log")
        for request in outcome.sent:
            carried = " ".join((request.url, *request.headers.values()))
            if not request.is_ours and leads_away(request) and holds_secret(carried, secrets):
                yield Verdict("leaks_secret", f"a token was sent to {urlsplit(request.url).netloc}", "redirect")

    def _manners(self, case: ClientCase, outcome: Outcome) -> Iterator[Verdict]:
        if outcome.changed:
            yield Verdict("changes_arguments", f"the caller's own values were changed: {outcome.changed}")
        if case.policy is Policy.ACCEPT and outcome.waited_s > _MOST_WAITED_S:
            told = f"it would have slept for {outcome.waited_s:g} s, although it was answered at once"
            yield Verdict("waits_long", told, expected=f"at most {_MOST_WAITED_S:g} s")


def _has_next(value: Any) -> bool:
    return isinstance(value, dict) and bool(value.get("next"))


def _several(kinds: type[Exception] | tuple[type[Exception], ...]) -> tuple[type[Exception], ...]:
    return kinds if isinstance(kinds, tuple) else (kinds,)


def _named(kinds: type[Exception] | tuple[type[Exception], ...]) -> str:
    names = list(dict.fromkeys(kind.__name__ for kind in _several(kinds)))
    return ", ".join(names[:6]) + (", ..." if len(names) > 6 else "")


def _unequal(wanted: object, found: object) -> str:
    texts = repr(wanted), repr(found)
    if max(map(len, texts)) > _WHOLE and texts[0] != texts[1]:
        return difference(*texts)
    return f"expected {shown(wanted, limit=_WHOLE)}, found {shown(found, limit=_WHOLE)}"
