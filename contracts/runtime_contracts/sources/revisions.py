"""Files as they were at some revision, from git."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from runtime_contracts.sources.parsing import MAX_BYTES, SourceError
from runtime_contracts.violation import shown

TIMEOUT_S = 30


def at_revision(file: Path, revision: str, *, git: str = "git") -> bytes:
    """Return the content of `file` at a revision such as "HEAD~5", "v1.0" or "3f2a9c1".

    Raises:
        SourceError: git, the repository, the revision or the file in it is not there; the message says which.
    """
    program = shutil.which(git)
    if program is None:
        raise SourceError(f"{file}@{revision} needs git, which is not installed or not on the PATH")
    if not revision or revision.startswith("-"):
        raise SourceError(f"{shown(revision)!r} is no revision of git")
    folder = next((parent for parent in file.absolute().parents if parent.is_dir()), Path.cwd())
    top = _run(program, folder, "rev-parse", "--show-toplevel")
    if top is None:
        raise SourceError(f"{file}@{revision}: {folder} is in no repository of git")
    if _run(program, folder, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}") is None:
        raise SourceError(f"{file}@{revision}: the repository has no revision {shown(revision)!r}")
    root = Path(top.decode(errors="replace").rstrip("\n"))
    try:
        inside = file.absolute().resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        raise SourceError(f"{file}@{revision}: the file is outside of its repository {root}") from None
    content = _run(program, root, "cat-file", "blob", f"{revision}:{inside}")
    if content is None:
        raise SourceError(f"{file}@{revision}: there was no file {inside} at that revision")
    return content


def _run(program: str, folder: Path, *arguments: str) -> bytes | None:
    """Return what git says, or None if it refuses."""
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command; what strangers give is an argument that git checks
            [program, "-C", str(folder), *arguments],
            capture_output=True,
            check=False,
            timeout=TIMEOUT_S,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        raise SourceError(f"git could not be run: {error}") from None
    if len(done.stdout) > MAX_BYTES:
        raise SourceError(f"the file has more than {MAX_BYTES // 2**20} MiB, which no OpenAPI document has")
    return done.stdout if done.returncode == 0 else None
