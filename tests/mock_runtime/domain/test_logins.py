"""Logins, and who a caller is."""

from __future__ import annotations

import pytest

from mock_runtime.domain.instances import NO_PROJECT, OPEN_PROJECT, Caller, Project
from mock_runtime.domain.logins import Login

LOGIN = Login(digest="d", caller=Caller("alice", "Alice"), created_at=100.0, ttl_s=10.0)


@pytest.mark.parametrize(("now", "valid"), [(100.0, True), (109.9, True), (110.0, False), (1e9, False)])
def test_a_login_is_valid_for_its_time(now: float, valid: bool) -> None:
    """It expires at the very instant, and stays expired."""
    assert LOGIN.is_valid_at(now) is valid


def test_a_login_that_is_over_is_valid_no_longer() -> None:
    """Logging out is for good."""
    assert not LOGIN.over().is_valid_at(100.0)
    assert LOGIN.is_valid_at(100.0)


def test_a_project_is_written_as_a_path() -> None:
    """Hub, group and project, as users know them."""
    assert str(OPEN_PROJECT) == "ibm-q/open/main"


def test_what_a_project_leaves_open_comes_from_another() -> None:
    """Each part on its own."""
    assert NO_PROJECT.over(OPEN_PROJECT) == OPEN_PROJECT
    assert Project("hub", "", "own").over(OPEN_PROJECT) == Project("hub", "open", "own")
    assert OPEN_PROJECT.over(Project("a", "b", "c")) == OPEN_PROJECT
