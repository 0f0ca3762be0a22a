"""A call and what comes back, as values: nothing here knows how they travel, so any client can use it."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runtime_client.flows import Flow


class Access(enum.Enum):
    """What an operation asks of its caller."""

    NONE = "nothing"
    ANY = "the API token or a session token"
    SESSION = "a session token"


@dataclass(frozen=True, slots=True)
class Call:
    """One operation with its arguments: what to send, with which credentials, and which success status it documents.

    `path` holds segments that are encoded one by one; a sequence in `query` is one key repeated; `account` calls go to
    the account service's address. `repeatable` says whether the call may be sent again when nobody knows what became of
    it, and None that its method decides.
    """

    operation: str
    method: str
    path: tuple[str, ...]
    success: frozenset[int] = frozenset({200})
    access: Access = Access.ANY
    account: bool = False
    query: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str | None = None
    body: bytes | None = field(default=None, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    files: Mapping[str, tuple[str, bytes, str]] | None = field(default=None, repr=False)
    repeatable: bool | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, whatever its status: the headers the client reads, and the body (cut for error statuses)."""

    status: int
    body: bytes = field(repr=False)
    content_type: str | None = None
    content_length: str | None = None
    retry_after: str | None = None
    date: str | None = None
    location: str | None = None


class Holder(Protocol):
    """Whoever holds the secrets of a client."""

    @property
    def renewals(self) -> int:
        """How often credentials were renewed so far."""
        ...

    def headers(self, access: Access, operation: str) -> Flow[Mapping[str, str]]:
        """Return the headers that carry the credentials for `access`, after getting them if need be."""
        ...

    def refuse(self, headers: Mapping[str, str]) -> bool:
        """Take note that the service refuses the credentials in `headers`; tell whether others can be had."""
        ...

    def mask(self, text: str) -> str:
        """Return `text` with every secret replaced."""
        ...
