"""The store in memory: atomic changes, and what is left after each."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from mock_runtime.domain.errors import JobNotFound, ProgramNameTaken, ProgramNotFound, SessionNotFound
from mock_runtime.domain.instances import Caller
from mock_runtime.domain.jobs import Job
from mock_runtime.domain.logins import Login
from mock_runtime.domain.programs import Program
from mock_runtime.domain.sessions import Mode, Session
from mock_runtime.store import Store
from mock_runtime.store.memory import MemoryStore
from tests.mock_runtime.domain.jobs_by_hand import job_with


def program(id_: str, name: str | None = None) -> Program:
    """A program of that id and name."""
    return Program(id=id_, name=name or id_, cost_s=1, description="", created_at=0.0)


def job(id_: str, owner: str = "alice", session_id: str | None = None) -> Job:
    """A job of that id, owner and session."""
    return replace(job_with(), id=id_, owner=owner, session_id=session_id)


def session(id_: str, owner: str = "alice") -> Session:
    """A session of that id and owner."""
    return Session(
        id=id_,
        number=1,
        owner=owner,
        user="",
        mode=Mode.BATCH,
        backend=None,
        created_at=0.0,
        max_ttl_s=1,
    )


def refuse(_value: object) -> None:
    """Object to whatever is to be deleted."""
    raise PermissionError("no")


@pytest.fixture
def store() -> Store:
    """An empty store."""
    return MemoryStore()


def test_jobs_of_one_owner_come_newest_first(store: Store) -> None:
    """And those of others not at all."""
    for id_, owner in (("1", "alice"), ("2", "bob"), ("3", "alice")):
        store.add_job(job(id_, owner))
    assert [each.id for each in store.jobs_of("alice")] == ["3", "1"]
    assert [each.id for each in store.jobs_of("bob")] == ["2"]
    assert store.jobs_of("carol") == []


def test_a_change_gives_the_job_before_and_after(store: Store) -> None:
    """What was handed out earlier does not change with it."""
    store.add_job(job("1"))
    before, after = store.change_job("1", lambda found: replace(found, backend="other"))
    assert (before.backend, after.backend) == ("ibmq_qasm_simulator", "other")
    assert store.job("1") is after
    assert store.jobs_of("alice") == [after]


def test_a_change_that_raises_changes_nothing(store: Store) -> None:
    """The error comes out, the job stays."""
    store.add_job(job("1"))
    with pytest.raises(ZeroDivisionError):
        store.change_job("1", lambda found: replace(found, number=1 // 0))
    assert store.job("1") == job("1")


def test_a_deleted_job_is_gone_everywhere(store: Store) -> None:
    """From the look-up, from its owner's list, and for a second deletion."""
    store.add_job(job("1"))
    store.delete_job("1", lambda _job: None)
    assert store.jobs_of("alice") == []
    for attempt in (
        lambda: store.job("1"),
        lambda: store.change_job("1", lambda found: found),
        lambda: store.delete_job("1", lambda _job: None),
    ):
        with pytest.raises(JobNotFound, match="'1'"):
            attempt()


@pytest.mark.parametrize(
    ("offset", "limit", "ids"),
    [(0, 2, ["3", "1"]), (0, 1, ["3"]), (1, 9, ["1"]), (2, 9, []), (10**30, 10**30, []), (0, 0, [])],
)
def test_a_page_is_a_part_of_the_list(store: Store, offset: int, limit: int, ids: list[str]) -> None:
    """With the number of all of them, however far away it is."""
    for id_, owner in (("1", "alice"), ("2", "bob"), ("3", "alice")):
        store.add_job(job(id_, owner))
    jobs, count = store.page_of("alice", offset=offset, limit=limit)
    assert ([each.id for each in jobs], count) == (ids, 2)
    assert store.page_of("carol", offset=offset, limit=limit) == ([], 0)


def test_jobs_of_one_session_come_oldest_first(store: Store) -> None:
    """And those of no session, or of another, not at all."""
    for id_, session_id in (("1", "s"), ("2", None), ("3", "t"), ("4", "s")):
        store.add_job(job(id_, session_id=session_id))
    store.change_job("1", lambda found: replace(found, backend="other"))
    assert [(each.id, each.backend) for each in store.jobs_in("s")] == [("1", "other"), ("4", "ibmq_qasm_simulator")]
    assert store.jobs_in("u") == []


def test_what_is_left_of_a_deleted_job_stays_in_the_books(store: Store) -> None:
    """Of its tenant and of its session; the job itself is nowhere."""
    store.add_session(session("s"))
    for id_ in ("1", "2", "3"):
        store.add_job(job(id_, session_id="s"))
    store.delete_job("2", lambda found: replace(found, inputs=None, number=9))
    store.delete_job("3", lambda _job: None)
    assert [(each.id, each.number) for each in store.deleted_of("alice")] == [("2", 9)]
    assert [(each.id, each.number) for each in store.jobs_in("s")] == [("1", 1), ("2", 9)]
    assert [each.id for each in store.jobs_of("alice")] == ["1"]
    assert store.page_of("alice", offset=0, limit=9)[1] == 1
    assert store.deleted_of("bob") == []
    with pytest.raises(JobNotFound):
        store.job("2")


def test_sessions_of_one_owner_come_newest_first(store: Store) -> None:
    """As they are after their last change."""
    for id_, owner in (("1", "alice"), ("2", "bob"), ("3", "alice")):
        store.add_session(session(id_, owner))
    after = store.change_session("1", lambda found: found.cancelled(5.0))
    assert (after.cancelled_at, store.session("1")) == (5.0, after)
    assert [(each.id, each.cancelled_at < 9) for each in store.sessions_of("alice")] == [("3", False), ("1", True)]
    assert store.sessions_of("carol") == []


def test_an_unknown_session_is_not_found(store: Store) -> None:
    """And a change that raises changes nothing."""
    with pytest.raises(SessionNotFound, match="'s'"):
        store.session("s")
    with pytest.raises(SessionNotFound, match="'s'"):
        store.change_session("s", lambda found: found)
    store.add_session(session("s"))
    with pytest.raises(ZeroDivisionError):
        store.change_session("s", lambda found: replace(found, number=1 // 0))
    assert store.session("s") == session("s")


def test_a_limit_is_kept_for_each_tenant(store: Store) -> None:
    """One that was taken away is not the one of the start."""
    assert (store.limit("alice", 60), store.limit("alice", None)) == (60, None)
    store.set_limit("alice", 30)
    assert (store.limit("alice", 60), store.limit("bob", 60)) == (30, 60)
    store.set_limit("alice", None)
    assert store.limit("alice", 60) is None


def test_an_objection_keeps_a_job_and_a_program(store: Store) -> None:
    """Whoever checks before a deletion has the last word."""
    store.add_job(job("1"))
    store.add_program(program("p"))
    with pytest.raises(PermissionError):
        store.delete_job("1", refuse)
    with pytest.raises(PermissionError):
        store.delete_program("p", refuse)
    assert store.job("1").id == "1"
    assert store.program("p").id == "p"


def test_a_name_can_be_taken_once(store: Store) -> None:
    """Also by a program under another id; when it is deleted the name is free again."""
    store.add_program(program("a", "name"))
    with pytest.raises(ProgramNameTaken, match="'name'"):
        store.add_program(program("b", "name"))
    store.delete_program("a", lambda _program: None)
    assert store.add_program(program("b", "name")).id == "b"


def test_an_id_that_is_taken_gets_a_number(store: Store) -> None:
    """Two names may make the same id."""
    made = [store.add_program(program("a-b", name)).id for name in ("a b", "a/b", "a?b")]
    assert made == ["a-b", "a-b-2", "a-b-3"]
    assert [each.id for each in store.programs()] == made


def test_unknown_programs_are_not_found(store: Store) -> None:
    """Whatever is wanted of them."""
    for attempt in (
        lambda: store.program("p"),
        lambda: store.change_program("p", lambda found: found),
        lambda: store.delete_program("p", lambda _program: None),
    ):
        with pytest.raises(ProgramNotFound, match="'p'"):
            attempt()


def test_a_program_is_changed_in_its_place(store: Store) -> None:
    """The order of the list stays."""
    store.restart([program("a"), program("b")])
    store.change_program("a", lambda found: found.published(is_public=True))
    assert [(each.id, each.is_public) for each in store.programs()] == [("a", True), ("b", False)]


def test_a_restart_forgets_everything_but_the_programs_given(store: Store) -> None:
    """Jobs, also deleted ones, sessions, limits, logins and earlier programs are gone."""
    store.add_session(session("s"))
    for id_ in ("1", "2"):
        store.add_job(job(id_, session_id="s"))
    store.delete_job("2", lambda found: found)
    store.set_limit("alice", 30)
    store.add_program(program("old"))
    store.add_login(Login(digest="d", caller=Caller("alice", ""), created_at=0.0, ttl_s=1.0))
    store.restart([program("new")])
    assert store.jobs_of("alice") == []
    assert [each.id for each in store.programs()] == ["new"]
    assert store.login("d") is None
    assert (store.deleted_of("alice"), store.jobs_in("s"), store.sessions_of("alice")) == ([], [], [])
    assert store.limit("alice", None) is None


def test_a_login_can_be_ended_and_an_unknown_one_be_ignored(store: Store) -> None:
    """Ending a login keeps it, marked."""
    store.add_login(Login(digest="d", caller=Caller("alice", ""), created_at=0.0, ttl_s=1.0))
    store.end_login("d")
    store.end_login("e")
    ended = store.login("d")
    assert ended is not None
    assert ended.ended
    assert store.login("e") is None


def test_the_oldest_logins_are_forgotten_when_there_are_very_many(store: Store) -> None:
    """A server that runs for weeks does not fill up."""
    for number in range(10_002):
        store.add_login(Login(digest=str(number), caller=Caller("alice", ""), created_at=0.0, ttl_s=1.0))
    assert [store.login(digest) is None for digest in ("0", "1", "2", "10001")] == [True, True, False, False]


def test_changes_from_many_threads_are_all_counted(store: Store) -> None:
    """No change is made on a value that another has just replaced."""
    store.add_job(replace(job("1"), number=0))
    together = threading.Barrier(8)

    def count() -> None:
        together.wait()
        for _ in range(200):
            store.change_job("1", lambda found: replace(found, number=found.number + 1))

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.job("1").number == 1600


def test_of_many_uploads_of_one_name_exactly_one_wins(store: Store) -> None:
    """Checking the name and keeping the program are one step."""
    together = threading.Barrier(8)
    refused: list[str] = []

    def upload(id_: str) -> None:
        together.wait()
        try:
            store.add_program(program(id_, "name"))
        except ProgramNameTaken:
            refused.append(id_)

    threads = [threading.Thread(target=upload, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.programs()) == 1
    assert len(refused) == 7


def test_all_jobs_and_sessions_come_newest_first(store: Store) -> None:
    """Whoever owns them, in pages, with the number of all of them."""
    for id_, owner in (("1", "alice"), ("2", "bob"), ("3", "alice")):
        store.add_job(job(id_, owner))
        store.add_session(session(id_, owner))
    for page_of in (store.all_jobs, store.all_sessions):
        found, count = page_of()
        assert ([each.id for each in found], count) == (["3", "2", "1"], 3)
        found, count = page_of(offset=1, limit=1)
        assert ([each.id for each in found], count) == (["2"], 3)
        assert page_of(offset=10**30, limit=10**30) == ([], 3)


def test_a_store_goes_back_to_a_snapshot(store: Store) -> None:
    """With all that was in it, and nothing else; as often as one likes."""

    def picture() -> list[object]:
        return [
            *(store.jobs_of("alice"), store.jobs_in("s"), store.deleted_of("alice"), store.sessions_of("alice")),
            *(store.limit("alice", 7), store.programs(), store.login("d"), store.all_jobs(), store.all_sessions()),
        ]

    store.restart([program("p")])
    for id_ in ("1", "2", "3"):
        store.add_job(job(id_, session_id="s"))
    store.add_session(session("s"))
    store.delete_job("3", lambda found: found)
    store.set_limit("alice", 5)
    store.add_login(Login(digest="d", caller=Caller("alice", "Alice"), created_at=0.0, ttl_s=1.0))
    kept, before = store.snapshot(), picture()
    for _ in range(2):
        store.add_job(job("4", session_id="s"))
        store.change_job("1", lambda found: replace(found, backend="other"))
        store.delete_job("2", lambda found: found)
        store.add_session(session("t"))
        store.change_session("s", lambda found: found.cancelled(0.0))
        store.set_limit("alice", None)
        store.set_limit("bob", 1)
        store.add_program(program("q"))
        store.delete_program("p", lambda _found: None)
        store.end_login("d")
        assert picture() != before
        store.rollback(kept)
        assert picture() == before
        assert store.limit("bob", 9) == 9
    with pytest.raises(TypeError, match="expected a snapshot of a store in memory, found dict"):
        store.rollback({})
    assert picture() == before


def test_a_snapshot_of_a_thousand_jobs_shares_them(store: Store) -> None:
    """The jobs themselves are not copied."""
    for number in range(1000):
        store.add_job(job(str(number)))
    kept = store.snapshot()
    first = store.job("0")
    store.restart(())
    store.rollback(kept)
    assert store.job("0") is first
