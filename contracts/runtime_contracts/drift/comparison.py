"""Comparing two documents: everything that differs, and what it means."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runtime_contracts.drift import prose
from runtime_contracts.drift.accepting import Acceptance, accepted
from runtime_contracts.drift.change import Change, Severity
from runtime_contracts.drift.gathering import Gathering
from runtime_contracts.drift.tree import Tree
from runtime_contracts.drift.walking import compare_operations
from runtime_contracts.sources.parsing import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runtime_contracts.documents import Document

SAME, BREAKING, COULD_NOT_CHECK, HARMLESS, INTERRUPTED = 0, 1, 2, 3, 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """What became of a document.

    Attributes:
        base: name of the document that clients, servers and fakes were made for.
        live: name of the one that it is compared with.
        edition: the edition that the base belongs to.
        changes: everything that differs, the worst first; what was accepted is among them.
        operations: how many operations each of the two has.
        prose: pointers of what is only said in other words.
        unused: names of components that differ and that no operation leads to.
        stale: accepted changes that are not there.
        remarks: for the reader; they change no verdict.
    """

    base: str
    live: str
    edition: str = ""
    changes: tuple[Change, ...] = ()
    operations: tuple[int, int] = (0, 0)
    prose: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    stale: tuple[Acceptance, ...] = ()
    remarks: tuple[str, ...] = field(default=())

    @property
    def open(self) -> tuple[Change, ...]:
        """The changes that nobody has accepted."""
        return tuple(change for change in self.changes if change.accepted is None)

    def count(self, severity: Severity) -> int:
        """Return how many changes of that severity nobody has accepted."""
        return sum(change.severity is severity for change in self.open)

    def exit_code(self, fail_on: str = "breaking") -> int:
        """Return 0 for no drift, 1 for drift that is to fail, and 3 for any other; what was accepted does not count.

        With `fail_on` "breaking" only what breaks clients fails, with "warning" also what may, with "any" everything;
        with "never" it is always 0.
        """
        if fail_on == "never" or not self.open:
            return SAME
        failing = {"breaking": 0, "warning": 1, "any": 2}[fail_on]
        return BREAKING if any(change.severity.rank <= failing for change in self.open) else HARMLESS


def compare(
    base: Document,
    live: Document,
    *,
    names: tuple[str, str] = ("the base", "the other document"),
    edition: str = "",
    acceptances: Iterable[Acceptance] = (),
    remarks: Iterable[str] = (),
    thorough: bool = False,
) -> Drift:
    """Compare two documents, operation by operation and schema by schema, after resolving references.

    Neither is changed. `names` is how the result and the errors call them. What both say in the same words is not
    looked at, unless the comparison is `thorough`: then what is malformed in both is found as well.

    Raises:
        DocumentError: one of the two is no OpenAPI document that can be compared; the message names the place.
    """
    gathering = Gathering(Tree(base, names[0]), Tree(live, names[1]), thorough=thorough)
    try:
        counts = compare_operations(gathering)
        found = gathering.changes()
        told = prose.differences(gathering.base, gathering.live, gathering.pairs)
        unused = prose.unused(gathering.base, gathering.live)
    except (AttributeError, TypeError, LookupError, ValueError, ArithmeticError, RecursionError) as error:
        # What is not in its place is found where it is used; what is left over is still the document's fault.
        raise DocumentError(f"{names[0]} and {names[1]} cannot be compared: one is malformed ({error!r})") from error
    changes, stale = accepted(found, acceptances)
    return Drift(
        base=names[0],
        live=names[1],
        edition=edition,
        changes=changes,
        operations=counts,
        prose=told,
        unused=unused,
        stale=stale,
        remarks=tuple(remarks),
    )
