"""Base URLs and path segments, checked before anything is sent."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from runtime_client.wire import require_utf8


def checked_base_url(url: str, what: str) -> str:
    """Return a base URL without trailing slashes, or raise `ValueError` (which never quotes it) naming `what`.

    It needs http or https and a host, may have a path (kept as a prefix), and has no user name, query or fragment:
    tokens are arguments of their own.
    """
    try:
        parts = urlsplit(url.strip())
        _ = parts.port
    except ValueError:
        raise ValueError(f"{what} is not a valid URL") from None
    if parts.scheme not in {"http", "https"}:
        raise ValueError(f"{what} must start with http:// or https://")
    if not parts.hostname:
        raise ValueError(f"{what} must name a host")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError(f"{what} must not have a user name, a query or a fragment")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def encoded_segment(segment: str) -> str:
    """Return a path segment with everything but unreserved characters percent-encoded.

    Raises `ValueError` for an empty one, for "." and ".." (which no encoding saves from being resolved away: the call
    would go to another operation) and for text that is no UTF-8.
    """
    if segment in {"", ".", ".."}:
        raise ValueError(f"{segment!r} cannot be part of a path")
    return quote(require_utf8(segment, "a part of the path"), safe="")
