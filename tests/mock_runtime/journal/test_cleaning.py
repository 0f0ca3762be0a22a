"""What the journal shows has no secret in it, wherever a client put one."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_runtime.journal import Cleaning, Entry, as_dict, cleaned, har, summary
from mock_runtime.journal.cleaning import whole_part
from tests.mock_runtime.journal.stories import Story

SECRETS: Final = st.text(
    "ABCDEFGHJKMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz0123456789-_", min_size=24, max_size=64
).filter(
    lambda text: any(c.isdigit() for c in text) and any(c.isupper() for c in text) and any(c.islower() for c in text)
)
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
JSON: Final = {"Content-Type": "application/json"}


def request(**given: Any) -> Entry:
    """One exchange, without credentials but those that are planted."""
    headers = {"Authorization": None, **given.pop("headers", {})}
    story = Story(given.pop("edition", "platform"))
    return story.ask(given.pop("operation", "list-jobs"), given.pop("status", 200), headers=headers, **given)


PLACES: Final[Mapping[str, Callable[[str], Entry]]] = {
    "bearer": lambda secret: request(headers={"Authorization": f"Bearer {secret}"}),
    "authorization": lambda secret: request(headers={"Authorization": secret}),
    "basic": lambda secret: request(
        headers={"Authorization": "Basic " + base64.b64encode(f"somebody:{secret}".encode()).decode()}
    ),
    "access-token": lambda secret: request(edition="legacy-2021", headers={"X-Access-Token": secret}),
    "own-header": lambda secret: request(headers={"X-My-Key": secret}),
    "cookie": lambda secret: request(headers={"Cookie": f"session={secret}"}),
    "set-cookie": lambda secret: request(answer_headers={"Set-Cookie": f"session={secret}; Path=/"}),
    "iam-form": lambda secret: request(operation="log-in", headers=FORM, body=f"grant_type=x&apikey={secret}".encode()),
    "iam-answer": lambda secret: request(
        operation="log-in", answer_headers=JSON, answer={"access_token": secret, "expires_in": 60}
    ),
    "log-in-of-2021": lambda secret: request(
        edition="legacy-2021", operation="log-in", headers=JSON, body={"apiToken": secret}
    ),
    "answer-of-2021": lambda secret: request(
        edition="legacy-2021", operation="log-in", answer_headers=JSON, answer={"id": secret, "ttl": 60}
    ),
    "query": lambda secret: request(query=f"access_token={secret}&limit=5"),
    "body": lambda secret: request(operation="submit-job", body={"params": [{"api_key": secret}]}),
    "again-in-a-path": lambda secret: request(
        path=f"/api/v1/jobs/{secret}", job=secret, headers={"Authorization": f"Bearer {secret}"}
    ),
    "again-in-the-answer": lambda secret: request(
        headers={"Authorization": f"Bearer {secret}"}, answer={"message": f"the token {secret} was refused"}
    ),
    "again-in-the-method": lambda secret: request(method=secret, headers={"Authorization": f"Bearer {secret}"}),
    "percent": lambda secret: request(
        query="what=" + quote(quote(secret, safe="")), headers={"Authorization": f"Bearer {secret}"}
    ),
    "cut-json": lambda secret: request(
        operation="submit-job", body=f'{{"a": 1, "api_key": "{secret}'.encode(), request_size=10**6
    ),
    "cut-form": lambda secret: request(
        operation="log-in", headers=FORM, body=f"grant_type=x&apikey={secret}".encode(), request_size=10**6
    ),
    "cut-answer": lambda secret: request(
        answer_headers=JSON, answer=f'{{"access_token": "{secret}'.encode(), answer_size=10**6
    ),
}


@pytest.mark.parametrize("place", PLACES)
@settings(max_examples=15, deadline=None)
@given(secret=SECRETS)
def test_a_planted_secret_is_nowhere(place: str, secret: str) -> None:
    """Neither in a cleaned entry, nor in its summary, its JSON, or an archive; nor half of it."""
    entry = PLACES[place](secret)
    clean = cleaned(entry)
    shown = [
        repr(clean) + str(clean.request_headers) + str(clean.answer_headers),
        (clean.request_body + clean.answer_body).decode("latin-1"),
        json.dumps(summary(entry)),
        json.dumps(as_dict(entry)),
        json.dumps(har([entry])),
    ]
    for text in shown:
        assert secret not in text
        assert secret[: len(secret) // 2] not in text


def test_a_secret_that_is_known_beforehand_is_found_anywhere() -> None:
    """The configured tokens are looked for in places that say nothing of secrets."""
    secret = "Tq7-of-the-configuration-99"
    entry = request(query=f"search={secret}", answer={"name": secret})
    cleaning = Cleaning([secret])
    clean = cleaning.cleaned(entry)
    assert secret not in clean.target
    assert secret.encode() not in clean.answer_body
    assert secret not in repr(cleaning)
    assert secret not in cleaning.text(f"no such thing: {secret}")
    assert secret not in str(summary(entry, cleaning))


def test_the_same_secret_is_the_same_placeholder() -> None:
    """Who reads two exchanges sees that they came with one token."""
    one = cleaned(request(headers={"Authorization": "Bearer Tk5-the-one-and-only-11"}))
    two = cleaned(request(headers={"Authorization": "Bearer Tk5-the-one-and-only-11"}, query="limit=7"))
    assert dict(one.request_headers)["Authorization"] == dict(two.request_headers)["Authorization"]


def test_what_is_no_secret_stays() -> None:
    """Numbers, times, sizes, names, harmless headers and bodies are as they were."""
    story = Story()
    entry = story.submit(
        "c2b04fot418h0qp0peh0", session="s-1", backend="ibm_fez", answer={"id": "c2b04fot418h0qp0peh0"}
    )
    clean = cleaned(entry)
    for name in ("number", "at", "seconds", "status", "operation", "caller", "job", "session", "backend", "target"):
        assert getattr(clean, name) == getattr(entry, name)
    assert (clean.path, clean.inside, clean.request_body) == (entry.path, entry.inside, entry.request_body)
    assert clean.answer_body == entry.answer_body
    assert ("User-Agent", "client/1.0") in clean.request_headers


def test_a_path_inside_that_is_another_is_cleaned_as_well() -> None:
    """Hosts are paths of this server."""
    entry = request(headers={"Authorization": "Bearer Tk5-the-one-and-only-22"})
    entry = replace(entry, inside="/identity/Tk5-the-one-and-only-22")
    assert "one-and-only" not in cleaned(entry).inside


def test_a_finished_entry_is_remembered() -> None:
    """A page that asks again costs nothing, within bounds."""
    cleaning = Cleaning()
    entry = request()
    assert cleaning.cleaned(entry) is cleaning.cleaned(entry)
    others = [request(query=f"limit={number}") for number in range(300)]
    for other in others:
        cleaning.cleaned(other)
    assert len(cleaning._done) == 256
    large = [request(operation="submit-job", body=b"{" + b" " * 65_000 + b"}") for _ in range(100)]
    for other in large:
        cleaning.cleaned(other)
    assert cleaning._bytes <= 8 * 1024 * 1024
    assert sum(size for _, _, size in cleaning._done.values()) == cleaning._bytes


def test_what_was_learned_is_forgotten_in_time() -> None:
    """Each secret that is known is looked for in every text, so that there must not be endless ones."""
    cleaning = Cleaning()
    for number in range(400):
        cleaning.bare(request(headers={"Authorization": f"Bearer token-number-{number:08d}-x"}))
    assert cleaning._redaction is not None
    assert len(cleaning._redaction._cleaning.known) < 300


def test_the_bare_entry_has_no_headers_and_bodies() -> None:
    """A list shows neither."""
    clean = Cleaning().bare(request(operation="submit-job", body={"a": 1}, answer={"id": "x"}))
    assert (clean.request_headers, clean.request_body, clean.answer_headers, clean.answer_body) == ((), b"", (), b"")
    assert clean.request_size == 8


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (b'{"a": "b", "c": "half', b'{"a": "b", "c": '),
        (b'{"a": "b", "c": "half\\', b'{"a": "b", "c": '),
        (b'["whole", 12', b'["whole", '),
        (b"a=1&b=half", b"a=1&"),
        (b"one two", b"one "),
        (b"nothing-to-hold-on-to", b""),
        (b"", b""),
    ],
)
def test_the_half_value_at_the_end_of_a_cut_body_is_left_out(body: bytes, kept: bytes) -> None:
    """Half a token looks like none."""
    assert whole_part((), body, 10**6) == kept
    assert whole_part((), body, len(body)) == body


def test_a_packed_body_that_was_cut_is_left_out() -> None:
    """Nobody can unpack it."""
    assert whole_part((("Content-Encoding", "gzip"),), b"\x1f\x8b\x08", 10**6) == b""
    broken = request(operation="submit-job", body=b"no gzip", headers={"Content-Encoding": "gzip"})
    assert cleaned(broken).request_body == b""
    answer = replace(request(answer=b"no gzip"), answer_headers=(("Content-Encoding", "gzip"),))
    assert cleaned(answer).answer_body == b""


def test_a_long_body_without_end_is_cut_at_once() -> None:
    """Looking for the end of a hostile body takes no time that grows with its square."""
    assert whole_part((), b"x" * 2_000_000, 10**9) == b""
    assert whole_part((), b'{"' + b'\\"' * 1_000_000, 10**9) == b"{"
