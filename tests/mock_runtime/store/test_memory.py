"""The store in memory: atomic changes, and what is left after each."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from mock_runtime.domain.errors import JobNotFound, ProgramNameTaken, ProgramNotFound
from mock_runtime.domain.instances import Caller
from mock_runtime.domain.jobs import Job
from mock_runtime.domain.logins import Login
from mock_runtime.domain.programs import Program
from mock_runtime.store import Store
from mock_runtime.store.memory import MemoryStore
from tests.mock_runtime.domain.jobs_by_hand import job_with


def program(id_: str, name: str | None = None) -> Program:
    """A program of that id and name."""
    return Program(id=id_, name=name or id_, cost_s=1, description="", created_at=0.0)


def job(id_: str, owner: str = "alice") -> Job:
    """A job of that id and owner."""
    return replace(job_with(), id=id_, owner=owner)


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
    """Jobs, logins and earlier programs are gone."""
    store.add_job(job("1"))
    store.add_program(program("old"))
    store.add_login(Login(digest="d", caller=Caller("alice", ""), created_at=0.0, ttl_s=1.0))
    store.restart([program("new")])
    assert store.jobs_of("alice") == []
    assert [each.id for each in store.programs()] == ["new"]
    assert store.login("d") is None


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
