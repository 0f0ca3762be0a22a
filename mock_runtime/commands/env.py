"""`mock-runtime env`: the variables that lead everything in a shell to a fake, and that fake in the background.

The server holds a lock on a file for as long as it lives, by a descriptor that it inherits and knows nothing of. Who
can take the lock knows that no server is there, whatever process has its number by now: nothing is killed by mistake.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import click

from mock_runtime.commands.fake_options import options_of_a_fake
from mock_runtime.commands.shared import as_arguments, as_variables, config_of
from mock_runtime.commands.trust import private_folder, trusted_before
from mock_runtime.naming import named_by_user
from mock_runtime.variables import SHELLS, TOKEN, Variables, plain, proxied, undone

_PATIENCE_S: Final = 10.0
_LOOK_AGAIN_S: Final = 0.05

_EXAMPLES: Final = """\b
Examples:
  eval "$(mock-runtime env)"                    a fake in the background, and this shell led to it
  eval "$(mock-runtime env --stop)"             the end of it
  mock-runtime env --url http://127.0.0.1:8000  for a server that runs already, by its plain URL
  mock-runtime env --shell fish | source
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Server:
    """A server in the background: what is written down of it."""

    pid: int
    url: str
    any_token: bool


@click.command(epilog=_EXAMPLES, params=options_of_a_fake())
@click.option("--stop", is_flag=True, help="End the server in the background, and take the variables out again.")
@click.option("--url", metavar="URL", help="Start none: the variables for a server that runs at this address.")
@click.option(
    "--ca-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --url: what serve --proxy wrote. The variables are then those of its proxy.",
)
@click.option("--allow", multiple=True, metavar="HOST", help="Another host that may be reached; *.example.org, too.")
@click.option("--plain", "by_url", is_flag=True, help="Lead by plain URLs and not by a proxy; see docs/ways-in.md.")
@click.option(
    "--shell",
    type=click.Choice(["sh", "bash", "zsh", "fish", "powershell"]),
    help="What to write for.  [default: $SHELL]",
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON; null is for what is to be taken out.")
@click.pass_context
def env(context: click.Context, /, **flags: Any) -> None:
    """Write the variables that lead a shell to a fake, and start that in the background if none is there.

    One server a user: whoever calls this again gets the same, until --stop. What does not go to IBM's hosts is refused
    by the proxy, which a shell notices soon: --allow lets hosts through, --plain does without the proxy.
    """
    own = {name: flags.pop(name) for name in ("stop", "url", "ca_file", "allow", "by_url", "shell", "as_json")}
    if own["url"]:
        variables = _of_url(own["url"], own["ca_file"])
    elif own["ca_file"]:
        raise click.UsageError("--ca-file belongs to --url")
    elif own["stop"]:
        variables = _stop()
    else:
        config = config_of(dict(flags))  # said wrong, it is refused here and not in the background
        wanted = [*as_arguments(context), *(f"--allow={host}" for host in own["allow"])]
        named = () if config.instances else named_by_user(os.environ)
        server, folder = _running(wanted, tokens=tuple(token.value for token in config.tokens), named=named)
        # A token that somebody chose is known to who chose it, and written nowhere.
        token = config.first_token or (TOKEN if server.any_token else None)
        variables = _of_server(server, folder, by_url=own["by_url"], token=token)
    if not own["stop"]:
        variables = variables.undoable(os.environ)
    shell = "json" if own["as_json"] else own["shell"] or _shell()
    for line in SHELLS[shell](variables):
        click.echo(line)


def _shell() -> str:
    if os.environ.get("SHELL", "").endswith("/fish"):
        return "fish"
    return "sh" if os.name == "posix" else "powershell"


def _of_url(url: str, authority: Path | None) -> Variables:
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.scheme != "http" or not parts.netloc:
        raise click.UsageError(f"--url: expected an address such as http://127.0.0.1:8000, found {url!r}")
    origin = f"http://{parts.netloc}"
    if authority is None:
        return plain(origin, environment=os.environ)
    bundle = _folder() / f"bundle-{parts.port or 80}.pem"
    bundle.write_bytes(trusted_before(_before()) + b"\n" + authority.read_bytes())
    return proxied(origin, bundle=bundle, authority=authority.resolve(), environment=os.environ)


def _of_server(server: _Server, folder: Path, *, by_url: bool, token: str | None) -> Variables:
    parts = urlsplit(server.url)
    origin = f"{parts.scheme}://{parts.netloc}"
    if by_url:
        return plain(origin, environment=os.environ, token=token)
    authority, bundle = folder / "ca.pem", folder / "ca-bundle.pem"
    bundle.write_bytes(trusted_before(_before()) + b"\n" + authority.read_bytes())
    return proxied(origin, bundle=bundle, authority=authority, environment=os.environ, token=token)


def _before() -> dict[str, str]:
    """The environment as it was before an earlier call."""
    return undone(os.environ).over(os.environ)


def _folder() -> Path:
    base = os.environ.get("XDG_RUNTIME_DIR")
    if base and Path(base).is_dir():
        return private_folder(Path(base) / "mock-runtime")
    return private_folder(Path(tempfile.gettempdir()) / f"mock-runtime-{os.getuid() if os.name == 'posix' else 'env'}")


def _running(wanted: list[str], *, tokens: tuple[str, ...], named: tuple[str, ...]) -> tuple[_Server, Path]:
    """The server in the background, started if there is none, with the instances that its user names."""
    folder = _folder()
    with _lock(folder) as descriptor:
        if descriptor is not None:
            return _start(folder, descriptor, [*wanted, *(f"--also-instance={one}" for one in named)], tokens), folder
    server = _written(folder)
    if wanted or tokens:
        raise click.ClickException(
            f"a server is there already, at {server.url}, and is not changed by options: "
            'end it first, by eval "$(mock-runtime env --stop)"'
        )
    return server, folder


def _start(folder: Path, lock: int, wanted: list[str], tokens: tuple[str, ...]) -> _Server:
    state, log = folder / "server.json", folder / "server.log"
    state.unlink(missing_ok=True)
    words = ["serve", "--host=127.0.0.1", "--port=0", "--quiet", "--proxy", f"--ca-file={folder / 'ca.pem'}", *wanted]
    with log.open("wb") as errors:
        started = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-P", "-m", "mock_runtime", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**_before(), **as_variables(tokens)},
            start_new_session=True,
            pass_fds=(lock,),
        )
    assert started.stdout is not None  # noqa: S101 - narrows the type
    try:
        with started.stdout as output:
            url = output.readline().decode().strip()
    except BaseException:
        # Whoever has no more patience for it would find it in the way: it holds the lock, and nobody knows where it is.
        started.terminate()
        started.wait()
        raise
    if not url:
        started.wait()
        said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        raise click.ClickException(f"the server did not start: {said[-1] if said else 'it said nothing'}")
    server = _Server(pid=started.pid, url=url, any_token=not tokens)
    state.write_text(json.dumps(asdict(server)), encoding="utf-8")
    started.returncode = 0  # it is to live on: nobody shall wait for it
    return server


def _stop() -> Variables:
    """End the server, and say what takes the variables out."""
    folder = _folder()
    with _lock(folder) as descriptor:
        there = descriptor is None
    if there:
        os.kill(_written(folder).pid, signal.SIGTERM)
        _wait_for_its_end(folder)
    for file in ("server.json", "server.log", "ca.pem", "ca-bundle.pem"):
        (folder / file).unlink(missing_ok=True)
    click.echo("the server is stopped" if there else "there was no server", err=True)
    return undone(os.environ)


def _wait_for_its_end(folder: Path) -> None:
    pause = threading.Event()
    for _ in range(int(_PATIENCE_S / _LOOK_AGAIN_S)):
        with _lock(folder) as descriptor:
            if descriptor is not None:
                return
        pause.wait(_LOOK_AGAIN_S)
    raise click.ClickException("the server was asked to stop and is still there")


def _written(folder: Path) -> _Server:
    """What is written down of the server that holds the lock; another call may be about to write it."""
    pause = threading.Event()
    for _ in range(int(_PATIENCE_S / _LOOK_AGAIN_S)):
        with contextlib.suppress(OSError, ValueError, TypeError):
            return _Server(**json.loads((folder / "server.json").read_text(encoding="utf-8")))
        pause.wait(_LOOK_AGAIN_S)
    raise click.ClickException(f"a server is about to start, but does not say where; {folder / 'server.log'} may know")


@contextlib.contextmanager
def _lock(folder: Path) -> Iterator[int | None]:
    """The lock of the server, as a descriptor to pass on; None if a server has it."""
    try:
        import fcntl  # noqa: PLC0415 - not on Windows
    except ImportError:
        raise click.UsageError(
            "there is no server in the background on this system: start mock-runtime serve, and give env its --url"
        ) from None
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        yield None
        return
    try:
        yield descriptor
    finally:
        # Not unlocked: a server that has inherited the descriptor keeps the lock.
        os.close(descriptor)
