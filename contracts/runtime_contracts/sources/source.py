"""What a user may name as a document, and the document behind it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from runtime_contracts import documents
from runtime_contracts.options import EDITION
from runtime_contracts.sources import fetching, revisions
from runtime_contracts.sources.parsing import MAX_BYTES, DocumentError, SourceError, document_of, value_of
from runtime_contracts.violation import shown

if TYPE_CHECKING:
    from runtime_contracts.documents import Document
    from runtime_contracts.sources.fetching import Cache, Fetch

LIVE: Final = "live"
"""How a user names the document that the service publishes now."""
_OVERLAY = ".overlay.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A document as somebody published it, without corrections.

    Attributes:
        document: the caller owns it and may change it.
        name: where it is from, fit to be shown.
        remark: what is to be said about where it came from, or None.
        overlay: the overlay that lies beside it and belongs to it, or None.
    """

    document: Document
    name: str
    remark: str | None = None
    overlay: Document | None = None

    @property
    def version(self) -> str:
        """What the document says of its own version, or ""."""
        info = self.document.get("info")
        return shown(info.get("version", ""), limit=60) if isinstance(info, dict) else ""


def read(
    reference: str,
    *,
    edition: str = EDITION,
    token: str | None = None,
    fetch: Fetch = fetching.fetch,
    cache: Cache | None = None,
) -> Published:
    """Return the document that `reference` names.

    It may be "live", an http or https URL, the name of an edition, a file in JSON or YAML, or one of the latter two
    with a revision of git behind an @, such as "platform@HEAD~5"; "@HEAD~5" is `edition` at that revision.

    Raises:
        SourceError: there is no such document; the message says what is wrong.
    """
    if reference == LIVE or reference.startswith(("http://", "https://")):
        return _from_url(fetching.LIVE_URL if reference == LIVE else reference, token=token, fetch=fetch, cache=cache)
    own = _own(reference)
    if own is not None:
        return Published(document=documents.load(own, overlay=False), name=own, overlay=documents.overlay_of(own))
    if _is_file(Path(reference)):
        return _from_file(Path(reference))
    named, at, revision = reference.rpartition("@")
    if at:
        return _from_revision(
            documents.path(_own(named or edition) or "") if _own(named or edition) else Path(named), revision
        )
    known = ", ".join(documents.names())
    raise SourceError(
        f"there is no file {shown(reference)!r}; a document is a file, a URL, {LIVE!r}, an edition ({known}), "
        "or FILE@REVISION"
    )


def edition_of(document: Document) -> str:
    """Return the edition that has the most operations in common with `document`; today's if none has any."""
    there = _operations(document)
    common = {name: len(there & _operations(documents.load(name, overlay=False))) for name in documents.names()}
    best = max(common.values(), default=0)
    return (
        EDITION if best in {0, common.get(EDITION)} else next(name for name, count in common.items() if count == best)
    )


def _operations(document: Document) -> set[tuple[str, str]]:
    paths = document.get("paths")
    found: set[tuple[str, str]] = set()
    for path, item in paths.items() if isinstance(paths, dict) else ():
        if isinstance(item, dict):
            found |= {(method, path) for method in item}
    return found


def _own(name: str) -> str | None:
    try:
        return documents.canonical(name)
    except documents.UnknownDocumentError:
        return None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file() or path.is_dir() or path.exists()
    except (OSError, ValueError):
        return False


def _from_url(url: str, *, token: str | None, fetch: Fetch, cache: Cache | None) -> Published:
    content, remark = fetching.fetched(url, fetch=fetch, token=token, cache=cache)
    name = fetching.shown_url(url)
    return Published(document=document_of(content, name=name), name=name, remark=remark)


def _from_file(path: Path) -> Published:
    name = str(path)
    if path.is_dir():
        raise SourceError(f"{name} is a folder; name the file in it")
    beside = path.with_name(path.stem + _OVERLAY)
    overlay = _overlay(_content(beside), str(beside)) if path.suffix == ".yaml" and beside.is_file() else None
    return Published(document=document_of(_content(path), name=name), name=name, overlay=overlay)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}") from None


def _from_revision(file: Path, revision: str) -> Published:
    name = f"{shown(file.name)}@{shown(revision)}"
    content = revisions.at_revision(file, revision)
    try:
        beside = file.with_name(file.stem + _OVERLAY)
        overlay = _overlay(revisions.at_revision(beside, revision), f"{beside.name}@{revision}")
    except DocumentError:
        raise
    except SourceError:
        overlay = None
    return Published(document=document_of(content, name=name), name=name, overlay=overlay)


def _overlay(content: bytes, name: str) -> Any:
    value = value_of(content, name=name)
    if not isinstance(value, dict):
        raise DocumentError(f"{name} is no overlay")
    return value
