"""A file that is edited while it is in use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mock_runtime.worlds.watching import WatchedFile


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with a world in it."""
    path = tmp_path / "world.yaml"
    path.write_text("seed: 1")
    return path


def test_a_file_that_nobody_touches_has_not_changed(file: Path) -> None:
    """However often one asks."""
    watched = WatchedFile(file)
    assert [watched.changed() for _ in range(10)] == [False] * 10
    assert repr(watched) == f"WatchedFile({str(file)!r})"


def test_a_change_is_told_once(file: Path) -> None:
    """Then it is what is there."""
    watched = WatchedFile(str(file))
    file.write_text("seed: 22")
    assert [watched.changed() for _ in range(6)] == [True, *[False] * 5]
    file.write_text("seed: 333")
    assert watched.changed()


def test_a_change_within_the_same_tick_is_seen(file: Path) -> None:
    """Of the same size, at the same time as far as the file system tells: what was written just now is read again."""
    watched = WatchedFile(file)
    before = file.stat()
    file.write_text("seed: 2")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert watched.changed()


def test_a_file_that_was_long_as_it_is_is_not_read_again(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking costs a look at its times."""
    watched = WatchedFile(file)
    while watched._looks_left:
        watched.changed()
    monkeypatch.setattr(Path, "open", None)
    assert not watched.changed()


def test_a_file_that_was_only_touched_has_not_changed(file: Path) -> None:
    """Nor one that was written again with what was in it."""
    watched = WatchedFile(file)
    os.utime(file, ns=(1, 1))
    assert not watched.changed()
    file.write_text("seed: 1")
    assert not watched.changed()


def test_an_editor_that_replaces_the_file(file: Path, tmp_path: Path) -> None:
    """That there is none for a moment is no change."""
    watched = WatchedFile(file)
    file.unlink()
    assert not watched.changed()
    (tmp_path / "new").write_text("seed: 1")
    (tmp_path / "new").rename(file)
    assert not watched.changed()
    (tmp_path / "new").write_text("seed: 2")
    (tmp_path / "new").rename(file)
    assert watched.changed()


def test_a_file_that_comes_later(tmp_path: Path) -> None:
    """Is a change, as is one that can be read at last."""
    watched = WatchedFile(tmp_path / "world.yaml")
    assert not watched.changed()
    (tmp_path / "world.yaml").mkdir()
    assert not watched.changed()
    (tmp_path / "world.yaml").rmdir()
    (tmp_path / "world.yaml").write_text("seed: 1")
    assert watched.changed()
    assert not WatchedFile("a\0b").changed()


def test_a_file_that_changes_while_it_is_read_is_looked_at_again(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read then may be half of the old and half of the new."""
    watched = WatchedFile(file)
    digested = WatchedFile._digested

    def written_meanwhile(self: WatchedFile) -> bytes | None:
        found = digested(self)
        file.write_text("seed: 4444")
        return found

    file.write_text("seed: 333")
    monkeypatch.setattr(WatchedFile, "_digested", written_meanwhile)
    assert watched.changed()
    monkeypatch.undo()
    assert watched.changed()
    assert not watched.changed()
