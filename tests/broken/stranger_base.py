"""A small honest client without a driver, which the broken ones are made of: it checks what it can, and raises its own.

What it returns of a valid answer is plain JSON. `check_answer` makes it as strict as the document itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NoReturn
from urllib.parse import quote

import httpx
import requests

from runtime_contracts.contract import Contract


class HonestError(Exception):
    """What the honest client raises, whatever happens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """One broken client, and what has to notice it.

    Attributes:
        subject: the function or class.
        check: the check that has to notice it.
        level: how strict the run is; the rest of these clients stands a tolerant one.
        phases: what finds it.
        operations: what is looked at; None for whatever it asks for.
        edition: the edition of the API.
    """

    subject: Any
    check: str
    level: str = "tolerant"
    phases: tuple[str, ...] = ("answers",)
    operations: tuple[str, ...] | None = None
    edition: str | None = None


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def decoded(content: bytes) -> Any:
    """Return the JSON value in the body of an answer."""
    try:
        return json.loads(content.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise HonestError("the answer is no JSON") from None


def quoted(text: str) -> str:
    """Return a text as a segment of a path."""
    return quote(text, safe="").replace(".", "%2E") if set(text) == {"."} else quote(text, safe="")


def credentials(token: str, instance: str | None) -> dict[str, str]:
    """Return the headers of a caller: of today with an instance, of 2021 without."""
    return {"Authorization": f"Bearer {token}", **({} if instance is None else {"Service-CRN": instance})}


def ask(
    method: str,
    address: str,
    headers: Mapping[str, str],
    *,
    ok: tuple[int, ...] = (200,),
    send: Callable[..., Any] = requests.request,
    **options: Any,
) -> requests.Response:
    """Send a request as it should be sent, and return its answer if that is a success."""
    try:
        answer: requests.Response = send(
            method, address, headers=dict(headers), timeout=5, allow_redirects=False, **options
        )
    except requests.RequestException as error:
        raise HonestError(type(error).__name__) from None
    if answer.status_code not in ok:
        raise HonestError(f"status {answer.status_code}")
    return answer


def ask_httpx(
    client: httpx.Client,
    method: str,
    address: str,
    headers: Mapping[str, str],
    *,
    ok: tuple[int, ...] = (200,),
    **options: Any,
) -> httpx.Response:
    """Do the same over httpx."""
    try:
        answer = client.request(method, address, headers=dict(headers), **options)
    except httpx.HTTPError as error:
        raise HonestError(type(error).__name__) from None
    if answer.status_code not in ok:
        raise HonestError(f"status {answer.status_code}")
    return answer


async def ask_async(
    client: httpx.AsyncClient, method: str, address: str, headers: Mapping[str, str], **options: Any
) -> httpx.Response:
    """Do the same without blocking."""
    try:
        answer = await client.request(method, address, headers=dict(headers), **options)
    except httpx.HTTPError as error:
        raise HonestError(type(error).__name__) from None
    if answer.status_code != 200:
        raise HonestError(f"status {answer.status_code}")
    return answer


@cache
def contract(edition: str = "platform") -> Contract:
    """Return the contract of an edition."""
    return Contract.of(edition)


def check_answer(operation: str, answer: Any, edition: str = "platform") -> None:
    """Refuse an answer that breaks the document in anything."""
    found = contract(edition).check_response(
        operation, answer.status_code, headers=dict(answer.headers), body=answer.content
    )
    if found:
        raise HonestError(str(found[0]))
