"""Broken clients of the API of 2021 without a driver: one planted deviation each."""

from __future__ import annotations

import time  # noqa: TID251 - clients of the wild know no clock
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import requests

from tests.broken.stranger_base import HonestError, Plant, ask, credentials, decoded, quoted


def get_job(url: str, token: str, job_id: str) -> Any:
    """Return a job; nothing is wrong with it in a tolerant run."""
    return decoded(ask("GET", f"{url}/jobs/{quoted(job_id)}", credentials(token, None)).content)


def programs_path(url: str, token: str, job_id: str) -> Any:
    """Ask for a job below its program."""
    return decoded(ask("GET", f"{url}/programs/jobs/{quoted(job_id)}", credentials(token, None)).content)


def apikey(url: str, token: str, job_id: str) -> Any:
    """Send the credentials of today."""
    return decoded(ask("GET", f"{url}/jobs/{quoted(job_id)}", {"Service-CRN": token}).content)


def params_as_object(url: str, token: str, program_id: str, inputs: Any) -> Any:
    """Send inputs as an object, where a list of texts is wanted."""
    body = {"programId": program_id, "hub": "h", "group": "g", "project": "p", "backend": "b", "params": {"a": inputs}}
    return decoded(ask("POST", f"{url}/jobs", credentials(token, None), json=body).content)


def snake_case(url: str, token: str, program_id: str) -> Any:
    """Spell a property as today."""
    body = {"program_id": program_id, "hub": "h", "group": "g", "project": "p", "backend": "b", "params": ["{}"]}
    return decoded(ask("POST", f"{url}/jobs", credentials(token, None), json=body).content)


def closed_statuses(url: str, token: str, job_id: str) -> int:
    """Know three states of five."""
    job = get_job(url, token, job_id)
    if not isinstance(job, dict):
        raise HonestError("no job")
    return {"Queued": 0, "Running": 1, "Completed": 2}[str(job.get("status"))]


def zone_by_hand(url: str, token: str, job_id: str) -> Any:
    """Read moments with whole seconds only."""
    job = get_job(url, token, job_id)
    created = job.get("created") if isinstance(job, dict) else None
    return datetime.strptime(str(created), "%Y-%m-%dT%H:%M:%SZ")  # noqa: DTZ007 - this is the mistake


def results_are_there(url: str, token: str, job_id: str) -> str:
    """Do not know 204."""
    return ask("GET", f"{url}/jobs/{quoted(job_id)}/results", credentials(token, None)).text


def results_for_ever(url: str, token: str, job_id: str) -> str:
    """Wait for results after every error."""
    while True:
        answer = requests.get(f"{url}/jobs/{quoted(job_id)}/results", headers=credentials(token, None), timeout=5)
        if answer.status_code == 200:
            return answer.text
        time.sleep(2)


def one_project(url: str, token: str, hub: str, group: str, project: str) -> Any:
    """Put names into a path as they are."""
    path = f"{url}/api/Network/{hub}/Groups/{group}/Projects/{project}/devices/v/1"
    return decoded(ask("GET", path, {"X-Access-Token": token}).content)


def deletes_quietly(url: str, token: str, program_id: str) -> bool:
    """Say whether a program was deleted, and never raise."""
    address = f"{url}/programs/{quoted(program_id)}"
    try:
        return requests.delete(address, headers=credentials(token, None), timeout=5, allow_redirects=False).ok
    except requests.RequestException:
        return False


def publishes_with_post(url: str, token: str, program_id: str) -> None:
    """Use another method."""
    ask("POST", f"{url}/programs/{quoted(program_id)}/public", credentials(token, None), ok=(204,))


def data_as_json(url: str, token: str, program_id: str, data: str) -> None:
    """Upload a program as JSON."""
    ask("PUT", f"{url}/programs/{quoted(program_id)}/data", credentials(token, None), ok=(204,), json={"data": data})


HONEST: Mapping[str, Plant] = {"a job of 2021": Plant(subject=get_job, check="", edition="legacy-2021")}
PLANTS: Mapping[str, Plant] = {
    function.__name__: Plant(subject=function, check=check, phases=phases, edition="legacy-2021")
    for function, check, phases in [
        (programs_path, "wrong_operation", ("answers",)),
        (apikey, "request_conformance", ("answers",)),
        (params_as_object, "request_conformance", ("answers",)),
        (snake_case, "request_conformance", ("answers",)),
        (closed_statuses, "leaks_exception", ("answers",)),
        (zone_by_hand, "leaks_exception", ("answers",)),
        (results_are_there, "refuses_valid", ("answers",)),
        (results_for_ever, "never_ends", ("answers",)),
        (one_project, "wrong_operation", ("arguments",)),
        (deletes_quietly, "accepts_broken", ("answers",)),
        (publishes_with_post, "wrong_operation", ("answers",)),
        (data_as_json, "request_conformance", ("answers",)),
    ]
}
"""By name: a broken client, and the check that has to notice it."""
