"""What one HTTP exchange has in common over every library: what goes out, and how much of a body is taken in."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from runtime_client.calls import Call, Reply
from runtime_client.errors import TransportError, one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime_client.flows import Send

CHUNK_BYTES = 64 * 1024
# An error message needs no more of an error page.
_ERROR_BODY_BYTES = 64 * 1024


def outgoing_headers(call: Call, application: str) -> dict[str, str]:
    """Return the headers of a call, without its credentials."""
    # A compressed body that breaks off looks whole to the layers below, so none is asked for, and none is taken.
    headers = {"X-Qx-Client-Application": application, "Accept-Encoding": "identity", **call.headers}
    if call.content_type is not None:
        headers["Content-Type"] = call.content_type
    return headers


def outgoing_url(send: Send) -> str:
    """Return the address with the query in it, encoded here so that every library sends the same."""
    query = urlencode(send.call.query, doseq=True)
    return f"{send.url}?{query}" if query else send.url


class Incoming:
    """An answer that is being read, from any library; an error status is an answer even if its body cannot be read."""

    def __init__(self, call: Call, status: int, headers: Mapping[str, str], *, limit: int) -> None:
        """Begin with status and headers; raises `TransportError` for a body that is encoded, which none may be."""
        self._call = call
        self._status = status
        self._headers = headers
        self._limit = limit
        self._body = bytearray()
        self.failed = status >= 400
        coding = headers.get("Content-Encoding", "identity").strip().lower()
        if not self.failed and coding != "identity":
            raise TransportError(
                f"the answer is encoded ({one_line(coding)}), which was not asked for", operation=call.operation
            )

    def take(self, chunk: bytes) -> bool:
        """Take a piece of the body and tell whether more is wanted; raises `TransportError` when it is too large."""
        self._body += chunk
        if self.failed:
            return len(self._body) <= _ERROR_BODY_BYTES
        if len(self._body) > self._limit:
            raise TransportError(f"the answer is larger than {self._limit} bytes", operation=self._call.operation)
        return True

    def reply(self, location: str | None = None) -> Reply:
        """Return what was read; `location` is where a redirect leads, if a library has put it elsewhere.

        Raises `TransportError` for a body that is shorter than was announced, which not every transport looks at.
        """
        announced = self._headers.get("Content-Length", "").strip()
        # Ten digits are more than any limit; longer ones need not become a number.
        is_counted = announced.isascii() and announced.isdigit() and len(announced) <= 10
        if not self.failed and self._status != 204 and is_counted and len(self._body) < int(announced):
            detail = f"the answer broke off after {len(self._body)} of {announced} bytes"
            raise TransportError(detail, operation=self._call.operation, transient=True)
        return Reply(
            status=self._status,
            body=bytes(self._body[:_ERROR_BODY_BYTES] if self.failed else self._body),
            content_type=self._headers.get("Content-Type"),
            content_length=self._headers.get("Content-Length"),
            retry_after=self._headers.get("Retry-After"),
            date=self._headers.get("Date"),
            location=location or self._headers.get("Location"),
        )
