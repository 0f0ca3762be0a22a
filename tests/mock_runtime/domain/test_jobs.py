"""What is true of a job at an instant."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from mock_runtime.domain.errors import JobAlreadyFinal, JobNotFound, LogsGone, LogsNotReady, ResultsGone
from mock_runtime.domain.instances import PAYGO_PLAN, Caller, Instance, crn
from mock_runtime.domain.jobs import (
    AT_ONCE,
    FOR_EVER,
    Job,
    Looks,
    Poll,
    Polls,
    Replan,
    Seconds,
    State,
    Status,
    Timeline,
)
from mock_runtime.domain.results import Output, failure
from tests.mock_runtime.domain.jobs_by_hand import T0, job_with


@pytest.mark.parametrize(
    ("after_s", "expected"),
    [
        (0.0, State(Status.QUEUED)),
        (0.999, State(Status.QUEUED)),
        (1.0, State(Status.RUNNING, T0 + 1)),
        (2.999, State(Status.RUNNING, T0 + 1)),
        (3.0, State(Status.COMPLETED, T0 + 1, T0 + 3)),
        (1e12, State(Status.COMPLETED, T0 + 1, T0 + 3)),
    ],
)
def test_a_job_queues_runs_and_ends_on_time(after_s: float, expected: State) -> None:
    """Each phase begins at its very instant, and the end lasts for ever."""
    assert job_with().state_at(T0 + after_s) == expected


def test_a_job_without_phases_is_final_at_submission() -> None:
    """Zero seconds in the queue and zero at work leave nothing to wait for."""
    job = job_with(queue=Seconds(0), run=Seconds(0))
    assert job.state_at(T0) == State(Status.COMPLETED, T0, T0)


def test_a_stuck_job_never_leaves_the_queue() -> None:
    """A queue of infinite length outlasts any clock."""
    assert job_with(queue=FOR_EVER).state_at(T0 + 1e15) == State(Status.QUEUED)


@pytest.mark.parametrize(
    ("limit_s", "after_s", "expected"),
    [
        (2.0, 3.0, State(Status.COMPLETED, T0 + 1, T0 + 3)),
        (1.5, 2.4, State(Status.RUNNING, T0 + 1)),
        (1.5, 2.5, State(Status.RAN_TOO_LONG, T0 + 1, T0 + 2.5)),
        (0.0, 1.0, State(Status.RAN_TOO_LONG, T0 + 1, T0 + 1)),
    ],
)
def test_a_job_that_works_beyond_its_limit_ran_too_long(limit_s: float, after_s: float, expected: State) -> None:
    """The limit counts from the start of the work, and a job that just meets it is completed."""
    assert job_with(limit_s=limit_s).state_at(T0 + after_s) == expected


def test_a_limit_does_not_count_the_queue() -> None:
    """A job may queue for longer than it may run."""
    assert job_with(queue=Seconds(100), limit_s=3.0).state_at(T0 + 102).status is Status.COMPLETED


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        (Status.COMPLETED, Status.FAILED),
        (Status.FAILED, Status.FAILED),
        (Status.CANCELLED, Status.CANCELLED),
        (Status.RAN_TOO_LONG, Status.RAN_TOO_LONG),
    ],
)
def test_failing_changes_only_a_good_ending(ending: Status, expected: Status) -> None:
    """Wrong inputs make a job fail that would have been completed, and no other."""
    timeline = Timeline(queue=Seconds(1), run=Seconds(2), ending=ending)
    assert timeline.failing().ending is expected
    assert (timeline.failing().queue, timeline.failing().run) == (timeline.queue, timeline.run)


def test_cancelling_in_the_queue_ends_a_job_that_never_started() -> None:
    """A job that was cancelled while queued has an end and no start."""
    job = job_with().cancelled(T0 + 0.5)
    assert job.state_at(T0 + 0.5) == State(Status.CANCELLED, None, T0 + 0.5)
    assert job.state_at(T0 + 9) == State(Status.CANCELLED, None, T0 + 0.5)


def test_cancelling_at_work_keeps_the_start() -> None:
    """A job that was cancelled while it ran has both."""
    assert job_with().cancelled(T0 + 2).state_at(T0 + 2) == State(Status.CANCELLED, T0 + 1, T0 + 2)


def test_a_cancellation_takes_effect_after_its_lag() -> None:
    """Until then the job goes on as if nobody had asked."""
    job = job_with(run=Seconds(100), cancel_lag_s=10).cancelled(T0 + 2)
    assert job.state_at(T0 + 11.9) == State(Status.RUNNING, T0 + 1)
    assert job.state_at(T0 + 12) == State(Status.CANCELLED, T0 + 1, T0 + 12)


def test_a_job_that_ends_before_its_cancellation_takes_effect_is_completed() -> None:
    """What is final first stays."""
    job = job_with(cancel_lag_s=10).cancelled(T0 + 2)
    assert job.state_at(T0 + 60) == State(Status.COMPLETED, T0 + 1, T0 + 3)


def test_a_cancellation_that_takes_effect_at_the_very_end_is_too_late() -> None:
    """Both fall on one instant, and the work is done."""
    job = job_with(cancel_lag_s=1).cancelled(T0 + 2)
    assert job.state_at(T0 + 3) == State(Status.COMPLETED, T0 + 1, T0 + 3)


def test_cancelling_again_does_not_postpone_the_first_cancellation() -> None:
    """The earlier of two effects counts."""
    job = job_with(run=Seconds(100), cancel_lag_s=5).cancelled(T0 + 2)
    assert job.cancelled(T0 + 3).cancelled_at == T0 + 7


@pytest.mark.parametrize("ending", [status for status in Status if status.is_final])
def test_a_final_job_cannot_be_cancelled(ending: Status) -> None:
    """JobAlreadyFinal tells which job and how it ended."""
    with pytest.raises(JobAlreadyFinal, match=f"already final: {ending}") as refused:
        job_with(ending=ending).cancelled(T0 + 3)
    assert (refused.value.job_id, refused.value.status) == ("c2b04fot418h0qp0peh0", ending)


def test_only_the_owner_has_a_job() -> None:
    """To anybody else it does not exist."""
    job = job_with()
    assert job.owned_by(Caller("alice", "Alice")) is job
    with pytest.raises(JobNotFound, match="no job 'c2b04fot418h0qp0peh0'"):
        job.owned_by(Caller("bob", "Bob"))


def test_looks_do_not_touch_a_job_that_is_measured_in_seconds() -> None:
    """Only time moves it, and looking gives back the same object."""
    job = job_with()
    assert all(job.looked_at(kind, now) is job for kind in Poll for now in (T0, T0 + 1, T0 + 3))


def test_looks_do_not_touch_a_job_that_is_final() -> None:
    """A job at its end has nothing left to count."""
    job = job_with(queue=Polls(0), run=Polls(0))
    assert job.state_at(T0).status is Status.COMPLETED
    assert job.looked_at(Poll.RESULTS, T0) is job


def test_a_phase_of_polls_ends_at_the_last_look_and_the_next_begins_there() -> None:
    """Seconds at work count from the look that ended the queue."""
    job = job_with(queue=Polls(2), run=Seconds(5))
    job = job.looked_at(Poll.RESULTS, T0 + 10)
    assert job.state_at(T0 + 1e9) == State(Status.QUEUED)
    job = job.looked_at(Poll.RESULTS, T0 + 20)
    assert job.state_at(T0 + 20) == State(Status.RUNNING, T0 + 20)
    assert job.state_at(T0 + 25) == State(Status.COMPLETED, T0 + 20, T0 + 25)


def test_a_job_with_polls_can_be_cancelled_in_the_queue() -> None:
    """A phase of polls has no end of its own until it was looked at often enough."""
    assert job_with(queue=Polls(9), run=Polls(9)).cancelled(T0).state_at(T0) == State(Status.CANCELLED, None, T0)


def test_replanning_a_queued_job_counts_from_now() -> None:
    """Another five seconds in the queue are five from now, and the time already spent stays spent."""
    change = Replan(queue=Seconds(5), run=Seconds(1), ending=Status.FAILED, output=Output(error="E"))
    job = job_with(queue=Seconds(100)).replanned(change, T0 + 50)
    assert job.state_at(T0 + 54.9) == State(Status.QUEUED)
    assert job.state_at(T0 + 55) == State(Status.RUNNING, T0 + 55)
    assert job.state_at(T0 + 56) == State(Status.FAILED, T0 + 55, T0 + 56)
    assert job.output == Output(error="E")


def test_replanning_a_running_job_keeps_its_start() -> None:
    """A running job does not go back to the queue, whatever the new plan says of queueing."""
    job = job_with(run=Seconds(100)).replanned(Replan(queue=Seconds(1000), run=Seconds(7)), T0 + 11)
    assert job.state_at(T0 + 11) == State(Status.RUNNING, T0 + 1)
    assert job.state_at(T0 + 18) == State(Status.COMPLETED, T0 + 1, T0 + 18)


def test_replanning_into_polls_forgets_the_looks_of_before() -> None:
    """Three polls ordered now are three from now."""
    job = job_with(queue=Polls(2), run=Polls(2)).looked_at(Poll.STATUS, T0 + 1)
    job = job.replanned(Replan(queue=Polls(1), run=Polls(2)), T0 + 2)
    seen = []
    for step in range(4):
        seen.append(job.state_at(T0 + 3 + step).status)
        job = job.looked_at(Poll.RESULTS, T0 + 3 + step)
    assert seen == [Status.QUEUED, Status.RUNNING, Status.RUNNING, Status.COMPLETED]


def test_replanning_nothing_changes_nothing() -> None:
    """What a change does not name stays as it is."""
    job = job_with(queue=Polls(2), run=Polls(3), limit_s=7, cancel_lag_s=4).looked_at(Poll.STATUS, T0 + 1)
    assert job.replanned(Replan(), T0 + 2).state_at(T0 + 1e6) == job.state_at(T0 + 1e6)
    assert job.replanned(Replan(), T0 + 2).looks == job.looks
    assert job.replanned(Replan(), T0 + 2).output == job.output
    assert job.replanned(Replan(), T0 + 2).timeline.cancel_lag_s == 4


def test_a_replanned_lag_counts_for_the_next_cancellation() -> None:
    """A job can be made slow to cancel after its submission."""
    job = job_with(run=Seconds(100)).replanned(Replan(cancel_lag_s=30), T0 + 2).cancelled(T0 + 2)
    assert job.cancelled_at == T0 + 32


def test_a_final_job_cannot_be_replanned() -> None:
    """Its past is past."""
    with pytest.raises(JobAlreadyFinal, match="completed"):
        job_with().replanned(Replan(queue=FOR_EVER), T0 + 3)


def test_logs_are_there_from_the_end_on_and_are_kept_for_a_while() -> None:
    """Before the end LogsNotReady, then the logs, and beyond the limit LogsGone."""
    job = job_with()
    with pytest.raises(LogsNotReady, match="not final") as early:
        job.logs_at(T0 + 2.9)
    assert early.value.job_id == job.id
    assert job.logs_at(T0 + 3) == "hello\n"
    assert job.logs_at(T0 + 103, kept_s=100) == "hello\n"
    with pytest.raises(LogsGone, match="no longer") as late:
        job.logs_at(T0 + 103.001, kept_s=100)
    assert late.value.job_id == job.id
    assert job.logs_at(1e15) == "hello\n"


@pytest.mark.parametrize("status", list(Status))
def test_four_of_six_states_are_final(status: Status) -> None:
    """A job leaves the queue and its work, and no other state."""
    assert status.is_final is (status not in {Status.QUEUED, Status.RUNNING})


def test_lengths_without_bound() -> None:
    """For ever is an infinite number of seconds."""
    assert Seconds(math.inf) == FOR_EVER


def computing(**settings: Any) -> Job:
    """A job whose output is still being computed."""
    return replace(job_with(**settings), output=None)


DONE = Output(result="done", logs="bye\n")


def test_a_job_is_over_when_its_timeline_and_its_computation_are() -> None:
    """Whichever takes longer; until then it runs, and has left nothing behind."""
    job = computing()
    assert job.state_at(T0 + 0.5) == State(Status.QUEUED)
    assert job.state_at(T0 + 1e9) == State(Status.RUNNING, T0 + 1)
    assert job.produced == Output()
    quick, slow = job.computed(DONE, T0 + 2), job.computed(DONE, T0 + 50)
    assert quick.state_at(T0 + 2.9) == State(Status.RUNNING, T0 + 1)
    assert quick.state_at(T0 + 3) == State(Status.COMPLETED, T0 + 1, T0 + 3)
    assert slow.state_at(T0 + 49.9) == State(Status.RUNNING, T0 + 1)
    assert slow.state_at(T0 + 50) == State(Status.COMPLETED, T0 + 1, T0 + 50)
    assert slow.logs_at(T0 + 50) == "bye\n"


def test_what_was_computed_before_a_job_begins_waits_for_it() -> None:
    """A job in the queue has no results, though they are there."""
    job = computing(queue=Seconds(100)).computed(DONE, T0 + 1)
    assert job.state_at(T0 + 99) == State(Status.QUEUED)
    assert job.state_at(T0 + 102) == State(Status.COMPLETED, T0 + 100, T0 + 102)


def test_a_computation_that_dies_fails_its_job() -> None:
    """Though it was to be completed; any other ending stays."""
    died = Output(error="E")
    assert computing().computed(died, T0 + 2).state_at(T0 + 3).status is Status.FAILED
    cancelled = computing(ending=Status.CANCELLED).computed(died, T0 + 2)
    assert cancelled.state_at(T0 + 3).status is Status.CANCELLED


def test_an_output_that_is_there_is_not_replaced() -> None:
    """The first word counts."""
    job = computing().computed(DONE, T0 + 2)
    assert job.computed(Output(error="E"), T0 + 9) is job
    given = job_with()
    assert given.computed(DONE, T0 + 2) is given


def test_a_computation_has_no_more_time_than_its_job() -> None:
    """It ran too long then, whenever the output comes."""
    job = computing(limit_s=10)
    assert job.state_at(T0 + 11) == State(Status.RAN_TOO_LONG, T0 + 1, T0 + 11)
    assert job.computed(DONE, T0 + 20).state_at(T0 + 20) == State(Status.RAN_TOO_LONG, T0 + 1, T0 + 11)


def test_a_job_can_be_cancelled_while_it_is_computed() -> None:
    """What comes of the computation changes nothing any more."""
    job = computing().cancelled(T0 + 10)
    assert job.state_at(T0 + 10) == State(Status.CANCELLED, T0 + 1, T0 + 10)
    assert job.computed(DONE, T0 + 20).state_at(T0 + 30) == State(Status.CANCELLED, T0 + 1, T0 + 10)


@pytest.mark.parametrize(
    ("job", "over_at", "ending"),
    [
        (computing(limit_s=10), T0 + 11, Status.RAN_TOO_LONG),
        (computing().cancelled(T0 + 11), T0 + 11, Status.CANCELLED),
    ],
)
def test_what_is_computed_at_the_very_end_comes_too_late(job: Job, over_at: float, ending: Status) -> None:
    """A job that was seen to be over stays so, also within that instant."""
    assert job.state_at(over_at).status is ending
    assert job.computed(DONE, over_at) is job


def test_a_job_of_polls_waits_for_its_computation_too() -> None:
    """Enough looks are not enough."""
    job = computing(queue=Polls(1), run=Polls(1))
    for second in range(1, 6):
        job = job.looked_at(Poll.STATUS, T0 + second)
    assert job.state_at(T0 + 6) == State(Status.RUNNING, T0 + 1)
    assert job.computed(DONE, T0 + 7).state_at(T0 + 7) == State(Status.COMPLETED, T0 + 1, T0 + 7)


def test_a_job_of_no_polls_is_over_as_soon_as_it_is_computed() -> None:
    """Nobody has to look at it."""
    job = computing(queue=Polls(0), run=Polls(0)).computed(DONE, T0 + 7)
    assert job.state_at(T0 + 7) == State(Status.COMPLETED, T0, T0 + 7)


def test_a_job_that_is_computed_anew_has_no_output_until_then() -> None:
    """What it was to leave behind is forgotten."""
    failed = job_with(queue=Seconds(5), ending=Status.FAILED, output=Output(error="E"))
    job = failed.replanned(Replan(ending=Status.COMPLETED, recompute=True), T0 + 1)
    assert job.output is None
    assert job.state_at(T0 + 100) == State(Status.RUNNING, T0 + 5)
    assert job.computed(DONE, T0 + 101).state_at(T0 + 101).status is Status.COMPLETED
    assert job.computed(Output(error="F"), T0 + 101).state_at(T0 + 101).status is Status.FAILED


def test_a_replanned_job_keeps_the_computation_that_is_under_way() -> None:
    """If nothing is said of its output; an output that is given ends the waiting."""
    later = computing(queue=Seconds(5)).replanned(Replan(queue=AT_ONCE, run=AT_ONCE), T0 + 1)
    assert later.state_at(T0 + 9).status is Status.RUNNING
    given = computing(queue=Seconds(5)).replanned(Replan(queue=AT_ONCE, run=AT_ONCE, output=DONE), T0 + 1)
    assert given.state_at(T0 + 9) == State(Status.COMPLETED, T0 + 1, T0 + 1)


def test_tags_are_replaced() -> None:
    """All of them, and nothing else."""
    job = replace(job_with(), tags=("a", "b"))
    assert job.tagged(("c",)) == replace(job, tags=("c",))


def test_results_of_a_private_job_are_read_once() -> None:
    """From the second time on they are gone, also within the same instant; before the end nothing is read."""
    job = replace(job_with(), private=True)
    assert job.read(T0 + 2) is job
    read = job.read(T0 + 3)
    assert read.read_at == T0 + 3
    for later in (T0 + 3, T0 + 100):
        with pytest.raises(ResultsGone, match="no results of job 'c2b04fot418h0qp0peh0'"):
            read.read(later)


def test_results_of_any_other_job_are_read_at_will() -> None:
    """And nothing of that is recorded."""
    job = job_with()
    assert job.read(T0 + 3) is job


@pytest.mark.parametrize(
    ("closed_s", "expected"),
    [
        (0.5, State(Status.CANCELLED, None, T0 + 0.5)),
        (3.0, State(Status.COMPLETED, T0 + 1, T0 + 3)),
        (10.0, State(Status.COMPLETED, T0 + 1, T0 + 3)),
    ],
)
def test_the_end_of_its_session_cancels_what_waits(closed_s: float, expected: State) -> None:
    """At that instant, and no job that is over by then."""
    assert job_with().ended_by_session(T0 + closed_s).state_at(T0 + 20) == expected


def test_a_job_that_was_cancelled_before_its_session_ended_stays_so() -> None:
    """The earlier of the two counts."""
    job = job_with().cancelled(T0 + 0.2)
    assert job.ended_by_session(T0 + 0.5).state_at(T0 + 1) == State(Status.CANCELLED, None, T0 + 0.2)


def test_a_job_belongs_to_the_instance() -> None:
    """Whoever of its users submitted it, and to nobody on another."""
    mine, other = (Instance(crn=crn(account="a", guid=guid), name=guid, plan=PAYGO_PLAN) for guid in ("g", "h"))
    job = replace(job_with(), owner=mine.crn, user="alice")
    assert job.owned_by(Caller("bob", "Bob", instance=mine)) is job
    for stranger in (Caller("alice", "Alice", instance=other), Caller("alice", "Alice")):
        with pytest.raises(JobNotFound):
            job.owned_by(stranger)


def test_the_looks_of_a_kind_are_counted_apart() -> None:
    """The higher count decides."""
    looks = Looks().plus(Poll.STATUS).plus(Poll.RESULTS).plus(Poll.RESULTS)
    assert (looks.status, looks.results, looks.most) == (1, 2, 2)


@pytest.mark.parametrize(
    ("deleted_s", "expected"),
    [
        (0.5, State(Status.CANCELLED, None, T0 + 0.5)),
        (2.0, State(Status.CANCELLED, T0 + 1, T0 + 2)),
        (9.0, State(Status.COMPLETED, T0 + 1, T0 + 3)),
    ],
)
def test_of_a_deleted_job_its_times_stay(deleted_s: float, expected: State) -> None:
    """It ends if it had not; neither inputs nor results are left, and nothing more is computed for it."""
    job = replace(job_with(), inputs={"secret": 1})
    for before in (job, replace(job, output=None).computed(DONE, T0 + 0.1)):
        left = before.removed(T0 + deleted_s)
        assert left.state_at(T0 + 100) == expected
        assert (left.inputs, left.output) == (None, Output())


def test_of_a_deleted_job_nothing_more_is_computed() -> None:
    """It was cancelled, though its timeline was at its end."""
    left = computing().removed(T0 + 9)
    assert left.state_at(T0 + 100) == State(Status.CANCELLED, T0 + 1, T0 + 9)
    assert left.computed(DONE, T0 + 20) is left


def test_what_is_given_to_a_job_may_be_a_failure() -> None:
    """Then it fails, as if that had been computed."""
    for output, ending in ((Output(result=1), Status.COMPLETED), (failure("E"), Status.FAILED)):
        given = replace(job_with(), output=None).given(output)
        assert (given.output, given.state_at(T0 + 3).status) == (output, ending)


def test_what_is_computed_late_may_count_as_done_before() -> None:
    """A job that is there at the start has ended before it, however long its computation takes; once."""
    job = replace(job_with(), output=None, computed_at=T0 + 2)
    assert job.state_at(T0 + 50).status is Status.RUNNING
    done = job.computed(Output(), T0 + 50)
    assert done.state_at(T0 + 50) == State(Status.COMPLETED, T0 + 1, T0 + 3)
    again = replace(job, timeline=replace(job.timeline, run=FOR_EVER)).replanned(Replan(recompute=True), T0 + 60)
    assert again.computed_at == -math.inf


def test_a_job_can_be_cancelled_without_its_lag() -> None:
    """At once."""
    job = job_with(cancel_lag_s=9.0).cancelled(T0).cancelled(T0 + 2, at_once=True)
    assert job.state_at(T0 + 2) == State(Status.CANCELLED, T0 + 1, T0 + 2)
