"""The files with certificates that a program is pointed at."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustFiles:
    """`authority` holds the certificate of the fake's authority, `bundle` that and all that were trusted before."""

    authority: Path
    bundle: Path


def write_trust(authority_pem: bytes, folder: Path, environment: Mapping[str, str]) -> TrustFiles:
    """Write both into a folder."""
    files = TrustFiles(authority=folder / "ca.pem", bundle=folder / "ca-bundle.pem")
    files.authority.write_bytes(authority_pem)
    files.bundle.write_bytes(trusted_before(environment) + b"\n" + authority_pem)
    return files


def trusted_before(environment: Mapping[str, str]) -> bytes:
    """The certificates that programs trust without us: those of the environment, or those that requests brings."""
    import certifi  # noqa: PLC0415 - a megabyte of certificates, for who needs them

    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        path = environment.get(name)
        if path and Path(path).is_file():
            try:
                return Path(path).read_bytes()
            except OSError as error:
                raise click.ClickException(f"{name}={path} cannot be read: {error.strerror}") from None
    return Path(certifi.where()).read_bytes()


def private_folder(folder: Path) -> Path:
    """A folder that is ours and that nobody else can enter, made if need be; ClickException if it is not."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "posix":
        status = folder.lstat()
        if folder.is_symlink() or status.st_uid != os.getuid() or status.st_mode & 0o077:
            raise click.ClickException(f"{folder} is not private to you: remove it, or set XDG_RUNTIME_DIR")
    return folder
