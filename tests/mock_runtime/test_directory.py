"""IBM Cloud's view of who is who: keys, tokens, users, and whose instance is whose."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

import pytest

from mock_runtime.accounts import Token, UnknownOwner
from mock_runtime.clock import ManualClock
from mock_runtime.directory import TOKEN_TTL_S, Directory, InstanceSpec, User
from mock_runtime.domain.errors import AccountNotFound, InstanceNotFound, NotAuthenticated
from mock_runtime.domain.instances import OPEN_PLAN, Caller, crn
from mock_runtime.ids import Ids

GUID = "01234567-89ab-4cde-af01-23456789abcd"
REAL = crn(account="0123456789abcdef0123456789abcdef", guid=GUID, region="eu-de")
ALICE, BOB = Token("alice-key", "alice"), Token("bob-key", "bob")


def directory(*tokens: Token, instances: tuple[InstanceSpec, ...] = (), seed: int = 0) -> Directory:
    """A directory at the beginning of its time."""
    return Directory(tokens=tokens, instances=instances, clock=ManualClock(), ids=Ids(seed))


def signed_anew(token: str, **claims: object) -> str:
    """The token with other claims and its old signature."""
    head, payload, signature = token.split(".")
    said: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "==="))
    changed = base64.urlsafe_b64encode(json.dumps(said | claims).encode()).rstrip(b"=").decode()
    return f"{head}.{changed}.{signature}"


def test_without_configured_keys_every_key_is_an_account_of_its_own() -> None:
    """The same one each time, on whatever server."""
    first, second = directory().by_api_key("one"), directory(seed=5).by_api_key("two")
    assert first == directory(seed=9).by_api_key("one")
    assert first.account != second.account
    assert first.id != second.id
    assert first.id.startswith("IBMid-")
    assert first.email.endswith("@example.invalid")


def test_with_configured_keys_only_those_are_welcome() -> None:
    """Under their names and accounts."""
    known = directory(ALICE, Token("bob-key", account="shared"))
    assert known.by_api_key("alice-key").name == "alice"
    assert known.by_api_key("bob-key").account == "shared"
    for key in ("alice", "alice-key ", "Alice-key", "Größe", "\ud800", "x" * 100_000):
        with pytest.raises(NotAuthenticated, match="not valid"):
            known.by_api_key(key)


@pytest.mark.parametrize("key", ["", " ", "\t\n"])
def test_an_empty_key_is_no_key(key: str) -> None:
    """Neither where any is welcome nor where some are."""
    for door in (directory(), directory(ALICE)):
        with pytest.raises(NotAuthenticated, match="no credentials"):
            door.by_api_key(key)


def test_a_token_stands_for_its_user_for_an_hour() -> None:
    """To the second, and for the same user as the key."""
    clock = ManualClock(1000.5)
    known = Directory(tokens=(ALICE, BOB), instances=(), clock=clock, ids=Ids(0))
    grant = known.grant("alice-key")
    assert (grant.issued_at, grant.expires_at) == (1000, 1000 + TOKEN_TTL_S)
    assert known.by_access_token(grant.access_token) == known.by_api_key("alice-key")
    clock.advance(TOKEN_TTL_S - 1)
    assert known.by_access_token(grant.access_token).name == "alice"
    clock.advance(0.5)
    with pytest.raises(NotAuthenticated, match="not valid"):
        known.by_access_token(grant.access_token)


def test_a_token_says_what_clients_read_from_it() -> None:
    """When it was given out and until when, by whom, and for which account; never the key."""
    known = directory(ALICE)
    user, grant = known.by_api_key("alice-key"), known.grant("alice-key")
    claims = json.loads(base64.urlsafe_b64decode(grant.access_token.split(".")[1] + "==="))
    assert claims["exp"] - claims["iat"] == 3600
    assert claims["iss"] == "https://iam.cloud.ibm.com/identity"
    assert (claims["iam_id"], claims["account"]["bss"]) == (user.id, user.account)
    assert "alice-key" not in json.dumps(claims)


def test_an_unknown_key_is_given_no_token() -> None:
    """Nor an empty one."""
    for key in ("mallory", ""):
        with pytest.raises(NotAuthenticated):
            directory(ALICE).grant(key)


@pytest.mark.parametrize("seed", [0, 1])
def test_a_forged_token_opens_no_door(seed: int) -> None:
    """Whatever was changed in it, also where any key is welcome."""
    for door, key in ((directory(ALICE, BOB, seed=seed), "alice-key"), (directory(seed=seed), "any")):
        good = door.grant(key).access_token
        head, payload, signature = good.split(".")
        none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
        guessed = hmac.digest(b"secret", f"{head}.{payload}".encode(), "sha256")
        forged = (
            signed_anew(good, iam_id="IBMid-BOB"),
            signed_anew(good, exp=10**10),
            f"{none}.{payload}.",
            f"{none}.{payload}.{signature}",
            f"{head}.{payload}.{base64.urlsafe_b64encode(guessed).rstrip(b'=').decode()}",
            f"{head}.{payload}.{signature}x",
            f"{head}.{payload}.{signature[:-1]}",
            f"{head}.{payload}.{signature}\n",
            f"{head}.{payload}.Größe",
            f"{head}.\ud800.{signature}",
            "..",
        )
        for token in forged:
            with pytest.raises(NotAuthenticated, match="not valid"):
                door.by_access_token(token)


def test_a_token_of_another_server_opens_no_door() -> None:
    """Though it knows the same keys."""
    token = directory(ALICE, seed=1).grant("alice-key").access_token
    with pytest.raises(NotAuthenticated, match="not valid"):
        directory(ALICE, seed=2).by_access_token(token)


def test_a_key_in_the_place_of_a_token() -> None:
    """Is for those who type, and only where any key is welcome."""
    assert directory().by_access_token("any") == directory().by_api_key("any")
    with pytest.raises(NotAuthenticated, match="not valid"):
        directory(ALICE).by_access_token("alice-key")
    with pytest.raises(NotAuthenticated, match="no credentials"):
        directory().by_access_token("")


def test_everybody_has_an_instance() -> None:
    """One of its own, in us-east, on the plan that allows everything."""
    open_to_all = directory()
    alice, bob = open_to_all.by_api_key("alice"), open_to_all.by_api_key("bob")
    (mine,), (theirs,) = open_to_all.instances_of(alice), open_to_all.instances_of(bob)
    assert (mine.name, mine.region, mine.plan.name) == ("default", "us-east", "pay-as-you-go")
    assert mine.account == alice.account
    assert mine.crn != theirs.crn
    assert open_to_all.instance(alice, mine.crn) == mine


def test_two_tenants_cannot_reach_each_other() -> None:
    """Neither by the other's CRN nor by one that looks like it, before or after the other has come."""
    open_to_all = directory()
    alice, bob = open_to_all.by_api_key("alice"), open_to_all.by_api_key("bob")
    theirs = open_to_all.instances_of(bob)[0]
    for wanted in (
        theirs.crn,
        theirs.crn.replace("us-east", "eu-de"),
        theirs.crn.replace("bluemix", "staging"),
    ):
        with pytest.raises(InstanceNotFound):
            open_to_all.instance(alice, wanted)
    assert open_to_all.instance(bob, theirs.crn) == theirs
    assert [one.crn for one in open_to_all.instances_of(alice)] == [open_to_all.instances_of(alice)[0].crn]


def test_an_instance_that_nobody_has_is_learned() -> None:
    """By the first who names it; to everybody else it does not exist."""
    open_to_all = directory()
    alice, bob = open_to_all.by_api_key("alice"), open_to_all.by_api_key("bob")
    learned = open_to_all.instance(alice, REAL)
    assert (learned.crn, learned.region, learned.name) == (REAL, "eu-de", "instance-01234567")
    assert open_to_all.instances_of(alice)[1:] == [learned]
    assert open_to_all.instance(alice, REAL) == learned
    with pytest.raises(InstanceNotFound, match="no instance 'crn:v1"):
        open_to_all.instance(bob, REAL)
    open_to_all.restart()
    assert open_to_all.instance(bob, REAL) == learned
    assert len(open_to_all.instances_of(alice)) == 1


@pytest.mark.parametrize("text", ["", "mine", REAL[:-1], REAL + "x", REAL.replace("a/", "b/")])
def test_what_is_no_crn_is_not_learned(text: str) -> None:
    """It is no instance."""
    open_to_all = directory()
    with pytest.raises(InstanceNotFound):
        open_to_all.instance(open_to_all.by_api_key("alice"), text)


def test_only_so_many_instances_are_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger who makes them up does not fill a server; those that are known stay."""
    monkeypatch.setattr("mock_runtime.directory._MOST_LEARNED", 2)
    open_to_all = directory()
    alice = open_to_all.by_api_key("alice")
    made_up = [crn(account="a", guid=f"g{number}") for number in range(3)]
    assert [open_to_all.instance(alice, one).crn for one in made_up[:2]] == made_up[:2]
    with pytest.raises(InstanceNotFound):
        open_to_all.instance(alice, made_up[2])
    assert open_to_all.instance(alice, made_up[0]).crn == made_up[0]


def test_an_instance_is_of_one_region() -> None:
    """A host of another does not know it."""
    open_to_all = directory()
    alice = open_to_all.by_api_key("alice")
    assert open_to_all.instance(alice, REAL, region="eu-de").crn == REAL
    assert open_to_all.instance(alice, REAL, region=None).crn == REAL
    with pytest.raises(InstanceNotFound):
        open_to_all.instance(alice, REAL, region="us-east")


SPECS = (
    InstanceSpec(name="ours", crn=REAL),
    InstanceSpec(name="each", plan=OPEN_PLAN, region="eu-de", limit_s=60, backends=("ibm_fez",), tags=("t",)),
    InstanceSpec(name="bobs", keys=("bob",)),
)


def names(user: User, known: Directory) -> list[str]:
    """The names of a user's instances."""
    return [instance.name for instance in known.instances_of(user)]


def test_configured_instances_are_all_there_are() -> None:
    """For everybody, or for those that are named; in their order; none is learned."""
    known = directory(ALICE, BOB, instances=SPECS)
    alice, bob = known.by_api_key("alice-key"), known.by_api_key("bob-key")
    assert (names(alice, known), names(bob, known)) == (["ours", "each"], ["ours", "each", "bobs"])
    with pytest.raises(InstanceNotFound):
        known.instance(alice, crn(account="a", guid="g"))
    with pytest.raises(InstanceNotFound):
        known.instance(alice, known.instances_of(bob)[2].crn)


def test_some_instances_are_beside_the_others() -> None:
    """After the one that each user has, or after those that are configured; what is there already is not again."""
    also = (InstanceSpec(name="real", crn=REAL), InstanceSpec(name="default"), InstanceSpec(name="bobs", keys=("bob",)))
    beside = Directory(tokens=(ALICE, BOB), instances=(), also=also, clock=ManualClock(), ids=Ids(0))
    alice, bob = beside.by_api_key("alice-key"), beside.by_api_key("bob-key")
    assert (names(alice, beside), names(bob, beside)) == (["default", "real"], ["default", "real", "bobs"])
    assert beside.instances_of(alice)[0] == directory().instances_of(alice)[0]
    assert beside.instance(alice, REAL) == beside.instance(bob, REAL)
    known = Directory(tokens=(ALICE, BOB), instances=SPECS, also=also, clock=ManualClock(), ids=Ids(0))
    assert names(alice, known) == ["ours", "each", "default"]


def test_others_are_still_learned_where_some_are_beside() -> None:
    """They say nothing of which others there are."""
    also = (InstanceSpec(name="other"),)
    known = Directory(tokens=(), instances=(), also=also, clock=ManualClock(), ids=Ids(0))
    alice = known.by_api_key("alice")
    assert known.instance(alice, REAL).crn == REAL
    assert names(alice, known) == ["default", "other", "instance-01234567"]


def test_a_configured_instance_is_as_it_was_configured() -> None:
    """With a CRN it is one for all; without, each account has one of that name."""
    known = directory(ALICE, BOB, instances=SPECS)
    alice, bob = known.by_api_key("alice-key"), known.by_api_key("bob-key")
    own, others = known.instances_of(alice)[1], known.instances_of(bob)[1]
    assert (own.plan, own.region, own.limit_s, own.backends, own.tags) == (
        *(OPEN_PLAN, "eu-de", 60),
        *(("ibm_fez",), ("t",)),
    )
    assert own.account == alice.account
    assert own.crn != others.crn
    assert known.instance(alice, REAL) == known.instance(bob, REAL)


def test_two_keys_of_one_account_share_its_instances() -> None:
    """But are two users."""
    known = directory(Token("a", "alice", account="abc"), Token("b", "bob", account="abc"))
    alice, bob = known.by_api_key("a"), known.by_api_key("b")
    assert known.instances_of(alice) == known.instances_of(bob)
    assert alice.id != bob.id
    mine = alice.on(known.instances_of(alice)[0])
    assert mine == Caller(alice.id, "alice", True, known.instances_of(alice)[0])
    assert mine.tenant == bob.on(known.instances_of(bob)[0]).tenant


def test_whose_account_is_whose() -> None:
    """One's own, and that of an instance that one may use."""
    known = directory(ALICE, BOB, instances=SPECS)
    alice, bob = known.by_api_key("alice-key"), known.by_api_key("bob-key")
    assert known.account(alice, alice.account) == alice.account
    assert known.account(alice, "0123456789abcdef0123456789abcdef") == "0123456789abcdef0123456789abcdef"
    with pytest.raises(AccountNotFound):
        known.account(alice, bob.account)


def test_a_user_of_ibm_quantum_has_an_account_here_too() -> None:
    """Of their own, which no API key gives."""
    known = directory()
    users = [known.classic_user(Caller(id_, id_)) for id_ in ("0123456789abcdef", "fedcba9876543210")]
    first, second = (known.classic_instance(user) for user in users)
    assert (users[0].name, users[0].account, first.account) == ("0123456789abcdef",) * 3
    assert first.crn != second.crn
    assert known.instances_of(users[0]) == [first]


def test_no_key_and_no_token_is_shown_or_kept() -> None:
    """Neither by a repr nor in the directory's own memory."""
    known = directory(Token("top-secret-key", "alice"), instances=SPECS)
    grant = known.grant("top-secret-key")
    user = known.by_access_token(grant.access_token)
    shown = repr((known, grant, user, user.on(known.instances_of(user)[0])))
    kept = repr({name: value for name, value in vars(known).items() if name != "_clock"})
    for secret in ("top-secret-key", grant.access_token, grant.access_token.split(".")[2]):
        assert secret not in shown + kept
    assert repr(known) == "<Directory of 1 keys>"
    assert repr(directory()) == "<Directory of any number of keys>"


def test_a_digest_stands_for_its_key() -> None:
    """With both digests of a key the user is the one of the key; with the first alone it is another one."""
    by_key = directory(ALICE).by_api_key("alice-key")
    both = Token(name="alice", sha256=ALICE.sha256, iam_sha256=ALICE.iam_sha256)
    assert directory(both).by_api_key("alice-key") == by_key
    other = directory(Token(name="alice", sha256=ALICE.sha256)).by_api_key("alice-key")
    assert (other.name, other.id == by_key.id, other.account == by_key.account) == ("alice", False, False)


def test_users_have_the_ids_that_they_always_had() -> None:
    """Scripts have CRNs written into them."""
    alice = directory(ALICE).by_api_key("alice-key")
    assert (alice.id, alice.account) == ("IBMid-2BC9EE62D9", "02dbc2352548402387d39ae7689c08eb")


def test_users_and_instances_are_known_by_their_names() -> None:
    """To a world file that tells whose a job is."""
    specs = (InstanceSpec(name="main"), InstanceSpec(name="bobs", keys=("bob",)), InstanceSpec(name="real", crn=REAL))
    known = directory(ALICE, BOB, instances=specs)
    alice = known.by_api_key("alice-key")
    main, real = known.instances_of(alice)
    for name in (None, "alice", alice.id):
        assert known.caller_named(name) == alice.on(main)
        assert known.caller_named(name, REAL) == known.caller_named(name, "real") == alice.on(real)
    assert known.caller_named("bob", "bobs").tenant != known.caller_named("bob").tenant
    for name, wanted, sentence in (
        ("carol", None, "there is nobody of the name 'carol'; there is alice, bob"),
        ("IBMid-0123456789", None, "there is nobody of the name 'IBMid-0123456789'"),
        ("alice", "bobs", "alice has no instance 'bobs'; there is main, real"),
        ("alice", crn(account="x", guid="y"), "alice has no instance 'crn:"),
    ):
        with pytest.raises(UnknownOwner, match=sentence):
            known.caller_named(name, wanted)


def test_what_is_told_of_a_caller_leads_back() -> None:
    """By names where they tell, else by id and CRN."""
    twice = (InstanceSpec(name="main"), InstanceSpec(name="main", crn=REAL))
    known = directory(ALICE, Token("nameless"), instances=twice)
    alice, nameless = known.by_api_key("alice-key"), known.by_api_key("nameless")
    main, real = known.instances_of(alice)
    assert known.told(alice.id, main.crn) == ("alice", "main")
    assert known.told(alice.id, real.crn) == ("alice", REAL)
    assert known.told(nameless.id, REAL) == (nameless.id, REAL)
    assert known.told("IBMid-0123456789", REAL) == ("IBMid-0123456789", REAL)
    for user, instance in ((alice, main), (alice, real), (nameless, known.instances_of(nameless)[0])):
        assert known.caller_named(*known.told(user.id, instance.crn)) == user.on(instance)
    assert known.caller_named(Token("nameless").caller.name).id == nameless.id


def test_where_any_key_is_welcome_a_user_is_known_by_id() -> None:
    """On the instance of that CRN, which is theirs from then on; one of our making is that of its account."""
    known = directory()
    user = known.by_api_key("any")
    (own,) = known.instances_of(user)
    assert (known.caller_named(user.id, own.crn).tenant, known.caller_named(user.id, own.crn).id) == (own.crn, user.id)
    assert known.caller_named(user.id, REAL).tenant == REAL
    assert known.instance(user, REAL).crn == REAL
    with pytest.raises(InstanceNotFound):
        known.instance(known.by_api_key("another"), REAL)
    for name, wanted, sentence in (
        (None, None, "expected an owner"),
        ("alice", None, "there is nobody of the name 'alice'; there is nobody of a name"),
        (user.id, "main", "expected the CRN of an instance"),
        (user.id, None, "expected the CRN of an instance"),
    ):
        with pytest.raises(UnknownOwner, match=sentence):
            known.caller_named(name, wanted)
    configured = directory(instances=(InstanceSpec(name="real", crn=REAL),))
    assert configured.caller_named(user.id, REAL).instance == configured.instance(user, REAL)


def test_a_key_of_ones_own_learns_an_instance_by_its_crn() -> None:
    """Where no instances are configured, as a request does."""
    known = directory(ALICE)
    assert known.caller_named("alice", REAL).tenant == REAL
    assert REAL in {one.crn for one in known.instances_of(known.by_api_key("alice-key"))}
