"""Documents from elsewhere: a file, a URL, the live service, or a revision of one of ours in git.

What is read here was written by strangers, so it is bounded in size, depth and number of nodes before anybody walks it,
and whatever is wrong with it is a SourceError with a sentence for the person who asked.
"""

from __future__ import annotations

from runtime_contracts.sources.fetching import LIVE_URL, Answer, Cache, Fetch
from runtime_contracts.sources.parsing import DocumentError, SourceError, document_of
from runtime_contracts.sources.source import LIVE, Published, read

__all__ = [
    "LIVE",
    "LIVE_URL",
    "Answer",
    "Cache",
    "DocumentError",
    "Fetch",
    "Published",
    "SourceError",
    "document_of",
    "read",
]
