"""Judging what a client does with one answer."""

from __future__ import annotations

import traceback
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from runtime_contracts.call_limits import NeverEndsError, within
from runtime_contracts.driver_faults import DriverFaultError, refuse_driver_fault
from runtime_contracts.feeding import ORIGIN, FeedingAdapter, SentRequest, fed_session
from runtime_contracts.travelling import Travelling
from runtime_contracts.violation import difference, holds_secret, shown
from runtime_contracts.wire_faults import Policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    import requests

    from runtime_contracts.client_cases import ClientCase
    from runtime_contracts.client_driver import ClientDriver
    from runtime_contracts.contract import Contract
    from runtime_contracts.operation import Operation
    from runtime_contracts.profiles.profile import ClientSide

_WHOLE = 400
_ENDLESS = 3
_ARGUMENT_ERRORS = (ValueError, TypeError)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One thing that the client did wrong: the check that says so, what happened, and where in the request if there."""

    check: str
    message: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the client did: it returned, or it raised; and what it sent before. `client` is None if none was made."""

    client: Any
    result: Any
    error: BaseException | None
    sent: tuple[SentRequest, ...]


class SessionNotUsedError(Exception):
    """The client goes to a network by itself, so nothing can be said about it; the message says where to."""

    def __init__(self, driver: ClientDriver, operation: str, address: str) -> None:
        super().__init__(
            f"the client of {driver.name!r} does not use the session it was given: "
            f"for {operation} it tried to connect to {shown(address)}"
        )


class ClientJudge:
    """Feeds cases to one client and judges what it does with them.

    Unusual answers may pass if it is `lenient`. `attempts` grows when something tries to reach a network. A call may
    take `call_s` seconds; after some calls of an operation that took longer the others are left out.

    Attributes:
        travelling: where arguments have arrived, and where not.
    """

    def __init__(
        self,
        contract: Contract,
        driver: ClientDriver,
        side: ClientSide,
        *,
        lenient: bool = False,
        attempts: list[str],
        call_s: float,
    ) -> None:
        self._contract = contract
        self._side = side
        self._call_s = call_s
        self._endless: Counter[str] = Counter()
        self.travelling = Travelling(side.places)
        self._unusual = Policy.EITHER if lenient else Policy.REFUSE
        self._driver = driver
        self._url = ORIGIN + contract.base_path
        self._adapter = FeedingAdapter()
        self._session: requests.Session = fed_session(self._adapter)
        self._attempts: list[str] = attempts

    def close(self) -> None:
        """Let go of the session."""
        self._session.close()

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
            return [Verdict("never_ends", f"the call did not come to an end: {outcome.error}")]
        if not outcome.sent:
            refuse_driver_fault(self._driver, outcome.error, client=outcome.client, operation=case.operation.id)
        argument_error = arguments is not None and isinstance(outcome.error, _ARGUMENT_ERRORS)
        if argument_error and not isinstance(outcome.error, self._driver.error_class) and not outcome.sent:
            # Refusing an argument before anything was sent is the client's good right.
            return list(self._secrets(outcome))
        return [
            *self._requests(case.operation, outcome.sent, chosen),
            *self._behaviour(case, outcome),
            *self._secrets(outcome),
        ]

    def try_driver(self, case: ClientCase) -> None:
        """Feed a good case only to see whether the driver itself works.

        Raises:
            DriverFaultError: it does not.
            SessionNotUsedError: the client goes to a network by itself.
        """
        outcome = self._outcome(case, self._side.arguments())
        refuse_driver_fault(self._driver, outcome.error, client=outcome.client, operation=case.operation.id)

    def _outcome(self, case: ClientCase, arguments: Any) -> Outcome:
        self._adapter.feed = case.feed
        self._adapter.sent = []
        result, error, client = None, None, None
        try:
            with within(self._call_s):
                client = self._driver.make_client(self._session, self._url, case.operation.id)
                result = self._driver.operations[case.operation.id](client, arguments)
        except KeyboardInterrupt:
            raise
        except BaseException as caught:  # noqa: BLE001 - whatever leaves the client is what is being looked at
            error = caught
        if self._attempts:
            raise SessionNotUsedError(self._driver, case.operation.id, self._attempts[0])
        return Outcome(client, result, error, tuple(self._adapter.sent))

    def _behaviour(self, case: ClientCase, outcome: Outcome) -> Iterator[Verdict]:
        error = outcome.error
        policy = self._unusual if case.policy is Policy.UNUSUAL else case.policy
        if error is not None and not isinstance(error, self._driver.error_class):
            before = "" if outcome.sent else " (before anything was sent)"
            yield Verdict("leaks_exception", f"{type(error).__name__} left the client: {_excerpt(error)}{before}")
        elif error is not None and policy is Policy.ACCEPT:
            yield Verdict("refuses_valid", f"{type(error).__name__}: {_excerpt(error)}")
        elif error is None and policy is Policy.REFUSE:
            remark = " (a lenient run lets this pass)" if case.policy is Policy.UNUSUAL else ""
            yield Verdict("accepts_broken", f"returned {shown(outcome.result)}{remark}")
        elif error is None and policy is Policy.ACCEPT:
            yield from self._decoded(case, outcome.result)

    def _decoded(self, case: ClientCase, result: Any) -> Iterator[Verdict]:
        try:
            wanted = self._driver.expected(case.operation.id, case.feed.status, case.value)
        except Exception as error:
            raise DriverFaultError(self._driver, "expected", case.operation.id, error=error) from error
        try:
            found = self._driver.observed(case.operation.id, result)
        except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
            yield Verdict("decodes_wrong", f"{shown(result)} does not say what it should: {_excerpt(error)}")
            return
        if found != wanted:
            yield Verdict("decodes_wrong", _unequal(wanted, found))

    def _requests(self, operation: Operation, sent: tuple[SentRequest, ...], arguments: Any) -> Iterator[Verdict]:
        ours = [request for request in sent if request.url.startswith(f"{ORIGIN}/")]
        if not ours:
            yield Verdict("sends_nothing", "no request was sent")
        for request in ours:
            path = urlsplit(request.target).path
            if self._contract.operation_for(request.method, path) is not operation:
                yield Verdict("wrong_operation", f"expected {operation.label}, sent {request.method} {shown(path)}")
                continue
            violations = self._contract.check_request(
                request.method, request.target, headers=request.headers, body=request.body
            )
            yield from (Verdict("request_conformance", str(violation), violation.where) for violation in violations)
            changed = self.travelling.compare(operation, request, arguments)
            yield from (Verdict("argument_changed", message, place) for place, message in changed)
        if len(ours) > 1 and operation.id in self._side.never_repeated:
            yield Verdict("repeats_unsafe", f"{operation.label} was sent {len(ours)} times")

    def _secrets(self, outcome: Outcome) -> Iterator[Verdict]:
        told = "" if outcome.error is None else "".join(traceback.format_exception(outcome.error))
        # Source lines are quoted in a traceback; a driver that spells its token there has given nothing away.
        told = "\n".join(line for line in told.splitlines() if not line.startswith("    "))
        told += repr(outcome.error) + repr(outcome.result)
        if holds_secret(told, self._driver.secrets):
            yield Verdict("leaks_secret", "a token appears in the exception or in the repr of the result")
        for request in outcome.sent:
            carried = " ".join((request.url, *request.headers.values()))
            if not request.url.startswith(f"{ORIGIN}/") and holds_secret(carried, self._driver.secrets):
                yield Verdict("leaks_secret", f"a token was sent to {urlsplit(request.url).netloc}")


def _unequal(wanted: object, found: object) -> str:
    texts = repr(wanted), repr(found)
    if max(map(len, texts)) > _WHOLE and texts[0] != texts[1]:
        return difference(*texts)
    return f"expected {shown(wanted, limit=_WHOLE)}, found {shown(found, limit=_WHOLE)}"


def _excerpt(error: BaseException) -> str:
    return shown(str(error))
