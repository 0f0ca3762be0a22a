"""Comparing two documents operation by operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime_contracts.drift.change import Kind, breaking, servers
from runtime_contracts.drift.messages import compare_bodies, compare_responses
from runtime_contracts.drift.naming import quoted
from runtime_contracts.drift.operations import Operation, operations, paired
from runtime_contracts.drift.parameters import compare_parameters
from runtime_contracts.drift.security import Security, compare_servers
from runtime_contracts.drift.shape import same
from runtime_contracts.drift.teller import Teller

if TYPE_CHECKING:
    from runtime_contracts.drift.gathering import Gathering
    from runtime_contracts.drift.tree import Place


def compare_operations(gathering: Gathering) -> tuple[int, int]:
    """Compare all operations of two documents, and return how many each of them has.

    Raises:
        DocumentError: one of the documents is malformed.
    """
    base, live = operations(gathering.base), operations(gathering.live)
    pairs, gone, new = paired(base, live)
    for operation in gone:
        what = f"the operation {operation.label} was removed"
        why = breaking("clients that call it are refused")
        Teller(gathering, operation.label).misses("operation", what, operation.place, "#/paths", why)
    for operation in new:
        what = f"the operation {operation.label} was added"
        why = servers("no client calls it yet; a fake that follows the base does not have it")
        Teller(gathering, operation.label).meets("operation", what, operation.place, "#/paths", why)
    security = Security(gathering)
    for before, after in pairs:
        _compare(before, after, Teller(gathering, before.label))
        security.compare(before, after)
        compare_servers(before, after, Teller(gathering, before.label, where="address"))
    return len(base), len(live)


def _compare(base: Operation, live: Operation, teller: Teller) -> None:
    one, other = base.place, live.place
    teller.gathering.pair(one, other)
    if base.key != live.key:
        what = f"{quoted(base.label)} is {quoted(live.label)} now, with the same id"
        teller.differs("path", Kind.CHANGED, what, one, other, "", breaking("clients that call it are refused"))
    if base.id != live.id:
        what = f"the id of {quoted(base.label)} is {quoted(live.id)} instead of {quoted(base.id)}"
        why = "clients that are generated from the document call it by another name; on the wire nothing changes"
        teller.differs("operation-id", Kind.CHANGED, what, one, other, "operationId", breaking(why))
    same_words = base.path == live.path and teller.gathering.unchanged(one, other)
    if same_words and teller.gathering.unchanged(_shared(base), _shared(live)):
        return
    teller.ends(one, other, quoted(base.label))
    compare_parameters(base, live, teller)
    compare_bodies(one, other, teller)
    compare_responses(one, other, teller)
    if not same(one.value.get("callbacks"), other.value.get("callbacks")):
        what = f"{quoted(base.label)} says something else under `callbacks`"
        teller.differs("callbacks", Kind.UNKNOWN, what, one, other, "callbacks")


def _shared(operation: Operation) -> Place:
    """Return the parameters that all operations of the path have."""
    return operation.item.get("parameters") or operation.item.beyond("parameters")
