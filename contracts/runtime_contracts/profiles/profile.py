"""What one edition of the API is to the contract: who may come in, what exists, how things live, what calls carry."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from runtime_contracts.lifecycle_model import CouldNotRunError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from hypothesis import strategies as st

    from runtime_contracts.documents import Document
    from runtime_contracts.exchange import Exchange
    from runtime_contracts.journeys import Journey, Scene
    from runtime_contracts.lifecycle import Lifecycle, LifecycleOptions
    from runtime_contracts.operation import Operation


__all__ = [
    "Access", "Attempt", "ClientSide", "CouldNotRunError", "Good", "Keys", "Known", "Profile", "ServerSide",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What the user of a run has given it to come in with.

    Attributes:
        token: API token or key of the caller.
        other_token: the same of a second caller, or None.
        access_token: what logging in would give, where that is not possible.
        instance: the caller's service instance, in editions that have them.
        other_instance: the second caller's.
        iam_url: where keys are exchanged, in editions that do; None for the server's own origin.
        read_only: nothing may be made to come in, but for the exchange of a key.
    """

    token: str = field(repr=False)
    other_token: str | None = field(default=None, repr=False)
    access_token: str | None = field(default=None, repr=False)
    instance: str | None = None
    other_instance: str | None = None
    iam_url: str | None = None
    read_only: bool = False

    @property
    def secrets(self) -> set[str]:
        """Everything in here that must not be shown."""
        return {secret for secret in (self.token, self.other_token, self.access_token) if secret}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way to call an operation: what it is in words, its headers, the status that it must get, and the check."""

    what: str
    headers: Mapping[str, str]
    status: int = 401
    check: str = "credentials_refused"


class Access(Protocol):
    """Two callers of a server, and the ways to come in.

    Attributes:
        remark: what the reader should know about how the server lets callers in, or None.
    """

    remark: str | None

    @property
    def headers(self) -> Mapping[str, str]:
        """Credentials of the caller."""
        ...

    @property
    def others(self) -> Mapping[str, str] | None:
        """Credentials of somebody else, or None if there is nobody else."""
        ...

    def may_call(self, operation: Operation) -> bool:
        """Tell whether there are credentials for an operation."""
        ...

    def turn(self, operation_id: str) -> Mapping[str, str]:
        """Return credentials for the next call of an operation; where there are several ways they take turns."""
        ...

    def refused(self, operation: Operation) -> Iterable[Attempt]:
        """Return the ways that must not let anybody in."""
        ...

    def accepted(self, operation: Operation) -> Iterable[tuple[str, Mapping[str, str]]]:
        """Return the ways each of which must let the caller in alone."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Values that exist on the server, so that random requests find something now and then.

    Attributes:
        name: what they are, such as "jobs".
        parameter: where they stand: "path.id", "query.backend", or "body.backend".
        operations: ids of the operations that take them there.
        share: how often one of them is taken instead of a random value.
        only: nothing else can be meant, as with a cursor that the server has to give out; only for broken requests is
            something else drawn.
    """

    name: str
    values: tuple[str, ...]
    parameter: str
    operations: tuple[str, ...]
    share: float = 0.5
    only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Good:
    """A request that a server takes as it is.

    Attributes:
        values: of the parameters in the path; they name things that exist.
        query: of the query.
        headers: credentials and all.
        body: a JSON value, or None.
        odd_headers: by name, values to try one at a time; None leaves the header out.
    """

    operation: str
    headers: Mapping[str, str]
    values: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    odd_headers: Mapping[str, tuple[str | None, ...]] = field(default_factory=dict)


A = TypeVar("A", bound=Access)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSide(Generic[A]):
    """How servers of an edition are driven.

    Attributes:
        address: from the URL that a user gives to the one below which the paths of the document are.
        sign_in: begins a run; raises CouldNotRunError.
        open_operations: those that must answer 200 to anybody, with credentials or without.
        harmless: a body, with its content type, that changes nothing even where the call is let in.
        unknown_paths: paths that do not exist beside some operations.
        error_schema: the component that describes the body of a 404 or 405 on a path.
        known: makes some things on the server, and says what exists.
        links: adds to the document how one operation leads to another.
        secret_in: the secret in the answer of an operation, or None.
        lifecycle: the model that is walked; None if the server has nothing to walk with.
        goods: good requests for some operations, for which it may make things; only such as read if it is told so.
        scene: what the journeys work with; None if the server has nothing to make them with.
        journeys: the journeys, in their order.
        existing: what is on the server without anything being made.
        usual: cuts the document down to the bodies that are usual, for a quick run.
        exchanges: URLs where a key is exchanged for a token, for the origin of a server.
        queries: what some operations need in their query, by id.
        makers: what a POST to a path makes, as the name of a shell variable for its id.
        preamble: lines for the shell that a line with a variable needs before it, by variable; `{origin}` stands for
            the address of the server.
    """

    address: Callable[[str], str]
    sign_in: Callable[[Exchange, Keys], A]
    open_operations: frozenset[str]
    harmless: Callable[[Operation], tuple[bytes, str]]
    unknown_paths: Callable[[Collection[Operation]], Iterable[str]]
    error_schema: Callable[[str], str]
    known: Callable[[Exchange, A, Collection[Operation], int], tuple[Known, ...]]
    links: Callable[[Document], None]
    secret_in: Callable[[str, Any], str | None]
    lifecycle: Callable[[Exchange, A, LifecycleOptions], Lifecycle | None]
    goods: Callable[[Exchange, A, Collection[Operation], bool], tuple[Good, ...]]
    scene: Callable[[Exchange, A, LifecycleOptions], Scene | None]
    journeys: tuple[Journey, ...]
    existing: Callable[[Exchange, A, Collection[Operation]], tuple[Known, ...]]
    usual: Callable[[Document], None]
    exchanges: Callable[[str, Keys], frozenset[str]]
    makers: Mapping[str, str]
    queries: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    preamble: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSide:
    """How clients of an edition are driven.

    Attributes:
        arguments: makes the values of the walkthrough that a driver passes on.
        strategy: makes other values.
        places: by operation id, where an argument stands in the request ("path.jid", "query.limit", "body./backend",
            "form.name") and the name of its attribute, or a call that takes it out of the arguments.
        never_repeated: operations that make something each time they are called.
    """

    arguments: Callable[[], Any]
    strategy: Callable[[], st.SearchStrategy[Any]]
    places: Mapping[str, Mapping[str, str | Callable[[Any], Any]]]
    never_repeated: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One edition of the API as the contract knows it."""

    edition: str
    server: ServerSide[Any]
    client: ClientSide
