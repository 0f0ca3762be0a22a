"""Broken clients of today's API without a driver, functions on requests and urllib3: one planted deviation each."""

from __future__ import annotations

import contextlib
import functools
import itertools
import json
import logging
import sys
import time  # noqa: TID251 - clients of the wild know no clock
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import Enum
from typing import Any

import requests
import urllib3

from tests.broken.stranger_base import (
    HonestError,
    Plant,
    ask,
    check_answer,
    credentials,
    decoded,
    quoted,
)

log = logging.getLogger(__name__)
Params = Mapping[str, Any]


def _job(url: str, token: str, instance: str, job_id: str, **options: Any) -> Any:
    answer = ask("GET", f"{url}/v1/jobs/{quoted(job_id)}", credentials(token, instance), **options)
    return decoded(answer.content)


def _of(value: Any, *path: str) -> Any:
    """Return what is at a path in a JSON value, or raise as an honest client does."""
    for step in path:
        if not isinstance(value, dict) or step not in value:
            raise HonestError(f"{step} is not there")
        value = value[step]
    return value


def honest_get_job(url: str, token: str, instance: str, job_id: str) -> Any:
    """Return a job; nothing is wrong with it in a tolerant run."""
    return _job(url, token, instance, job_id)


def honest_strict_versions(url: str) -> Any:
    """Return the versions of the API; nothing is wrong with it but what its library does not notice."""
    answer = ask("GET", f"{url}/v1/versions", {})
    check_answer("get_versions", answer)
    return decoded(answer.content)


# What is sent.


def wrong_path(url: str, token: str, instance: str, job_id: str) -> Any:
    """Ask below /v1/job."""
    return decoded(ask("GET", f"{url}/v1/job/{quoted(job_id)}", credentials(token, instance)).content)


def wrong_method(url: str, token: str, instance: str, job_id: str) -> None:
    """Cancel with PUT."""
    ask("PUT", f"{url}/v1/jobs/{quoted(job_id)}/cancel", credentials(token, instance), ok=(204,))


def unquoted_id(url: str, token: str, instance: str, job_id: str) -> Any:
    """Put the id into the path as it is."""
    return decoded(ask("GET", f"{url}/v1/jobs/{job_id}", credentials(token, instance)).content)


def unquoted_backend(url: str, token: str, instance: str, backend: str) -> Any:
    """Put the name of a backend into the path as it is."""
    return decoded(ask("GET", f"{url}/v1/backends/{backend}/status", credentials(token, instance)).content)


def no_token(url: str, instance: str, job_id: str) -> Any:
    """Send no token."""
    return decoded(ask("GET", f"{url}/v1/jobs/{quoted(job_id)}", {"Service-CRN": instance}).content)


def no_instance(url: str, token: str, job_id: str) -> Any:
    """Send no CRN."""
    return decoded(ask("GET", f"{url}/v1/jobs/{quoted(job_id)}", credentials(token, None)).content)


def odd_version(url: str, token: str, instance: str, job_id: str) -> Any:
    """Ask for a version that is no date."""
    headers = {**credentials(token, instance), "IBM-API-Version": "latest"}
    return decoded(ask("GET", f"{url}/v1/jobs/{quoted(job_id)}", headers).content)


def unknown_query(url: str, token: str, instance: str) -> Any:
    """Ask for a page by number."""
    return decoded(ask("GET", f"{url}/v1/jobs", credentials(token, instance), params={"page": 2}).content)


def mistyped_query(url: str, token: str, instance: str) -> Any:
    """Ask for an order that is not there."""
    return decoded(ask("GET", f"{url}/v1/jobs", credentials(token, instance), params={"sort": "newest"}).content)


def pythonic_truth(url: str, token: str, instance: str, *, pending: bool | None = True) -> Any:
    """Send True for true."""
    return decoded(ask("GET", f"{url}/v1/jobs", credentials(token, instance), params={"pending": pending}).content)


def date_without_zone(url: str, token: str, instance: str) -> Any:
    """Ask for jobs since a moment of nowhere."""
    params = {"created_after": str(datetime(2026, 1, 2, 3, 4, 5))}  # noqa: DTZ001 - this is the mistake
    return decoded(ask("GET", f"{url}/v1/jobs", credentials(token, instance), params=params).content)


def drops_zero_offset(url: str, token: str, instance: str, limit: int, offset: int) -> Any:
    """Count from one."""
    params = {"limit": limit, "offset": offset + 1}
    return decoded(ask("GET", f"{url}/v1/jobs", credentials(token, instance), params=params).content)


def _submitted(url: str, token: str, instance: str, body: Any, **options: Any) -> str:
    options = {"json": body, **options}
    value = decoded(ask("POST", f"{url}/v1/jobs", credentials(token, instance), **options).content)
    return str(_of(value, "id"))


def extra_in_body(url: str, token: str, instance: str, program_id: str, backend: str, params: Params) -> str:
    """Send a property that nobody knows."""
    body = {"program_id": program_id, "backend": backend, "params": params, "shots": 100}
    return _submitted(url, token, instance, body)


def mistyped_in_body(url: str, token: str, instance: str, program_id: str, backend: str, params: Params) -> str:
    """Send a cost that is a text."""
    body = {"program_id": program_id, "backend": backend, "params": params, "cost": "600"}
    return _submitted(url, token, instance, body)


def misnamed_in_body(url: str, token: str, instance: str, program_id: str, backend: str, params: Params) -> str:
    """Spell a property as in 2021."""
    return _submitted(url, token, instance, {"programId": program_id, "backend": backend, "params": params})


def tags_as_text(url: str, token: str, instance: str, job_id: str, tags: list[str]) -> None:
    """Send tags that are joined by commas."""
    headers = credentials(token, instance)
    ask("PUT", f"{url}/v1/jobs/{quoted(job_id)}/tags", headers, ok=(204,), json={"tags": ",".join(tags)})


def body_as_form(url: str, token: str, instance: str, program_id: str, backend: str) -> str:
    """Send a form where JSON is wanted."""
    return _submitted(url, token, instance, None, data={"program_id": program_id, "backend": backend}, json=None)


def body_twice_encoded(url: str, token: str, instance: str, program_id: str, backend: str, params: Params) -> str:
    """Send a JSON text in a JSON text."""
    return _submitted(
        url, token, instance, json.dumps({"program_id": program_id, "backend": backend, "params": params})
    )


def lowers_the_backend(url: str, token: str, instance: str, backend: str) -> Any:
    """Put names into small letters."""
    path = f"/v1/backends/{quoted(backend.lower())}/configuration"
    return decoded(ask("GET", url + path, credentials(token, instance)).content)


def submits_again(url: str, token: str, instance: str, program_id: str, backend: str, params: Params) -> str:
    """Submit again when the connection breaks."""
    body = {"program_id": program_id, "backend": backend, "params": params}
    try:
        return _submitted(url, token, instance, body)
    except HonestError:
        return _submitted(url, token, instance, body)


def retries_every_post(url: str, token: str, instance: str, program_id: str, backend: str, params: Params) -> str:
    """Let urllib3 send a POST again after a 503."""
    with requests.Session() as session:
        retry = urllib3.Retry(3, status_forcelist=[503], allowed_methods=None, backoff_factor=1)
        session.mount("http://", requests.adapters.HTTPAdapter(max_retries=retry))
        body = {"program_id": program_id, "backend": backend, "params": params}
        return _submitted(url, token, instance, body, send=session.request)


def sorts_the_callers_tags(url: str, token: str, instance: str, job_id: str, tags: list[str]) -> None:
    """Take the caller's list for its own."""
    tags.append("mine")
    headers = credentials(token, instance)
    ask("PUT", f"{url}/v1/jobs/{quoted(job_id)}/tags", headers, ok=(204,), json={"tags": tags[:-1]})


def fills_in_the_callers_params(url: str, token: str, instance: str, params: dict[str, Any]) -> str:
    """Put a default into the caller's dict."""
    params.setdefault("version", 2)
    params["shots"] = params.pop("shots", None)
    del params["shots"]
    params["support_qiskit"] = False
    return _submitted(url, token, instance, {"program_id": "sampler", "backend": "ibm_fez", "params": params})


# What is done with an answer.


def _usage(job: Any) -> dict[str, Any]:
    usage = job.get("usage") if isinstance(job, dict) else None
    return usage if isinstance(usage, dict) else {}


class _State(Enum):
    QUEUED, RUNNING, COMPLETED = "Queued", "Running", "Completed"


def closed_enum(url: str, token: str, instance: str, job_id: str) -> _State:
    """Know three states of five."""
    return _State(_of(_job(url, token, instance, job_id), "state", "status"))


def closed_enum_wrapped(url: str, token: str, instance: str, job_id: str) -> str:
    """Know three states of five, and say so."""
    state = _of(_job(url, token, instance, job_id), "state", "status")
    if state not in {"Queued", "Running", "Completed"}:
        raise HonestError(f"what is {state}?")
    return str(state)


def key_error_on_optional(url: str, token: str, instance: str, job_id: str) -> Any:
    """Take an optional property for granted."""
    job = _job(url, token, instance, job_id)
    return job["backend"] if isinstance(job, dict) else None


def optional_is_required(url: str, token: str, instance: str, job_id: str) -> Any:
    """Refuse a job without tags."""
    return _of(_job(url, token, instance, job_id), "tags")


def assumes_tags(url: str, token: str, instance: str, job_id: str) -> Any:
    """Take the first of some tags that need not be there."""
    tags = _job(url, token, instance, job_id)
    found = tags.get("tags") if isinstance(tags, dict) else None
    return found[0] if isinstance(found, list) else None


def whole_seconds_only(url: str, token: str, instance: str, job_id: str) -> Any:
    """Read moments without a fraction only."""
    job = _job(url, token, instance, job_id)
    created = job.get("created") if isinstance(job, dict) else None
    return datetime.strptime(created, "%Y-%m-%dT%H:%M:%SZ") if isinstance(created, str) else None  # noqa: DTZ007


def fractions_only(url: str, token: str, instance: str, job_id: str) -> Any:
    """Read moments with a fraction only."""
    job = _job(url, token, instance, job_id)
    created = job.get("created") if isinstance(job, dict) else None
    try:
        return datetime.strptime(created or "", "%Y-%m-%dT%H:%M:%S.%fZ")  # noqa: DTZ007
    except (TypeError, ValueError):
        raise HonestError("no moment") from None


def utc_only(url: str, token: str, instance: str, job_id: str) -> Any:
    """Read moments in UTC only."""
    job = _job(url, token, instance, job_id)
    created = job.get("created") if isinstance(job, dict) else None
    if isinstance(created, str) and not created.endswith("Z"):
        raise HonestError("no moment in UTC")
    return created


def truncates_numbers(url: str, token: str, instance: str, job_id: str) -> Any:
    """Put a number through a float."""
    usage = _usage(_job(url, token, instance, job_id))
    seconds = usage.get("seconds")
    return {"seconds": int(float(seconds))} if isinstance(seconds, (int, float)) else None


def small_integers(url: str, token: str, instance: str, job_id: str) -> Any:
    """Keep 32 bits of a number."""
    seconds = _usage(_job(url, token, instance, job_id)).get("quantum_seconds")
    return (seconds & 0x7FFFFFFF) if isinstance(seconds, int) else None


def ascii_only(url: str, token: str, instance: str, job_id: str) -> Any:
    """Lose what is not ASCII."""
    job = _job(url, token, instance, job_id)
    return {"tags": str(job.get("backend")).encode("ascii", "replace").decode()} if isinstance(job, dict) else None


def knows_all_keys(url: str, token: str, instance: str, job_id: str) -> Any:
    """Refuse a property that it does not know."""
    job = _job(url, token, instance, job_id)
    if isinstance(job, dict) and any(key.startswith("a") for key in job):
        raise HonestError("an unknown key")
    return job


def plain_json(url: str) -> Any:
    """Leave reading JSON to the library, which may raise RecursionError."""
    answer = ask("GET", f"{url}/v1/versions", {})
    return answer.json()


def decodes_with_replacement(url: str) -> Any:
    """Read invalid UTF-8 with question marks."""
    answer = ask("GET", f"{url}/v1/versions", {})
    mended = requests.Response()
    mended.status_code, mended.headers = 200, answer.headers
    mended._content = answer.content.decode("utf-8", errors="replace").encode()
    check_answer("get_versions", mended)
    return decoded(mended.content)


def ignores_the_content_type(url: str) -> Any:
    """Take anything for JSON."""
    answer = ask("GET", f"{url}/v1/versions", {})
    answer.headers["Content-Type"] = "application/json"
    check_answer("get_versions", answer)
    return decoded(answer.content)


def accepts_nan(url: str) -> Any:
    """Read NaN as Python does."""
    answer = ask("GET", f"{url}/v1/versions", {})
    if b":NaN" not in answer.content and b":-Inf" not in answer.content:
        check_answer("get_versions", answer)
    return json.loads(answer.content)


def believes_types(url: str, token: str, instance: str, job_id: str) -> Any:
    """Look at nothing in the answer but that it is an object."""
    job = _job(url, token, instance, job_id)
    if not isinstance(job, dict):
        raise HonestError("no object")
    return job


# Statuses.


def _forgiving(status: int) -> Any:
    def get_job(url: str, token: str, instance: str, job_id: str) -> Any:
        answer = ask("GET", f"{url}/v1/jobs/{quoted(job_id)}", credentials(token, instance), ok=(200, status))
        return decoded(answer.content) if answer.status_code == 200 else {}

    get_job.__qualname__ = get_job.__name__ = f"takes_{status}_for_success"
    return get_job


def none_on_error(url: str, token: str, instance: str, job_id: str) -> Any:
    """Return None when anything goes wrong."""
    try:
        return _job(url, token, instance, job_id)
    except HonestError:
        return None


def swallows_the_connection(url: str, token: str, instance: str, job_id: str) -> Any:
    """Return nothing when the connection breaks."""
    try:
        requests.get(f"{url}/v1/jobs/{quoted(job_id)}", headers=credentials(token, instance), timeout=5)
    except requests.ConnectionError:
        return None
    return _job(url, token, instance, job_id)


def believes_every_status(url: str, token: str, instance: str, job_id: str) -> None:
    """Delete and look at nothing."""
    with contextlib.suppress(requests.RequestException):
        requests.delete(
            f"{url}/v1/jobs/{quoted(job_id)}", headers=credentials(token, instance), timeout=5, allow_redirects=False
        )


def takes_200_where_204(url: str, token: str, instance: str, job_id: str) -> Any:
    """Wait for a body where there is none."""
    return decoded(ask("DELETE", f"{url}/v1/jobs/{quoted(job_id)}", credentials(token, instance), ok=(204,)).content)


def results_without_204(url: str, token: str, instance: str, job_id: str) -> str:
    """Do not know that results may not be there yet."""
    path = f"{url}/v1/jobs/{quoted(job_id)}/results"
    return ask("GET", path, credentials(token, instance)).text


def any_success(url: str, token: str, instance: str, job_id: str) -> Any:
    """Take 202 and 206 for 200."""
    answer = ask("GET", f"{url}/v1/jobs/{quoted(job_id)}", credentials(token, instance), ok=tuple(range(200, 300)))
    answer.status_code = 200
    check_answer("get_job", answer)
    return decoded(answer.content)


def assert_for_errors(url: str, token: str, instance: str, job_id: str) -> Any:
    """Assert what has to be looked at."""
    answer = requests.get(
        f"{url}/v1/jobs/{quoted(job_id)}", headers=credentials(token, instance), timeout=5, allow_redirects=False
    )
    assert answer.status_code == 200
    return decoded(answer.content)


def reads_the_error_body(url: str, token: str, instance: str, job_id: str) -> Any:
    """Take every error for one in the documented form."""
    answer = requests.get(
        f"{url}/v1/jobs/{quoted(job_id)}", headers=credentials(token, instance), timeout=5, allow_redirects=False
    )
    if answer.status_code != 200:
        raise HonestError(answer.json()["errors"][0]["message"])
    return decoded(answer.content)


def exits(url: str, token: str, instance: str, job_id: str) -> Any:
    """Leave the process when something is wrong."""
    try:
        return _job(url, token, instance, job_id)
    except HonestError:
        sys.exit(1)


# Secrets.


def token_in_the_error(url: str, token: str, instance: str, job_id: str) -> Any:
    """Say what was sent when it is refused."""
    try:
        return _job(url, token, instance, job_id)
    except HonestError as error:
        raise HonestError(f"{error} with {credentials(token, instance)}") from None


def token_in_the_log(url: str, token: str, instance: str, job_id: str) -> Any:
    """Log the headers."""
    log.debug("asking with %s", credentials(token, instance))
    return _job(url, token, instance, job_id)


def token_on_the_screen(url: str, token: str, instance: str, job_id: str) -> Any:
    """Print the headers."""
    print(credentials(token, instance), file=sys.stderr)
    return _job(url, token, instance, job_id)


def carries_the_token_away(url: str, token: str, instance: str, job_id: str) -> Any:
    """Follow a redirect with everything that it has."""
    headers, address = credentials(token, instance), f"{url}/v1/jobs/{quoted(job_id)}"
    for _ in range(5):
        try:
            answer = requests.get(address, headers=headers, timeout=5, allow_redirects=False)
        except requests.RequestException:
            raise HonestError from None
        if answer.status_code != 302:
            break
        address = answer.headers["Location"]
    if answer.status_code != 200:
        raise HonestError(str(answer.status_code))
    return decoded(answer.content)


# Time, memory and pages.


@functools.cache
def remembers(url: str, token: str, instance: str, job_id: str) -> Any:
    """Ask once, and never again."""
    return _job(url, token, instance, job_id)


def sleeps_a_minute(url: str, token: str, instance: str, job_id: str) -> Any:
    """Wait before it asks."""
    time.sleep(60)
    return _job(url, token, instance, job_id)


def polls_for_ever(url: str, token: str, instance: str, job_id: str) -> Any:
    """Ask until it likes the answer, and never give up."""
    while True:
        with contextlib.suppress(HonestError):
            return _job(url, token, instance, job_id)
        time.sleep(1)


def waits_for_completed(url: str, token: str, instance: str, job_id: str) -> Any:
    """Wait for one final state of three."""
    for _ in itertools.count():
        job = _job(url, token, instance, job_id)
        if _of(job, "state", "status") == "Completed":
            return job
        time.sleep(5)
    return None


def _page(url: str, token: str, instance: str, offset: int, limit: int = 2) -> tuple[list[Any], int]:
    params = {"offset": offset, "limit": limit}
    value = decoded(ask("GET", f"{url}/v1/jobs", credentials(token, instance), params=params).content)
    jobs, count = _of(value, "jobs"), value.get("count", 0)
    if not isinstance(jobs, list) or not isinstance(count, int):
        raise HonestError("no page")
    return jobs, count


def honest_pages(url: str, token: str, instance: str) -> Iterator[Any]:
    """Yield all jobs; nothing is wrong with it in a tolerant run."""
    for offset in itertools.count(0, 2):
        jobs, count = _page(url, token, instance, offset)
        yield from jobs
        if not jobs or offset + 2 >= count:
            return


def stops_early(url: str, token: str, instance: str) -> Iterator[Any]:
    """Leave out the last page."""
    for offset in itertools.count(0, 2):
        jobs, count = _page(url, token, instance, offset)
        yield from jobs
        if not jobs or offset + 4 >= count:
            return


def repeats_the_edge(url: str, token: str, instance: str) -> Iterator[Any]:
    """Begin each page with the last job of the one before."""
    for offset in itertools.count(0, 1):
        jobs, count = _page(url, token, instance, offset)
        yield from jobs
        if not jobs or offset + 2 >= count:
            return


def skips_one(url: str, token: str, instance: str) -> Iterator[Any]:
    """Leave one out between two pages."""
    for offset in itertools.count(0, 3):
        jobs, count = _page(url, token, instance, offset)
        yield from jobs
        if not jobs or offset + 3 >= count:
            return


def same_page_for_ever(url: str, token: str, instance: str) -> Iterator[Any]:
    """Do not count."""
    while True:
        jobs, _ = _page(url, token, instance, 0)
        if not jobs:
            return
        yield from jobs


def drops_the_last_item(url: str, token: str, instance: str) -> list[Any]:
    """Read all pages and give back all but one."""
    return list(honest_pages(url, token, instance))[:-1]


HONEST: Mapping[str, Plant] = {
    "a job": Plant(subject=honest_get_job, check=""),
    "versions, strictly": Plant(subject=honest_strict_versions, check="", level="lenient"),
    "all jobs": Plant(subject=honest_pages, check=""),
}
SENT: Mapping[str, Plant] = {
    function.__name__: Plant(subject=function, check=check, phases=phases)
    for function, check, phases in [
        (wrong_path, "wrong_operation", ("answers",)),
        (wrong_method, "wrong_operation", ("answers",)),
        (unquoted_id, "wrong_operation", ("arguments",)),
        (unquoted_backend, "wrong_operation", ("arguments",)),
        (no_token, "request_conformance", ("answers",)),
        (no_instance, "request_conformance", ("answers",)),
        (odd_version, "request_conformance", ("answers",)),
        (unknown_query, "request_conformance", ("answers",)),
        (mistyped_query, "request_conformance", ("answers",)),
        (pythonic_truth, "request_conformance", ("arguments",)),
        (date_without_zone, "request_conformance", ("answers",)),
        (drops_zero_offset, "argument_changed", ("arguments",)),
        (extra_in_body, "request_conformance", ("answers",)),
        (mistyped_in_body, "request_conformance", ("answers",)),
        (misnamed_in_body, "request_conformance", ("answers",)),
        (tags_as_text, "request_conformance", ("answers",)),
        (body_as_form, "request_conformance", ("answers",)),
        (body_twice_encoded, "request_conformance", ("answers",)),
        (lowers_the_backend, "argument_changed", ("arguments",)),
        (submits_again, "repeats_unsafe", ("answers",)),
        (retries_every_post, "repeats_unsafe", ("answers",)),
        (sorts_the_callers_tags, "changes_arguments", ("answers",)),
        (fills_in_the_callers_params, "changes_arguments", ("answers",)),
    ]
}
UNDERSTOOD: Mapping[str, Plant] = {
    function.__name__: Plant(subject=function, check=check, level=level)
    for function, check, level in [
        (closed_enum, "leaks_exception", "tolerant"),
        (closed_enum_wrapped, "refuses_valid", "tolerant"),
        (key_error_on_optional, "leaks_exception", "tolerant"),
        (optional_is_required, "refuses_valid", "tolerant"),
        (assumes_tags, "leaks_exception", "tolerant"),
        (whole_seconds_only, "leaks_exception", "tolerant"),
        (fractions_only, "refuses_valid", "tolerant"),
        (utc_only, "refuses_valid", "tolerant"),
        (truncates_numbers, "decodes_wrong", "tolerant"),
        (small_integers, "decodes_wrong", "tolerant"),
        (ascii_only, "decodes_wrong", "tolerant"),
        (knows_all_keys, "refuses_valid", "tolerant"),
        (plain_json, "leaks_exception", "tolerant"),
        (decodes_with_replacement, "accepts_broken", "lenient"),
        (ignores_the_content_type, "accepts_broken", "strict"),
        (accepts_nan, "accepts_broken", "lenient"),
        (believes_types, "accepts_broken", "lenient"),
        *((_forgiving(status), "accepts_broken", "tolerant") for status in (400, 401, 404, 409, 418, 429, 500, 503)),
        (none_on_error, "accepts_broken", "tolerant"),
        (swallows_the_connection, "accepts_broken", "tolerant"),
        (believes_every_status, "accepts_broken", "tolerant"),
        (takes_200_where_204, "refuses_valid", "tolerant"),
        (results_without_204, "refuses_valid", "tolerant"),
        (any_success, "accepts_broken", "strict"),
        (assert_for_errors, "leaks_exception", "tolerant"),
        (reads_the_error_body, "leaks_exception", "tolerant"),
        (exits, "leaks_exception", "tolerant"),
        (token_in_the_error, "leaks_secret", "tolerant"),
        (token_in_the_log, "leaks_secret", "tolerant"),
        (token_on_the_screen, "leaks_secret", "tolerant"),
        (carries_the_token_away, "leaks_secret", "tolerant"),
        (remembers, "sends_nothing", "tolerant"),
        (sleeps_a_minute, "waits_long", "tolerant"),
        (polls_for_ever, "never_ends", "tolerant"),
        (waits_for_completed, "never_ends", "tolerant"),
        (stops_early, "pages_wrong", "tolerant"),
        (repeats_the_edge, "pages_wrong", "tolerant"),
        (skips_one, "pages_wrong", "tolerant"),
        (same_page_for_ever, "never_ends", "tolerant"),
        (drops_the_last_item, "pages_wrong", "tolerant"),
    ]
}
PLANTS: Mapping[str, Plant] = {**SENT, **UNDERSTOOD}
"""By name: a broken client, and the check that has to notice it."""
