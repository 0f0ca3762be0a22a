"""The checks by name, and what each of them notices.

The names appear in reports. Those of schemathesis are described on its own pages; here is what they mean for this API.
"""

from __future__ import annotations

from collections.abc import Mapping

ENGINE_CHECKS: Mapping[str, str] = {
    "not_a_server_error": "an answer of 500 or above",
    "status_code_conformance": "a status that the operation does not document",
    "content_type_conformance": "a content type that is not documented for the status",
    "response_schema_conformance": "a body that does not fit its schema",
    "negative_data_rejection": "a broken request that is accepted",
    "positive_data_acceptance": "a good request that is refused as broken",
    "unsupported_method": "an undocumented method that is not answered with 405",
    "allow_header_conformance": "an Allow header that differs from the documented methods",
    "ignored_auth": "a call without valid credentials that succeeds",
    "ensure_resource_availability": "something that was just created and cannot be found",
    "use_after_free": "something that was deleted and can still be read",
    "max_response_time": "an answer that takes too long",
}
"""Checks of schemathesis that can notice something in this API. Its other checks run as well, without effect: no header
of an answer is required, and what one caller sees of another's is looked at in the lifecycle."""

PROBE_CHECKS: Mapping[str, str] = {
    "contract_conformance": "an answer that breaks the contract in its status, content type or body",
    "credentials_required": "a call without credentials that is not answered with 401",
    "credentials_refused": "wrong credentials that are not answered with 401",
    "credentials_accepted": "one of the ways to authenticate that does not work alone",
    "method_not_allowed": "an undocumented method that is not answered with 405",
    "allow_header": "a 405 whose Allow header does not list the documented methods",
    "unknown_path": "an unknown path that is not answered with 404",
    "error_body": "a 404 or 405 without the error body of its service",
    "large_numbers": "a large number in the query that is not taken for the integer it is",
}

REQUEST_CHECKS: Mapping[str, str] = {
    "broken_is_refused": "a good request with one thing made wrong that is accepted",
    "good_is_accepted": "a good request with one thing changed that is still good, and is refused as broken",
}

JOURNEY_CHECKS: Mapping[str, str] = {
    "reads_repeat": "two reads of what does not change that differ",
    "answers_agree": "two answers about one thing that say different things",
    "usage_counts_jobs": "usage of the instance that does not grow by what a job says it used",
    "token_expires": "a token that opens, or is refused otherwise than with 401, after its time",
    "session_ends_in_time": "a session that is open after its max_ttl",
    "version_is_heeded": "a version of the API that is ignored, or one that is no date and accepted",
    "head_is_get": "an answer to HEAD with a body, or with another status than GET's",
}

LIFECYCLE_CHECKS: Mapping[str, str] = {
    "submit_accepted": "a good job that is refused",
    "job_id_unique": "two jobs with one id",
    "created_is_readable": "a job or program that cannot be read right after it was created",
    "read_what_was_sent": "a job or program that differs from what was sent",
    "status_moves_forward": "a status that goes back, or changes after the end",
    "cancel_is_what_cancels": "a job that is cancelled by nobody, or ends otherwise although it was cancelled",
    "results_follow_status": "a result before the end, or none after it",
    "result_stays": "a result that changes",
    "known_result": "a result that differs from the one of the walkthrough, say by quotes around its text",
    "logs_follow_status": "logs before the end, or none after it",
    "pending_can_be_cancelled": "a job that has not ended and cannot be cancelled",
    "ended_cannot_be_cancelled": "a job that has ended and can be cancelled",
    "delete_accepted": "a job or program of one's own that cannot be deleted",
    "deleted_is_gone": "a job or program that is still known after it was deleted",
    "list_accepted": "a list of jobs that is refused",
    "list_counts_all": "a count that is not the number of all jobs",
    "page_has_its_length": "a page with too many or too few jobs",
    "newest_first": "a page on which the newest job is not the first",
    "no_job_twice": "a job on two pages",
    "no_job_missing": "a job on no page",
    "pending_selects": "a list by `pending` with other jobs in it",
    "private_to_its_owner": "a job, a session or a private program that others can see or change",
    "upload_accepted": "a good program that is refused",
    "name_is_unique": "a second program of the same name",
    "list_is_complete": "a program that the list lacks, or shows after it was deleted",
    "change_accepted": "a change of one's own program that is refused",
    "published_is_public": "a public program that others cannot see, or one that says otherwise of itself",
    "source_is_for_its_author": "a source that is shown to others",
    "only_its_author_changes_it": "a program that others can change",
    "unknown_is_refused": "a job for a program or a device that does not exist",
    "token_survives_logout": "an API token that is refused after the rights were forgotten",
    "session_ends_at_logout": "a session token that works after the session has ended, or not before",
    "state_is_status": "a job whose state and status say different things",
    "tags_are_kept": "a job with other tags than it was given",
    "tags_are_found": "a tag that the search does not find, or finds when no job has it any more",
    "private_is_read_once": "a private result that can be read a second time",
    "result_is_json": "a result whose text is no JSON",
    "times_in_order": "a job that ends before it begins",
    "times_follow_status": "a job that ended at no time, or has a time of its end before it",
    "list_is_in_order": "a page that is not that stretch of the list",
    "page_says_where_it_is": "a page that names another limit or offset than it was asked for",
    "filter_selects": "a list by backend, program, session or time with other jobs in it, or without the right one",
    "params_are_excluded": "a list that shows inputs where they were excluded, or lacks them where they were not",
    "no_workload_twice": "a workload on two pages",
    "cursors_lead_on": "a page of workloads whose cursor leads nowhere",
    "workloads_follow_jobs": "a job that is missing among the workloads, or in another state there",
    "usage_grows": "usage that becomes less",
    "usage_is_the_callers": "usage of another instance",
    "analytics_count_jobs": "a new job that analytics does not count",
    "session_accepted": "a good session that is refused",
    "stopped_takes_no_jobs": "a session that takes jobs although it was told not to, or is closed",
    "stopped_ends": "a session that takes no jobs, has none left, and is not closed",
    "close_accepted": "a session of one's own that cannot be closed",
    "closed_stays_closed": "a session that is open again after it was closed",
    "close_cancels": "a job that goes on although its session was closed",
}

RUN_CHECKS: Mapping[str, str] = {
    "operation_left_out": "operations that got no case",
    "never_succeeded": "an operation that never once answered with success in a full run",
    "answer_makes_sense": "an answer that cannot be worked with, as its types are not those of the document",
    "server_answers": "a server that breaks the connection",
    "engine_error": "a request that could not be made or judged, with the reason",
}

SERVER_CHECKS: Mapping[str, str] = {
    **ENGINE_CHECKS,
    **PROBE_CHECKS,
    **REQUEST_CHECKS,
    **JOURNEY_CHECKS,
    **LIFECYCLE_CHECKS,
    **RUN_CHECKS,
}
"""Everything that a server can be reported for."""

CLIENT_CHECKS: Mapping[str, str] = {
    "leaks_exception": "an exception that is not one of the client's own",
    "accepts_broken": "a broken answer or an error that is taken for a success",
    "refuses_valid": "a good answer that is refused",
    "decodes_wrong": "a good answer that is understood wrongly",
    "request_conformance": "a request that breaks the contract",
    "wrong_operation": "a request for something else than was asked for",
    "argument_changed": "an argument that arrives changed",
    "argument_lost": "an argument that arrives with some values and not with others",
    "never_ends": "a call that does not come to an end: it hangs, or sends requests for ever",
    "sends_nothing": "a call that sends no request",
    "repeats_unsafe": "a job or a program that is submitted twice",
    "leaks_secret": "a token in an exception or a repr, or sent to another server",
    "changes_arguments": "a value of the caller's that the client changes",
    "waits_long": "a call that sleeps although it was answered at once",
    "pages_wrong": "a list that is not read page by page to its end",
    "operation_left_out": "operations that the driver has no call for",
}
"""Everything that a client can be reported for."""
