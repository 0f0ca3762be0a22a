"""A server somewhere else that recorded requests are sent to, with credentials that it knows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import parse_qsl, urlencode

import requests

from runtime_contracts.strict_json import InvalidJsonError, decode_json
from runtime_contracts.watching.message import Answer, Request
from runtime_contracts.watching.watch import SERVICES

if TYPE_CHECKING:
    from types import TracebackType

_GRANT: Final = "urn:ibm:params:oauth:grant-type:apikey"


class SignInError(Exception):
    """The server did not take the token; the message says what it said instead."""


class Elsewhere:
    """Sends recorded requests to the server at `url`; with a `token`, in its name.

    A path in the URL goes before every path. In today's edition the token is an API key, which is exchanged at
    `iam_url`, by default the server's own address; `instance` is the CRN in place of the recorded ones.

    Raises:
        SignInError: the key was refused, or there was no answer.
    """

    def __init__(
        self,
        url: str,
        *,
        edition: str,
        token: str | None = None,
        instance: str | None = None,
        iam_url: str | None = None,
        timeout_s: float = 60.0,
    ) -> None:
        self._url = url.rstrip("/")
        self._instance = instance
        self._timeout_s = timeout_s
        self._session = requests.Session()
        # Proxies and .netrc of this machine have no business between us and the server.
        self._session.trust_env = False
        self._authorization = None
        self._token = token
        if token:
            bearer = token if edition.startswith("legacy") else self._signed_in(token, (iam_url or url).rstrip("/"))
            self._authorization = f"Bearer {bearer}"

    def __repr__(self) -> str:
        return f"Elsewhere({self._url!r})"

    def send(self, request: Request) -> Answer:
        """Send a request. OSError if there is no answer."""
        headers = dict(self._headers(request))
        body = self._signing_in(request)
        try:
            with self._session.request(
                request.method,
                self._url + request.target,
                headers=headers,
                data=body or None,
                timeout=self._timeout_s,
                allow_redirects=False,
            ) as answer:
                return Answer(
                    status=answer.status_code,
                    headers=tuple(
                        (name, value) for name, value in answer.headers.items() if name.lower() != "content-encoding"
                    ),
                    body=answer.content,
                )
        except requests.RequestException as error:
            raise ConnectionError(f"{request.method} {request.path}: {type(error).__name__}") from None

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _signing_in(self, request: Request) -> bytes | None:
        """The body of a request, with our token in it if it is a sign-in."""
        body = request.body
        if not self._token or not body:
            return body
        if request.path.startswith("/identity/token"):
            pairs = parse_qsl(body.decode("latin-1"), keep_blank_values=True)
            return urlencode([(name, self._token if name == "apikey" else value) for name, value in pairs]).encode()
        if request.path.endswith("/loginWithToken"):
            return json.dumps({"apiToken": self._token}).encode()
        return body

    def _headers(self, request: Request) -> list[tuple[str, str]]:
        is_beside = any(request.path.startswith(path) for path in SERVICES)
        found = []
        for name, value in request.headers:
            low = name.lower()
            if low == "service-crn" and self._instance:
                found.append((name, self._instance))
            elif low == "authorization" and self._authorization and not is_beside:
                found.append((name, self._authorization))
            elif low not in {"host", "content-length", "connection", "transfer-encoding", "accept-encoding"}:
                found.append((name, value))
        return found

    def _signed_in(self, key: str, iam_url: str) -> str:
        try:
            answer = self._session.post(
                f"{iam_url}/identity/token",
                data={"grant_type": _GRANT, "apikey": key},
                timeout=self._timeout_s,
                allow_redirects=False,
            )
            value = decode_json(answer.content)
        except (requests.RequestException, InvalidJsonError, OSError) as error:
            raise SignInError(f"the key could not be exchanged at {iam_url}: {type(error).__name__}") from None
        token = value.get("access_token") if isinstance(value, dict) else None
        if answer.status_code != 200 or not isinstance(token, str):
            raise SignInError(
                f"the key was not taken by {iam_url}: status {answer.status_code}; see --token, --iam-url"
            )
        return token
