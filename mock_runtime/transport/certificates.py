"""A certificate authority for one run: made on the spot, good for the hosts of the fake and for nothing else.

Its key signs one certificate and is forgotten. What is left can serve those hosts for a short time, and nobody can sign
anything more with it. ECDSA on P-256: made in a millisecond, and understood by every TLS library in use.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import ssl
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

_LOOPBACK: Final = (ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1"))
_REGIONS: Final = ("us-east", "eu-de")  # private endpoints are called private.<region>.quantum.cloud.ibm.com
_BEFORE: Final = timedelta(hours=1)  # for a client whose clock is behind


class NoCryptography(ImportError):
    """The library that makes certificates is not installed. `str()` says how to get it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """An authority's certificate as PEM, and a context that serves the names it was made for."""

    authority_pem: bytes
    tls: ssl.SSLContext = field(repr=False)


def issue(names: Iterable[str], *, now: float, days: float = 1.0) -> Certificates:
    """New certificates for these names (`*.example.org` for all below one) and for loopback, from an hour before `now`.

    The authority is constrained to those names, so that whoever trusts it trusts it for them alone. NoCryptography
    without the extra `proxy`. The key of the certificate is in a private file for as long as it takes to read it.
    """
    try:
        from cryptography import x509  # noqa: PLC0415 - an extra, and 50 ms
        from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    except ImportError:
        raise NoCryptography(
            "HTTPS for IBM's hosts needs the library cryptography: pip install 'mock-runtime[proxy]'"
        ) from None
    dns = [*dict.fromkeys(each for name in names for each in _with_regions(name)), "localhost"]
    begin = datetime.fromtimestamp(now, UTC) - _BEFORE
    end = begin + _BEFORE + timedelta(days=days)
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    issuer = _named(x509, "mock-runtime: a CA for one run")

    def signed(subject: Any, public_key: Any, extensions: Iterable[tuple[Any, bool]]) -> Any:
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(end)
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(authority_key, hashes.SHA256())

    authority = signed(issuer, authority_key.public_key(), _of_authority(x509, authority_key, dns))
    leaf = signed(
        _named(x509, "mock-runtime: a server for one run"), key.public_key(), _of_server(x509, authority_key, key, dns)
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Certificates(authority_pem=authority.public_bytes(pem), tls=_context(leaf.public_bytes(pem) + private))


def _with_regions(name: str) -> Iterable[str]:
    """A name and, if it stands for a domain, the domains of the regions in it, since an asterisk is for one label."""
    yield name
    if name.startswith("*."):
        yield from (f"*.{region}{name[1:]}" for region in _REGIONS)


def _named(x509: Any, name: str) -> Any:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def _of_authority(x509: Any, key: Any, dns: list[str]) -> list[tuple[Any, bool]]:
    subtrees = [x509.DNSName(name) for name in dict.fromkeys(name.removeprefix("*.") for name in dns)]
    addresses = [x509.IPAddress(ipaddress.ip_network(address)) for address in _LOOPBACK]
    return [
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (_usage(x509, key_cert_sign=True, crl_sign=True), True),
        (x509.NameConstraints(permitted_subtrees=[*subtrees, *addresses], excluded_subtrees=None), True),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
    ]


def _of_server(x509: Any, authority_key: Any, key: Any, dns: list[str]) -> list[tuple[Any, bool]]:
    names = [*map(x509.DNSName, dns), *map(x509.IPAddress, _LOOPBACK)]
    return [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_usage(x509, digital_signature=True), True),
        (x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.SubjectAlternativeName(names), False),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), False),
    ]


def _usage(x509: Any, **chosen: bool) -> Any:
    kinds = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{kind: chosen.get(kind, False) for kind in kinds})


def _context(pem: bytes) -> ssl.SSLContext:
    """A context with that certificate and key, which OpenSSL only takes from a file."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    descriptor, name = tempfile.mkstemp(prefix="mock-runtime-", suffix=".pem")  # readable by its owner alone
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
        context.load_cert_chain(name)
    finally:
        with contextlib.suppress(OSError):
            Path(name).unlink()
    return context
