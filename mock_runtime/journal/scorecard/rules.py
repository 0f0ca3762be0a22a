"""All rules of the scorecard, by their names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from mock_runtime.journal.scorecard import polling, reading, retrying, signing_in, submitting, wording
from mock_runtime.journal.scorecard.card import Finding, Mark
from mock_runtime.journal.scorecard.view import Client

Rule: TypeAlias = Callable[[Client], Iterator[Finding | Mark]]
"""Looks at one client, and yields what it found."""

RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        polling.POLL_RATE: polling.poll_rate,
        polling.REQUEST_RATE: polling.request_rate,
        polling.AFTER_FINAL: polling.polls_after_final,
        polling.BOTH_WAYS: polling.both_ways,
        polling.RESULTS_TWICE: polling.results_twice,
        retrying.RETRY_AFTER: retrying.retry_after,
        retrying.RETRY_STORM: retrying.retry_storm,
        retrying.NO_BACK_OFF: retrying.no_back_off,
        retrying.ERROR_REPEATED: retrying.error_repeated,
        submitting.MADE_TWICE: submitting.made_twice,
        submitting.UNSAFE_RETRY: submitting.unsafe_retry,
        submitting.LEFT_BEHIND: submitting.job_left_behind,
        submitting.CANCEL_OVERTAKEN: submitting.cancel_overtaken,
        submitting.SESSION_OPEN: submitting.session_left_open,
        signing_in.TOO_OFTEN: signing_in.too_often,
        signing_in.TOO_LATE: signing_in.too_late,
        wording.UNKNOWN_FIELD: wording.unknown_field,
        wording.UNKNOWN_QUERY: wording.unknown_query,
        wording.UNKNOWN_HEADER: wording.unknown_header,
        wording.NO_USER_AGENT: wording.no_user_agent,
        wording.NO_VERSION: wording.no_version,
        wording.DEPRECATED: wording.deprecated,
        wording.NOT_THERE: wording.no_such_operation,
        reading.TINY_PAGES: reading.tiny_pages,
        reading.CATALOGUE: reading.catalogue_again,
    }
)
"""In the order in which docs/journal.md has them."""
