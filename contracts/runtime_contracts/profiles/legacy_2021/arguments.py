"""The values that a driver of 2021 passes on to the client's methods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from runtime_contracts.drawing import ANY_JSON, ODD_TEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Arguments:
    """Values that a driver passes on to the client's methods, as far as they have a place there.

    The defaults are those of the walkthrough; the fuzz replaces them by others.
    """

    job_id: str = "c2b04fot418h0qp0peh0"
    program_id: str = "runtime-simple"
    name: str = "my-program"
    source: str = "def main(backend, user_messenger, **kwargs):\n    return 'All done!'\n"
    description: str = "Returns a greeting."
    inputs: Mapping[str, Any] | None = None
    backend: str = "ibmq_montreal"
    hub: str = "ibm-q-internal"
    group: str = "near-time"
    project: str = "qiskit-runtime"
    cost: int = 600
    public: bool = False
    limit: int = 20
    offset: int = 0
    pending: bool | None = None


_PROGRAM = {"path.id": "program_id"}
_JOB = {"path.jid": "job_id"}
PLACES: Mapping[str, Mapping[str, str | Callable[[Any], Any]]] = {
    "get-program": _PROGRAM,
    "delete-program": _PROGRAM,
    "put-program-data": _PROGRAM,
    "put-program-public": _PROGRAM,
    "put-program-private": _PROGRAM,
    "post-program": {
        "form.name": "name", "form.cost": "cost", "form.description": "description", "form.is_public": "public",
    },
    "get-jobs": {"query.limit": "limit", "query.offset": "offset", "query.pending": "pending"},
    "post-program-id": {
        "body./programId": "program_id", "body./backend": "backend", "body./hub": "hub", "body./group": "group",
        "body./project": "project",
    },
    "get-programs-id-jobs-jid": _JOB,
    "delete-job": _JOB,
    "get-programs-id-jobs-jid-results": _JOB,
    "get-job-logs": _JOB,
    "post-job-cancel": _JOB,
    "get-devices": {"path.hub": "hub", "path.group": "group", "path.project": "project"},
}  # fmt: skip


def strategy() -> st.SearchStrategy[Arguments]:
    """Return values that a client has to pass on as they are."""
    return st.builds(
        Arguments,
        job_id=st.from_regex(r"[0-9a-v]{20}", fullmatch=True),
        program_id=ODD_TEXT,
        name=ODD_TEXT,
        source=st.text(st.characters(codec="utf-8"), min_size=1),
        description=st.text(st.characters(codec="utf-8")),
        inputs=st.none() | st.dictionaries(st.text(st.characters(codec="utf-8")), ANY_JSON, max_size=3),
        backend=ODD_TEXT,
        hub=ODD_TEXT,
        group=ODD_TEXT,
        project=ODD_TEXT,
        cost=st.integers(1, 10**9),
        public=st.booleans(),
        limit=st.integers(0, 10**6),
        offset=st.integers(0, 10**12),
        pending=st.none() | st.booleans(),
    )
