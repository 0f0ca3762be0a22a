"""Holding a client to the contract inside a test: what stands behind the fixture `client_contract`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Unpack

from runtime_contracts.client_driver import ClientDriver
from runtime_contracts.client_fuzz import fuzz_client
from runtime_contracts.inferring import Wishes
from runtime_contracts.options import SEED
from runtime_contracts.report import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from runtime_contracts.options import ClientFuzzOptions
    from runtime_contracts.report import Report

_PROFILE: Final = "quick"
_SHOWN: Final = 3

Raises = type[Exception] | tuple[type[Exception], ...]


class ClientContractError(Exception):
    """A client could not be held to the contract; the message says why, and what to do."""


class ContractViolated(AssertionError):
    """A client breaks the contract; the message has the most important findings.

    Attributes:
        report: everything that was found.
    """

    def __init__(self, message: str, report: Report) -> None:
        super().__init__(message)
        self.report = report


class ClientContract:
    """The contract of one edition, for clients to be held to; without an edition it is found out from their requests.

    The whole report of a client that breaks it is written into `report_dir`.
    """

    def __init__(self, *, edition: str | None = None, report_dir: Path | None = None) -> None:
        self._edition = edition
        self._report_dir = report_dir

    def check(
        self,
        subject: Callable[..., Any],
        *,
        operation: str | None = None,
        raises: Raises = (),
        arguments: Mapping[str, Any] | None = None,
        expected: Callable[[Any], object] | None = None,
        secrets: Collection[str] = (),
        **options: Unpack[ClientFuzzOptions],
    ) -> Report:
        """Feed every kind of answer to a function that calls the API, and return the report.

        A parameter `url` gets the address of the API; others are filled in by their names or by `arguments`. What it
        sends is met where it leaves the process, whatever library and address it uses; a coroutine is awaited and an
        iterator is read to its end. Every valid answer must be understood, and every broken one must raise one of
        `raises`; without it one of the exceptions of its package or of its HTTP library.

        `operation` is the id of the one that it is about; without it each one that it asks for is. `expected` says what
        the function should return for an answer, of its JSON, its text, or None without a body. None of the `secrets`
        may be shown. `options` are those of ClientFuzzOptions, of which the profile is "quick" here.

        Raises:
            ContractViolated: the client breaks the contract.
            ClientContractError: nothing can be said about it.
        """
        __tracebackhide__ = True
        if operation is not None:
            options["operations"] = (operation,)
        wishes = _wishes(raises, arguments, expected, secrets)
        return self._judged(subject, wishes, options)

    def check_class(
        self,
        subject: type,
        *,
        raises: Raises = (),
        arguments: Mapping[str, Any] | None = None,
        expected: Mapping[str, Callable[[Any], object]] | None = None,
        secrets: Collection[str] = (),
        **options: Unpack[ClientFuzzOptions],
    ) -> Report:
        """Do the same with each public method of a class; `expected` is by the name of the method.

        A new object is made for each call. Methods that send nothing, or that need something which is not known, are
        left out, and the report says so.

        Raises:
            ContractViolated: the client breaks the contract.
            ClientContractError: nothing can be said about it.
        """
        __tracebackhide__ = True
        return self._judged(subject, _wishes(raises, arguments, expected, secrets), options)

    def driver(self, driver: ClientDriver, **options: Unpack[ClientFuzzOptions]) -> Report:
        """Do the same with the client behind a driver.

        Raises:
            ContractViolated: the client breaks the contract.
            ClientContractError: nothing can be said about it.
        """
        __tracebackhide__ = True
        if not isinstance(driver, ClientDriver):
            raise ClientContractError(
                f"{driver!r} is no client driver; check is for functions, check_class for classes"
            )
        return self._judged(driver, None, options)

    def replay(self, subject: Any, *, case: int, operation: str, **more: Any) -> Report:
        """Feed only one case of an operation, by its number in a report; `more` is what `check` was given.

        Raises:
            ContractViolated: the client breaks the contract in this case.
            ClientContractError: nothing can be said about it.
        """
        __tracebackhide__ = True
        if isinstance(subject, ClientDriver):
            return self.driver(subject, case=case, operations=(operation,), **more)
        if isinstance(subject, type):
            return self.check_class(subject, case=case, operations=(operation,), **more)
        return self.check(subject, case=case, operation=operation, **more)

    def _judged(self, subject: Any, wishes: Wishes | None, options: ClientFuzzOptions) -> Report:
        __tracebackhide__ = True
        options.setdefault("profile", _PROFILE)
        report = fuzz_client(
            subject, edition=self._edition, wishes=wishes, again=_again(options), report_dir=self._report_dir, **options
        )
        if report.problem is not None:
            raise ClientContractError(report.problem)
        if report.interrupted:
            raise KeyboardInterrupt
        if report.failures:
            raise ContractViolated(self._message(report), report)
        return report

    def _message(self, report: Report) -> str:
        findings = report.findings
        found, made = counted(len(findings), "finding"), counted(report.total, "case")
        run = f"(edition {report.edition}, seed {report.seed})"
        lines = [f"{report.target} breaks the contract: {found} in {made} {run}"]
        for number, finding in enumerate(findings[:_SHOWN], start=1):
            lines += ["", f"{number}. {finding.title}", *(f"   {line}" for line in finding.lines)]
            lines += [f"   {line}" for line in finding.first.reproduce.splitlines()]
        more = len(findings) - _SHOWN
        where = "" if self._report_dir is None else f"the whole report is in {self._report_dir}"
        further = f"and {counted(more, 'further finding')}" if more > 0 else ""
        last = "; ".join(part for part in (further, where) if part)
        return "\n".join([*lines, *(["", last] if last else [])])


def _wishes(
    raises: Raises,
    arguments: Mapping[str, Any] | None,
    expected: Callable[[Any], object] | Mapping[str, Callable[[Any], object]] | None,
    secrets: Collection[str],
) -> Wishes:
    return Wishes(
        raises=raises if isinstance(raises, tuple) else (raises,),
        arguments=dict(arguments or {}),
        expected=expected,
        secrets=tuple(secrets),
    )


def _again(options: ClientFuzzOptions) -> Callable[[str, int], str]:
    kept = {name: options.get(name) for name in ("max_examples", "level", "lenient")}
    words = "".join(f", {name}={value!r}" for name, value in kept.items() if value)
    profile = options.get("profile")
    words += f", profile={profile!r}" if profile != _PROFILE else ""

    def again(operation: str, number: int) -> str:
        seed = options.get("seed", SEED)
        return f"client_contract.replay(..., operation={operation!r}, case={number}, seed={seed}{words})"

    return again
