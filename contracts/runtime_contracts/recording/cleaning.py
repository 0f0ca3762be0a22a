"""Texts without secrets: what looks like one, what has the name of one, and what is known to be one.

A text is looked at as it is, and as it would be read: percent-encoded, with the escapes of JSON or HTML, in base64,
packed. Whatever was replaced is set aside and not looked at again.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import html
import ipaddress
import re
import zlib
from collections.abc import Callable
from typing import Final
from urllib.parse import quote, unquote

from runtime_contracts.recording.known import KnownSecrets
from runtime_contracts.recording.names import is_credential, is_personal
from runtime_contracts.recording.placeholders import Placeholders, decoded_segment

_DEPTH: Final = 4
_REMEMBERED: Final = 20_000
_REMEMBERED_LENGTH: Final = 200
_MOST_UNPACKED: Final = 4 * 1024 * 1024
_OPEN, _CLOSE = "\ue000", "\ue001"
_ASIDE: Final = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_MARKS: Final = re.compile(f"{_OPEN}\\d+{_CLOSE}|[{_OPEN}{_CLOSE}]")

_JWT: Final = re.compile(r"(?<![0-9A-Za-z_-])eyJ[0-9A-Za-z_-]{5,}+\.[0-9A-Za-z_-]{4,}+(?:\.[0-9A-Za-z_-]*+)?")
_CRN: Final = re.compile(r"crn:v\d+(?::[^:\s\"'<>&\\,;()\[\]{}\ue000\ue001]{0,200}){5,8}", re.IGNORECASE)
_IBM_ID: Final = re.compile(r"(?<![0-9A-Za-z])(IBMid|iam-ServiceId|iam-Profile|HPCid)-([0-9A-Za-z][0-9A-Za-z-]{4,63})")
_SCHEME: Final = re.compile(r"(?<![0-9A-Za-z])(bearer|basic|apikey|token)(\s+)([0-9A-Za-z._~+/=-]{6,})", re.IGNORECASE)
_PAIR: Final = re.compile(
    r"(?<![0-9A-Za-z_.-])([A-Za-z][0-9A-Za-z_.-]{1,60})([\"']?\s{0,3}[=:]\s{0,3}[\"']?)(?!//)([^\s\"'&<>,;{}\[\]\ue000\ue001]+)"
)
_IPV4: Final = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]|\.\d)")
_IPV6: Final = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{1,4})?(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:])")
_WORD: Final = re.compile(r"[^\s\"'<>]+")
_PERCENT: Final = re.compile(r"%[0-9A-Fa-f]{2}")
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,31});")
_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|(/))")
_BASE64: Final = re.compile(r"[0-9A-Za-z+/_-]{12,}+={0,2}")
_LOCAL: Final = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,254}")
_DOMAIN: Final = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63})+|\[[0-9A-Fa-f.:]{3,45}\]")
_NO_SECRETS: Final = frozenset({"bearer", "basic", "apikey", "null", "true", "false", "none", "not_supported"})
_SAFE: Final = "/?&=:;,+@!$'()*~-._"


class Cleaning:
    """Takes secrets out of texts, and remembers each of them for the next ones."""

    def __init__(self, placeholders: Placeholders, known: KnownSecrets) -> None:
        self.placeholders = placeholders
        self.known = known
        # Most strings of JSON come again and again: the names of fields, of gates, of backends.
        self._before: dict[str, str] = {}
        self._before_of = 0

    def secret(self, value: str, *, opaque: bool = True) -> str:
        """Return what stands for a value that is known to be secret, and remember it."""
        found = self.known.placeholder(value)
        if found is None:
            found = self._made(value)
            self.known.add(value, found, opaque=opaque)
        return found

    def named(self, name: str, value: str) -> str:
        """Return what stands for the value of something with that name: itself, cleaned, if the name says nothing."""
        if not value or value.lower() in _NO_SECRETS:
            return value
        if is_credential(name):
            scheme, blank, rest = value.partition(" ")
            if blank and scheme.lower() in {"bearer", "basic", "apikey", "token"}:
                return scheme + blank + self._credential(scheme, rest)
            return self._credential("", value)
        if is_personal(name) and not _CRN.fullmatch(value):
            return self.secret(value, opaque=False)
        return self.text(value)

    def text(self, text: str, depth: int = _DEPTH) -> str:
        """Return a text without secrets."""
        if len(text) < 3:
            return text
        if depth != _DEPTH or len(text) > _REMEMBERED_LENGTH:
            return _Text(self, text, depth).cleaned()
        if self._before_of != len(self.known) or len(self._before) > _REMEMBERED:
            self._before.clear()
            self._before_of = len(self.known)
        found = self._before.get(text)
        if found is None:
            found = self._before[text] = _Text(self, text, depth).cleaned()
        return found

    def crn(self, crn: str) -> str:
        """Return another CRN, and remember its parts."""
        parts = crn.split(":")
        for index in (6, 7, 9):
            name = parts[index].rpartition("/")[2] if len(parts) > index else ""
            if name:
                self.known.add(name, self.placeholders.alike(name), opaque=False)
        return self.placeholders.crn(crn)

    def _credential(self, scheme: str, value: str) -> str:
        if scheme.lower() == "basic":
            with contextlib.suppress(ValueError, binascii.Error):
                pair = base64.b64decode(value, validate=True).decode("utf-8")
                user, colon, password = pair.partition(":")
                if colon:
                    clean = f"{self.secret(user)}:{self.secret(password)}"
                    found = base64.b64encode(clean.encode()).decode()
                    self.known.add(value, found, opaque=True)
                    return found
        return self.secret(value)

    def _made(self, value: str) -> str:
        if _JWT.fullmatch(value):
            return self.jwt(value)
        if _CRN.fullmatch(value):
            return self.crn(value)
        person = _IBM_ID.fullmatch(value)
        if person is not None:
            return f"{person[1]}-{self.secret(person[2], opaque=False)}"
        if _is_email(value):
            return self.placeholders.email(value)
        return self.placeholders.alike(value)

    def jwt(self, token: str) -> str:
        """Return another token, and remember what is in this one."""
        claims = decoded_segment(token.split(".")[1])

        def clean(name: str, value: object) -> object:
            if isinstance(value, str):
                return self.named(name, value)
            if isinstance(value, dict):
                return {key: clean(name if is_personal(name) else str(key), item) for key, item in value.items()}
            if isinstance(value, list):
                return [clean(name, item) for item in value]
            return value

        found = self.placeholders.jwt(token, clean)
        self.known.add(token, found, opaque=False)
        # The head is the same in all tokens, and the times in the middle are kept: only what is left is a secret.
        for part, instead in list(zip(token.split("."), found.split("."), strict=False))[1:]:
            self.known.add(part, instead, opaque=isinstance(claims, dict) is False)
        if token.count(".") > 1:
            signature = token.rpartition(".")[2]
            self.known.add_pieces(signature)
        return found


class _Text:
    """One text on its way to being clean."""

    def __init__(self, cleaning: Cleaning, text: str, depth: int) -> None:
        self._cleaning = cleaning
        self._placeholders = cleaning.placeholders
        self._depth = depth
        self._aside: list[tuple[str, bool]] = []
        # Marks in the text are those of a text around this one, or no marks at all: they stay what they are.
        self._text = _MARKS.sub(lambda match: self._put(match.group(), is_ours=False), text)

    def cleaned(self) -> str:
        self._sub(_JWT, "eyJ", lambda match: self._cleaning.secret(match.group(), opaque=False))
        self._sub(_CRN, "crn:", self._crn)
        if "@" in self._text:
            self._emails()
        if self._depth:
            # Before single words in it are replaced: what is encoded is one thing.
            self._encoded()
        self._pairs()
        self._sub(_IBM_ID, "-", lambda match: f"{match[1]}-{self._cleaning.secret(match[2], opaque=False)}")
        self._text = self._cleaning.known.replaced(self._text, self._put)
        self._sub(_IPV4, ".", self._address)
        self._sub(_IPV6, ":", self._address)
        return self._restored(self._text)

    def _put(self, text: str, *, is_ours: bool = True) -> str:
        self._aside.append((text, is_ours))
        return f"{_OPEN}{len(self._aside) - 1}{_CLOSE}"

    def _restored(self, text: str) -> str:
        def restored(match: re.Match[str]) -> str:
            found, is_ours = self._aside[int(match[1])]
            return self._restored(found) if is_ours else found

        return _ASIDE.sub(restored, text)

    def _sub(self, pattern: re.Pattern[str], needle: str, replace: Callable[[re.Match[str]], str | None]) -> None:
        if needle not in self._text and needle.upper() not in self._text:
            return

        def put(match: re.Match[str]) -> str:
            found = replace(match)
            return match.group() if found is None else self._put(found)

        self._text = pattern.sub(put, self._text)

    def _crn(self, match: re.Match[str]) -> str:
        return self._cleaning.crn(match.group())

    def _address(self, match: re.Match[str]) -> str | None:
        try:
            address = ipaddress.ip_address(match.group())
        except ValueError:
            return None
        if address.is_loopback or address.is_unspecified:
            return None
        return self._cleaning.known.placeholder(match.group()) or self._placeholders.address(match.group())

    def _emails(self) -> None:
        parts: list[str] = []
        done = 0
        for match in re.finditer("@", self._text):
            at = match.start()
            # Read backwards: looking for its beginning from every place before it would take for ever.
            before = _LOCAL.match(self._text[max(done, at - 254) : at][::-1])
            after = _DOMAIN.match(self._text, at + 1, at + 300)
            if before is None or after is None or at < done:
                continue
            local = before.group()[::-1]
            email = local + "@" + after.group()
            parts += [self._text[done : at - len(local)], self._put(self._cleaning.secret(email, opaque=False))]
            done = after.end()
        self._text = "".join([*parts, self._text[done:]])

    def _pairs(self) -> None:
        def pair(match: re.Match[str]) -> str:
            name, between, value = match.groups()
            if not (is_credential(name) or (is_personal(name) and "=" in between)):
                return match.group()
            if value.lower() in _NO_SECRETS:
                return match.group()
            plain = unquote(value)
            found = self._cleaning.named(name, plain)
            return name + between + self._put(quote(found, safe=_SAFE) if plain != value else found)

        def scheme(match: re.Match[str]) -> str:
            word, blank, value = match.groups()
            # A word of prose follows as well: "the token was refused".
            if value.isalpha() and len(value) < 16 and (value.islower() or value.istitle()):
                return match.group()
            return (
                word
                + blank
                + self._put(
                    self._cleaning.named("token", value)
                    if word.lower() != "basic"
                    else self._cleaning.named("authorization", f"Basic {value}")[6:]
                )
            )

        self._text = _SCHEME.sub(scheme, self._text)
        if "=" in self._text or ":" in self._text:
            self._text = _PAIR.sub(pair, self._text)

    def _encoded(self) -> None:
        if "%" in self._text:
            self._text = _WORD.sub(self._percent, self._text)
        if "&" in self._text and _ENTITY.search(self._text):
            self._as_read(html.unescape(self._text), lambda text: html.escape(text, quote=False))
        if "\\" in self._text:
            self._as_read(_ESCAPE.sub(_unescaped, self._text), str)
        self._text = _BASE64.sub(self._base64, self._text)

    def _as_read(self, read: str, write: Callable[[str], str]) -> None:
        if read != self._text:
            clean = self._cleaning.text(read, self._depth - 1)
            if clean != read:
                self._text = write(clean)

    def _percent(self, match: re.Match[str]) -> str:
        word = match.group()
        if not _PERCENT.search(word):
            return word
        read = unquote(word, errors="surrogateescape")
        clean = self._cleaning.text(read, self._depth - 1)
        return word if clean == read else self._put(_quoted(clean))

    def _base64(self, match: re.Match[str]) -> str:
        word = match.group()
        bare = word.rstrip("=")
        if len(bare) % 4 == 1:
            return word
        urlsafe = "-" in bare or "_" in bare
        try:
            data = base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_" if urlsafe else None, validate=True)
        except ValueError:
            return word
        clean = self._packed(data) if data[:1] == b"\x78" else self._unpacked(data)
        if clean is None or clean == data:
            return word
        written = base64.b64encode(clean, altchars=b"-_" if urlsafe else None).decode()
        return self._put(written if word != bare else written.rstrip("="))

    def _unpacked(self, data: bytes) -> bytes | None:
        try:
            read = data.decode("utf-8")
        except UnicodeDecodeError:
            return self._cleaning.known.in_bytes(data)
        clean = self._cleaning.text(read, self._depth - 1)
        return clean.encode("utf-8", "surrogatepass")

    def _packed(self, data: bytes) -> bytes | None:
        inflater = zlib.decompressobj()
        try:
            plain = inflater.decompress(data, _MOST_UNPACKED)
        except zlib.error:
            return self._unpacked(data)
        clean = self._cleaning.known.in_bytes(plain)
        if clean == plain or not inflater.eof:
            return None
        return zlib.compress(clean)


def _quoted(text: str) -> str:
    """Percent-encode all but the marks of what was set aside."""
    parts = re.split(f"({_ASIDE.pattern.replace('(', '(?:')})", text)
    return "".join(
        part if index % 2 else quote(part, safe=_SAFE, errors="surrogateescape") for index, part in enumerate(parts)
    )


def _unescaped(match: re.Match[str]) -> str:
    wide, narrow, slash = match.groups()
    if slash:
        return str(slash)
    char = chr(int(wide or narrow, 16))
    return match.group() if char in '"\\' or not char.isprintable() else char


def _is_email(value: str) -> bool:
    local, at, domain = value.rpartition("@")
    return bool(at) and _LOCAL.fullmatch(local) is not None and _DOMAIN.fullmatch(domain) is not None
