"""Recordings hold no secrets, whatever is planted where, and however it is spelled."""

from __future__ import annotations

import base64
import contextlib
import gzip
import html
import json
import re
import string
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtime_contracts.contract import Contract
from runtime_contracts.recording import Recorder, Redaction, read
from runtime_contracts.recording.placeholders import Placeholders, decoded_segment, encoded_segment
from runtime_contracts.watching import Answer, Exchange, Request
from runtime_contracts.watching.message import header

KEY: Final = b"a key of this test"
ACCOUNT: Final = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
GUID: Final = "6c1f2d3e-4a5b-4c6d-8e7f-90a1b2c3d4e5"
CRN: Final = f"crn:v1:bluemix:public:quantum-computing:us-east:a/{ACCOUNT}:{GUID}::"
TOKEN: Final = "nUx7Qv-k3Rr_9Zt4Ww8Yy2Bb6Dd0Ff5Hh1Jj7LlPp3S"
PLACES: Final = (
    "authorization",
    "basic",
    "apikey-form",
    "apikey-json",
    "token-json",
    "query",
    "cookie",
    "set-cookie",
    "header",
)


def exchange(
    *,
    target: str = "/api/v1/jobs",
    headers: tuple[tuple[str, str], ...] = (),
    body: bytes = b"",
    answer: bytes = b"",
    answer_headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),),
    method: str = "POST",
) -> Exchange:
    """An exchange with what a test cares about."""
    return Exchange(
        number=1,
        request=Request(method=method, target=target, headers=headers, body=body, host="quantum.cloud.ibm.com"),
        answer=Answer(status=200, headers=answer_headers, body=answer),
    )


def written(tmp_path: Path, *exchanges: Exchange, drop_inputs: bool = False) -> str:
    """The text of a recording of exchanges."""
    file = tmp_path / "recording.ndjson"
    file.unlink(missing_ok=True)
    redaction = Redaction(KEY, drop_inputs=drop_inputs)
    with Recorder(
        file, redaction=redaction, edition="platform", upstream="https://x.test", has_inputs=True
    ) as recorder:
        for each in exchanges:
            recorder.record(each)
    assert recorder.left_out == 0
    return file.read_text(encoding="ascii")


def planted(place: str, secret: str) -> Exchange:  # noqa: PLR0911 - one for each place
    """An exchange in which a secret is where secrets are."""
    form = (("Content-Type", "application/x-www-form-urlencoded"),)
    as_json = (("Content-Type", "application/json"),)
    match place:
        case "authorization":
            return exchange(headers=(("Authorization", f"Bearer {secret}"),))
        case "basic":
            pair = base64.b64encode(f"somebody-else:{secret}".encode()).decode()
            return exchange(headers=(("Authorization", f"Basic {pair}"),))
        case "apikey-form":
            return exchange(target="/identity/token", headers=form, body=urlencode({"apikey": secret}).encode())
        case "apikey-json":
            return exchange(headers=as_json, body=json.dumps({"apiToken": secret}).encode())
        case "token-json":
            return exchange(answer=json.dumps({"a": [{"refresh_token": secret}]}).encode())
        case "query":
            return exchange(target=f"/bucket/key?X-Amz-Signature={quote(secret, safe='')}")
        case "cookie":
            return exchange(headers=(("Cookie", f"a=b; session={secret}"),))
        case "set-cookie":
            return exchange(answer_headers=(("Set-Cookie", f"session={secret}; Path=/"),))
        case _:
            return exchange(headers=(("X-Api-Key", secret),))


def _base64_in_words(secret: str) -> str:
    return "see " + base64.b64encode(f"it is {secret} now".encode()).decode()


SPELLINGS: Final[dict[str, Callable[[str], str]]] = {
    "plain": lambda secret: f"no such key: {secret}.",
    "percent": lambda secret: "at " + "".join(f"%{ord(c):02x}" for c in secret),
    "percent-twice": lambda secret: "at /" + quote("".join(f"%{ord(c):02X}" for c in secret)),
    "json-in-text": lambda secret: json.dumps({"message": secret}),
    "unicode-escapes": lambda secret: "".join(f"\\u{ord(c):04x}" for c in secret),
    "html": lambda secret: f"<p>{''.join(f'&#{ord(c)};' for c in secret)}</p>",
    "html-hex": lambda secret: f"<p>{''.join(f'&#x{ord(c):x};' for c in secret)}</p>",
    "base64": _base64_in_words,
    "base64-urlsafe": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode().rstrip("="),
    "base64-shifted": lambda secret: base64.b64encode(f"x{secret}yz".encode()).decode(),
    "base64-of-zlib": lambda secret: base64.b64encode(zlib.compress(f"circuit {secret}".encode() * 3)).decode(),
    "hex": lambda secret: secret.encode().hex(),
    "upper": str.upper,
    "bearer": lambda secret: f"got 'Bearer {secret}'",
}


def spelled_out(text: str) -> set[str]:
    """What somebody would read in a recording who tries everything."""
    found = {text}
    for _ in range(4):
        more = set()
        for each in found:
            more |= {
                unquote(each),
                html.unescape(each),
                re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), each),
            }
            for run in re.findall(r"[0-9A-Za-z+/_-]{12,}", each):
                for start in range(4):
                    piece = run[start:].replace("-", "+").replace("_", "/")
                    data = base64.b64decode(piece[: len(piece) // 4 * 4])
                    more.add(data.decode("latin-1"))
                    if data[:1] == b"\x78":
                        with contextlib.suppress(zlib.error):
                            more.add(zlib.decompressobj().decompress(data).decode("latin-1", "replace"))
                    if re.fullmatch(r"(?:[0-9a-f]{2})+", run):
                        more.add(bytes.fromhex(run).decode("latin-1"))
        if more <= found:
            break
        found |= {each for each in more if each.isprintable() or len(each) > 8}
    return {each.lower() for each in found}


secrets = st.text(string.ascii_letters + string.digits + "-_.~", min_size=16, max_size=60).filter(
    lambda text: len(set(text)) > 6 and not text.startswith("eyJ")
)


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("place", PLACES)
def test_a_secret_is_nowhere_in_the_file(place: str, spelling: str, tmp_path: Path) -> None:
    """Seen once where secrets are, it is found in the texts of others, however they spell it."""
    spelled = SPELLINGS[spelling](TOKEN)
    echo = exchange(
        answer=json.dumps({"errors": [{"message": spelled}], "list": [spelled]}).encode(),
        answer_headers=(("Content-Type", "application/json"), ("Location", f"https://x.test/{quote(spelled)}")),
    )
    page = exchange(answer=f"<html>{spelled}</html>".encode(), answer_headers=(("Content-Type", "text/html"),))
    text = written(tmp_path, planted(place, TOKEN), echo, page)
    assert not any(TOKEN.lower() in reading for reading in spelled_out(text))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(secret=secrets, place=st.sampled_from(PLACES), spelling=st.sampled_from(sorted(SPELLINGS)))
def test_random_secrets_are_nowhere(secret: str, place: str, spelling: str, tmp_path: Path) -> None:
    """In the same exchange, in its request, its answer and its path."""
    one = planted(place, secret)
    spelled = SPELLINGS[spelling](secret)
    both = Exchange(
        number=1,
        request=Request(
            method="POST",
            target=one.request.target + ("&" if "?" in one.request.target else "?") + urlencode({"about": spelled}),
            headers=one.request.headers,
            body=one.request.body or json.dumps({"tags": [spelled]}).encode(),
        ),
        answer=Answer(status=400, headers=one.answer.headers, body=one.answer.body or f"error: {spelled}".encode()),
    )
    text = written(tmp_path, both)
    assert not any(secret.lower() in reading for reading in spelled_out(text))


def jwt(claims: dict[str, Any]) -> str:
    """A token of IAM."""
    head = encoded_segment({"kid": "2026", "alg": "RS256"})
    return f"{head}.{encoded_segment(claims)}.c2lnbmF0dXJlLW9mLXRoaXMtdG9rZW4tMTIzNDU2Nzg5MA"


CLAIMS: Final = {
    "iam_id": "IBMid-55000ABCDE", "id": "IBMid-55000ABCDE", "email": "ada.lovelace@example.org",
    "given_name": "Adalina", "account": {"valid": True, "bss": ACCOUNT}, "iat": 1700000000, "exp": 1700003600,
    "sub": "ada.lovelace@example.org",
}  # fmt: skip


def test_a_token_of_iam_stays_one(tmp_path: Path) -> None:
    """With its times, and with nobody's name; the parts of the old one are gone as well."""
    token = jwt(CLAIMS)
    answer = json.dumps({"access_token": token, "expires_in": 3600, "token_type": "Bearer"}).encode()
    other = exchange(
        headers=(("Authorization", f"Bearer {token}"),),
        answer=json.dumps(
            {"parts": token.split("."), "who": "ADA.Lovelace@example.org", "id": "IBMid-55000ABCDE"}
        ).encode(),
    )
    text = written(tmp_path, exchange(target="/identity/token", answer=answer), other)
    for secret in (*token.split(".")[1:], "ada.lovelace", "Adalina", "55000ABCDE", ACCOUNT):
        assert not any(secret.lower() in reading for reading in spelled_out(text)), secret
    recording = read(tmp_path / "recording.ndjson")
    value = json.loads(recording.exchanges[0].answer.body or b"")
    claims = decoded_segment(value["access_token"].split(".")[1])
    assert isinstance(claims, dict)
    assert (claims["iat"], claims["exp"], claims["account"]["valid"]) == (1700000000, 1700003600, True)
    assert claims["iam_id"].startswith("IBMid-")
    assert "@example.com" in claims["email"]
    assert value["token_type"] == "Bearer"
    assert header(recording.exchanges[1].request.headers, "authorization") == f"Bearer {value['access_token']}"


def test_a_crn_stays_one(tmp_path: Path) -> None:
    """Its service and region are kept; account and instance are others, the same ones wherever they stand."""
    both = exchange(
        target=f"/api/v1/accounts/{ACCOUNT}?instance={quote(CRN)}",
        method="GET",
        headers=(("Service-CRN", CRN),),
        answer=json.dumps(
            {"instance": CRN, "plan": GUID, "account_id": ACCOUNT, "said": f"no {quote(CRN, safe='')} here"}
        ).encode(),
    )
    text = written(tmp_path, both)
    assert not any(secret in reading for reading in spelled_out(text) for secret in (ACCOUNT, GUID))
    (found,) = read(tmp_path / "recording.ndjson").exchanges
    crn = header(found.request.headers, "service-crn")
    assert re.fullmatch(r"crn:v1:bluemix:public:quantum-computing:us-east:a/[0-9a-f]{32}:[0-9a-f-]{36}::", crn)
    answer = json.loads(found.answer.body or b"")
    assert answer["instance"] == crn
    assert answer["account_id"] == crn.split(":")[6].removeprefix("a/") == found.request.path.rpartition("/")[2]
    assert answer["plan"] == crn.split(":")[7]
    assert quote(crn, safe="") in answer["said"] or crn in unquote(answer["said"])


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("write to grace.hopper@navy.example.mil please", "grace.hopper"),
        ("GRACE@NAVY.EXAMPLE", "navy.example"),
        ("from 203.0.113.77:4711", "203.0.113.77"),
        ("from 2600:1f18:5e:ab00::17 today", "2600:1f18"),
        ("https://s3.test/b/k?X-Amz-Credential=AKIA77%2F2026&X-Amz-Signature=0f9e8d7c6b5a", "0f9e8d7c6b5a"),
        ("https://s3.test/b/k?X-Amz-Credential=AKIA77%2F2026&X-Amz-Signature=0f9e8d7c6b5a", "akia77"),
        ("https://s3.test/b/k?AWSAccessKeyId=QQ77ZZ&Expires=1&Signature=vjbyPxybdZaNmGa%2ByT272YEAiv4%3D", "vjbypxybd"),
        ("password: Sup3rS3cret!", "sup3rs3cret"),
        ('{"api_key" : "k-0123456789"', "k-0123456789"),
        ("Authorization: Bearer abcDEF0123456789", "abcdef0123456789"),
        ("user IBMid-66700XYZ12 may not", "66700xyz12"),
        ("iam-ServiceId-1f2e3d4c-0000-4000-8000-123456789abc", "1f2e3d4c"),
        ('{"owner": "Katherine", "n": 1}', "katherine"),
        ('{"accountId": 7712345}', "7712345"),
        ('{"nested": {"secrets": {"deep": ["hidden-value-1"]}}}', "hidden-value-1"),
        ('"just a text with b0b@example.org"', "b0b@"),
        ('{"cut": "c0de@example.org', "c0de@"),
    ],
)  # fmt: skip
def test_what_looks_like_a_secret_is_replaced(text: str, secret: str, tmp_path: Path) -> None:
    """By its form, or by the name that it has in the text."""
    found = written(tmp_path, exchange(answer=text.encode()))
    assert not any(secret in reading for reading in spelled_out(found))


@pytest.mark.parametrize(
    "text",
    [
        '{"id": "cq2g5h1n7fc0008z8v3g", "created": "2026-11-22T10:11:12.123456Z", "n": 1.50, "x": 1e5, "t": null}',
        '{"backend":"ibm_torino","backend_version":"1.0.29","status":"Running","tags":["a b"],"usage":{"seconds":2.0}}',
        '{"dup":1,"dup":2,"nan":NaN,"cut":[1,2',
        '{"coupling_map":[[0,1],[1,2]],"token_type":"Bearer","max_tokens":5,"basis_gates":["cz","rz"]}',
        "Job has run too long at 12:34:56, see https://cloud.ibm.com/apidocs?x=1#e",
        "[[masked]] 100% sure & <b>bold</b> \\n 127.0.0.1 key-value",
        '{"trace":"0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d","solution":"the token was refused: use a new one"}',
        '{"circuit":"' + base64.b64encode(zlib.compress(b"QISKIT" * 50)).decode() + '"}',
        '{"emoji":"\\ud83d\\ude00 \\u00e9 \ue000 \\"x\\" \\/ "}',
    ],
)  # fmt: skip
def test_what_is_no_secret_stays_byte_for_byte(text: str, tmp_path: Path) -> None:
    """Numbers keep their spelling, broken JSON stays broken."""
    written(tmp_path, exchange(answer=text.encode()))
    (found,) = read(tmp_path / "recording.ndjson").exchanges
    assert (found.answer.body or b"").decode() == text


NUMBERS: Final = ", ".join(map(str, range(1000, 1030)))


@pytest.mark.parametrize(
    "text",
    [
        f'{{"coords": [[{NUMBERS}], [{NUMBERS}]], "id": "x"}}',
        f'{{"a": 1234567890123456, "b": [{NUMBERS}, {{"c": 5}}]}}',
        f"[{NUMBERS}, [[{NUMBERS}",
        "nobody@ or @nowhere or 12@",
        "the bearer and Basic understanding",
        "a\\/b \\u0022 AAAAAAAAAAAAA",
        "AAAA-BBB/CCCC DDDDEEEEFFFFG",
        "",
    ],
)
def test_long_stretches_stay_what_they_are(text: str) -> None:
    """Numbers of devices, and what only looks like something."""
    found = Redaction(KEY).exchange(exchange(answer=text.encode()))
    assert (found.answer.body or b"").decode() == text


def test_numbers_under_a_telling_name_are_replaced_in_a_stretch_as_well() -> None:
    """And from then on wherever they stand alone."""
    text = f'{{"account_id": 7712345, "secrets": [{NUMBERS}], "other": [7712345, {NUMBERS}]}}'
    value = json.loads(Redaction(KEY).exchange(exchange(answer=text.encode())).answer.body or b"")
    assert 7712345 not in {value["account_id"], *value["secrets"], *value["other"]}
    assert value["other"][0] == value["account_id"]
    assert not set(value["secrets"]) & set(range(1000, 1030))
    assert value["other"][1:] != []


def test_tokens_of_other_kinds_stay_tokens() -> None:
    """Without a signature, with lists in them, with what is no JSON; and a secret without letters is stars."""
    lists = ".".join([encoded_segment({"alg": "none"}), encoded_segment({"emails": ["a@example.org"], "iat": 1}), ""])
    for token in (lists, "eyJhbGciOiJub25lIn0.eyJlbWFpbCI6ImFAZXhhbXBsZS5vcmcifQ", "eyJhbGciOi.bm8ganNvbg.c2ln"):
        found = Redaction(KEY).exchange(exchange(answer=json.dumps({"access_token": token}).encode()))
        value = json.loads(found.answer.body or b"")["access_token"]
        assert value != token
        assert value.count(".") == token.count(".")
    assert Redaction(KEY, secrets=["!!!!!!!!"]).text("it is !!!!!!!! now") == "it is ******** now"
    assert Redaction(KEY, secrets=[CRN]).text(CRN).startswith("crn:v1:bluemix:public:quantum-computing:us-east:a/")
    assert "Placeholders" in repr(Placeholders(KEY))


def test_headers_that_are_not_known_are_masked(tmp_path: Path) -> None:
    """Their names stay, and those that belong to the form of a body are left out."""
    one = exchange(
        headers=(("X-Correlation", "anything at all"), ("Accept", "application/json"), ("Content-Length", "3")),
        answer_headers=(
            ("X-Debug", "what"),
            ("Retry-After", "5"),
            ("Content-Encoding", "gzip"),
            ("Content-Type", "text/plain"),
        ),
        answer=gzip.compress(b"the results"),
    )
    written(tmp_path, one)
    (found,) = read(tmp_path / "recording.ndjson").exchanges
    assert found.request.headers == (("X-Correlation", "[masked]"), ("Accept", "application/json"))
    assert found.answer.headers == (("X-Debug", "[masked]"), ("Retry-After", "5"), ("Content-Type", "text/plain"))
    assert found.answer.body == b"the results"


def test_a_body_that_cannot_be_unpacked_is_left_out(tmp_path: Path) -> None:
    """Nobody knows what is in it."""
    one = exchange(answer_headers=(("Content-Encoding", "gzip"),), answer=b"no gzip at all")
    written(tmp_path, one)
    (found,) = read(tmp_path / "recording.ndjson").exchanges
    assert found.answer.body is None


def test_the_same_secret_has_the_same_placeholder_in_one_file_and_another_in_the_next(tmp_path: Path) -> None:
    """It can be compared within a recording, and not looked up."""
    one = exchange(headers=(("Authorization", f"Bearer {TOKEN}"),), answer=json.dumps({"access_token": TOKEN}).encode())

    def placeholder(key: bytes) -> str:
        found = Redaction(key).exchange(one)
        value = json.loads(found.answer.body or b"")["access_token"]
        assert header(found.request.headers, "authorization") == f"Bearer {value}"
        return str(value)

    assert placeholder(b"one") == placeholder(b"one") != placeholder(b"two")
    assert len(placeholder(b"one")) == len(TOKEN)


def test_a_login_of_2021_gives_a_token_that_is_called_id(tmp_path: Path) -> None:
    """It is a secret from the first line on; other ids are none."""
    login = exchange(target="/api/users/loginWithToken", answer=json.dumps({"id": TOKEN, "ttl": 5}).encode())
    for answer in (b"[]", b"{", b""):
        written(tmp_path, exchange(target="/api/users/loginWithToken", answer=answer))
    assert TOKEN not in written(tmp_path, login)
    other = exchange(answer=json.dumps({"id": "cq2g5h1n7fc0008z8v3g"}).encode())
    assert "cq2g5h1n7fc0008z8v3g" in written(tmp_path, other)


def test_a_form_of_several_parts_is_cleaned_part_by_part(tmp_path: Path) -> None:
    """Texts, files that are text, and bytes."""
    parts = {
        "apikey": TOKEN.encode(),
        "program": b"# by ada@example.org\nprint(1)",
        "raw": b"\xff\xfe" + TOKEN.encode(),
    }
    body = b"".join(
        b'--B\r\nContent-Disposition: form-data; name="' + name.encode() + b'"\r\n\r\n' + content + b"\r\n"
        for name, content in parts.items()
    )
    one = exchange(headers=(("Content-Type", "multipart/form-data; boundary=B"),), body=body + b"--B--\r\n")
    text = written(tmp_path, one)
    assert not any(secret in reading for reading in spelled_out(text) for secret in (TOKEN.lower(), "ada@"))
    (found,) = read(tmp_path / "recording.ndjson").exchanges
    clean = found.request.body or b""
    assert len(clean) >= len(body) - 20
    assert clean.count(b"--B") == 4
    assert b"print(1)" in clean


def test_inputs_are_dropped_if_that_is_asked_for(tmp_path: Path) -> None:
    """The leaves of params are gone, its form stays, and everything beside it as well."""
    job = {
        "program_id": "sampler",
        "params": {"version": 2, "pubs": [[{"__type__": "QuantumCircuit", "__value__": "eJwL"}, [0.5], 100]]},
    }
    one = exchange(headers=(("Content-Type", "application/json"),), body=json.dumps(job).encode())
    written(tmp_path, one, drop_inputs=True)
    (found,) = read(tmp_path / "recording.ndjson").exchanges
    assert json.loads(found.request.body or b"") == {
        "program_id": "sampler",
        "params": {"version": 2, "pubs": [[{"__type__": "QuantumCircuit", "__value__": "dropped"}, [0], 0]]},
    }


def test_a_recording_of_a_valid_exchange_is_valid(tmp_path: Path) -> None:
    """The contract finds nothing in what was recorded of a good exchange."""
    headers = (("Authorization", f"Bearer {jwt(CLAIMS)}"), ("Service-CRN", CRN), ("IBM-API-Version", "2026-04-15"))
    one = exchange(
        method="GET",
        target="/api/v1/versions",
        headers=headers,
        answer=b'{"versions":[{"version":"2024-01-01","status":"live"}]}',
    )
    written(tmp_path, one)
    (found,) = read(tmp_path / "recording.ndjson").exchanges
    contract = Contract.of("platform")
    assert contract.check_request("GET", found.request.target, headers=dict(found.request.headers)) == []
    assert (
        contract.check_response("get_versions", 200, headers=dict(found.answer.headers), body=found.answer.body or b"")
        == []
    )


@pytest.mark.parametrize("cut", [slice(0, 18), slice(10, 30), slice(-14, None)])
def test_a_piece_of_a_token_is_found_as_well(cut: slice, tmp_path: Path) -> None:
    """A message that quotes a part of it gives that part away."""
    said = exchange(answer=json.dumps({"message": f"got {TOKEN[cut]}... instead"}).encode())
    text = written(tmp_path, planted("authorization", TOKEN), said)
    assert TOKEN[cut] not in text
    assert "got ***" in text


def test_a_secret_whose_letters_change_their_number_is_found(tmp_path: Path) -> None:
    """In lower case, some letters of Turkish are two."""
    said = exchange(answer=f"\u0130: {TOKEN}".encode())
    assert TOKEN not in written(tmp_path, planted("authorization", TOKEN), said)


def test_a_redaction_says_nothing_of_what_it_knows() -> None:
    """Its representation has no secret, nor its key."""
    redaction = Redaction(KEY, secrets=[TOKEN])
    assert redaction.text(f"the key {TOKEN} is bad") != f"the key {TOKEN} is bad"
    assert repr(redaction) == "Redaction(KnownSecrets(1))"


@pytest.mark.parametrize("length", [5, 11, 20])
@pytest.mark.parametrize(
    "secret", ["ada.lovelace@example.org", ACCOUNT, TOKEN, base64.b64encode(TOKEN.encode()).decode()]
)
def test_a_secret_is_not_told_where_a_sentence_is_cut_off(secret: str, length: int) -> None:
    """Its beginning looks like nothing that one could know it by."""
    redaction = Redaction(KEY, secrets=[TOKEN])
    redaction.foresee(exchange(answer=json.dumps({"who": "ada.lovelace@example.org", "instance": CRN}).encode()))
    said = redaction.text(f"found {{'tags': ['{secret[:length]}... (166 characters), and more")
    assert said == "found {'tags': ['... (166 characters), and more"


def test_what_only_the_answer_shows_to_be_a_secret_is_not_told_before() -> None:
    """An exchange that is foreseen is looked at when something is said of it."""
    redaction = Redaction(KEY)
    said = f"expected the property 'id', found {base64.b64encode(f'user:{TOKEN}'.encode()).decode()}"
    assert redaction.text(said) == said
    redaction.foresee(exchange(answer=json.dumps({"access_token": TOKEN}).encode()))
    assert redaction.text(said) != said
    redaction.foresee(exchange(answer=json.dumps({"access_token": "another-token-of-theirs"}).encode()))
    redaction.foresee(None)
    assert redaction.text("got another-token-of-theirs") == "got another-token-of-theirs"


def test_an_address_in_a_path_leaves_the_path(tmp_path: Path) -> None:
    """A slash may be part of an address, but there it is not."""
    written(tmp_path, exchange(target="/api/v1/jobs/ada@example.org/results?limit=1", method="GET"))
    target = read(tmp_path / "recording.ndjson").exchanges[0].request.target
    assert re.fullmatch(r"/api/v1/jobs/user-\w+@example\.com/results\?limit=1", target)


@pytest.mark.parametrize("code", ['"not_found"', "1291"])
def test_what_an_error_is_called_is_no_secret(code: str) -> None:
    """The `code` of an error is kept; that of a log-in is not."""
    body = f'{{"errors": [{{"code": {code}, "message": "no job"}}], "trace": "c2b0"}}'.encode()
    headers = (("Content-Type", "application/json"),)
    clean = Redaction(KEY).exchange(exchange(headers=headers, body=b'{"code": "4/0Adeu5BWq1"}', answer=body))
    assert json.loads(clean.answer.body or b"")["errors"][0]["code"] == json.loads(code)
    assert b"4/0Adeu5BWq1" not in (clean.request.body or b"")
