"""Documents from elsewhere: what is read, what is refused and in which words, what is kept, and where tokens go."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from runtime_contracts import documents
from runtime_contracts.sources import LIVE_URL, Answer, Cache, DocumentError, SourceError, document_of, fetching, read
from runtime_contracts.sources.older import as_3_0
from runtime_contracts.sources.parsing import value_of
from runtime_contracts.sources.revisions import at_revision
from runtime_contracts.sources.source import edition_of

SMALL = b'{"openapi": "3.0.3", "info": {"version": "7"}, "paths": {}}'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"<!doctype html><p>Sign in", "is HTML or XML"),
        (b'{"openapi": "3.0.3", "paths": {', "is cut off"),
        (b'{"openapi": "3.0', "is cut off"),
        (b'{"a": 1,, "b": 2}', r"is not JSON: .* at line 1, column 9"),
        (b'{"a": NaN}', "NaN is no number of JSON"),
        (b"[" * 100_000, "nested more than 150 levels deep"),
        (b"[" * 200 + b"]" * 200, "nested more than 150 levels deep"),
        (b"- " * 5000 + b"a", "nested more than 150 levels deep"),
        (b'{"a": %s}' % (b"9" * 5000), "is not JSON"),
        (b"\xff\xfe{", "is not in UTF-8: byte 0 is 0xff"),
        (b"a: [1", "is not YAML: .* at line"),
        (b"a: *b", "is not YAML"),
        (b"a: &a [*a]", "repeats what is not there, or contains itself"),
        (b"a: 1\n---\nb: 2", "more than one YAML document"),
        (b"? [1]\n: 2", "a key that is no text, but a list"),
        (b"[1]", "holds a list instead of an object"),
        (b"just words", "holds a text instead of an object"),
        (b"true", "holds a truth value instead"),
        (b"null", "holds null instead"),
        (b"7", "holds a number instead"),
        (b'{"errors": [], "trace": "x"}', r"has no `openapi` \(but errors, trace\)"),
        (b"{}", r"has no `openapi` \(but nothing\)"),
        (b'{"swagger": "2.0", "paths": {}}', "is a Swagger 2.0 document"),
        (b'{"openapi": "4.0.0", "paths": {}}', "says openapi: 4.0.0"),
        (b'{"openapi": "3.0.3"}', "has no object `paths`"),
    ],
)
def test_what_is_no_document_is_refused_in_clear_words(content: bytes, message: str) -> None:
    """Whatever a stranger sends, the answer is one sentence that names it."""
    with pytest.raises(DocumentError, match=rf"^theirs .*{message}"):
        document_of(content, name="theirs")


def test_documents_that_grow_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a large document nor one that unfolds to a large one is built."""
    bomb = "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
        f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
    )
    with pytest.raises(DocumentError, match="unfolds to more than 1,000,000 values"):
        document_of(bomb.encode(), name="theirs")
    monkeypatch.setattr("runtime_contracts.sources.parsing.MAX_NODES", 5)
    for content in (b"[1,2,3,4,5,6]", b"- 1\n- 2\n- 3\n- 4\n- 5\n"):
        with pytest.raises(DocumentError, match="unfolds to more than"):
            value_of(content, name="theirs")
    monkeypatch.setattr("runtime_contracts.sources.parsing.MAX_BYTES", 5)
    with pytest.raises(DocumentError, match="has more than 0 MiB"):
        value_of(b"123456", name="theirs")


def test_yaml_is_read_in_terms_of_json() -> None:
    """Keys are texts, dates stay texts, anchors are copies, merge keys merge, and a brace may begin YAML as well."""
    text = b"""
        200: &a {yes: 2021-05-07, n: null, x: 1e3, h: 0x1F, t: !!str 5}
        b: *a
        c: {<<: *a, n: 2}
        d: {<<: [*a, {z: 1}]}
        e: .nan
    """
    first = {"yes": "2021-05-07", "n": None, "x": "1e3", "h": "0x1F", "t": "5"}
    found = value_of(text, name="theirs")
    assert found == {"200": first, "b": first, "c": first | {"n": 2}, "d": first | {"z": 1}, "e": ".nan"}
    found["b"]["n"] = 1
    assert found["200"]["n"] is None
    assert value_of(b"{a: 1, b: [x, 'y']}", name="theirs") == {"a": 1, "b": ["x", "y"]}


@pytest.mark.parametrize("name", documents.names())
def test_our_documents_are_read_as_they_are_loaded(name: str) -> None:
    """The bounded reader and the loader of our own documents agree."""
    assert document_of(documents.text(name).encode(), name=name) == documents.load(name, overlay=False)


def test_what_a_reference_may_be(tmp_path: Path) -> None:
    """A file, an edition, and what is neither."""
    file = tmp_path / "doc.yaml"
    file.write_bytes(SMALL)
    assert (read(str(file)).name, read(str(file)).version) == (str(file), "7")
    assert read("2021").document == documents.load("2021", overlay=False)
    assert read("platform").overlay == documents.overlay_of("platform")
    (tmp_path / "doc.overlay.yaml").write_text("overlay: 1.0.0\n")
    assert read(str(file)).overlay == {"overlay": "1.0.0"}
    (tmp_path / "doc.overlay.yaml").write_text("[]")
    with pytest.raises(DocumentError, match="is no overlay"):
        read(str(file))
    with pytest.raises(SourceError, match=r"there is no file 'nothing\.json'; a document is a file, a URL, 'live'"):
        read("nothing.json")
    with pytest.raises(SourceError, match="is a folder"):
        read(str(tmp_path))
    with pytest.raises(SourceError, match="there is no file"):
        read("\0")
    assert edition_of({"paths": None}) == "platform"
    assert edition_of(documents.load("2021")) == "legacy-2021"


def test_unreadable_file_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that cannot be opened is an error of its own."""
    file = tmp_path / "doc.yaml"
    file.write_bytes(SMALL)

    def refused(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(SourceError, match="cannot be read: Permission denied"):
        read(str(file))


# ---- By HTTP


class Web:
    """Answers by URL, and the requests that were made."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.answers = dict(answers)
        self.asked: list[tuple[str, Mapping[str, str]]] = []

    def __call__(self, url: str, headers: Mapping[str, str]) -> Answer:
        """Answer as it was told."""
        self.asked.append((url, headers))
        return self.answers[url]


def _found(content: bytes = SMALL, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(status=200, headers=headers or {}, content=content)


def _moved(to: str) -> Answer:
    return Answer(status=302, headers={"location": to})


def test_live_document_is_fetched_and_kept(tmp_path: Path) -> None:
    """The second time only what tells a new one from an old one is asked, and the copy is used."""
    cache = Cache(tmp_path / "cache")
    web = Web({LIVE_URL: _found(headers={"etag": '"1"', "last-modified": "then"})})
    assert read("live", fetch=web, cache=cache).remark is None
    assert read("live", fetch=web, cache=cache).remark == "it is the same as when it was last fetched"
    assert web.asked[1][1]["If-None-Match"] == '"1"'
    assert web.asked[1][1]["If-Modified-Since"] == "then"
    web.answers[LIVE_URL] = Answer(status=304)
    again = read("live", fetch=web, cache=cache)
    assert (again.version, again.remark) == ("7", "it is the same as when it was last fetched")
    web.answers[LIVE_URL] = _found(SMALL.replace(b"7", b"8"))
    assert read("live", fetch=web, cache=cache).remark == "it has changed since it was last fetched"
    web.answers[LIVE_URL] = Answer(status=503)
    with pytest.raises(SourceError, match=rf"answers 503.*; the copy that was seen last is {cache.file(LIVE_URL)}"):
        read("live", fetch=web, cache=cache)
    assert read(str(cache.file(LIVE_URL))).version == "8"


def test_damaged_or_missing_cache_is_as_none(tmp_path: Path) -> None:
    """What cannot be read or written there changes nothing."""
    cache = Cache(tmp_path / "cache")
    web = Web({LIVE_URL: _found()})
    read("live", fetch=web, cache=cache)
    cache.file(LIVE_URL).write_bytes(b"tampered")
    assert cache.last(LIVE_URL) is None
    (tmp_path / "file").write_text("")
    assert read("live", fetch=web, cache=Cache(tmp_path / "file")).version == "7"


def test_cache_is_where_the_user_keeps_caches(tmp_path: Path) -> None:
    """XDG_CACHE_HOME counts if it is a whole path."""
    assert Cache.of_user({"XDG_CACHE_HOME": str(tmp_path)}).folder == tmp_path / "mock-runtime" / "documents"
    assert Cache.of_user({"XDG_CACHE_HOME": "odd"}).folder == Path("~/.cache/mock-runtime/documents").expanduser()
    assert Cache.of_user().folder.name == "documents"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (Answer(status=401), "answers 401: it asks for a token: give --token"),
        (Answer(status=403), "answers 403: it asks for a token"),
        (Answer(status=404), "answers 404: there is no document at this address"),
        (Answer(status=500), "answers 500 instead of a document"),
        (Answer(status=304), "answers 304 instead of a document"),
        (_found(b"<html>"), "is HTML or XML"),
        (_found(b" " * (32 * 2**20 + 1)), "has more than 32 MiB"),
        (_moved("http://evil.example/"), "leads away from https, to evil.example"),
        (_moved(LIVE_URL), "redirects more than 5 times"),
    ],
)
def test_answer_without_a_document_is_told(answer: Answer, message: str) -> None:
    """Each status says what to do."""
    with pytest.raises(SourceError, match=message):
        read("live", fetch=Web({LIVE_URL: answer}))


def test_a_redirect_without_tls_is_followed_if_the_document_was_asked_for_without_it() -> None:
    """To another address of the web, and to nothing else; what was asked for by TLS stays there."""
    web = Web({"http://a.example/": _moved("/x"), "http://a.example/x": _moved(LIVE_URL), LIVE_URL: _found()})
    assert read("http://a.example/", fetch=web).version == "7"
    web.answers["http://a.example/x"] = _moved("file:///etc/passwd")
    with pytest.raises(SourceError, match="leads away from http, to"):
        read("http://a.example/", fetch=web)


def test_token_goes_to_its_host_only() -> None:
    """A redirect to another host is followed without it, it is never sent without TLS, and it is in no message."""
    other = "https://other.example/x"
    web = Web({LIVE_URL: _moved(other), other: Answer(status=403)})
    with pytest.raises(SourceError, match="the token is not accepted there") as caught:
        read("live", fetch=web, token="hemlig-token")
    assert "hemlig" not in str(caught.value)
    assert [headers.get("Authorization") for _, headers in web.asked] == ["Bearer hemlig-token", None]
    with pytest.raises(SourceError, match=r"a token is sent over https only, and a\.example is asked over http"):
        read("http://a.example/x", fetch=web, token="t")
    with pytest.raises(SourceError, match="characters that no header can carry"):
        read("live", fetch=web, token="a\nb")
    with pytest.raises(SourceError, match=r"^https://a\.example/x answers 404"):
        read("https://me:pw@a.example/x?key=1", fetch=Web({"https://me:pw@a.example/x?key=1": Answer(status=404)}))


@pytest.fixture
def server() -> Iterator[str]:
    """A web server that gives a document, and closes the connection or waits elsewhere."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/drop":
                return
            if self.path == "/slow":
                released.wait(5)
            self.send_response(200)
            self.send_header("ETag", '"x"')
            self.end_headers()
            self.wfile.write(SMALL)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    released = threading.Event()
    with HTTPServer(("127.0.0.1", 0), Handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        released.set()
        httpd.shutdown()
        thread.join()


def test_fetching_from_a_server(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The content and the headers of a real server come, bounded; what does not answer is told."""
    found = fetching.fetch(f"{server}/doc", {})
    assert (found.status, found.content, found.headers["etag"]) == (200, SMALL, '"x"')
    with pytest.raises(SourceError, match=r"127\.0\.0\.1 cannot be reached: "):
        fetching.fetch(f"{server}/drop", {})
    monkeypatch.setattr(fetching, "MAX_BYTES", 5)
    assert len(fetching.fetch(f"{server}/doc", {}).content) > 5
    monkeypatch.setattr(fetching, "TIMEOUT_S", 0.05)
    with pytest.raises(SourceError, match=r"no answer from 127\.0\.0\.1 within 0\.05 seconds"):
        fetching.fetch(f"{server}/slow", {})


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ("SSLError", "the certificate of a.example is not trusted: nobody knows it"),
        ("ProxyError", "the proxy to a.example does not answer"),
        ("ConnectionError", "a.example cannot be reached"),
        ("ReadTimeout", "no answer from a.example within 60 seconds"),
        ("InvalidURL", "a.example could not be asked"),
    ],
)
def test_errors_of_the_network_are_told(error: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What went wrong is said without the names of classes and addresses of objects."""
    import requests  # noqa: PLC0415 - its exceptions are looked up by name

    def fail(*_: object) -> None:
        raise getattr(requests.exceptions, error)(ValueError("<urllib3 object at 0x7f>: nobody knows it"))

    monkeypatch.setattr(fetching, "_asked", fail)
    with pytest.raises(SourceError, match=message) as caught:
        fetching.fetch("https://a.example/", {})
    assert "0x7f" not in str(caught.value)


def test_version_is_a_date() -> None:
    """The document of a version is at its own address."""
    assert fetching.url_of_version("2026-02-01") == "https://quantum.cloud.ibm.com/api/openapi-2026-02-01.json"
    with pytest.raises(SourceError, match="is a date such as 2026-02-01, found 'newest'"):
        fetching.url_of_version("newest")


# ---- From git


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository in which a document had another version once."""

    def git(*arguments: str) -> None:
        who = ("-c", "user.name=N", "-c", "user.email=n@example.com", "-c", "commit.gpgsign=false")
        subprocess.run(["git", "-C", str(tmp_path), *who, *arguments], check=True, capture_output=True)

    git("init", "-q")
    for version in ("1", "2"):
        (tmp_path / "doc.yaml").write_bytes(SMALL.replace(b"7", version.encode()))
        git("add", ".")
        git("commit", "-q", "-m", version)
        (tmp_path / "doc.overlay.yaml").write_text("overlay: 1.0.0\n")
    return tmp_path


def test_file_at_a_revision(repository: Path) -> None:
    """The file, and the overlay beside it if there was one, are those of the revision."""
    old, new = (read(f"{repository}/doc.yaml@{revision}") for revision in ("HEAD~1", "HEAD"))
    assert (old.version, old.name, old.overlay) == ("1", "doc.yaml@HEAD~1", None)
    assert (new.version, new.overlay) == ("2", {"overlay": "1.0.0"})


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("doc.yaml@HEAD~9", "the repository has no revision 'HEAD~9'"),
        ("doc.yaml@--all", "'--all' is no revision of git"),
        ("doc.yaml@", "'' is no revision of git"),
        ("other.yaml@HEAD", "there was no file other.yaml at that revision"),
        ("../doc.yaml@HEAD", "is in no repository of git"),
    ],
)
def test_what_git_does_not_have_is_told(repository: Path, name: str, message: str) -> None:
    """The revision, the file and the repository are told apart."""
    with pytest.raises(SourceError, match=message):
        read(f"{repository}/{name}")


def test_missing_git_is_told(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without git, or with one that does not run, the message says so."""
    with pytest.raises(SourceError, match="needs git, which is not installed"):
        at_revision(repository / "doc.yaml", "HEAD", git="no-such-git")
    monkeypatch.setattr("runtime_contracts.sources.revisions.MAX_BYTES", 5)
    with pytest.raises(SourceError, match="the file has more than"):
        at_revision(repository / "doc.yaml", "HEAD")

    def fail(*_: object, **__: object) -> None:
        raise OSError("no more processes")

    monkeypatch.setattr(subprocess, "run", fail)
    with pytest.raises(SourceError, match="git could not be run: no more processes"):
        at_revision(repository / "doc.yaml", "HEAD")


def test_newer_documents_in_older_words() -> None:
    """What OpenAPI 3.1 says otherwise is said in the words of 3.0; a document in 3.0 stays as it is."""
    schemas = {
        "A": {"type": ["string", "null"], "examples": ["x"]}, "B": {"const": 1}, "C": {"exclusiveMinimum": 1},
        "D": {"$ref": "#/components/schemas/A", "maxLength": 3, "allOf": [{"minLength": 1}]}, "E": True, "F": False,
        "G": {"anyOf": [{"type": "string"}, {"type": "null"}]}, "H": {"type": ["string", "integer"]},
        "I": {"type": ["null"]}, "K": 7,
        "J": {"type": "object", "properties": {"const": {"const": 2}}, "additionalProperties": False},
    }  # fmt: skip
    media = {"application/json": {"schema": {"const": 3}, "example": {"schema": {"const": 4}}}}
    answers = {"200": {"content": media, "x": [{"schema": {"const": 5}}]}}
    document = {
        "openapi": "3.1.0",
        "paths": {"/a": {"get": {"responses": answers}}},
        "components": {"schemas": schemas},
    }
    older = as_3_0(document)
    assert older["components"]["schemas"] == {
        "A": {"type": "string", "nullable": True, "example": "x"}, "B": {"enum": [1]},
        "C": {"minimum": 1, "exclusiveMinimum": True},
        "D": {"allOf": [{"$ref": "#/components/schemas/A"}, {"minLength": 1}], "maxLength": 3},
        "E": {}, "F": {"not": {}}, "G": {"anyOf": [{"type": "string"}], "nullable": True},
        "H": {"anyOf": [{"type": "string"}, {"type": "integer"}]}, "I": {"nullable": True, "enum": [None]},
        "J": {"type": "object", "properties": {"const": {"enum": [2]}}, "additionalProperties": False}, "K": 7,
    }  # fmt: skip
    answer = older["paths"]["/a"]["get"]["responses"]["200"]
    assert answer["content"]["application/json"] == {"schema": {"enum": [3]}, "example": {"schema": {"const": 4}}}
    assert answer["x"] == [{"schema": {"enum": [5]}}]
    same = json.loads(SMALL)
    assert as_3_0(same) == same
