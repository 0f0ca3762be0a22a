"""What a job leaves behind."""

from __future__ import annotations

from mock_runtime.domain.results import Output, failure


def test_nothing_is_left_behind_unless_it_is_said() -> None:
    """Neither a result nor an error nor a word."""
    empty = Output()
    assert (empty.result, list(empty.interim), empty.logs, empty.error, empty.error_code) == (None, [], "", None, None)


def test_a_failure_is_a_traceback_and_its_own_log() -> None:
    """With the reason on its last line, and no result."""
    died = failure("ValueError: no ansatz")
    assert died.error == died.logs
    assert died.logs.splitlines()[0] == "Traceback (most recent call last):"
    assert died.logs.splitlines()[-1] == "ValueError: no ansatz"
    assert (died.result, died.error_code) == (None, None)
