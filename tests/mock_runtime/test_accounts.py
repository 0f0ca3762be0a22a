"""Tokens, and who presents them."""

from __future__ import annotations

import pytest

from mock_runtime.accounts import Accounts, Token, UnknownOwner
from mock_runtime.clock import ManualClock
from mock_runtime.domain.errors import NotAuthenticated
from mock_runtime.ids import Ids
from mock_runtime.store.memory import MemoryStore


def accounts(*tokens: Token) -> Accounts:
    """Accounts over an empty store."""
    return Accounts(tokens=tokens, store=MemoryStore(), clock=ManualClock(), ids=Ids(0))


def test_a_caller_cannot_be_turned_back_into_a_token() -> None:
    """Neither the id nor the name that is shown has the token in it."""
    caller = Token("top-secret").caller
    assert "top-secret" not in repr(caller)
    assert caller == Token("top-secret").caller
    assert caller.id != Token("top-secret2").caller.id
    assert caller.name.startswith("user-")
    assert Token("top-secret", "Alice").caller.name == "Alice"


@pytest.mark.parametrize("value", ["", " ", "\t\n", "\xa0"])
def test_a_token_is_not_empty(value: str) -> None:
    """Nor made of space alone, whether it is configured or presented."""
    with pytest.raises(ValueError, match="a token must not be empty"):
        Token(value)
    for tokens in ((), (Token("known"),)):
        for door in (accounts(*tokens).by_api_token, accounts(*tokens).by_session_token, accounts(*tokens).log_in):
            with pytest.raises(NotAuthenticated, match="carries no credentials"):
                door(value)


@pytest.mark.parametrize("value", ["unknown", "Größe", "\ud800", "x" * 100_000])
def test_an_unknown_token_opens_no_door(value: str) -> None:
    """Whatever characters it is made of."""
    known = accounts(Token("known"))
    for door in (known.by_api_token, known.by_session_token, known.log_in):
        with pytest.raises(NotAuthenticated, match="the credentials are not valid"):
            door(value)
    assert accounts().by_api_token(value) == Token(value).caller


def test_no_token_at_all_opens_no_door() -> None:
    """Not even where any is accepted."""
    for door in (accounts().by_api_token, accounts().by_session_token):
        with pytest.raises(NotAuthenticated, match="carries no credentials"):
            door(None)


def test_a_session_token_is_kept_nowhere() -> None:
    """Only its digest is, and the same seed gives the same one."""
    store = MemoryStore()
    held = Accounts(tokens=(), store=store, clock=ManualClock(), ids=Ids(0))
    token, login = held.log_in("alice")
    assert token not in repr(vars(store)) + repr(login)
    assert held.by_session_token(token) == Token("alice").caller
    assert accounts().log_in("alice")[0] == token


def test_ending_a_session_that_never_was_is_no_error() -> None:
    """There is nothing to end."""
    held = accounts()
    held.log_out("never")
    assert held.by_session_token("never") == Token("never").caller


def test_a_digest_stands_for_its_token() -> None:
    """Whoever has the token comes in, as the same caller."""
    known = accounts(Token(name="alice", sha256=Token("top-secret").sha256, may_upload=False))
    assert known.by_api_token("top-secret") == Token("top-secret", "alice", may_upload=False).caller
    with pytest.raises(NotAuthenticated):
        known.by_api_token(Token("top-secret").sha256)
    assert Token(sha256=Token("a").sha256, iam_sha256=Token("a").iam_sha256) == Token("a")
    assert Token(sha256=Token("a").sha256) != Token("a")
    assert "sha" not in repr(Token("a"))
    for wrong in ({"sha256": "0" * 64}, {"iam_sha256": "0" * 64}):
        with pytest.raises(ValueError, match="a token and its digest do not agree"):
            Token("a", **wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="a token must not be empty"):
        Token(iam_sha256="0" * 64)


def test_callers_are_known_by_their_names_and_ids() -> None:
    """To a world file that tells whose a job is."""
    known = accounts(Token("a", "alice"), Token("b"))
    alice, nameless = Token("a", "alice").caller, Token("b").caller
    assert [known.caller_named(name) for name in (None, "alice", alice.id)] == [alice] * 3
    assert [known.caller_named(name) for name in (nameless.name, nameless.id)] == [nameless] * 2
    assert (known.told(alice.id), known.told("elsewhere")) == ("alice", "elsewhere")
    with pytest.raises(UnknownOwner, match="there is nobody of the name 'bob'; there is alice, user-"):
        known.caller_named("bob")
    with pytest.raises(UnknownOwner, match="there is nobody of the name '0000000000000000'"):
        known.caller_named("0" * 16)


def test_where_any_token_is_welcome_ids_are_known() -> None:
    """That of whoever comes with the token."""
    caller = Token("a").caller
    assert accounts().caller_named(caller.id) == caller
    for name, sentence in ((None, "expected an owner"), ("alice", "nobody of the name 'alice'; there is nobody of a")):
        with pytest.raises(UnknownOwner, match=sentence):
            accounts().caller_named(name)
