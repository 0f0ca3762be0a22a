"""What is true of a session at an instant, given what its jobs did."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_runtime.domain.errors import SessionClosed, SessionNotFound, WrongBackend
from mock_runtime.domain.instances import PAYGO_PLAN, Caller, Instance, crn
from mock_runtime.domain.sessions import FIRST_JOB_TTL_S, Life, Mode, Reason, Session, SessionState, Span, Turn

T0 = 1000.0
OPENED = Turn(SessionState.OPEN, T0, Reason.CREATED)


def session_with(
    mode: Mode = Mode.DEDICATED, *, max_ttl_s: int = 28_800, interactive_ttl_s: int = 60, backend: str | None = None
) -> Session:
    """A session of `alice`, opened at T0."""
    return Session(
        id="s",
        number=1,
        owner="alice",
        user="alice",
        mode=mode,
        backend=backend,
        created_at=T0,
        max_ttl_s=max_ttl_s,
        interactive_ttl_s=interactive_ttl_s,
    )


def span(submitted: float, started: float | None = None, ended: float | None = None) -> Span:
    """A job, by seconds after T0."""
    return Span(T0 + submitted, *(None if at is None else T0 + at for at in (started, ended)))


def seen_at(now: float, spans: Sequence[Span]) -> list[Span]:
    """What of these jobs has happened by then."""

    def past(at: float | None) -> float | None:
        return at if at is not None and at <= now else None

    return [
        Span(one.submitted_at, past(one.started_at), past(one.ended_at)) for one in spans if one.submitted_at <= now
    ]


def life(session: Session, after_s: float, *spans: Span) -> Life:
    """Its life up to so many seconds after T0, with the jobs as far as they have come."""
    return session.life_at(T0 + after_s, seen_at(T0 + after_s, spans))


def turns(session: Session, after_s: float, *spans: Span) -> list[tuple[str, float]]:
    """Its turns as the reason and the second after T0."""
    return [(str(turn.reason), turn.at - T0) for turn in life(session, after_s, *spans).turns]


def test_a_new_session_is_open_and_accepts() -> None:
    """Nothing has begun, and nothing is used."""
    new = life(session_with(), 0)
    assert new == Life(turns=(OPENED,), accepting=True, last_started_at=None, last_ended_at=None, usage_s=0)
    assert (new.state, new.reason) == (SessionState.OPEN, Reason.CREATED)


def test_a_job_in_the_queue_activates_nothing() -> None:
    """A session is active from the start of a job on, not from its submission."""
    assert life(session_with(), 50, span(1)).state is SessionState.OPEN


def test_a_job_activates_a_session_until_it_was_idle_for_its_interactive_ttl() -> None:
    """And the next job does so again; a job within that time changes nothing."""
    spans = [span(1, 10, 20), span(2, 70, 80), span(200, 200, 210)]
    assert turns(session_with(), 15, *spans) == [("session_created", 0), ("session_activated_by_job", 10)]
    assert turns(session_with(), 139.9, *spans)[-1] == ("session_activated_by_job", 10)
    assert turns(session_with(), 1000, *spans) == [
        ("session_created", 0),
        ("session_activated_by_job", 10),
        ("session_inactivated_by_interactive_ttl", 140),
        ("session_activated_by_job", 200),
        ("session_inactivated_by_interactive_ttl", 270),
    ]
    assert life(session_with(), 1000, *spans).state is SessionState.INACTIVE


def test_a_job_at_work_keeps_a_session_active() -> None:
    """However long it takes, and whatever ended meanwhile."""
    spans = [span(1, 10), span(1, 11, 12)]
    assert turns(session_with(), 5000, *spans)[1:] == [("session_activated_by_job", 10)]


def test_an_interactive_ttl_of_another_length() -> None:
    """As it was asked for."""
    lazy = session_with(interactive_ttl_s=500)
    assert turns(lazy, 1000, span(1, 10, 20))[-1] == ("session_inactivated_by_interactive_ttl", 520)


def test_what_its_jobs_tell_of_a_session() -> None:
    """When the last one began and ended, and the seconds of those that have begun."""
    at = life(session_with(), 100, span(1, 10, 20), span(2, 30, 35), span(3, 40), span(4), span(5, None, 50))
    assert (at.last_started_at, at.last_ended_at, at.usage_s) == (T0 + 40, T0 + 35, 10 + 5 + 60)


def test_a_session_lasts_for_its_longest_time_from_its_first_job_on() -> None:
    """Not from its opening; a job at work then runs to its end, one that waits never begins."""
    short = session_with(max_ttl_s=100)
    spans = [span(1, 50, 60), span(2, 140, 160), span(3, 170, 180)]
    assert life(short, 149.9, *spans).accepting
    assert life(short, 149.9, *spans).state is SessionState.ACTIVE
    over = life(short, 1000, *spans)
    assert over.turns[-1] == Turn(SessionState.CLOSED, T0 + 150, Reason.EXPIRED)
    assert not over.accepting
    assert (over.last_started_at, over.last_ended_at, over.usage_s) == (T0 + 140, T0 + 160, 30)


def test_a_dedicated_session_without_jobs_is_closed() -> None:
    """After half an hour; a batch waits for its first job for ever, and one job is enough."""
    assert life(session_with(), FIRST_JOB_TTL_S - 1).accepting
    assert life(session_with(), FIRST_JOB_TTL_S).turns[-1] == Turn(
        SessionState.CLOSED, T0 + FIRST_JOB_TTL_S, Reason.UNUSED
    )
    assert life(session_with(Mode.BATCH), 1e9).accepting
    assert life(session_with(), 1e9, span(1799)).accepting


def test_a_session_that_takes_no_more_jobs_ends_with_its_last() -> None:
    """Until then it is what it was; jobs in the queue are waited for."""
    told = session_with().accepting(False, T0 + 15)
    spans = [span(1, 10, 20), span(2, 30, 40)]
    assert (life(told, 35, *spans).state, life(told, 35, *spans).accepting) == (SessionState.ACTIVE, False)
    assert life(told, 40, *spans).turns[-1] == Turn(SessionState.CLOSED, T0 + 40, Reason.DRAINED)


@pytest.mark.parametrize("spans", [(), (span(1, 10, 20),), (span(1, None, 5),)])
def test_a_session_with_nothing_left_to_do_ends_when_it_takes_no_more(spans: tuple[Span, ...]) -> None:
    """At that very instant."""
    told = session_with().accepting(False, T0 + 30)
    assert life(told, 30, *spans).turns[-1] == Turn(SessionState.CLOSED, T0 + 30, Reason.CLOSED_EARLY)


def test_a_session_can_take_jobs_again_while_its_last_is_at_work() -> None:
    """As if it had never been told otherwise."""
    spans = [span(1, 10, 50)]
    told = session_with().accepting(False, T0 + 20)
    again = told.accepting(True, T0 + 30)
    assert life(again, 30, *spans).accepting
    assert again == session_with()


def test_the_first_refusal_of_jobs_counts() -> None:
    """Saying it again does not postpone the end."""
    told = session_with().accepting(False, T0 + 20)
    assert told.accepting(False, T0 + 30) == told


def test_a_session_is_closed_at_once_when_it_is_cancelled() -> None:
    """What had begun by then counts, also at that very instant; the first time counts."""
    over = session_with().cancelled(T0 + 30).cancelled(T0 + 40)
    spans = [span(1, 10), span(2, 30), span(3, 31), span(4)]
    at = life(over, 100, *spans)
    assert at.turns == (
        OPENED,
        Turn(SessionState.ACTIVE, T0 + 10, Reason.STARTED),
        Turn(SessionState.CLOSED, T0 + 30, Reason.CANCELLED),
    )
    assert (at.accepting, at.last_started_at, at.usage_s) == (False, T0 + 30, 90 + 70)


def test_a_session_that_is_cancelled_without_jobs() -> None:
    """Goes from open to closed, and is not closed a second time for being unused."""
    over = session_with().cancelled(T0 + 5)
    assert life(over, 1e6).turns == (OPENED, Turn(SessionState.CLOSED, T0 + 5, Reason.CANCELLED))


def test_a_life_knows_when_it_first_was_in_a_state() -> None:
    """And None of those it never was in."""
    at = life(session_with(), 300, span(1, 10, 20), span(200, 200, 210))
    assert at.first(SessionState.ACTIVE) == T0 + 10
    assert at.first(SessionState.INACTIVE) == T0 + 80
    assert at.first(SessionState.CLOSED) is None


def test_who_may_use_a_session() -> None:
    """Its tenant, and nobody else; to them it does not exist."""
    own = session_with()
    assert own.owned_by(Caller("alice", "Alice")) is own
    with pytest.raises(SessionNotFound, match="no session 's'"):
        own.owned_by(Caller("bob", "Bob"))
    instance = Instance(crn=crn(account="a", guid="g"), name="i", plan=PAYGO_PLAN)
    tenants = replace(own, owner=instance.crn)
    assert tenants.owned_by(Caller("bob", "Bob", instance=instance)) is tenants
    with pytest.raises(SessionNotFound):
        tenants.owned_by(Caller("alice", "Alice"))


def test_which_jobs_a_session_accepts() -> None:
    """Those for its backend if it has one, as long as it accepts any."""
    free, bound = session_with(), session_with(backend="ibm_fez")
    now = life(free, 1)
    assert free.accepts("ibm_torino", now) is free
    assert bound.accepts("ibm_fez", now) is bound
    with pytest.raises(WrongBackend, match="'s' does not run on backend 'ibm_torino'") as wrong:
        bound.accepts("ibm_torino", now)
    assert (wrong.value.session_id, wrong.value.backend) == ("s", "ibm_torino")
    with pytest.raises(SessionClosed, match="'s' does not accept jobs") as closed:
        free.accepts("ibm_fez", life(free, FIRST_JOB_TTL_S))
    assert closed.value.session_id == "s"


seconds = st.integers(0, 300).map(float)
lengths = st.integers(0, 100).map(float)


@st.composite
def jobs(draw: st.DrawFn) -> Span:
    """A job that was submitted, perhaps began, and perhaps ended."""
    submitted = draw(seconds)
    started = draw(st.none() | lengths.map(lambda length: submitted + length))
    begun = submitted if started is None else started
    return span(submitted, started, draw(st.none() | lengths.map(lambda length: begun + length)))


sessions = st.builds(
    lambda mode, max_ttl_s, interactive_ttl_s, stopped, cancelled: replace(
        session_with(mode, max_ttl_s=max_ttl_s, interactive_ttl_s=interactive_ttl_s),
        stopped_at=T0 + stopped,
        cancelled_at=T0 + cancelled,
    ),
    st.sampled_from(Mode),
    st.integers(1, 400),
    st.integers(1, 80),
    st.just(math.inf) | seconds,
    st.just(math.inf) | seconds,
)


def accepted(session: Session, spans: Sequence[Span]) -> list[Span]:
    """Those of the jobs that the session took, when they were submitted one after the other."""
    taken: list[Span] = []
    for one in sorted(spans, key=lambda each: each.submitted_at):
        now = one.submitted_at
        before = replace(
            session,
            stopped_at=session.stopped_at if session.stopped_at <= now else math.inf,
            cancelled_at=session.cancelled_at if session.cancelled_at <= now else math.inf,
        )
        if before.life_at(now, seen_at(now, taken)).accepting:
            taken.append(one)
    return taken


@given(sessions, st.lists(jobs(), max_size=6), st.lists(seconds.map(lambda at: at * 4), min_size=1, max_size=8))
def test_a_life_goes_forward(session: Session, submitted: list[Span], moments: list[float]) -> None:
    """Whenever somebody asks: turns are in order, what has happened stays, closed is last and for good."""
    spans = accepted(session, submitted)
    before: tuple[Turn, ...] = ()
    for moment in sorted(moments):
        at = life(session, moment, *spans)
        assert [turn.at for turn in at.turns] == sorted(turn.at for turn in at.turns)
        assert at.turns[0] == OPENED
        assert at.turns[-1].at <= T0 + moment
        assert at.turns[: len(before)] == before
        assert [turn.state for turn in at.turns[:-1]].count(SessionState.CLOSED) == 0
        assert at.state is not SessionState.CLOSED or not at.accepting
        assert at.usage_s >= 0
        before = at.turns


@given(sessions, st.lists(jobs(), max_size=6), st.lists(seconds, min_size=1, max_size=5))
def test_a_life_is_a_look_up(session: Session, spans: list[Span], moments: list[float]) -> None:
    """The same for the same instant, in whatever order it is asked for, and of jobs in whatever order."""
    forwards = {at: life(session, at, *spans) for at in sorted(moments)}
    backwards = {at: life(session, at, *reversed(spans)) for at in sorted(moments, reverse=True)}
    assert forwards == backwards


@given(sessions, st.lists(jobs(), max_size=6), seconds.map(lambda at: at * 4))
def test_what_is_known_of_a_session_without_a_look_at_its_jobs(
    session: Session, submitted: list[Span], moment: float
) -> None:
    """Where it surely accepts jobs it does, and no job that waits, or began after it, is cut before the earliest."""
    spans = seen_at(T0 + moment, accepted(session, submitted))
    at = session.life_at(T0 + moment, spans)
    assert at.accepting or not session.is_surely_accepting(T0 + moment)
    closed_at = at.first(SessionState.CLOSED)
    cut = [
        one
        for one in spans
        if closed_at is not None
        and (one.started_at is None or one.started_at > closed_at)
        and (one.ended_at is None or one.ended_at > closed_at)
    ]
    assert closed_at is None or not cut or closed_at >= session.earliest_cut
    assert all(one.started_at is None or one.started_at > session.earliest_cut for one in cut)


def test_an_attempt_that_came_to_nothing_was_work_and_no_end() -> None:
    """The session was active and its time had begun; the last job to end is another."""
    spans = [replace(span(0, 1, 5), came_to_nothing=True), span(0)]
    life = session_with(max_ttl_s=100, interactive_ttl_s=10).life_at(T0 + 7, spans)
    assert (life.state, life.last_started_at, life.last_ended_at, life.usage_s) == (
        *(SessionState.ACTIVE, T0 + 1),
        None,
        4.0,
    )
    assert session_with(max_ttl_s=100).life_at(T0 + 101, spans).reason is Reason.EXPIRED
