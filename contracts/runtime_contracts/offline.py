"""No network: while a client is held to the contract, nothing in this process may reach out for one."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_METHODS: Final = ("connect", "connect_ex")
_LOCAL: Final = {getattr(socket, "AF_UNIX", None)}


class NetworkUsedError(BaseException):
    """Something tried to reach a network.

    No `Exception`: a client that takes it for a failure of the connection would try again, and again.
    """


@contextmanager
def offline() -> Iterator[list[str]]:
    """Refuse every look-up of a name and every connection of this process, and keep the addresses that were tried.

    Sockets that do not leave the machine by their kind (AF_UNIX) go on working.

    Raises:
        NetworkUsedError: where the attempt is made.
    """
    attempts: list[str] = []
    replaced = {name: vars(socket.socket).get(name) for name in _METHODS}
    look_up = socket.getaddrinfo

    def refuse(address: object) -> NoReturn:
        attempts.append(_place(address))
        raise NetworkUsedError(f"no network is there; an attempt was made to reach {attempts[-1]}")

    def refused_look_up(host: object, port: object = None, *_: Any, **__: Any) -> NoReturn:
        refuse((host, port))

    for name in _METHODS:
        setattr(socket.socket, name, _refused(getattr(socket.socket, name), refuse))
    vars(socket)["getaddrinfo"] = refused_look_up
    try:
        yield attempts
    finally:
        vars(socket)["getaddrinfo"] = look_up
        for name, former in replaced.items():
            if former is None:
                delattr(socket.socket, name)
            else:
                setattr(socket.socket, name, former)


def _refused(original: Callable[..., Any], refuse: Callable[[object], NoReturn]) -> Callable[..., Any]:
    def attempt(self: socket.socket, address: Any, /) -> Any:
        if self.family not in _LOCAL:
            refuse(address)
        return original(self, address)

    return attempt


def _place(address: object) -> str:
    if isinstance(address, tuple) and len(address) >= 2:
        host, port = address[:2]
        return f"{host.decode(errors='replace') if isinstance(host, bytes) else host}:{port}"
    return str(address)
