"""The journal of a server in another process: looked at, and asserted on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mock_runtime.remote.nouns import Noun
from mock_runtime.remote.wire import JSON, as_query, asserted, given, id_of


class RemoteJournal(Noun):
    """The exchanges of the scope, without secrets."""

    def page(self, **filters: Any) -> JSON:
        """The exchanges that fit the filters, and how far the journal is: `after=page["position"]` is what follows."""
        return self._wire.read("GET", "/journal", query=as_query(filters))

    def entries(self, **filters: Any) -> list[JSON]:
        """The exchanges that fit the filters, by their numbers."""
        return list(self.page(**filters)["exchanges"])

    def exchange(self, number: int) -> JSON:
        """A whole exchange, with headers and bodies."""
        return self._wire.read("GET", f"/journal/{number:d}")

    def har(self, **filters: Any) -> JSON:
        """The exchanges that fit the filters, as an HTTP Archive."""
        return self._wire.read("GET", "/journal.har", query=as_query(filters))

    def clear(self) -> None:
        """Forget all exchanges."""
        self._wire.read("DELETE", "/journal")

    def assert_that(self, assertion: str, /, **arguments: Any) -> JSON:
        """Assert something by its name, such as `polled`; AssertionError, which shows what was seen instead."""
        __tracebackhide__ = True
        if "job" in arguments:
            arguments["job"] = id_of(arguments["job"])
        return asserted(self._wire, "/journal/assert", {"assert": assertion, **given(arguments)})

    def assert_polled(self, job: object, **arguments: Any) -> JSON:
        """Assert that a job was polled: `times`, `interval`, `operation`."""
        __tracebackhide__ = True
        return self.assert_that("polled", job=job, **arguments)

    def assert_sequence(self, job: object, statuses: Iterable[int], **arguments: Any) -> JSON:
        """Assert that the polls of a job were answered with these statuses."""
        __tracebackhide__ = True
        return self.assert_that("sequence", job=job, statuses=list(statuses), **arguments)

    def assert_called(self, operation: str, **arguments: Any) -> JSON:
        """Assert that an operation was called, so many `times` or at least once."""
        __tracebackhide__ = True
        return self.assert_that("called", operation=operation, **arguments)

    def assert_not_called(self, operation: str, **arguments: Any) -> None:
        """Assert that an operation was not called."""
        __tracebackhide__ = True
        self.assert_that("not-called", operation=operation, **arguments)

    def assert_order(self, steps: Iterable[str | tuple[str, int]], **arguments: Any) -> JSON:
        """Assert that operations were called in this order."""
        __tracebackhide__ = True
        return self.assert_that("order", steps=list(steps), **arguments)

    def assert_retried(self, operation: str, **arguments: Any) -> JSON:
        """Assert that what failed was sent again, and not earlier than its Retry-After."""
        __tracebackhide__ = True
        return self.assert_that("retried", operation=operation, **arguments)

    def assert_submitted_once(self, **arguments: Any) -> str:
        """Assert that exactly one job was made, however many requests it took; its id."""
        __tracebackhide__ = True
        return str(self.assert_that("submitted-once", **arguments)["job"])

    def assert_no_unknown_fields(self, **arguments: Any) -> None:
        """Assert that requests brought nothing that the edition's document does not name."""
        __tracebackhide__ = True
        self.assert_that("no-unknown-fields", **arguments)
