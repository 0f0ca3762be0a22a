"""Journeys of today that only read: over what is there, whoever made it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from runtime_contracts.exchange import ABSENT_ID
from runtime_contracts.journeys import journey, skip
from runtime_contracts.profiles.platform.known import ON_A_BACKEND, cursor_in
from runtime_contracts.profiles.platform.scene import VERSION, listed
from runtime_contracts.violation import shown
from runtime_contracts.walking import FINAL, PENDING, brief

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime_contracts.exchange import Answer
    from runtime_contracts.profiles.platform.scene import PlatformScene

WORKLOADS: Final = "find_instance_workloads"
_NEWEST: Final = "2026-04-15"
_PAGES: Final = 4
_SOME: Final = 3
_ABSENT: Final = (
    "get_job", "get_job_results_jid", "get_jog_logs_jid", "get_job_metrics_jid", "get_session", *ON_A_BACKEND,
)  # fmt: skip


def _ids(answer: Answer, key: str = "jobs") -> list[str]:
    return [str(entry.get("id")) for entry in listed(answer, key)]


@journey(reads_only=True)
def a_finished_job_is_the_same_twice(scene: PlatformScene) -> None:
    """A job that has ended, its result and its logs are the same each time that they are read."""
    entries = listed(scene.get("list_jobs", query="pending=false&limit=20"), "jobs")
    # The result of a private job can be read once; it is not ours to take.
    ended = [one for one in entries if one.get("status") == "Completed" and one.get("private") is False]
    if not ended:
        skip("no job on the server has completed")
    for entry in ended[:_SOME]:
        for operation in ("get_job", "get_job_results_jid", "get_jog_logs_jid", "get_job_metrics_jid"):
            first, second = (scene.get(operation, id=str(entry["id"])) for _ in range(2))
            if first.body != second.body:
                scene.fault("reads_repeat", operation, "two reads of a job that has ended differ", steps=2)


@journey(reads_only=True)
def what_does_not_exist_is_not_found(scene: PlatformScene) -> None:
    """A job, a session and a device that do not exist are answered with 404 and the envelope of errors."""
    for operation in _ABSENT:
        answer = scene.exchange.call(operation, headers=scene.access.headers, values={"id": ABSENT_ID})
        if answer.status != 404:
            message = f"nothing has this id: expected 404, found {brief(answer)}"
            scene.fault("unknown_is_refused", operation, message, steps=1)
        errors = answer.get("errors")
        if not isinstance(errors, list) or not errors or not isinstance(errors[0], dict):
            scene.fault("error_body", operation, f"no list of errors: {brief(answer)}", steps=1)
        elif not isinstance(errors[0].get("message"), str) or "code" not in errors[0]:
            scene.fault("error_body", operation, f"an error without code or message: {brief(answer)}", steps=1)


@journey(reads_only=True)
def paging_visits_each_job_once(scene: PlatformScene) -> None:
    """Page after page, the jobs that are there come each once, as many as the list says."""
    first = scene.get("list_jobs", query="limit=2&sort=ASC")
    count, found = first.get("count"), _ids(first)
    for _ in range(_PAGES):
        ids = _ids(scene.get("list_jobs", query=f"limit=2&offset={len(found)}&sort=ASC"))
        if not ids:
            break
        found += ids
    if len(set(found)) != len(found):
        scene.fault("no_job_twice", "list_jobs", "a job came on two pages", steps=_PAGES)
    if isinstance(count, int) and len(found) < min(count, 2 * (_PAGES + 1)):
        scene.fault("no_job_missing", "list_jobs", f"count is {count}, found {len(found)} page by page", steps=_PAGES)


@journey(reads_only=True)
def a_list_has_what_it_was_asked_for(scene: PlatformScene) -> None:
    """What a filter lists has what was asked for: its state, its program, its device, its time, and no inputs."""
    newest = listed(scene.get("list_jobs", query="limit=1"), "jobs")
    if not newest:
        skip("there is no job on the server")
    one = newest[0]
    program = (one.get("program") or {}).get("id")
    tests: tuple[tuple[dict[str, Any], Callable[[dict[str, Any]], bool]], ...] = (
        ({"pending": "true"}, lambda entry: entry.get("status") in PENDING),
        ({"pending": "false"}, lambda entry: entry.get("status") in FINAL),
        ({"program": program}, lambda entry: (entry.get("program") or {}).get("id") == program),
        ({"backend": one.get("backend")}, lambda entry: entry.get("backend") == one.get("backend")),
        ({"created_after": "2301-01-01T00:00:00Z"}, lambda _: False),
        ({"created_before": "2001-01-01T00:00:00Z"}, lambda _: False),
        ({"tags": "no-such-tag-at-all"}, lambda _: False),
        ({"session_id": ABSENT_ID}, lambda _: False),
        ({"exclude_params": "true"}, lambda entry: not entry.get("params")),
    )
    for query, fits in tests:
        if None in query.values():
            continue
        for entry in listed(scene.get("list_jobs", query=urlencode({"limit": 10, **query})), "jobs"):
            if not fits(entry):
                found = {key: entry.get(key) for key in ("id", "status", "backend")}
                message = f"{urlencode(query)} lists {shown(found)}"
                scene.fault("filter_selects", "list_jobs", message, steps=1)


@journey(reads_only=True)
def workloads_are_what_was_asked_for(scene: PlatformScene) -> None:
    """Pages of workloads have no more than was asked for, each once, and what a filter selects has what it names."""
    first = scene.get(WORKLOADS, query="limit=2")
    entries = listed(first, "workloads")
    if len(entries) > 2:
        scene.fault("page_has_its_length", WORKLOADS, f"limit=2: found {len(entries)}", steps=1)
    cursor = cursor_in(first.get("next"))
    if cursor is not None:
        second = scene.get(WORKLOADS, query=urlencode({"limit": 2, "next": cursor}))
        if set(_ids(first, "workloads")) & set(_ids(second, "workloads")):
            scene.fault("no_workload_twice", WORKLOADS, "a workload came on two pages", steps=2)
    for key, values in (("mode", ("job", "batch", "session")), ("status", ("completed", "failed"))):
        for value in values:
            for entry in listed(scene.get(WORKLOADS, query=f"limit=10&{key}={value}"), "workloads"):
                if entry.get(key) != value:
                    message = f"{key}={value} lists one with {key} {shown(entry.get(key))}"
                    scene.fault("filter_selects", WORKLOADS, message, steps=1)


@journey(reads_only=True)
def a_job_is_listed_as_it_is(scene: PlatformScene) -> None:
    """A job that has ended is in the list what it is by itself."""
    entries = listed(scene.get("list_jobs", query="pending=false&limit=3"), "jobs")
    if not entries:
        skip("no job on the server has ended")
    for entry in entries:
        alone = scene.get("get_job", id=str(entry.get("id")), query="exclude_params=true").json()
        for key, value in entry.items():
            if isinstance(alone, dict) and alone.get(key) != value:
                message = f"{key}: {shown(alone.get(key))} by itself, {shown(value)} in the list"
                scene.fault("answers_agree", "list_jobs", message, steps=2)


@journey(reads_only=True)
def devices_are_what_they_are_called(scene: PlatformScene) -> None:
    """Each listed device has a configuration with its name and its number of qubits, and the instance may use it."""
    devices = listed(scene.get("list_backends", version=_NEWEST), "devices")
    if not devices:
        skip("the server has no backend")
    for device in devices[:_SOME]:
        name = str(device.get("name"))
        found = scene.get("get_backend_configuration", id=name)
        for key, wanted in (("backend_name", name), ("n_qubits", device.get("qubits"))):
            if wanted is not None and found.get(key) != wanted:
                message = f"{key}: {shown(wanted)} in the list, {shown(found.get(key))} in the configuration"
                scene.fault("answers_agree", "get_backend_configuration", message, steps=2)
    names = {str(device.get("name")) for device in devices}
    allowed = scene.get("get_instance").get("backends")
    if isinstance(allowed, list) and allowed and not names & set(map(str, allowed)):
        scene.fault("answers_agree", "get_instance", "the instance names none of the devices that are listed", steps=2)
    plans = listed(scene.get("get_account", id=scene.access.account), "plans")
    mine = [set(plan.get("backends") or []) for plan in plans]
    if mine and not any(names & one for one in mine):
        scene.fault("answers_agree", "get_account", "no plan of the account has a device that is listed", steps=3)


@journey(reads_only=True)
def what_does_not_change_is_the_same_twice(scene: PlatformScene) -> None:
    """The versions, the account, the instance and the data of a device are the same when they are read again."""
    reads: list[tuple[str, dict[str, str]]] = [
        ("get_versions", {}), ("get_instance", {}), ("get_instance_configuration", {}),
        ("get_account", {"id": scene.access.account}),
    ]  # fmt: skip
    reads += [
        (operation, {"id": scene.backends[0]})
        for operation in ("get_backend_configuration", "get_backend_properties", "get_backend_defaults")
        if scene.backends
    ]
    for operation, values in reads:
        first, second = (scene.get(operation, **values) for _ in range(2))
        if first.body != second.body:
            scene.fault("reads_repeat", operation, "two reads, one after the other, differ", steps=2)


@journey(reads_only=True)
def versions_are_dates(scene: PlatformScene) -> None:
    """Every listed version is taken; devices are named before 2025 and described since; what is no date is refused."""
    versions = [str(entry.get("version")) for entry in listed(scene.get("get_versions"), "versions")]
    for version in versions:
        described = bool(listed(scene.get("list_backends", version=version), "devices"))
        if described != (version >= "2025-01-01") and scene.backends:
            message = f"{version}: devices are {'described' if described else 'named'}"
            scene.fault("version_is_heeded", "list_backends", message, steps=1)
        for operation in ("get_instance", "get_usage"):
            scene.get(operation, version=version)
    for wrong in ("yesterday", "2026-13-45"):
        answer = scene.exchange.call("get_instance", headers={**scene.access.headers, VERSION: wrong})
        if answer.status != 400:
            message = f"{VERSION}: {wrong}: expected 400, found {answer.status}"
            scene.fault("version_is_heeded", "get_instance", message, steps=1)


@journey(reads_only=True)
def usage_is_that_of_the_instance(scene: PlatformScene) -> None:
    """Usage is that of the instance that was named, its limits fit it, and filters name instances of its account."""
    answer = scene.get("get_usage")
    if answer.get("instance_id") != scene.access.instance:
        message = f"instance_id: {shown(answer.get('instance_id'))}"
        scene.fault("usage_is_the_callers", "get_usage", message, steps=1)
    period = answer.get("usage_period")
    times = [period.get(key) for key in ("start_time", "end_time")] if isinstance(period, dict) else []
    if all(isinstance(moment, str) for moment in times) and times != sorted(map(str, times)):
        scene.fault("times_in_order", "get_usage", f"usage_period: {shown(period)}", steps=1)
    own = f":a/{scene.access.account}:"
    for entry in listed(scene.get("analytics_filters"), "instances"):
        crn = str(entry.get("id"))
        if crn.startswith("crn:") and own not in crn:
            message = f"an instance of another account: {shown(crn)}"
            scene.fault("private_to_its_owner", "analytics_filters", message, steps=1)


@journey()
def get_and_head_agree(scene: PlatformScene) -> None:
    """Where the server knows HEAD, it answers as GET does, without the body."""
    for path in ("/v1/versions", "/v1/jobs"):
        answer = scene.exchange.send("HEAD", path, headers=scene.access.headers)
        if answer.status not in {200, 405, 501}:
            scene.fault("head_is_get", "get_versions", f"HEAD {path}: found {answer.status}", steps=1)
        if answer.body:
            scene.fault("head_is_get", "get_versions", f"HEAD {path}: {len(answer.body)} bytes of a body", steps=1)


JOURNEYS: Final[tuple[Any, ...]] = (
    a_finished_job_is_the_same_twice, what_does_not_exist_is_not_found, paging_visits_each_job_once,
    a_list_has_what_it_was_asked_for, workloads_are_what_was_asked_for, a_job_is_listed_as_it_is,
    devices_are_what_they_are_called, what_does_not_change_is_the_same_twice, versions_are_dates,
    usage_is_that_of_the_instance, get_and_head_agree,
)  # fmt: skip
