"""Fetching a document by HTTP: bounded, within https, and with the copy that was seen last.

The service publishes its document at `/api/openapi.json`, without asking who reads it, and one for each version of the
API at `/api/openapi-DATE.json` (seen for 2026-02-01; that the others are there under their dates is an inference).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from runtime_contracts.sources.parsing import MAX_BYTES, SourceError
from runtime_contracts.violation import masked, shown

LIVE_URL = "https://quantum.cloud.ibm.com/api/openapi.json"
TIMEOUT_S = 60.0
_MAX_REDIRECTS = 5
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server answered.

    Attributes:
        headers: with names in lower case.
        content: the body; of one that is too large, a little more than the bound.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""


Fetch = Callable[[str, Mapping[str, str]], Answer]
"""Gets a URL with some headers, without following redirects; raises SourceError if there is no answer."""


def fetch(url: str, headers: Mapping[str, str]) -> Answer:
    """Get `url` once, without following redirects.

    Raises:
        SourceError: there is no answer within a minute; the message says why.
    """
    import requests  # noqa: PLC0415 - whoever compares files needs no HTTP

    outcome: list[Answer | Exception] = []

    def ask() -> None:
        try:
            outcome.append(_asked(url, headers))
        except Exception as error:  # noqa: BLE001 - it is raised again below, in the thread that waits
            outcome.append(error)

    # The library bounds the wait for each piece only; a server that sends a byte now and then would hold us for ever.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(TIMEOUT_S)
    try:
        match outcome:
            case [Answer() as answer]:
                return answer
            case [Exception() as error]:
                raise error
            case _:
                raise requests.Timeout  # noqa: TRY301 - the same as a timeout of the library
    except requests.Timeout:
        raise SourceError(f"no answer from {_host(url)} within {TIMEOUT_S:g} seconds") from None
    except requests.exceptions.SSLError as error:
        raise SourceError(f"the certificate of {_host(url)} is not trusted: {_root(error)}") from None
    except requests.exceptions.ProxyError as error:
        raise SourceError(f"the proxy to {_host(url)} does not answer: {_root(error)}") from None
    except requests.ConnectionError as error:
        raise SourceError(f"{_host(url)} cannot be reached: {_root(error)}") from None
    except (requests.RequestException, ValueError) as error:
        raise SourceError(f"{_host(url)} could not be asked: {_root(error)}") from None


def _asked(url: str, headers: Mapping[str, str]) -> Answer:
    import requests  # noqa: PLC0415 - loaded by then

    with requests.Session() as session:
        # Else an entry in ~/.netrc would take the place of the token, or be sent where none is wanted.
        session.auth = lambda request: request
        wait = (TIMEOUT_S / 2, TIMEOUT_S)
        with session.get(url, headers=dict(headers), timeout=wait, stream=True, allow_redirects=False) as answer:
            content = bytearray()
            for chunk in answer.iter_content(65536):
                content += chunk
                if len(content) > MAX_BYTES:
                    break
            names = {name.lower(): value for name, value in answer.headers.items()}
            return Answer(status=answer.status_code, headers=names, content=bytes(content))


class Cache:
    """The copies that were seen last, one for each URL, in a folder of the user's.

    What cannot be read or written there is as if it were not there: a cache is no reason to fail.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def of_user(cls, environment: Mapping[str, str] | None = None) -> Cache:
        """Return the cache in `$XDG_CACHE_HOME/mock-runtime/documents`, or below `~/.cache`."""
        found = os.environ if environment is None else environment
        base = found.get("XDG_CACHE_HOME", "")
        root = Path(base) if Path(base).is_absolute() else Path("~/.cache").expanduser()
        return cls(root / "mock-runtime" / "documents")

    def file(self, url: str) -> Path:
        """Return where the copy of `url` is, if there is one."""
        return self.folder / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.json"

    def last(self, url: str) -> tuple[Mapping[str, str], bytes] | None:
        """Return what tells whether the copy is still the newest, as headers of a request, and the copy; or None."""
        try:
            about = json.loads(self._about(url).read_text(encoding="utf-8"))
            content = self.file(url).read_bytes()
            if about["url"] != url or about["sha256"] != hashlib.sha256(content).hexdigest():
                return None
            return {str(name): str(value) for name, value in about["headers"].items()}, content
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def keep(self, url: str, answer: Answer) -> None:
        """Keep the answer as the copy of `url`."""
        pairs = (("If-None-Match", "etag"), ("If-Modified-Since", "last-modified"))
        headers = {name: answer.headers[source] for name, source in pairs if source in answer.headers}
        about = {"url": url, "sha256": hashlib.sha256(answer.content).hexdigest(), "headers": headers}
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _replace(self.file(url), answer.content)
            _replace(self._about(url), json.dumps(about).encode())
        except OSError:
            return

    def _about(self, url: str) -> Path:
        return self.file(url).with_suffix(".about")


def fetched(
    url: str, *, fetch: Fetch = fetch, token: str | None = None, cache: Cache | None = None
) -> tuple[bytes, str | None]:
    """Return the content at `url`, and a remark about it or None.

    `token` goes along as a bearer token, to this host and over https only. What was fetched last and is still the
    newest comes out of `cache`.

    Raises:
        SourceError: it cannot be had; the message says why, and names the copy that was seen last if there is one.
    """
    _refuse_open_token(url, token)
    last = None if cache is None else cache.last(url)
    try:
        answer = _followed(url, fetch, token, {} if last is None else last[0])
        if answer.status == 304 and last is not None:
            return last[1], "it is the same as when it was last fetched"
        _refuse(url, answer, token)
    except SourceError as error:
        words = masked(str(error), {token} if token else ())
        if cache is not None and last is not None:
            words += f"; the copy that was seen last is {cache.file(url)}"
        raise SourceError(words) from None
    if cache is not None:
        cache.keep(url, answer)
    if last is None:
        return answer.content, None
    same = last[1] == answer.content
    return (
        answer.content,
        "it is the same as when it was last fetched" if same else "it has changed since it was last fetched",
    )


def url_of_version(version: str) -> str:
    """Return where the document of one version of the API is, such as "2026-02-01".

    Raises:
        SourceError: it is no date.
    """
    if not _DATE.fullmatch(version):
        raise SourceError(f"a version of the API is a date such as 2026-02-01, found {shown(version)!r}")
    return LIVE_URL.replace("openapi.json", f"openapi-{version}.json")


def _refuse_open_token(url: str, token: str | None) -> None:
    parts = urlsplit(url)
    if token and parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise SourceError(f"a token is sent over https only, and {_host(url)} is asked over {parts.scheme}")
    if token and not (token.isascii() and token.isprintable()):
        raise SourceError("the token has characters that no header can carry")


def _followed(url: str, fetch: Fetch, token: str | None, known: Mapping[str, str]) -> Answer:
    accept = {"Accept": "application/json, application/yaml;q=0.9, */*;q=0.1", **known}
    first, at = urlsplit(url), url
    for _ in range(_MAX_REDIRECTS + 1):
        parts = urlsplit(at)
        ours = (parts.scheme, parts.netloc) == (first.scheme, first.netloc)
        answer = fetch(at, accept | ({"Authorization": f"Bearer {token}"} if token and ours else {}))
        if answer.status not in {301, 302, 303, 307, 308}:
            return answer
        following = urljoin(at, answer.headers.get("location", ""))
        # A server that was asked without TLS may lead to another such address; one that was asked with it may not.
        if not following.startswith(("https://", f"{parts.scheme.lower()}://")):
            raise SourceError(
                f"{_host(url)} leads away from {parts.scheme}, to {_host(following)}; that is not followed"
            )
        at = following
    raise SourceError(f"{_host(url)} redirects more than {_MAX_REDIRECTS} times")


def _refuse(url: str, answer: Answer, token: str | None) -> None:
    status = answer.status
    if status in {401, 403}:
        hint = "the token is not accepted there" if token else "it asks for a token: give --token"
        raise SourceError(f"{shown_url(url)} answers {status}: {hint}")
    if status == 404:
        raise SourceError(f"{shown_url(url)} answers 404: there is no document at this address")
    if status != 200:
        raise SourceError(f"{shown_url(url)} answers {status} instead of a document")
    if len(answer.content) > MAX_BYTES:
        raise SourceError(f"{shown_url(url)} has more than {MAX_BYTES // 2**20} MiB, which no OpenAPI document has")


def shown_url(url: str) -> str:
    """Return `url` as it may be shown: without what may be secret in it."""
    parts = urlsplit(url)
    return shown(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}", limit=200)


def _host(url: str) -> str:
    parts = urlsplit(url)
    return shown(parts.hostname or url, limit=100)


def _root(error: BaseException) -> str:
    """The innermost reason of an error: what requests says names classes and addresses of objects."""
    reason: Any = error
    while True:
        inner = getattr(reason, "reason", None) or next(
            (arg for arg in reason.args if isinstance(arg, Exception)), None
        )
        if not isinstance(inner, BaseException):
            break
        reason = inner
    text = getattr(reason, "strerror", None) or str(reason)
    text = re.sub(r"<[^>]*>:? ?|\w*HTTPS?Connection\w*\([^)]*\):? ?", "", text)
    return shown(text.removeprefix("Failed to resolve").strip() or type(reason).__name__, limit=160)


def _replace(file: Path, content: bytes) -> None:
    # Another run may read it at this moment, or be cut off here: either copy is whole.
    handle, name = tempfile.mkstemp(dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(name).replace(file)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
