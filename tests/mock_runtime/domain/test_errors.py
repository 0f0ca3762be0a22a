"""Refusals as sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_runtime.domain import errors


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (errors.NotAuthenticated(presented=True), "the credentials are not valid"),
        (errors.NotAuthenticated(presented=False), "the request carries no credentials"),
        (errors.NotFound("x"), "no thing 'x'"),
        (errors.JobNotFound("x"), "no job 'x'"),
        (errors.ProgramNotFound("x"), "no program 'x'"),
        (errors.BackendNotFound("x"), "no backend 'x'"),
        (errors.ProjectNotFound("a/b/c"), "no project 'a/b/c'"),
        (errors.SessionNotFound("x"), "no session 'x'"),
        (errors.InstanceNotFound("crn:x"), "no instance 'crn:x'"),
        (errors.AccountNotFound("x"), "no account 'x'"),
        (errors.CalibrationNotFound("x"), "no calibration 'x'"),
        (errors.PageNotFound("x"), "no page at the cursor 'x'"),
        (errors.ResultsGone("x"), "no results of job 'x'"),
        (errors.SessionClosed("x"), "session 'x' does not accept jobs: it is closed, or about to be"),
        (errors.WrongBackend("x", "y"), "session 'x' does not run on backend 'y'"),
        (errors.ModeNotAllowed("dedicated", "open"), "a dedicated session is not possible on the open plan"),
        (errors.UsageLimitReached("crn:x"), "the usage limit of instance 'crn:x' is reached"),
        (errors.RemoteStorageNotAllowed(), "remote_storage is for channel partners, which this account is not"),
        (errors.TooManyRequests(5, 60.0, 12.5), "more than 5 jobs in 60 seconds"),
        (errors.LimitAboveAllocation(700, 600), "a limit of 700 seconds is more than the 600 that the plan allocates"),
        (errors.LogsNotReady("x"), "no logs yet for job 'x': it is not final"),
        (errors.LogsGone("x"), "the logs of job 'x' are kept no longer"),
        (errors.JobAlreadyFinal("x", "failed"), "job 'x' is already final: failed"),
        (errors.WrongStatus("x", "failed"), "job 'x' is failed, and for this it has to be elsewhere"),
        (errors.JobNotRunning("x", "queued"), "job 'x' is queued, and for this it has to be running"),
        (errors.JobNotCancelled("x", "queued"), "job 'x' is queued, and for this it has to be cancelled by request"),
        (errors.JobNotCompleted("x", "running"), "job 'x' is running, and for this it has to be completed"),
        (errors.ProgramNameTaken("x"), "a program named 'x' exists already"),
        (errors.NotTheAuthor("x"), "program 'x' belongs to another author"),
        (errors.UploadNotAllowed(), "this account may not upload programs"),
    ],
)
def test_every_refusal_is_a_sentence(error: errors.DomainError, sentence: str) -> None:
    """`str()` names what it is about, and keeps it as a field."""
    assert str(error) == sentence


def test_every_refusal_of_the_domain_has_a_sentence_here() -> None:
    """A new error class needs a line in the test above."""
    known = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.DomainError)}
    assert {kind.__name__ for kind in known} == {
        "AccountNotFound",
        "BackendNotFound",
        "CalibrationNotFound",
        "DomainError",
        "InstanceNotFound",
        "JobAlreadyFinal",
        "JobNotCancelled",
        "JobNotCompleted",
        "JobNotFound",
        "JobNotRunning",
        "LimitAboveAllocation",
        "LogsGone",
        "LogsNotReady",
        "ModeNotAllowed",
        "NotAuthenticated",
        "NotFound",
        "NotTheAuthor",
        "PageNotFound",
        "ProgramNameTaken",
        "ProgramNotFound",
        "ProjectNotFound",
        "RemoteStorageNotAllowed",
        "ResultsGone",
        "SessionClosed",
        "SessionNotFound",
        "TooManyRequests",
        "UploadNotAllowed",
        "UsageLimitReached",
        "WrongBackend",
        "WrongStatus",
    }


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("vqe", "'vqe'"),
        ("x" * 80, "'" + "x" * 80 + "'"),
        ("x" * 81, "'" + "x" * 79 + "…'"),
        ("a\nb\x00", "'a\\x0ab\\x00'"),
        ("\x1b[31m", "'\\x1b[31m'"),
        ("\ud800", "'\\xd800'"),
    ],
)
def test_what_strangers_sent_is_shown_bounded_and_printable(text: str, shown: str) -> None:
    """Neither a megabyte nor an escape sequence gets into a sentence."""
    assert errors.bounded(text) == shown


@given(st.text())
def test_shown_text_is_always_printable(text: str) -> None:
    """Whatever comes in, what is shown fits on a line of a terminal."""
    shown = errors.bounded(text, 20)
    assert shown.isprintable()
    assert len(shown) <= 2 + 20 * len("\\x10ffff")
