"""Certificates that are made on the spot: good for the fake's hosts, and for nothing else."""

from __future__ import annotations

import socket
import ssl
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from mock_runtime.transport.certificates import Certificates, NoCryptography, issue

if TYPE_CHECKING:
    from mock_runtime.clock import Clock

NOW = datetime(2026, 11, 22, tzinfo=UTC).timestamp()
HOSTS = ("quantum.cloud.ibm.com", "eu-de.quantum.cloud.ibm.com", "private.us-east.quantum.cloud.ibm.com")
NAMES = ("quantum.cloud.ibm.com", "*.quantum.cloud.ibm.com")


@pytest.fixture(scope="module")
def certificates() -> Certificates:
    """Some, made now."""
    from mock_runtime.clock import SystemClock  # noqa: PLC0415

    clock: Clock = SystemClock()
    return issue(NAMES, now=clock.now())


def handshake(certificates: Certificates, name: str) -> str | None:
    """The protocol that a client of that name's agrees on; ssl.SSLError if it does not trust the server."""
    ours, theirs = socket.socketpair()
    serving = threading.Thread(target=serve, args=(certificates, ours))
    serving.start()
    context = ssl.create_default_context(cadata=certificates.authority_pem.decode())
    context.set_alpn_protocols(["h2", "http/1.1"])
    try:
        with context.wrap_socket(theirs, server_hostname=name) as secured:
            return secured.selected_alpn_protocol()
    finally:
        theirs.close()
        serving.join(20)


def serve(certificates: Certificates, connection: socket.socket) -> None:
    """The other side, which reads until the client goes away."""
    try:
        with certificates.tls.wrap_socket(connection, server_side=True) as secured:
            secured.recv(1)
    except OSError:
        connection.close()


@pytest.mark.parametrize("name", [*HOSTS, "localhost", "127.0.0.1", "::1"])
def test_a_client_trusts_the_names_it_was_made_for(certificates: Certificates, name: str) -> None:
    """And is not offered HTTP/2."""
    assert handshake(certificates, name) == "http/1.1"


@pytest.mark.parametrize("name", ["ibm.com", "evil.example", "a.b.quantum.cloud.ibm.com", "127.0.0.2"])
def test_a_client_trusts_no_other_name(certificates: Certificates, name: str) -> None:
    """Not even one level further down."""
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(certificates, name)


def test_the_authority_is_constrained_and_short_lived() -> None:
    """To its names, to one certificate below it, and to a day; the hour before is for clocks that are behind."""
    authority = x509.load_pem_x509_certificate(issue(NAMES, now=NOW).authority_pem)
    constraints = authority.extensions.get_extension_for_class(x509.NameConstraints)
    permitted = constraints.value.permitted_subtrees
    assert permitted is not None
    assert constraints.critical
    regions = [f"{region}.{NAMES[0]}" for region in ("us-east", "eu-de")]
    assert [str(name.value) for name in permitted] == [NAMES[0], *regions, "localhost", "127.0.0.1/32", "::1/128"]
    assert authority.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0
    begin = datetime.fromtimestamp(NOW, UTC)
    assert authority.not_valid_before_utc == begin - timedelta(hours=1)
    assert authority.not_valid_after_utc == begin + timedelta(days=1)
    assert isinstance(authority.public_key(), ec.EllipticCurvePublicKey)


def test_every_run_has_an_authority_of_its_own() -> None:
    """Who trusted yesterday's trusts nothing today."""
    assert issue(NAMES, now=NOW).authority_pem != issue(NAMES, now=NOW).authority_pem


def test_no_key_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither on the disk nor in what is given back."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    made = issue(NAMES, now=NOW)
    assert list(tmp_path.iterdir()) == []
    assert b"PRIVATE" not in made.authority_pem
    assert "SSLContext" not in repr(made)


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that installs it."""
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(NoCryptography, match=r"pip install 'mock-runtime\[proxy\]'"):
        issue(NAMES, now=NOW)
