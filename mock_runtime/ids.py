"""Identifiers and randomness, both from one seed: the only module of the fake that may roll a die."""

from __future__ import annotations

import hashlib
import itertools
import random
import secrets
import uuid
from typing import Final

Rng = random.Random
"""A stream of random numbers, under a name that the other modules may use."""

_ALPHABET: Final = "0123456789abcdefghijklmnopqrstuv"
_COUNTER_RANGE: Final = 1 << 24


class Ids:
    """A seeded source of identifiers and of named streams of random numbers.

    The same seed gives the same identifiers for the same instants, in the same order, and the same stream for the same
    labels whatever else was drawn before. Without a seed one is chosen; read it from `seed` to repeat the run.
    """

    def __init__(self, seed: int | None = None) -> None:
        self.seed: Final[int] = secrets.randbelow(1_000_000) if seed is None else seed
        self.restart()

    def __repr__(self) -> str:
        return f"Ids(seed={self.seed})"

    def restart(self) -> None:
        """Begin the sequence again, as after a start."""
        self._xids = {kind: _Sequence(self.stream(kind)) for kind in ("job", "trace")}
        self._serial = itertools.count(1)
        self._secrets = self.stream("secret")
        self._uuids = {kind: self.stream("uuid", kind) for kind in ("session", "trace")}

    def serial(self) -> int:
        """The next number of 1, 2, 3, ... (which submission this is)."""
        return next(self._serial)

    def job_id(self, now: float) -> str:
        """A new identifier for a job: 20 characters, an xid."""
        return self._xids["job"].xid(now)

    def trace_id(self, now: float) -> str:
        """A new identifier for an answer, of the same form; drawing one does not disturb those of the jobs."""
        return self._xids["trace"].xid(now)

    def session_token(self) -> str:
        """A token for a logged-in session: 64 letters and digits, seeded; the last 8 vouch for the others."""
        body = "".join(self._secrets.choices(_ALPHABET, k=56))
        return body + _vouch(body)

    def session_id(self) -> str:
        """A new identifier for a session: a UUID. Evidence: QRMI and IBM's limit of 36 characters; drawn seeded."""
        return self._uuid("session")

    def trace_uuid(self) -> str:
        """A new identifier for an answer of those operations whose document wants a UUID."""
        return self._uuid("trace")

    def _uuid(self, kind: str) -> str:
        return str(uuid.UUID(int=self._uuids[kind].getrandbits(128), version=4))

    def stream(self, *labels: str | int) -> random.Random:
        """A generator that depends on the seed and the labels alone."""
        text = "/".join(str(part) for part in (self.seed, *labels))
        return random.Random(hashlib.sha256(text.encode()).digest())


def is_session_token(text: str) -> bool:
    """Whether a text has the form of a session token of ours, of whatever run."""
    return len(text) == 64 and _vouch(text[:56]) == text[56:]


def _vouch(body: str) -> str:
    return hashlib.sha256(b"session:" + body.encode("utf-8", "surrogatepass")).hexdigest()[:8]


class _Sequence:
    """Identifiers as the service made them.

    rs/xid: 4 bytes of time, 5 of machine and process, 3 of a counter, in lower-case base32hex. Evidence: the ids of the
    transcripts of 2021-05 and 2021-10 decode to the hour at which their notebooks ran.
    """

    def __init__(self, rng: random.Random) -> None:
        self._machine = rng.randbytes(5)
        self._counter = itertools.count(rng.randrange(_COUNTER_RANGE))

    def xid(self, now: float) -> str:
        counter = next(self._counter) % _COUNTER_RANGE
        raw = (int(now) & 0xFFFFFFFF).to_bytes(4, "big") + self._machine + counter.to_bytes(3, "big")
        bits = int.from_bytes(raw, "big") << 4
        return "".join(_ALPHABET[(bits >> shift) & 31] for shift in range(95, -1, -5))


def xid_time(xid: str) -> int:
    """The second since 1970-01-01 UTC at which an identifier was made."""
    value = 0
    for character in xid:
        value = (value << 5) | _ALPHABET.index(character)
    return value >> (100 - 32)
