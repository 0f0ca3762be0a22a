"""The fake without a socket, for callers that use requests: `session.mount(url, WSGIAdapter(app))`."""

from __future__ import annotations

import io
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from requests import ConnectionError, PreparedRequest, Response  # noqa: A004 - as requests names it
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers
from urllib3 import HTTPHeaderDict, HTTPResponse

from mock_runtime.transport.exchanges import ConnectionCut
from mock_runtime.transport.in_wsgi import CutAnswer
from mock_runtime.transport.wsgi import IN_PROCESS, Environ, WSGIApp, call

HOST: Final = "runtime.invalid"
"""A host name that nobody can have (RFC 2606), for requests that never leave the process."""


_KNOWN: Final = frozenset(HTTPStatus)


class WSGIAdapter(BaseAdapter):
    """A transport adapter of requests that calls a WSGI application inline: no port, no thread, no time."""

    def __init__(self, app: WSGIApp) -> None:
        super().__init__()
        self._app = app

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,  # noqa: ARG002 - as requests calls it
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,  # noqa: ARG002
        verify: bool | str = True,  # noqa: ARG002
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,  # noqa: ARG002
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> Response:
        """Answer a prepared request from the application."""
        try:
            status, headers, body = call(self._app, _environ(request))
        except CutAnswer as error:
            if error.reset:
                raise ConnectionError(error, request=request) from None
            status, headers, body = error.status, error.headers, error.body
        except ConnectionCut as error:
            raise ConnectionError(error, request=request) from None
        response = Response()
        response.status_code = status
        response.headers = CaseInsensitiveDict(headers)
        response.encoding = get_encoding_from_headers(response.headers)
        response.raw = HTTPResponse(
            body=io.BytesIO(body),
            status=status,
            reason=HTTPStatus(status).phrase if status in _KNOWN else "",
            headers=HTTPHeaderDict(headers),
            preload_content=False,
            request_method=request.method,
        )
        response.reason = response.raw.reason or ""
        response.url = request.url or ""
        response.request = request
        return response

    def close(self) -> None:
        """Nothing is held open."""


def _environ(request: PreparedRequest) -> Environ:
    parts = urlsplit(request.url or "")
    body = _bytes(request.body)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    environ: Environ = {
        "REQUEST_METHOD": request.method or "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": parts.path or "/",
        "RAW_URI": target,
        "QUERY_STRING": parts.query,
        "SERVER_NAME": parts.hostname or HOST,
        "SERVER_PORT": str(parts.port or (443 if parts.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": parts.netloc.rpartition("@")[2],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
        "CONTENT_LENGTH": str(len(body)),
        IN_PROCESS: True,
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        if key != "CONTENT_LENGTH":
            environ["CONTENT_TYPE" if key == "CONTENT_TYPE" else f"HTTP_{key}"] = _text(value)
    return environ


def _bytes(body: Any) -> bytes:
    """The whole body, which requests allows to be text, bytes, a file or an iterator of bytes."""
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes | bytearray):
        return bytes(body)
    return bytes(body.read()) if hasattr(body, "read") else b"".join(body)


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
