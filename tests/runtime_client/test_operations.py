"""Every operation: what exactly is sent, and what an answer becomes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

import pytest

from runtime_client import (
    ContractViolation,
    Device,
    Group,
    Hub,
    JobInfo,
    JobPage,
    JobStatus,
    Login,
    Program,
    ProgramField,
    Project,
    RuntimeClient,
    RuntimeClientError,
    ServiceVersion,
    User,
)
from tests.runtime_client.conftest import MakeClient
from tests.runtime_client.scripted import (
    JOB_ID,
    NO_CONTENT,
    TOKEN,
    URL,
    Scripted,
    Service,
    job_json,
    json_answer,
    text_answer,
)

PROGRAM = {
    "id": "runtime-simple",
    "name": "runtime-simple",
    "cost": 300,
    "description": "Says hello.",
    "creationDate": "2021-05-07T00:17:07Z",
}
JOB = JobInfo(
    id=JOB_ID,
    hub="ibm-q-internal",
    group="near-time",
    project="qiskit-runtime",
    backend="ibmq_montreal",
    status=JobStatus.RUNNING,
    params=('{"iterations": 2}',),
    program_id="runtime-simple",
    created="2021-05-08T03:15:11.000000Z",
)
SESSION_TOKEN = "session-token-k1ngf1sher"

Action = Callable[[RuntimeClient], object]

# name: (action, answer, request line, value)
SIMPLE: dict[str, tuple[Action, Scripted, str, object]] = {
    "list_programs": (
        lambda c: c.list_programs(),
        json_answer([PROGRAM]),
        "GET /programs",
        [Program("runtime-simple", "runtime-simple", 300, "Says hello.", "2021-05-07T00:17:07Z")],
    ),
    "get_program": (
        lambda c: c.get_program("runtime-simple"),
        json_answer(
            PROGRAM
            | {
                "version": "1",
                "isPublic": False,
                "parameters": "p",
                "returnValues": "r",
                "interimResults": "i",
                "backendRequirements": "b",
                "data": "import this",
                "unknown": [None],
            }
        ),
        "GET /programs/runtime-simple",
        Program(
            id="runtime-simple",
            name="runtime-simple",
            cost=300,
            description="Says hello.",
            creation_date="2021-05-07T00:17:07Z",
            version="1",
            is_public=False,
            parameters="p",
            return_values="r",
            interim_results="i",
            backend_requirements="b",
            data="import this",
        ),
    ),
    "publish_program": (lambda c: c.publish_program("a"), NO_CONTENT, "PUT /programs/a/public", None),
    "unpublish_program": (lambda c: c.unpublish_program("a"), NO_CONTENT, "PUT /programs/a/private", None),
    "delete_program": (lambda c: c.delete_program("a"), NO_CONTENT, "DELETE /programs/a", None),
    "list_jobs": (
        lambda c: c.list_jobs(),
        json_answer({"jobs": [job_json()], "count": 41}),
        "GET /jobs",
        JobPage(jobs=(JOB,), count=41),
    ),
    "list_jobs, all arguments": (
        lambda c: c.list_jobs(limit=0, offset=7, pending=True),
        json_answer({"jobs": [], "count": 0}),
        "GET /jobs?limit=0&offset=7&pending=true",
        JobPage(jobs=(), count=0),
    ),
    "list_jobs, finished ones": (
        lambda c: c.list_jobs(pending=False),
        json_answer({"jobs": [], "count": 0.0}),
        "GET /jobs?pending=false",
        JobPage(jobs=(), count=0),
    ),
    "get_job": (lambda c: c.get_job(JOB_ID), json_answer(job_json()), f"GET /jobs/{JOB_ID}", JOB),
    "delete_job": (lambda c: c.delete_job(JOB_ID), NO_CONTENT, f"DELETE /jobs/{JOB_ID}", None),
    "get_job_results": (
        lambda c: c.get_job_results(JOB_ID),
        text_answer("All done!"),
        f"GET /jobs/{JOB_ID}/results",
        "All done!",
    ),
    "get_job_results, none yet": (
        lambda c: c.get_job_results(JOB_ID),
        Scripted(status=204, headers={"Content-Length": "0"}),
        f"GET /jobs/{JOB_ID}/results",
        None,
    ),
    "get_job_logs": (lambda c: c.get_job_logs(JOB_ID), text_answer("ä\n"), f"GET /jobs/{JOB_ID}/logs", "ä\n"),
    "cancel_job": (lambda c: c.cancel_job(JOB_ID), NO_CONTENT, f"POST /jobs/{JOB_ID}/cancel", None),
    "logout": (lambda c: c.logout(), NO_CONTENT, "POST /logout", None),
}

ACCOUNT: dict[str, tuple[Action, Scripted, str, object]] = {
    "get_user": (
        lambda c: c.get_user(),
        json_answer(
            {"id": "u", "email": "e", "urls": {"http": "h", "ws": "w", "services": {"runtime": "r", "x": "y"}}}
        ),
        "GET /api/users/me",
        User(http_url="h", ws_url="w", services={"runtime": "r", "x": "y"}, id="u", email="e"),
    ),
    "get_user, no services": (
        lambda c: c.get_user().runtime_url,
        json_answer({"urls": {"http": "h", "ws": "w"}}),
        "GET /api/users/me",
        None,
    ),
    "logout_user": (lambda c: c.logout_user(), text_answer(""), "POST /api/users/logout", None),
    "list_hubs": (
        lambda c: c.list_hubs(),
        json_answer(
            [
                {
                    "name": "h",
                    "groups": {
                        "g": {
                            "name": "G",
                            "projects": {
                                "p": {"name": "P", "isDefault": True, "devices": {"d1": {}, "d2": None}},
                                "q": {"name": "Q"},
                            },
                        }
                    },
                }
            ]
        ),
        "GET /api/Network",
        [Hub("h", (Group("g", (Project("p", is_default=True, devices=("d1", "d2")), Project("q"))),))],
    ),
    "list_devices": (
        lambda c: c.list_devices("h", "g/x", "p"),
        json_answer(
            [
                {
                    "backend_name": "d",
                    "backend_version": "1.0",
                    "n_qubits": 5,
                    "simulator": False,
                    "input_allowed": ["job", "runtime"],
                    "more": 1,
                },
                {"backend_name": "e"},
            ]
        ),
        "GET /api/Network/h/Groups/g%2Fx/Projects/p/devices/v/1",
        [
            Device(
                "d",
                "1.0",
                5,
                False,
                ("job", "runtime"),
                {
                    "backend_name": "d",
                    "backend_version": "1.0",
                    "n_qubits": 5,
                    "simulator": False,
                    "input_allowed": ["job", "runtime"],
                    "more": 1,
                },
            ),
            Device("e", configuration={"backend_name": "e"}),
        ],
    ),
}


@pytest.mark.parametrize("name", SIMPLE)
def test_runtime_operation(client: RuntimeClient, service: Service, name: str) -> None:
    """Sends one request with the API token and no body, and returns the decoded answer."""
    action, answer, line, value = SIMPLE[name]
    service.answers(answer)
    assert action(client) == value
    (sent,) = service.sent
    assert sent.line == line
    assert sent.body == b""
    assert sent.headers["Authorization"] == f"Bearer {TOKEN}"
    assert "X-Access-Token" not in sent.headers
    assert sent.headers["X-Qx-Client-Application"] == "runtime_client"


@pytest.mark.parametrize("name", ACCOUNT)
def test_account_operation(logged_in: RuntimeClient, service: Service, name: str) -> None:
    """Sends one request with the session token, below /api, and returns the decoded answer."""
    action, answer, line, value = ACCOUNT[name]
    service.answers(answer)
    assert action(logged_in) == value
    (sent,) = service.sent
    assert sent.line == line
    assert sent.body == b""
    assert sent.headers["X-Access-Token"] == SESSION_TOKEN
    assert "Authorization" not in sent.headers


def test_get_version_needs_no_credentials(client: RuntimeClient, service: Service) -> None:
    """Asks for the version without any token."""
    service.answers(json_answer({"api-auth": "0.168.0"}))
    assert client.get_version() == ServiceVersion(api_auth="0.168.0")
    assert service.lines == ["GET /api/version"]
    assert not {"Authorization", "X-Access-Token"} & set(service.sent[0].headers)


def test_login_changes_what_is_sent(client: RuntimeClient, service: Service) -> None:
    """Sends the API token in the body only, and the session token with every call from then on."""
    service.answers(
        json_answer({"id": SESSION_TOKEN, "ttl": 1209600, "created": "2021-05-08T03:15:00.000Z", "userId": "u"}),
        json_answer([]),
        text_answer(""),
        json_answer([]),
    )
    login = client.login()
    assert login == Login(id=SESSION_TOKEN, ttl=1209600, created="2021-05-08T03:15:00.000Z", user_id="u")
    assert service.lines == ["POST /api/users/loginWithToken"]
    assert service.sent[0].json() == {"apiToken": TOKEN}
    assert service.sent[0].headers["Content-Type"] == "application/json"
    assert "Authorization" not in service.sent[0].headers
    client.list_programs()
    assert service.sent[1].headers["X-Access-Token"] == SESSION_TOKEN
    assert "Authorization" not in service.sent[1].headers
    client.logout_user()
    client.list_programs()
    assert service.sent[3].headers["Authorization"] == f"Bearer {TOKEN}"
    assert "X-Access-Token" not in service.sent[3].headers


def test_account_call_without_session_token(client: RuntimeClient, service: Service) -> None:
    """Says that a login is needed, and sends nothing."""
    with pytest.raises(RuntimeClientError, match=r"^get-user needs a session token: call login\(\) first"):
        client.get_user()
    assert service.sent == []


def test_login_with_a_token_no_header_can_carry(client: RuntimeClient, service: Service) -> None:
    """Returns such a login as the contract allows it, and raises when it would have to be sent."""
    service.answers(json_answer({"id": "two\nlines-of-k1ngf1sher"}))
    assert client.login().id == "two\nlines-of-k1ngf1sher"
    with pytest.raises(ContractViolation, match="expected a token that a header can carry") as caught:
        client.list_programs()
    assert "k1ngf1sher" not in str(caught.value)
    assert len(service.sent) == 1


def test_login_without_created_keys(client: RuntimeClient, service: Service) -> None:
    """Takes a login that has nothing but its id."""
    service.answers(json_answer({"id": SESSION_TOKEN}))
    assert client.login() == Login(id=SESSION_TOKEN)


def test_account_url_of_its_own(make_client: MakeClient, service: Service) -> None:
    """Sends account calls, and only those, to the account service's own address."""
    client = make_client(account_url="https://auth.test/api/")
    service.answers(json_answer({"api-auth": "1"}), json_answer([]))
    client.get_version()
    client.list_programs()
    assert [sent.url for sent in service.sent] == ["https://auth.test/api/version", f"{URL}/programs"]


def test_submit_job_as_in_the_walkthrough(client: RuntimeClient, service: Service) -> None:
    """Sends the inputs as one JSON text and returns a handle with the id."""
    service.answers(json_answer({"id": JOB_ID}))
    job = client.submit_job(
        "runtime-simple",
        {"iterations": 2},
        backend="ibmq_montreal",
        hub="ibm-q-internal",
        group="near-time",
        project="qiskit-runtime",
        runtime="image:1",
    )
    assert job.id == JOB_ID
    assert repr(job) == f"Job('{JOB_ID}')"
    assert service.lines == ["POST /jobs"]
    assert service.sent[0].headers["Content-Type"] == "application/json"
    assert service.sent[0].json() == {
        "programId": "runtime-simple",
        "hub": "ibm-q-internal",
        "group": "near-time",
        "project": "qiskit-runtime",
        "backend": "ibmq_montreal",
        "params": ['{"iterations": 2}'],
        "runtime": "image:1",
    }


def test_submit_job_leaves_out_what_is_not_given(client: RuntimeClient, service: Service) -> None:
    """Sends nothing but the program id when nothing else was said."""
    service.answers(json_answer({"id": JOB_ID}))
    client.submit_job("p")
    assert service.sent[0].json() == {"programId": "p"}


def test_submit_job_sends_empty_inputs(client: RuntimeClient, service: Service) -> None:
    """Tells empty inputs from none, and keeps text beyond ASCII."""
    service.answers(json_answer({"id": JOB_ID}), json_answer({"id": JOB_ID}))
    client.submit_job("p", {})
    client.submit_job("ü", {"greeting": "grüß \N{GRINNING FACE}"})
    assert service.sent[0].json() == {"programId": "p", "params": ["{}"]}
    assert service.sent[1].json()["programId"] == "ü"
    assert json.loads(service.sent[1].json()["params"][0]) == {"greeting": "grüß \N{GRINNING FACE}"}


def form_of(body: bytes, content_type: str) -> dict[str, Message]:
    """Parse a form independently of what wrote it: the parts by name."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    return {str(part.get_param("name", header="content-disposition")): part for part in message.iter_parts()}


def payload(part: Message) -> bytes:
    """Return the bytes of a part."""
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


def test_create_program_sends_a_form(client: RuntimeClient, service: Service) -> None:
    """Sends every detail under its wire name, the cost twice, and the source as a file named like the program."""
    service.answers(json_answer({"id": "mine"}, 201))
    created = client.create_program(
        name="mine",
        source="print('ä')",
        cost=600,
        description="Mine.",
        version="1.1",
        is_public=True,
        parameters=[ProgramField("iterations", "How often", "int", required=True)],
        return_values=[{"name": "-", "description": "A greeting", "type": "string"}],
        interim_results="[]",
        backend_requirements={"min_num_qubits": 5},
    )
    assert created == "mine"
    (sent,) = service.sent
    assert sent.line == "POST /programs"
    parts = form_of(sent.body, sent.headers["Content-Type"])
    program = parts.pop("program")
    assert program.get_filename() == "mine"
    assert payload(program) == "print('ä')".encode()
    texts = {name: payload(part).decode() for name, part in parts.items()}
    assert json.loads(texts.pop("parameters")) == {
        "doc": [{"name": "iterations", "description": "How often", "type": "int", "required": True}]
    }
    assert json.loads(texts.pop("returnValues")) == [{"name": "-", "description": "A greeting", "type": "string"}]
    assert json.loads(texts.pop("backendRequirements")) == {"min_num_qubits": 5}
    assert texts == {
        "name": "mine",
        "cost": "600",
        "max_execution_time": "600",
        "description": "Mine.",
        "version": "1.1",
        "isPublic": "True",
        "interimResults": "[]",
    }


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        ({}, {"name"}),
        ({"is_public": False, "cost": None}, {"name", "isPublic"}),
        ({"backend_requirements": "{}", "parameters": ""}, {"name", "backendRequirements", "parameters"}),
    ],
)
def test_create_program_leaves_out_what_is_not_given(
    client: RuntimeClient, service: Service, details: Mapping[str, Any], expected: set[str]
) -> None:
    """Sends a field for each detail that is not None, and no others."""
    service.answers(json_answer({"id": "x"}, 201))
    client.create_program(name="x", source=b"\xff\x00", **details)
    parts = form_of(service.sent[0].body, service.sent[0].headers["Content-Type"])
    assert payload(parts.pop("program")) == b"\xff\x00"
    assert set(parts) == expected


@pytest.mark.parametrize(
    ("source", "content_type", "body"),
    [
        ("ä = 1", "text/plain; charset=utf-8", b"\xc3\xa4 = 1"),
        (b"\xff\x00", "application/octet-stream", b"\xff\x00"),
    ],
)
def test_update_program_data(
    client: RuntimeClient, service: Service, source: str | bytes, content_type: str, body: bytes
) -> None:
    """Sends text as UTF-8 text and bytes as octets."""
    service.answers(NO_CONTENT)
    client.update_program_data("a b", source)
    (sent,) = service.sent
    assert sent.line == "PUT /programs/a%20b/data"
    assert sent.headers["Content-Type"] == content_type
    assert sent.body == body


FIELD = {"name": "n", "description": "d", "type": "t"}


def test_program_strings_are_decoded_when_asked(client: RuntimeClient, service: Service) -> None:
    """Decodes the JSON inside a program's strings."""
    strings = {
        "parameters": json.dumps({"doc": [FIELD | {"required": True}, FIELD]}),
        "returnValues": json.dumps([FIELD | {"name": "-"}]),
        "interimResults": "[]",
        "backendRequirements": '{"min_num_qubits": 5}',
    }
    service.answers(json_answer(PROGRAM | strings))
    program = client.get_program("p")
    assert program.parameter_fields() == (ProgramField("n", "d", "t", required=True), ProgramField("n", "d", "t"))
    assert program.return_value_fields() == (ProgramField("-", "d", "t"),)
    assert program.interim_result_fields() == ()
    assert program.requirements() == {"min_num_qubits": 5}


def test_program_without_strings(client: RuntimeClient, service: Service) -> None:
    """Gives empty values for strings that are absent."""
    service.answers(json_answer(PROGRAM))
    program = client.get_program("p")
    assert (program.parameter_fields(), program.return_value_fields(), program.interim_result_fields()) == ((), (), ())
    assert program.requirements() == {}


@pytest.mark.parametrize(
    ("strings", "read", "message"),
    [
        (
            {"parameters": "oops"},
            Program.parameter_fields,
            "parameters of program 'runtime-simple': expected a string ho",
        ),
        ({"parameters": "[]"}, Program.parameter_fields, "parameters of program 'runtime-simple': expected an object"),
        (
            {"parameters": '{"doc": [{}]}'},
            Program.parameter_fields,
            "/doc/0: expected an object with the property 'name'",
        ),
        ({"returnValues": "{}"}, Program.return_value_fields, "expected an array, found an object"),
        ({"interimResults": "[NaN]"}, Program.interim_result_fields, "NaN is not a JSON number"),
        ({"backendRequirements": "[1]"}, Program.requirements, "expected an object, found an array"),
    ],
)
def test_broken_program_string_does_not_hide_the_list(
    client: RuntimeClient,
    service: Service,
    strings: dict[str, str],
    read: Callable[[Program], object],
    message: str,
) -> None:
    """Decodes the list, and raises only when the broken string itself is asked for."""
    service.answers(json_answer([PROGRAM | strings, PROGRAM]))
    programs = client.list_programs()
    assert len(programs) == 2
    with pytest.raises(ContractViolation) as caught:
        read(programs[0])
    assert message in str(caught.value)
    assert caught.value.operation == "get-programs"


def test_device_for_the_runtime() -> None:
    """Tells devices meant for the runtime by their configuration."""
    assert Device("d", input_allowed=("job", "runtime")).can_run_programs
    assert not Device("d", input_allowed=("job",)).can_run_programs
