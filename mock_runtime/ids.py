"""Identifiers and randomness, both from one seed: the only module of the fake that may roll a die."""

from __future__ import annotations

import base64
import hashlib
import random
import secrets
import threading
import uuid
from dataclasses import dataclass, field
from typing import Any, Final

Rng = random.Random
"""A stream of random numbers, under a name that the other modules may use."""

_ALPHABET: Final = "0123456789abcdefghijklmnopqrstuv"
_COUNTER_RANGE: Final = 1 << 24
_IN_SNAPSHOTS: Final = ("job", "trace")


@dataclass(frozen=True, slots=True, kw_only=True)
class IdsSnapshot:
    """Where a sequence of identifiers stands. `secrets` and `uuids` are states of generators."""

    serial: int
    submissions: int
    xids: tuple[tuple[str, bytes, int], ...]
    secrets: tuple[Any, ...] = field(repr=False)
    uuids: tuple[tuple[str, tuple[Any, ...]], ...] = field(repr=False)


class Ids:
    """A seeded source of identifiers and of named streams of random numbers.

    The same seed gives the same identifiers for the same instants, in the same order, and the same stream for the same
    labels whatever else was drawn before. Without a seed one is chosen; read it from `seed` to repeat the run. What is
    secret depends on the `realm`, too: no two of those on a server have the same tokens.
    """

    def __init__(self, seed: int | None = None, *, realm: str = "") -> None:
        self._realm: Final = (realm,) if realm else ()
        self.seed: Final[int] = secrets.randbelow(1_000_000) if seed is None else seed
        self._lock: Final = threading.Lock()
        self.restart()

    def __repr__(self) -> str:
        return f"Ids(seed={self.seed})"

    def restart(self) -> None:
        """Begin the sequence again, as after a start."""
        xids = {kind: _Sequence(self.stream(kind)) for kind in (*_IN_SNAPSHOTS, "exchange")}
        uuids = {kind: self.stream("uuid", kind) for kind in ("session", "trace")}
        with self._lock:
            self._xids = xids
            self._serial = 0
            self._submissions = 0
            self._secrets = self.secret_stream("secret")
            self._uuids = uuids

    def snapshot(self) -> IdsSnapshot:
        """Where the sequence stands.

        Streams have no part in it, which depend on the seed and their labels alone, nor have exchanges, whose ids are
        never given out twice between two restarts.
        """
        with self._lock:
            have = {kind: self._xids[kind] for kind in _IN_SNAPSHOTS}
            return IdsSnapshot(
                serial=self._serial,
                submissions=self._submissions,
                xids=tuple((kind, sequence.machine, sequence.counter) for kind, sequence in have.items()),
                secrets=self._secrets.getstate(),
                uuids=tuple((kind, rng.getstate()) for kind, rng in self._uuids.items()),
            )

    def rollback(self, kept: IdsSnapshot) -> None:
        """Go on from where the sequence stood."""
        xids = {kind: _Sequence.at(machine, counter) for kind, machine, counter in kept.xids}
        with self._lock:
            self._xids |= xids
            self._serial = kept.serial
            self._submissions = kept.submissions
            self._secrets.setstate(kept.secrets)
            for kind, state in kept.uuids:
                self._uuids[kind].setstate(state)

    def serial(self) -> int:
        """The next number of 1, 2, 3, ... for whatever is made: no two things have the same."""
        with self._lock:
            self._serial += 1
            return self._serial

    def submission(self) -> int:
        """The next number of 1, 2, 3, ... for submissions alone."""
        with self._lock:
            self._submissions += 1
            return self._submissions

    def job_id(self, now: float) -> str:
        """A new identifier for a job: 20 characters, an xid."""
        return self._xid("job", now)

    def trace_id(self, now: float) -> str:
        """A new identifier for an answer, of the same form; drawing one does not disturb those of the jobs."""
        return self._xid("trace", now)

    def exchange_id(self, now: float) -> str:
        """A new identifier for an exchange, of the same form; drawing one disturbs none of the others."""
        return self._xid("exchange", now)

    def session_token(self) -> str:
        """A token for a logged-in session: 64 letters and digits, seeded; the last 8 vouch for the others."""
        with self._lock:
            body = "".join(self._secrets.choices(_ALPHABET, k=56))
        return body + _vouch(body)

    def session_id(self) -> str:
        """A new identifier for a session: a UUID. Evidence: QRMI and IBM's limit of 36 characters; drawn seeded."""
        return self._uuid("session")

    def trace_uuid(self) -> str:
        """A new identifier for an answer of those operations whose document wants a UUID."""
        return self._uuid("trace")

    def _xid(self, kind: str, now: float) -> str:
        with self._lock:
            return self._xids[kind].xid(now)

    def _uuid(self, kind: str) -> str:
        with self._lock:
            return str(uuid.UUID(int=self._uuids[kind].getrandbits(128), version=4))

    def stream(self, *labels: str | int) -> random.Random:
        """A generator that depends on the seed and the labels alone."""
        text = "/".join(str(part) for part in (self.seed, *labels))
        return random.Random(hashlib.sha256(text.encode()).digest())

    def secret_stream(self, label: str) -> random.Random:
        """A generator for what nobody is to guess who is in another realm."""
        return self.stream(label, *self._realm)


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
        self.machine = rng.randbytes(5)
        self.counter = rng.randrange(_COUNTER_RANGE)

    @staticmethod
    def at(machine: bytes, counter: int) -> _Sequence:
        """The sequence of that machine from that number on."""
        sequence = _Sequence.__new__(_Sequence)
        sequence.machine, sequence.counter = machine, counter
        return sequence

    def xid(self, now: float) -> str:
        counter = self.counter
        self.counter = (counter + 1) % _COUNTER_RANGE
        raw = (int(now) & 0xFFFFFFFF).to_bytes(4, "big") + self.machine + counter.to_bytes(3, "big")
        return base64.b32hexencode(raw)[:20].decode("ascii").lower()


def xid_time(xid: str) -> int:
    """The second since 1970-01-01 UTC at which an identifier was made."""
    value = 0
    for character in xid:
        value = (value << 5) | _ALPHABET.index(character)
    return value >> (100 - 32)
