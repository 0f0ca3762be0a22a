"""Each check of the server gate catches something: a table of planted deviations and what notices them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from runtime_contracts import lifecycle
from runtime_contracts.report import Report
from runtime_contracts.server_fuzz import PHASES, fuzz_server
from tests.broken import lifecycles, servers
from tests.broken.serving import ALICE, BOB, Plant, faithful, served


@dataclass(frozen=True, slots=True)
class Row:
    """A planted deviation, the check that has to notice it, and the part of the run that is enough for it."""

    plant: Plant
    check: str
    operations: tuple[str, ...] | None
    phases: tuple[str, ...]
    examples: int = 2

    @property
    def name(self) -> str:
        """Name of the plant and the check."""
        plant = getattr(self.plant, "__name__", type(self.plant).__name__)
        return f"{plant}-{self.check}"


PROBES, COVERAGE, STATEFUL, LIFE = ("probes",), ("coverage",), ("stateful",), ("lifecycle",)
JOB_LIFE = ("get-programs", "post-program-id", "get-programs-id-jobs-jid", "delete-job")
SUBMIT_AND_READ = ("post-program-id", "get-programs-id-jobs-jid")
JOBS, SUBMIT, PROGRAMS = ("get-jobs",), ("post-program-id",), ("get-programs",)

ROWS = (
    # Credentials
    Row(servers.lets_anybody_list, "credentials_required", PROGRAMS, PROBES),
    Row(servers.lets_anybody_list, "ignored_auth", PROGRAMS, COVERAGE),
    Row(servers.refuses_session_tokens, "credentials_accepted", PROGRAMS, PROBES),
    Row(servers.takes_any_scheme, "credentials_refused", PROGRAMS, PROBES),
    Row(servers.keeps_sessions, "session_ends_at_logout", (), LIFE),
    Row(lifecycles.locks_out_after_logout, "token_survives_logout", (), LIFE),
    # Shapes
    Row(servers.undocumented_status, "status_code_conformance", JOBS, COVERAGE),
    Row(servers.wrong_content_type, "content_type_conformance", PROGRAMS, COVERAGE),
    Row(servers.missing_property, "response_schema_conformance", PROGRAMS, COVERAGE),
    Row(servers.null_property, "response_schema_conformance", PROGRAMS, COVERAGE),
    Row(servers.wrong_refusal_body, "response_schema_conformance", JOBS, COVERAGE),
    Row(servers.wrong_error_body, "contract_conformance", ("get-program",), PROBES),
    Row(servers.trailing_bytes, "contract_conformance", (), LIFE),
    Row(servers.no_allow_header, "allow_header", JOBS, PROBES),
    Row(servers.html_405, "error_body", JOBS, PROBES),
    Row(servers.answers_unknown_methods, "method_not_allowed", PROGRAMS, PROBES),
    Row(servers.answers_unknown_methods, "unsupported_method", PROGRAMS, COVERAGE),
    Row(servers.wrong_allow_header, "allow_header_conformance", PROGRAMS, COVERAGE),
    Row(servers.not_found_page, "unknown_path", PROGRAMS, PROBES),
    # Validation
    Row(servers.accepts_any_job, "negative_data_rejection", SUBMIT, COVERAGE),
    Row(servers.ignores_bad_limits, "negative_data_rejection", JOBS, COVERAGE),
    Row(servers.takes_any_form, "negative_data_rejection", ("post-program",), COVERAGE),
    Row(servers.accepts_any_login, "negative_data_rejection", ("login-with-token",), COVERAGE),
    Row(servers.fails_on_large_numbers, "large_numbers", JOBS, PROBES),
    Row(servers.fails_on_form_without_source, "not_a_server_error", ("post-program",), COVERAGE),
    Row(servers.refuses_images, "positive_data_acceptance", SUBMIT, COVERAGE),
    Row(servers.accepts_unknown_backends, "unknown_is_refused", (), LIFE),
    # Jobs
    Row(lifecycles.DeletedJobsStay(), "deleted_is_gone", (), LIFE),
    Row(lifecycles.DeletedJobsStay(), "use_after_free", JOB_LIFE, STATEFUL, 20),
    Row(lifecycles.NewJobsAreHidden(), "created_is_readable", (), LIFE),
    Row(lifecycles.NewJobsAreHidden(), "ensure_resource_availability", SUBMIT_AND_READ, STATEFUL, 20),
    Row(lifecycles.ResultsVanish(), "results_follow_status", (), LIFE),
    Row(lifecycles.ResultsChange(), "result_stays", (), LIFE),
    Row(lifecycles.quotes_texts, "known_result", (), LIFE),
    Row(lifecycles.results_too_early, "results_follow_status", (), LIFE),
    Row(lifecycles.logs_too_early, "logs_follow_status", (), LIFE),
    Row(lifecycles.StatusGoesBack(), "status_moves_forward", (), LIFE),
    Row(lifecycles.cancels_ended_jobs, "ended_cannot_be_cancelled", (), LIFE),
    Row(lifecycles.cancels_nothing, "cancel_is_what_cancels", (), LIFE),
    Row(lifecycles.cancels_only_queued_jobs, "cancel_is_what_cancels", (), LIFE),
    Row(lifecycles.cancelling_never_ends, "cancel_is_what_cancels", (), LIFE),
    Row(lifecycles.forgets_inputs, "read_what_was_sent", (), LIFE),
    Row(servers.wrong_count, "list_counts_all", (), LIFE),
    Row(lifecycles.ignores_limit, "page_has_its_length", (), LIFE),
    Row(lifecycles.pages_overlap, "no_job_twice", (), LIFE),
    Row(lifecycles.pages_skip, "no_job_missing", (), LIFE),
    Row(lifecycles.oldest_first, "newest_first", (), LIFE),
    Row(lifecycles.ignores_pending, "pending_selects", (), LIFE),
    Row(lifecycles.shows_jobs_of_others, "private_to_its_owner", (), LIFE),
    Row(lifecycles.new_jobs_are_refused, "submit_accepted", (), LIFE),
    Row(lifecycles.deletions_are_refused, "delete_accepted", (), LIFE),
    Row(lifecycles.pending_jobs_stay, "pending_can_be_cancelled", (), LIFE),
    Row(servers.lists_are_refused, "list_accepted", (), LIFE),
    # Programs
    Row(lifecycles.new_programs_are_refused, "upload_accepted", (), LIFE),
    Row(lifecycles.shows_private_programs, "private_to_its_owner", (), LIFE),
    Row(lifecycles.lets_others_publish, "only_its_author_changes_it", (), LIFE),
    Row(lifecycles.shows_sources, "source_is_for_its_author", (), LIFE),
    Row(lifecycles.NamesAreFree(), "name_is_unique", (), LIFE),
    Row(lifecycles.lists_half_of_the_programs, "list_is_complete", (), LIFE),
    Row(lifecycles.forgets_sources, "read_what_was_sent", (), LIFE),
    Row(lifecycles.DeletedProgramsStay(), "deleted_is_gone", (), LIFE),
    Row(lifecycles.never_public, "published_is_public", (), LIFE),
    Row(lifecycles.changes_are_refused, "change_accepted", (), LIFE),
    Row(lifecycles.JobIdsRepeat(), "job_id_unique", (), LIFE),
    # Completeness
    Row(servers.devices_are_gone, "never_succeeded", ("get-devices",), PHASES, 1),
    Row(servers.hangs_up, "server_answers", PROGRAMS, PROBES),
)  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_planted_deviation_is_noticed(row: Row) -> None:
    """The named check notices the planted deviation."""
    with served(row.plant) as server:
        report = fuzz_server(
            server.url,
            token=ALICE,
            other_token=BOB,
            operations=row.operations,
            phases=row.phases,
            max_examples=row.examples,
            advance=server.advance,
        )
    assert report.problem is None
    assert row.check in {failure.check for failure in report.failures}, report.to_text()
    assert report.exit_code == 1
    assert ALICE not in report.to_json()
    assert BOB not in report.to_json()


@pytest.mark.parametrize("phases", [PROBES, COVERAGE, STATEFUL, LIFE], ids=lambda phases: phases[0])
def test_server_without_plant_is_clean(phases: tuple[str, ...]) -> None:
    """The same server without a plant passes, so it is the plants that are noticed."""
    with served(faithful) as server:
        report = fuzz_server(
            server.url,
            token=ALICE,
            other_token=BOB,
            operations=() if phases == LIFE else None,
            phases=phases,
            max_examples=6,
            advance=server.advance,
        )
    assert report.failures == (), report.to_text()
    assert report.exit_code == 0


def _run_in_real_time(plant: Plant) -> Report:
    with served(plant, real_time=True) as server:
        return fuzz_server(
            server.url, token=ALICE, other_token=BOB, operations=(), phases=LIFE, max_examples=1, advance=server.advance
        )


@pytest.mark.parametrize(
    ("plant", "check"),
    [(lifecycles.cancels_nothing, "cancel_is_what_cancels"), (lifecycles.quotes_texts, "known_result")],
)
def test_ends_are_seen_on_a_server_whose_time_passes_by_itself(plant: Plant, check: str) -> None:
    """Where nobody can move the clock the run waits until jobs end, and the steps to repeat wait as well."""
    report = _run_in_real_time(plant)
    assert [failure.check for failure in report.failures] == [check], report.to_text()
    assert "\nsleep " in report.failures[0].reproduce


def test_server_without_plant_is_clean_in_real_time() -> None:
    """The same server without a plant passes, its ends were seen, and no note says otherwise."""
    report = _run_in_real_time(faithful)
    assert report.failures == (), report.to_text()
    assert report.notes == ()


def test_time_that_stands_still_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a server where no job ever ends, the run gives up waiting and says what it could not see."""
    monkeypatch.setattr(lifecycle, "_PAUSE_S", 0.001)
    with served(faithful) as server:
        report = fuzz_server(server.url, token=ALICE, operations=(), phases=LIFE, max_examples=1)
    assert report.failures == (), report.to_text()
    assert report.notes == ("no job has ended while the run waited, so ends were not seen: Queued",)
