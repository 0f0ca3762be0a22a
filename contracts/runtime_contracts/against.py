"""Documents other than ours to hold servers and clients to: the live one, a file, or a URL.

Our corrections are applied to it as far as they fit, so that what is known to be wrong in the published document causes
no false alarm; operations keep the ids that ours have, so that drivers and profiles find them; and what the checks do
not read in an OpenAPI document is brought into a form that they do. All of that is told in notes.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runtime_contracts import documents
from runtime_contracts.drift.comparison import compare
from runtime_contracts.options import EDITION
from runtime_contracts.overlay import OverlayError, applied, fitted
from runtime_contracts.sources import fetching
from runtime_contracts.sources.adapting import adapted
from runtime_contracts.sources.older import as_3_0
from runtime_contracts.sources.parsing import SourceError
from runtime_contracts.sources.source import read

if TYPE_CHECKING:
    from runtime_contracts.documents import Document
    from runtime_contracts.sources.fetching import Cache, Fetch
    from runtime_contracts.sources.source import Published


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """A document to hold a server or a client to.

    Attributes:
        document: as runs take it for their option `document`; the caller owns it.
        operations: the ids of the operations that ours has, too: those that can be driven.
        notes: what was done to the document, and what is in it that is not driven.
        name: where it is from.
    """

    document: Document
    operations: tuple[str, ...]
    notes: tuple[str, ...]
    name: str


def load(
    reference: str,
    *,
    edition: str = EDITION,
    token: str | None = None,
    fetch: Fetch = fetching.fetch,
    cache: Cache | None = None,
) -> Document:
    """Return the document that `reference` names, ready for the option `document` of a run; see `loaded`.

    Raises:
        SourceError: it cannot be had, or is none that a run can be held to; the message says why.
    """
    return loaded(reference, edition=edition, token=token, fetch=fetch, cache=cache).document


def loaded(
    reference: str,
    *,
    edition: str = EDITION,
    token: str | None = None,
    fetch: Fetch = fetching.fetch,
    cache: Cache | None = None,
) -> Against:
    """Return the document that `reference` names, with what is to be said of it.

    It may be "live", a URL, a file, an edition, or FILE@REVISION.

    Raises:
        SourceError: it cannot be had, or is none that a run can be held to; the message says why.
    """
    try:
        ours = documents.load(edition)
        corrections = documents.overlay_of(edition)
    except documents.UnknownDocumentError as error:
        raise SourceError(str(error)) from None
    published = read(reference, edition=edition, token=token, fetch=fetch, cache=cache)
    notes = [] if published.remark is None else [published.remark]
    # What is malformed is found here, and the place is named.
    compare(published.document, published.document, names=(published.name, published.name), thorough=True)
    document = as_3_0(published.document)
    document, unfit = _corrected(published, document, corrections)
    document, operations, changed = adapted(document, copy.deepcopy(ours), name=published.name)
    _readable(document, published.name)
    return Against(
        document=document, operations=operations, notes=(*notes, *unfit, *changed), name=published.name
    )  # fmt: skip


def _corrected(
    published: Published, document: Document, corrections: Document | None
) -> tuple[Document, tuple[str, ...]]:
    try:
        if published.overlay is not None:
            return applied(document, published.overlay), ()
        return (document, ()) if corrections is None else fitted(document, corrections)
    except OverlayError as error:
        raise SourceError(f"the overlay of {published.name} does not fit: {error}") from None


def _readable(document: Document, name: str) -> None:
    from runtime_contracts.contract import Contract  # noqa: PLC0415 - whoever compares documents compiles no schema

    try:
        Contract(document)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise SourceError(f"nothing can be held to {name}: {type(error).__name__}: {error}") from None
