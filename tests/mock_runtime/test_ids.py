"""Identifiers and random numbers, all from one seed."""

from __future__ import annotations

import re
import threading
import uuid
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_runtime.clock import WALKTHROUGH_INSTANT
from mock_runtime.ids import Ids, xid_time

JOB_ID = re.compile(r"[0-9a-v]{20}")


@pytest.mark.parametrize(
    ("xid", "instant"),
    [
        ("c2b04fot418h0qp0peh0", datetime(2021, 5, 8, 3, 15, 11, tzinfo=UTC)),
        ("c5mundt7js99mk9mi74g", datetime(2021, 10, 18, 21, 48, 39, tzinfo=UTC)),
    ],
)
def test_the_ids_of_the_transcripts_tell_their_time(xid: str, instant: datetime) -> None:
    """Both recorded identifiers decode to the second at which their notebooks ran."""
    assert datetime.fromtimestamp(xid_time(xid), UTC) == instant


def test_the_walkthrough_happens_when_its_id_says() -> None:
    """Virtual time begins at the submission of the recorded job."""
    assert xid_time("c2b04fot418h0qp0peh0") == WALKTHROUGH_INSTANT


@given(st.integers(0, 2**32 - 1), st.integers())
def test_an_id_has_the_form_of_an_xid_and_its_time(second: int, seed: int) -> None:
    """Twenty characters of base32hex, of which the last only ever has its first bit."""
    made = Ids(seed).job_id(second + 0.999)
    assert JOB_ID.fullmatch(made)
    assert made[-1] in "0g"
    assert xid_time(made) == second


def test_the_same_seed_gives_the_same_ids() -> None:
    """For the same instants, in the same order; another seed gives others."""

    def made(seed: int) -> list[str]:
        ids = Ids(seed)
        return [ids.job_id(1e9), ids.job_id(1e9), ids.session_token(), ids.trace_id(1e9)]

    assert made(5) == made(5)
    assert not set(made(5)) & set(made(6))


def test_ids_of_one_second_differ_and_count_up() -> None:
    """The counter at the end tells them apart, in order."""
    ids = Ids(0)
    made = [ids.job_id(1e9) for _ in range(1000)]
    assert made == sorted(set(made))


def test_a_counter_at_its_end_begins_again() -> None:
    """Three bytes are all it has: ids stay well-formed when it wraps."""
    ids = Ids(0)
    kept = ids.snapshot()
    ids.rollback(replace(kept, xids=tuple((kind, machine, 2**24 - 1) for kind, machine, _ in kept.xids)))
    last, first = ids.job_id(1e9), ids.job_id(1e9)
    assert [counter_of(last), counter_of(first)] == [2**24 - 1, 0]
    assert JOB_ID.fullmatch(first)


def counter_of(xid: str) -> int:
    """The last three of the twelve bytes."""
    return (int(xid, 32) >> 4) & (2**24 - 1)


def test_traces_and_tokens_do_not_disturb_the_ids_of_jobs() -> None:
    """A refused request between two submissions changes no id."""
    plain, disturbed = Ids(3), Ids(3)
    disturbed.trace_id(1e9)
    disturbed.session_token()
    assert disturbed.job_id(1e9) == plain.job_id(1e9)


def test_streams_depend_on_seed_and_labels_alone() -> None:
    """Whatever was drawn before, and from whichever stream."""
    ids = Ids(3)
    first = ids.stream("timeline", 1).random()
    ids.stream("other").random()
    assert ids.stream("timeline", 1).random() == first
    assert Ids(3).stream("timeline", 1).random() == first
    assert len({ids.stream(*labels).random() for labels in (("a",), ("a", 1), ("a", 2), ("b",))}) == 4


def test_a_restart_begins_the_same_sequence_again() -> None:
    """Serial numbers, identifiers and tokens."""
    ids = Ids(3)
    first = (ids.serial(), ids.serial(), ids.job_id(0), ids.session_token())
    ids.restart()
    assert (ids.serial(), ids.serial(), ids.job_id(0), ids.session_token()) == first


def test_without_a_seed_one_is_chosen_and_told() -> None:
    """So that a run can be repeated after the fact."""
    ids = Ids()
    assert Ids(ids.seed).job_id(0) == ids.job_id(0)
    assert repr(ids) == f"Ids(seed={ids.seed})"


def test_sessions_and_some_answers_have_uuids() -> None:
    """Of the random kind, seeded, each sequence apart from the other and from those of jobs."""
    ids, plain = Ids(3), Ids(3)
    made = [ids.session_id(), ids.trace_uuid(), ids.session_id(), ids.trace_uuid()]
    assert len(set(made)) == 4
    for each in made:
        assert uuid.UUID(each).version == 4
        assert (str(uuid.UUID(each)), uuid.UUID(each).variant) == (each, uuid.RFC_4122)
    assert [plain.session_id(), plain.session_id()] == made[::2]
    assert [plain.trace_uuid(), plain.trace_uuid()] == made[1::2]
    assert ids.job_id(1e9) == Ids(3).job_id(1e9)
    ids.restart()
    assert [ids.session_id(), ids.trace_uuid()] == made[:2]
    assert Ids(4).session_id() != made[0]


def test_session_tokens_are_long_and_differ() -> None:
    """Sixty-four characters each."""
    ids = Ids(3)
    made = {ids.session_token() for _ in range(100)}
    assert len(made) == 100
    assert {len(token) for token in made} == {64}


def test_a_rollback_gives_the_same_sequence_again() -> None:
    """Numbers, identifiers and tokens, as often as one likes; those of exchanges are never given out twice."""

    def made() -> list[object]:
        numbers = [ids.serial(), ids.submission()]
        return [numbers, ids.job_id(0), ids.session_id(), ids.session_token(), ids.trace_id(0), ids.trace_uuid()]

    ids = Ids(3)
    made()
    kept = ids.snapshot()
    first, exchanges = made(), [ids.exchange_id(0)]
    for _ in range(2):
        ids.rollback(kept)
        assert made() == first
        exchanges.append(ids.exchange_id(0))
    assert len(set(exchanges)) == 3
    assert "secrets" not in repr(kept)


def test_exchanges_do_not_disturb_the_ids_of_jobs() -> None:
    """However many there are."""
    plain, disturbed = Ids(3), Ids(3)
    assert JOB_ID.fullmatch(disturbed.exchange_id(1e9))
    assert disturbed.job_id(1e9) == plain.job_id(1e9)
    assert disturbed.trace_id(1e9) == plain.trace_id(1e9)


def test_submissions_are_counted_alone() -> None:
    """Whatever else was made; from one on again after a restart."""
    ids = Ids(3)
    assert [ids.serial(), ids.submission(), ids.serial(), ids.submission(), ids.serial()] == [1, 1, 2, 2, 3]
    ids.restart()
    assert (ids.submission(), ids.serial()) == (1, 1)


def test_threads_never_get_the_same_number() -> None:
    """Nor the same identifier."""
    ids, made = Ids(3), list[tuple[int, str]]()

    def draw() -> None:
        made.extend([(ids.serial(), ids.job_id(0)) for _ in range(500)])

    threads = [threading.Thread(target=draw) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(number for number, _ in made) == list(range(1, 2001))
    assert len({id_ for _, id_ in made}) == 2000
