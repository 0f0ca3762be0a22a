"""Each check of today's lifecycle catches something: a table of planted deviations and what notices them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from runtime_contracts.server_fuzz import fuzz_server
from tests.broken import platform
from tests.broken.serving import ALICE, BOB, Plant, faithful, served

PROBES, LIFE = ("probes",), ("lifecycle",)


@dataclass(frozen=True, slots=True)
class Row:
    """A planted deviation, the check that has to notice it, and the part of the run that is enough for it."""

    name: str
    plant: Plant
    check: str
    operations: tuple[str, ...] = ()
    phases: tuple[str, ...] = LIFE


ROWS = (
    Row("any instance", platform.takes_any_instance, "credentials_required", ("get_instance",), PROBES),
    Row("no tenants", platform.KnowsNoTenants(), "private_to_its_owner"),
    Row("two states", platform.two_states, "state_is_status"),
    Row("lost tags", platform.loses_tags, "tags_are_kept"),
    Row("no tags found", platform.finds_no_tags, "tags_are_found"),
    Row("private for ever", platform.PrivateResultsStay(), "private_is_read_once"),
    Row("no JSON", platform.result_is_no_json, "result_is_json"),
    Row("created at the end", platform.begins_after_the_end, "times_in_order"),
    Row("ended at once", platform.ends_at_once, "times_follow_status"),
    Row("nothing deleted", platform.deletes_nothing, "deleted_is_gone"),
    Row("oldest first", platform.oldest_first, "list_is_in_order"),
    Row("always 200", platform.says_200, "page_says_where_it_is"),
    Row("no filters", platform.ignores_filters, "filter_selects"),
    Row("inputs shown", platform.shows_inputs, "params_are_excluded"),
    Row("no cursor", platform.forgets_the_cursor, "no_workload_twice"),
    Row("a cursor to nowhere", platform.leads_nowhere, "cursors_lead_on"),
    Row("workloads are done", platform.workloads_are_done, "workloads_follow_jobs"),
    Row("usage shrinks", platform.UsageShrinks(), "usage_grows"),
    Row("usage of others", platform.usage_of_others, "usage_is_the_callers"),
    Row("nothing counted", platform.counts_nothing, "analytics_count_jobs"),
    Row("no sessions", platform.sessions_are_refused, "session_accepted"),
    Row("going on", platform.goes_on, "stopped_takes_no_jobs"),
    Row("never closed", platform.never_closed, "stopped_ends"),
    Row("closing refused", platform.closing_is_refused, "close_accepted"),
    Row("open again", platform.OpensAgain(), "closed_stays_closed"),
    Row("jobs of closed sessions", platform.keeps_jobs_of_closed_sessions, "close_cancels"),
)


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_planted_deviation_is_noticed(row: Row) -> None:
    """The named check notices the planted deviation, and the report tells no key."""
    with served(row.plant, edition="platform") as server:
        report = fuzz_server(
            server.url,
            token=ALICE,
            other_token=BOB,
            operations=row.operations,
            phases=row.phases,
            max_examples=1,
            advance=server.advance,
        )
    assert report.problem is None
    assert row.check in {failure.check for failure in report.failures}, report.to_text()
    assert report.exit_code == 1
    assert ALICE not in report.to_json()
    assert BOB not in report.to_json()


def test_server_without_plant_is_clean() -> None:
    """The same server without a plant passes, and a note says what could not be looked at."""
    with served(faithful, edition="platform") as server:
        report = fuzz_server(
            server.url,
            token=ALICE,
            other_token=BOB,
            phases=(*PROBES, *LIFE),
            max_examples=3,
            advance=server.advance,
        )
    assert report.failures == (), report.to_text()
    assert report.exit_code == 0
    assert [note[:48] for note in report.notes] == ["the server takes an instance that nobody has for"]


def test_lines_to_repeat_set_what_they_need() -> None:
    """The lines of a failure begin with the instance, and carry the key as a variable."""
    with served(platform.two_states, edition="platform") as server:
        report = fuzz_server(server.url, token=ALICE, operations=(), phases=LIFE, max_examples=1)
    lines = report.failures[0].reproduce.splitlines()
    assert lines[0].startswith("INSTANCE='crn:v1:")
    assert all('-H "Authorization: apikey $TOKEN" -H "Service-CRN: $INSTANCE"' in line for line in lines[1:])
