"""Who may see and change a program, and what its id is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_runtime.domain.errors import NotTheAuthor, ProgramNotFound
from mock_runtime.domain.instances import Caller
from mock_runtime.domain.programs import Program, program_id

ALICE = Caller("alice", "Alice")
BOB = Caller("bob", "Bob")


def program(*, author: str | None = "alice", is_public: bool = False) -> Program:
    """A program with these two properties."""
    return Program(
        id="p", name="p", cost_s=1, description="", created_at=0.0, author=author, is_public=is_public, source=b"old"
    )


@pytest.mark.parametrize(
    ("author", "is_public", "visible"),
    [("alice", False, True), ("alice", True, True), ("bob", False, False), ("bob", True, True), (None, True, True)],
)
def test_who_sees_a_program(author: str | None, is_public: bool, visible: bool) -> None:
    """Public programs are seen by all, private ones by their authors."""
    assert program(author=author, is_public=is_public).is_visible_to(ALICE) is visible


def test_a_program_that_is_not_visible_is_not_found() -> None:
    """Whether it is to be seen or to be changed, it does not exist for a stranger."""
    private = program(author="bob")
    with pytest.raises(ProgramNotFound, match="no program 'p'"):
        private.seen_by(ALICE)
    with pytest.raises(ProgramNotFound, match="no program 'p'"):
        private.owned_by(ALICE)


@pytest.mark.parametrize("author", ["bob", None])
def test_a_visible_program_of_another_cannot_be_changed(author: str | None) -> None:
    """Neither another user's nor IBM's own."""
    with pytest.raises(NotTheAuthor, match="'p' belongs to another author") as refused:
        program(author=author, is_public=True).owned_by(ALICE)
    assert refused.value.program_id == "p"


def test_authors_see_and_change_their_programs() -> None:
    """What comes back is the program itself."""
    own = program()
    assert own.seen_by(ALICE) is own
    assert own.owned_by(ALICE) is own


def test_publishing_and_another_source_change_nothing_else() -> None:
    """A changed program differs in that one field."""
    own = program()
    assert own.published(is_public=True) == program(is_public=True)
    assert own.published(is_public=True).published(is_public=False) == own
    assert own.with_source(b"new").source == b"new"
    assert own.source == b"old"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sample-program", "sample-program"),
        ("My program", "My-program"),
        ("a/b?c#d%", "a-b-c-d-"),
        ("vqe_2.0~x", "vqe_2.0~x"),
        (".", "program"),
        ("..", "program"),
        ("", "program"),
        ("größe", "gr--e"),
    ],
)
def test_an_id_is_the_name_made_fit_for_a_path(name: str, expected: str) -> None:
    """Characters with a meaning in addresses become hyphens."""
    assert program_id(name) == expected


@given(st.text())
def test_every_id_is_one_path_segment(name: str) -> None:
    """No name leads to an id that needs escaping, is empty, or means this or the folder above."""
    made = program_id(name)
    assert made.isascii()
    assert made.strip(".")
    assert not set(made) & set("/?#%\\ \t\n")
