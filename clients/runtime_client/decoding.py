"""The answers of edition legacy-2021, from the wire's spelling to `models`; what is wrong is a `ContractViolation`."""

from __future__ import annotations

import re

from runtime_client.models import (
    Device,
    Group,
    Hub,
    JobInfo,
    JobPage,
    JobStatus,
    Login,
    Program,
    Project,
    ServiceVersion,
    User,
)
from runtime_client.wire import Answer, Node

# Twelve bytes in base 32 (rs/xid); every recorded job id of the real service has this form.
_JOB_ID = re.compile("[0-9a-v]{20}")
_SECONDS = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
# With seconds and Z in May 2021, with microseconds and no zone in autumn.
_CREATION_DATE = re.compile(_SECONDS + r"(\.[0-9]{1,6})?Z?")
_CREATED = re.compile(_SECONDS + r"\.[0-9]{6}Z")
_NOT_EMPTY = re.compile(".+", re.DOTALL)
_STATUSES = {status.value: status for status in JobStatus}


def programs(answer: Answer) -> list[Program]:
    """Return the programs of get-programs: a bare array."""
    return [_program(node) for node in answer.json().items()]


def program(answer: Answer) -> Program:
    """Return the program of get-program."""
    return _program(answer.json())


def created_program_id(answer: Answer) -> str:
    """Return the id that post-program gave."""
    return answer.json().required("id").string()


def created_job_id(answer: Answer) -> str:
    """Return the id that post-program-id (POST /jobs) gave."""
    return _job_id(answer.json().required("id"))


def job_page(answer: Answer) -> JobPage:
    """Return the page of get-jobs."""
    root = answer.json()
    return JobPage(
        jobs=tuple(_job(node) for node in root.required("jobs").items()),
        count=root.required("count").integer(at_least=0),
    )


def job(answer: Answer) -> JobInfo:
    """Return the job of get-programs-id-jobs-jid (GET /jobs/{jid})."""
    return _job(answer.json())


def login(answer: Answer) -> Login:
    """Return the session of login-with-token."""
    root = answer.json()
    return Login(
        id=root.required("id").matching(_NOT_EMPTY, "a string that is not empty"),
        ttl=root.optional("ttl", Node.integer),
        created=root.optional("created", Node.string),
        user_id=root.optional("userId", Node.string),
    )


def user(answer: Answer) -> User:
    """Return the account of get-user."""
    root = answer.json()
    urls = root.required("urls")
    return User(
        http_url=urls.required("http").string(),
        ws_url=urls.required("ws").string(),
        services=urls.optional("services", _string_map) or {},
        id=root.optional("id", Node.string),
        email=root.optional("email", Node.string),
    )


def version(answer: Answer) -> ServiceVersion:
    """Return the versions of get-version."""
    return ServiceVersion(api_auth=answer.json().required("api-auth").string())


def hubs(answer: Answer) -> list[Hub]:
    """Return the hubs of get-network."""
    return [
        Hub(
            name=node.required("name").string(),
            groups=tuple(_group(name, group) for name, group in node.required("groups").properties()),
        )
        for node in answer.json().items()
    ]


def devices(answer: Answer) -> list[Device]:
    """Return the devices of get-devices."""
    return [_device(node) for node in answer.json().items()]


def nothing(answer: Answer) -> None:
    """Check that the text of logout-user is empty."""
    if answer.text():
        raise answer.violation("expected an empty text")


def _program(node: Node) -> Program:
    return Program(
        id=node.required("id").string(),
        name=node.required("name").string(),
        cost=node.required("cost").integer(),
        description=node.required("description").string(),
        creation_date=node.required("creationDate").matching(_CREATION_DATE, "a date and time"),
        version=node.optional("version", Node.string),
        is_public=node.optional("isPublic", Node.boolean),
        parameters=node.optional("parameters", Node.string),
        return_values=node.optional("returnValues", Node.string),
        interim_results=node.optional("interimResults", Node.string),
        backend_requirements=node.optional("backendRequirements", Node.string),
        data=node.optional("data", Node.string),
        operation=node.answer.operation,
    )


def _job(node: Node) -> JobInfo:
    return JobInfo(
        id=_job_id(node.required("id")),
        hub=node.required("hub").string(),
        group=node.required("group").string(),
        project=node.required("project").string(),
        backend=node.required("backend").string(),
        status=_status(node.required("status")),
        params=_strings(node.required("params")),
        program_id=node.required("program").required("id").string(),
        created=node.required("created").matching(_CREATED, "a UTC time with microseconds"),
        runtime=node.optional("runtime", Node.string),
    )


def _job_id(node: Node) -> str:
    return node.matching(_JOB_ID, "a job id (20 characters of 0-9 and a-v)")


def _status(node: Node) -> JobStatus:
    status = _STATUSES.get(node.string())
    return node.fail("one of " + ", ".join(_STATUSES), "another string") if status is None else status


def _string_map(node: Node) -> dict[str, str]:
    return {name: value.string() for name, value in node.properties()}


def _device(node: Node) -> Device:
    return Device(
        backend_name=node.required("backend_name").string(),
        backend_version=node.optional("backend_version", Node.string),
        n_qubits=node.optional("n_qubits", lambda found: found.integer(at_least=1)),
        simulator=node.optional("simulator", Node.boolean),
        input_allowed=node.optional("input_allowed", _strings) or (),
        configuration=node.mapping(),
    )


def _strings(node: Node) -> tuple[str, ...]:
    return tuple(item.string() for item in node.items())


def _group(name: str, node: Node) -> Group:
    # The key is the word that requests use; a name inside says the same to people and is only checked.
    node.required("name").string()
    projects = node.required("projects").properties()
    return Group(name=name, projects=tuple(_project(key, project) for key, project in projects))


def _project(name: str, node: Node) -> Project:
    node.required("name").string()
    return Project(
        name=name,
        is_default=node.optional("isDefault", Node.boolean) or False,
        devices=tuple(node.optional("devices", Node.mapping) or ()),
    )
