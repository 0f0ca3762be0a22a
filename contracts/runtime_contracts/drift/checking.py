"""Whether a document has moved: both are read, corrected if that is wanted, and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime_contracts import documents
from runtime_contracts.drift import accepting
from runtime_contracts.drift.comparison import Drift, compare
from runtime_contracts.options import EDITION
from runtime_contracts.overlay import OverlayError, applied, fitted
from runtime_contracts.sources import fetching
from runtime_contracts.sources.parsing import SourceError
from runtime_contracts.sources.source import LIVE, edition_of, read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from runtime_contracts.documents import Document
    from runtime_contracts.sources.fetching import Cache, Fetch
    from runtime_contracts.sources.source import Published


def check_drift(  # noqa: PLR0913 - each is an option of the command
    source: str | None = None,
    *,
    base: str | None = None,
    edition: str | None = None,
    api_version: str | None = None,
    overlay: bool = False,
    accept: Path | None = None,
    token: str | None = None,
    fetch: Fetch = fetching.fetch,
    cache: Cache | None = None,
    progress: Callable[[str], None] | None = None,
) -> Drift:
    """Compare the document that `source` names with the one that `base` names.

    Both are what `runtime_contracts.sources.read` understands. Without `source` it is the live document, that of
    `api_version` if given; but if `base` is a file at a revision, it is that file as it is now. Without `base` it is
    the document of the edition, and without `edition` that is the one which the documents belong to. They are compared
    as they were published, or, with `overlay`, corrected: each by the overlay beside it, one of somebody else's by
    that of the edition, as far as it fits. `accept` is a file of accepted changes.

    `fetch` gets URLs, `cache` keeps what it got, `progress` is told when that may take a while.

    Raises:
        SourceError: a document cannot be had or compared, or `accept` cannot be read; the message says why.
    """
    acceptances = () if accept is None else accepting.read(accept)
    try:
        named = None if edition is None else documents.canonical(edition)
    except documents.UnknownDocumentError as error:
        raise SourceError(str(error)) from None
    wanted = _source(source, base, named, api_version)
    if progress is not None and (wanted == LIVE or wanted.startswith(("http://", "https://"))):
        progress(f"fetching {fetching.shown_url(fetching.LIVE_URL if wanted == LIVE else wanted)}")
    live = read(wanted, edition=named or EDITION, token=token, fetch=fetch, cache=cache)
    first = None if base is None else read(base, edition=named or EDITION, token=token, fetch=fetch, cache=cache)
    belongs = named or edition_of((first or live).document)
    first = first or read(belongs)
    remarks = [f"{each.name}: {each.remark}" for each in (first, live) if each.remark is not None]
    pair = [first.document, live.document]
    if overlay:
        for number, each in enumerate((first, live)):
            pair[number], notes = _corrected(each, belongs)
            remarks += [f"{each.name}: {note}" for note in notes]
    return compare(
        pair[0], pair[1], names=(_title(first), _title(live)), edition=belongs, acceptances=acceptances, remarks=remarks
    )  # fmt: skip


def _source(source: str | None, base: str | None, edition: str | None, api_version: str | None) -> str:
    if source is not None:
        return source
    if api_version is not None:
        return fetching.url_of_version(api_version)
    if base is not None and "@" in base and "://" not in base:
        return base.rpartition("@")[0] or edition or EDITION
    of = edition or (documents.canonical(base) if base in {*documents.names(), "2021"} else EDITION)
    if of != EDITION:
        raise SourceError(f"the service of {of} is gone, and with it its live document: name a SOURCE")
    return LIVE


def _corrected(published: Published, edition: str) -> tuple[Document, tuple[str, ...]]:
    try:
        if published.overlay is not None:
            return applied(published.document, published.overlay), ()
        ours = documents.overlay_of(edition)
        return (published.document, ()) if ours is None else fitted(published.document, ours)
    except OverlayError as error:
        raise SourceError(f"the overlay of {published.name} does not fit: {error}") from None


def _title(published: Published) -> str:
    return f"{published.name} ({published.version})" if published.version else published.name
