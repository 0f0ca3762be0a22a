"""What stands in a recording for what must not be there: of the same form, and the same for the same secret.

A placeholder is computed from the secret with a key that is made for one recording and written nowhere, so that it can
be compared with others in the same file, and looked up by nobody.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import json
import string
from collections.abc import Callable
from typing import Final

_LOWER_HEX: Final = frozenset("0123456789abcdef")
_UPPER_HEX: Final = frozenset("0123456789ABCDEF")
_KEPT_CLAIMS: Final = frozenset(
    {"iat", "exp", "nbf", "grant_type", "scope", "client_id", "acr", "amr", "realmid", "iss"}
)
_LONGEST: Final = 65536


class Placeholders:
    """Makes placeholders with one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "Placeholders(...)"

    def alike(self, secret: str) -> str:
        """Return a text of the same length: letters for letters, digits for digits, and all else as it was.

        What is written in hexadecimal stays so.
        """
        letters = {char for char in secret if char.isalnum()}
        digits = letters & set(string.digits)
        hexadecimal = bool(digits) and (letters <= _LOWER_HEX or letters <= _UPPER_HEX)
        stream = self._stream(secret, min(len(secret), _LONGEST))
        found = "".join(
            _alike(char, stream[index % _LONGEST], hexadecimal=hexadecimal) for index, char in enumerate(secret)
        )
        # What has neither letters nor digits would stay what it is.
        return found if found != secret else "*" * len(secret)

    def number(self, digits: str) -> str:
        """Return a whole number of as many digits."""
        stream = self._stream(digits, len(digits))
        found = "".join(_alike(char, byte, hexadecimal=False) for char, byte in zip(digits, stream, strict=True))
        return found if len(found) == 1 or found[0] != "0" else f"1{found[1:]}"

    def crn(self, crn: str) -> str:
        """Return a CRN of the same service and region, with another account, instance and resource."""
        parts = crn.split(":")
        for index in (6, 7, 9):
            if len(parts) > index and parts[index]:
                scope, slash, name = parts[index].rpartition("/")
                parts[index] = scope + slash + self.alike(name)
        return ":".join(parts)

    def email(self, email: str) -> str:
        """Return an address of nobody."""
        return f"user-{self._stream(email.lower(), 5).hex()}@example.com"

    def address(self, address: str) -> str:
        """Return an IP address that is set aside for documentation."""
        byte = self._stream(address, 8)
        if isinstance(ipaddress.ip_address(address), ipaddress.IPv4Address):
            return f"192.0.2.{byte[0]}"
        return f"2001:db8::{byte[:2].hex()}:{byte[2:4].hex()}"

    def jwt(self, token: str, clean: Callable[[str, object], object]) -> str:
        """Return a token with the same times in it, and without a signature that anybody could check.

        `clean` is called with the name and the value of each other claim.
        """
        header, payload, *rest = token.split(".")
        claims = decoded_segment(payload)
        if not isinstance(claims, dict) or not isinstance(decoded_segment(header), dict):
            return ".".join(map(self.alike, (header, payload, *rest)))
        kept = {name: value if name in _KEPT_CLAIMS else clean(name, value) for name, value in claims.items()}
        first = {"alg": "HS256", "typ": "JWT"}
        return ".".join([encoded_segment(first), encoded_segment(kept), *map(self.alike, rest)])

    def _stream(self, secret: str, length: int) -> bytes:
        data = secret.encode("utf-8", "surrogatepass")
        blocks = (length + 31) // 32
        return b"".join(
            hmac.digest(self._key, index.to_bytes(4, "big") + data, hashlib.sha256) for index in range(blocks)
        )[:length]


def decoded_segment(text: str) -> object:
    """Return the JSON value in a segment of a JWT, or None if it is none."""
    try:
        found: object = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, RecursionError):
        return None
    return found


def encoded_segment(value: object) -> str:
    """Return a JSON value as a segment of a JWT."""
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).rstrip(b"=").decode()


def _alike(char: str, byte: int, *, hexadecimal: bool) -> str:
    if hexadecimal and char in string.hexdigits:
        found = "0123456789abcdef"[byte % 16]
        return found.upper() if char.isupper() else found
    if char.isdigit():
        return string.digits[byte % 10]
    if char.isalpha():
        return (string.ascii_uppercase if char.isupper() else string.ascii_lowercase)[byte % 26]
    return char
