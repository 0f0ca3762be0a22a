"""IBM Cloud's view of who is who: API keys, the users and accounts behind them, their instances, and IAM's tokens.

Without configured keys every key is welcome and is an account of its own, with one instance. With keys, only those are.
Instances that are configured take the place of that one, or stand beside it. Of a key its digest is kept. An IAM token
says who it is for and until when, and is signed; of it, nothing is.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from mock_runtime.accounts import Token, UnknownOwner, nobody_named
from mock_runtime.clock import Clock
from mock_runtime.domain.errors import AccountNotFound, InstanceNotFound, NotAuthenticated
from mock_runtime.domain.instances import CRN, PAYGO_PLAN, Caller, Instance, Plan, crn
from mock_runtime.ids import Ids
from mock_runtime.standing import Standing

TOKEN_TTL_S: Final = 3600
"""How long an IAM token is good, in seconds. Evidence: `expires_in` in IBM's documentation of IAM."""

ISSUER: Final = "https://iam.cloud.ibm.com/identity"
DEFAULT_REGION: Final = "us-east"
_MOST_LEARNED: Final = 10_000
_DEFAULT: Final = "default"
_USER_ID: Final = re.compile("IBMid-[0-9A-F]{10}")


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceSpec:
    """A service instance as it is configured.

    `keys` are the names of the tokens whose users it belongs to, none: everybody's. What is empty of `crn` is made
    up from the name.
    """

    name: str
    crn: str | None = None
    plan: Plan = PAYGO_PLAN
    region: str = DEFAULT_REGION
    limit_s: int | None = None
    backends: tuple[str, ...] | None = None
    tags: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class User:
    """Somebody with an API key. `id` is IAM's, `account` that of the account the key belongs to."""

    id: str
    account: str
    name: str
    email: str

    def on(self, instance: Instance) -> Caller:
        """This user, at work on an instance."""
        return Caller(self.id, self.name, True, instance)


@dataclass(frozen=True, slots=True)
class Grant:
    """An IAM token as it is given out. Instants are seconds since 1970."""

    access_token: str = field(repr=False)
    issued_at: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class DirectorySnapshot:
    """Which instances were learned at one moment, and whose they are."""

    learned: Mapping[str, str]


class Directory:
    """Users, accounts and instances, over the configured ones or over whoever comes."""

    def __init__(
        self,
        *,
        tokens: Sequence[Token],
        instances: Sequence[InstanceSpec],
        also: Sequence[InstanceSpec] = (),
        clock: Clock,
        ids: Ids,
        standing: Standing | None = None,
    ) -> None:
        self._standing: Final = standing or Standing()
        self._users: Final = {token.sha256: _user(token) for token in tokens}
        self._named: Final = {token.caller.name: _user(token) for token in tokens}
        self._specs: Final = tuple(instances)
        self._also: Final = tuple(also)
        self._clock: Final = clock
        self._secret: Final = ids.secret_stream("iam").randbytes(32)
        self._lock: Final = threading.Lock()
        self._learned: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"<Directory of {len(self._users) or 'any number of'} keys>"

    @property
    def own_plans(self) -> Sequence[Plan]:
        """The plans of the instances that are configured, IBM's among them."""
        return [spec.plan for spec in (*self._specs, *self._also)]

    def restart(self) -> None:
        """Forget which instances were learned from requests."""
        with self._lock:
            self._learned.clear()

    def snapshot(self) -> DirectorySnapshot:
        """Which instances were learned from requests, to be put back by `rollback`."""
        with self._lock:
            return DirectorySnapshot(dict(self._learned))

    def rollback(self, kept: DirectorySnapshot) -> None:
        """Put them back."""
        with self._lock:
            self._learned = dict(kept.learned)

    def knows(self, credentials: str) -> bool:
        """Whether a key is one of those that are configured, or an IAM token was given here."""
        return _digest(credentials) in self._users or self.gave(credentials)

    def gave(self, credentials: str) -> bool:
        """Whether that is an IAM token that was given here."""
        return credentials.count(".") == 2 and self._claims(credentials) is not None

    def by_api_key(self, key: str) -> User:
        """The user with that API key; NotAuthenticated."""
        if not key.strip():
            raise NotAuthenticated(presented=False)
        user = self._users.get(_digest(key)) if self._users else _user(Token(key))
        if user is None:
            raise NotAuthenticated(presented=True)
        self._standing.admit(user.name)
        return user

    def grant(self, key: str) -> Grant:
        """A new IAM token for an API key; NotAuthenticated."""
        user = self.by_api_key(key)
        now = int(self._clock.now())
        claims = {
            "jti": str(self._standing.give()),
            "iam_id": user.id,
            "id": user.id,
            "realmid": "IBMid",
            "identifier": user.id.removeprefix("IBMid-"),
            "given_name": user.name,
            "name": user.name,
            "email": user.email,
            "sub": user.email,
            "account": {"valid": True, "bss": user.account, "frozen": True},
            "iat": now,
            "exp": now + TOKEN_TTL_S,
            "iss": ISSUER,
            "grant_type": "urn:ibm:params:oauth:grant-type:apikey",
            "scope": "ibm openid",
            "client_id": "default",
            "acr": 1,
            "amr": ["pwd"],
        }
        return Grant(self._signed(claims), now, now + TOKEN_TTL_S)

    def by_access_token(self, token: str) -> User:
        """The user an IAM token was given to; NotAuthenticated, also when it is of another server, or too old.

        Where any key is welcome, so is one in the place of a token: for who types a request by hand.
        """
        parts = token.split(".")
        if len(parts) != 3:
            if self._users:
                raise NotAuthenticated(presented=True)
            return self.by_api_key(token)
        claims = self._claims(token)
        if claims is None or int(self._clock.now()) >= claims["exp"]:
            raise NotAuthenticated(presented=True)
        self._standing.admit(claims["name"], int(claims["jti"]))
        return User(claims["iam_id"], claims["account"]["bss"], claims["name"], claims["email"])

    def instances_of(self, user: User) -> Sequence[Instance]:
        """The instances that a user may use, in the order in which they were configured or became known."""
        own = self._own(user)
        with self._lock:
            learned = [known for known, owner in self._learned.items() if owner == user.id]
        have = {instance.crn for instance in own}
        return [*own, *(_learned(known) for known in learned if known not in have)]

    def classic_user(self, caller: Caller) -> User:
        """The user of IBM Quantum behind a login there, who has an account of their own here."""
        return User(f"IBMid-{caller.id[:10].upper()}", caller.id, caller.name, f"{caller.name}@example.invalid")

    def classic_instance(self, user: User) -> Instance:
        """The instance of a user of IBM Quantum."""
        return _default_instance(user)

    def instance(self, user: User, wanted: str, *, region: str | None = None) -> Instance:
        """The user's instance of that CRN; InstanceNotFound, also if it is of another region than was asked.

        Where no instances are configured, one that nobody has is the user's from now on: a script that has the CRN of
        a real instance written into it has to run.
        """
        found = next((one for one in self._own(user) if one.crn == wanted), None)
        if found is None and not self._specs and CRN.fullmatch(wanted) is not None:
            found = self._learn(user, wanted)
        if found is None or (region is not None and found.region != region):
            raise InstanceNotFound(wanted)
        return found

    def caller_named(self, name: str | None, instance: str | None = None) -> Caller:
        """The user of that name or id, at work on the instance of that name or CRN, of whom a world file tells.

        None: the first there is. Where any key is welcome, whoever has that id may come, and works on the instance of
        that CRN, which is theirs from now on. UnknownOwner.
        """
        users = tuple(self._users.values())
        if name is None and not users:
            raise UnknownOwner("expected an owner: where any token is accepted, nobody is the first")
        found = next((user for user in users if name in {None, user.name, user.id}), self._named.get(name or ""))
        if found is not None:
            return found.on(self._instance_named(found, instance))
        if users or name is None or _USER_ID.fullmatch(name) is None:
            raise UnknownOwner(nobody_named(str(name), [user.name for user in users]))
        if instance is None or CRN.fullmatch(instance) is None:
            raise UnknownOwner("expected the CRN of an instance: where any token is accepted, names do not tell whose")
        return self._stranger(name, instance)

    def told(self, user_id: str, tenant: str) -> tuple[str, str]:
        """The user and the instance of that CRN, as `caller_named` finds them again: names, or else id and CRN."""
        user = next((user for user in self._users.values() if user.id == user_id), None)
        if user is None:
            return user_id, tenant
        names: dict[str, str] = {}
        for one in self._own(user):
            names.setdefault(one.name, one.crn)
        instance = next((name for name, found in names.items() if found == tenant), tenant)
        return user.name if self._named.get(user.name) == user else user.id, instance

    def _instance_named(self, user: User, wanted: str | None) -> Instance:
        own = self.instances_of(user)
        found = next((one for one in own if wanted in {None, one.name, one.crn}), None)
        if found is None and wanted is not None and CRN.fullmatch(wanted) is not None and not self._specs:
            found = self._learn(user, wanted)
        if found is None:
            names = ", ".join(one.name for one in own) or "none"
            raise UnknownOwner(f"{user.name} has no instance {wanted!r}; there is {names}")
        return found

    def _stranger(self, user_id: str, wanted: str) -> Caller:
        """A user of whom no more is known than an id, on an instance that is learned unless it is of our making."""
        user = User(user_id, wanted.split(":")[6].removeprefix("a/"), f"user-{user_id[-6:].lower()}", "")
        specs = (*self._specs, *self._also)
        named = next((_instance(spec, user) for spec in specs if _instance(spec, user).crn == wanted), None)
        return user.on(named or self._learn(user, wanted) or replace(_learned(wanted), name=_DEFAULT))

    def account(self, user: User, account_id: str) -> str:
        """The account of that id, if it is the user's; AccountNotFound."""
        if account_id != user.account and account_id not in {one.account for one in self.instances_of(user)}:
            raise AccountNotFound(account_id)
        return account_id

    def _own(self, user: User) -> list[Instance]:
        """The instances of a user without those that were learned, of which there can be thousands."""
        if not self._specs and not self._also:
            return [_default_instance(user)]
        specs = (*(self._specs or (InstanceSpec(name=_DEFAULT),)), *self._also)
        own: dict[str, Instance] = {}
        for spec in specs:
            if not spec.keys or user.name in spec.keys:
                one = _instance(spec, user)
                own.setdefault(one.crn, one)
        return list(own.values())

    def _learn(self, user: User, wanted: str) -> Instance | None:
        unseen = _learned(wanted)
        if unseen.guid == _guid(unseen.account, _DEFAULT):
            # An instance of our making that is not this user's is somebody else's, even before that one has come.
            return None
        with self._lock:
            if len(self._learned) < _MOST_LEARNED:
                self._learned.setdefault(wanted, user.id)
            return unseen if self._learned.get(wanted) == user.id else None

    def _signed(self, claims: Mapping[str, Any]) -> str:
        head = _encoded({"kid": "mock", "alg": "HS256"})
        signed = f"{head}.{_encoded(claims)}"
        return f"{signed}.{_text(hmac.digest(self._secret, signed.encode(), 'sha256'))}"

    def _claims(self, token: str) -> dict[str, Any] | None:
        """What a token of ours says, None if it is not of our making."""
        signed, _, signature = token.rpartition(".")
        expected = _text(hmac.digest(self._secret, signed.encode("utf-8", "surrogatepass"), "sha256"))
        if not _same(expected, signature):
            return None
        payload = signed.partition(".")[2]
        claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return claims


def _user(token: Token) -> User:
    digest = token.iam_sha256
    name = token.name or f"user-{digest[:6]}"
    account = token.account or hashlib.sha256(f"account:{digest}".encode()).hexdigest()[:32]
    return User(f"IBMid-{digest[:10].upper()}", account, name, f"{name}@example.invalid")


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _default_instance(user: User) -> Instance:
    return _instance(InstanceSpec(name=_DEFAULT), user)


def _instance(spec: InstanceSpec, user: User) -> Instance:
    named = spec.crn or crn(account=user.account, guid=_guid(user.account, spec.name), region=spec.region)
    return Instance(
        crn=named, name=spec.name, plan=spec.plan, limit_s=spec.limit_s, backends=spec.backends, tags=spec.tags
    )


def _learned(known: str) -> Instance:
    instance = Instance(crn=known, name="", plan=PAYGO_PLAN)
    return replace(instance, name=f"instance-{instance.guid[:8]}")


def _guid(*labels: str) -> str:
    digest = hashlib.sha256("/".join(("instance", *labels)).encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))


def _encoded(value: Mapping[str, Any]) -> str:
    return _text(json.dumps(value, separators=(",", ":")).encode())


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode("ascii")
