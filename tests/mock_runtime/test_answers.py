"""What stands before a fake: answers of the contract on a socket, and requests held to it."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from mock_runtime import Config, LiveServer, create_app, runtime_of
from mock_runtime.answers import Answering, Front
from runtime_contracts.contract import Contract

CRN = "crn:v1:bluemix:public:quantum-computing:us-east:a/0123456789abcdef:00000000-1111-4222-8333-444444444444::"
HEADERS = {"Authorization": "apikey any", "Service-CRN": CRN}
TIMEOUT_S = 20


class Served:
    """A fake with something before it, on a socket."""

    def __init__(self, server: LiveServer, front: Front, shown: list[str]) -> None:
        self.server, self.front, self.shown = server, front, shown

    def get(self, path: str, case: int | None = None, **request: Any) -> requests.Response:
        """The answer to a GET with good credentials."""
        headers = HEADERS | request.pop("headers", {}) | ({} if case is None else {"Mock-Runtime-Case": str(case)})
        return requests.get(f"{self.server.origin}{path}", headers=headers, timeout=TIMEOUT_S, **request)

    def number(self, operation: str, name: str) -> int:
        """The number of a designed case."""
        assert self.front.answers is not None
        cases = self.front.answers.listed(operation, offset=0, limit=5000)
        return next(int(case["case"]) for case in cases if case["name"].endswith(name))

    def raw(self, target: str, case: int) -> bytes:
        """All bytes that come back for a request."""
        parts = urlsplit(self.server.origin)
        with socket.create_connection((str(parts.hostname), parts.port or 80), timeout=TIMEOUT_S) as connection:
            head = f"GET {target} HTTP/1.1\r\nHost: here\r\nMock-Runtime-Case: {case}\r\nConnection: close\r\n\r\n"
            connection.sendall(head.encode())
            received = b""
            while piece := connection.recv(65536):
                received += piece
            return received


@contextmanager
def served(edition: str = "platform", *, config: dict[str, Any] | None = None, **answering: Any) -> Iterator[Served]:
    """A fake on a socket, with answers of the contract before it."""
    app = create_app(Config(edition=edition, seed=7, **(config or {})))
    shown: list[str] = []
    front = Front(runtime_of(app), Answering(**({"mode": "generated"} | answering)), show=shown.append)
    with LiveServer(app, front=front) as server:
        yield Served(server, front, shown)


@pytest.fixture(scope="module")
def one() -> Iterator[Served]:
    """One fake for what leaves it as it is."""
    with served() as fake:
        yield fake


def test_answers_carry_their_case_and_can_be_had_again() -> None:
    """The number and the name are in headers; with the number in the request the bytes are the same."""
    with served() as fake:
        first = fake.get("/api/v1/jobs/abc")
        second = fake.get("/api/v1/jobs/abc")
        assert [answer.headers["Mock-Runtime-Case"] for answer in (first, second)] == ["0", "1"]
        assert second.headers["Mock-Runtime-Case-Name"] == "200, with everything"
        again = fake.get("/api/v1/jobs/abc", case=1)
        assert (again.content, again.headers["Mock-Runtime-Case"]) == (second.content, "1")
        assert fake.get("/api/v1/jobs/abc", case=10**14).headers["Mock-Runtime-Case-Name"] == "random"


@pytest.mark.parametrize("path", ["/experimental/api/v1/jobs/abc", "//api/v1/jobs/abc"])
def test_other_ways_to_the_api_lead_there_too(one: Served, path: str) -> None:
    """Aliases of paths, and slashes at the beginning."""
    assert one.get(path, case=0).json()["id"] == "abc"


def test_a_number_that_is_none_is_refused(one: Served) -> None:
    """With a sentence, and not counted as a case."""
    answer = one.get("/api/v1/jobs/abc", headers={"Mock-Runtime-Case": "first"})
    assert answer.status_code == 400
    assert "the number of a case is 0 or more" in answer.json()["error"]["message"]


def test_what_is_no_operation_is_answered_as_ever() -> None:
    """IAM, the control, HEAD, other methods and paths; and credentials are not looked at, but reported."""
    with served() as fake:
        token = requests.post(f"{fake.server.origin}/identity/token", data={"apikey": "x"}, timeout=TIMEOUT_S)
        assert "Mock-Runtime-Case" not in token.headers
        assert fake.get("/_mock/health").json()["seed"] == 7
        head = requests.head(f"{fake.server.origin}/api/v1/versions", headers=HEADERS, timeout=TIMEOUT_S)
        assert (head.status_code, "Mock-Runtime-Case" in head.headers) == (200, False)
        assert requests.post(f"{fake.server.origin}/api/v1/versions", timeout=TIMEOUT_S).status_code == 405
        assert fake.get("/api/v1/nothing").status_code == 404
        assert requests.get(f"{fake.server.origin}/api/v1/jobs/abc", timeout=TIMEOUT_S).status_code == 200
    said = "\n".join(fake.shown)
    assert "POST /api/v1/versions: expected one of the methods GET" in said
    assert "GET /api/v1/nothing: expected a documented path" in said
    assert "get_job: /headers: expected credentials" in said
    assert "/identity" not in said


@pytest.mark.parametrize("framing", ["header names in capitals", "chunks of a few bytes", "chunks with extensions",
                                     "no reason phrase", "the end of the connection ends the body",
                                     "a tab and blanks after the colon"])  # fmt: skip
def test_other_framings_are_read_alike(one: Served, framing: str) -> None:
    """Every way to frame a message carries the same one; a client of HTTP/1.1 reads it."""
    number = one.number("get_job", f"on the wire: {framing}")
    usual = one.get("/api/v1/jobs/abc", case=1)
    odd = one.get("/api/v1/jobs/abc", case=number)
    assert odd.content == usual.content
    raw = one.raw("/api/v1/jobs/abc", number)
    assert raw.startswith(b"HTTP/1.1 200 ")
    assert (b"CONTENT-TYPE: " in raw) == (framing == "header names in capitals")


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("200: the connection is cut before the answer", requests.ConnectionError),
        ("200: the connection is cut inside the body", requests.RequestException),
        ("200: fewer bytes than announced", requests.RequestException),
        ("200: a chunk whose size is no number", requests.RequestException),
    ],
)
def test_broken_connections_break(fault: str, error: type[Exception]) -> None:
    """The server itself stays well, and says nothing of it on stderr; what was sent is listed by name."""
    with served(mode="broken") as fake:
        with pytest.raises(error):
            fake.get("/api/v1/jobs/abc", case=fake.number("get_job", fault)).json()
        listed = fake.get("/_mock/answers/sent").json()["sent"]
        assert [answer["fault"] for answer in listed] == [fault]


def test_broken_answers_say_what_is_wrong() -> None:
    """In a header, unless the head itself is cut."""
    with served("legacy-2021", mode="broken") as fake:
        number = fake.number("get-version", "200: /api-auth is null")
        answer = fake.get("/api/version", case=number)
        assert (answer.headers["Mock-Runtime-Fault"], answer.json()) == ("200: /api-auth is null", {"api-auth": None})


def test_a_part_of_the_operations_can_be_left_to_the_fake() -> None:
    """What is submitted here exists there: the job of a generated answer can be asked for."""
    config = {"scenario": {"queue": "0s", "run": "1h"}, "engine": "synthetic"}
    with served(config=config, operations=["create_job"], status="success") as fake:
        body = {"program_id": "sampler", "backend": "ibm_fez", "params": {"pubs": [], "version": 2}}
        headers = {**HEADERS, "IBM-API-Version": "2026-04-15"}
        url = f"{fake.server.origin}/api/v1/jobs"
        made = requests.post(url, json=body, headers=headers, timeout=TIMEOUT_S)
        assert made.headers["Mock-Runtime-Case"] == "0"
        found = fake.get(f"/api/v1/jobs/{made.json()['id']}")
        assert (found.status_code, "Mock-Runtime-Case" in found.headers) == (200, False)
        refused = requests.post(url, data=b"{", headers=headers, timeout=TIMEOUT_S)
        assert refused.headers["Mock-Runtime-Case"] == "1"


def test_a_script_of_2021_comes_to_its_end() -> None:
    """It signs in, submits, polls and reads, on answers of success only."""
    with served("legacy-2021", status="success") as fake:
        contract = Contract.of("legacy-2021")
        for _ in range(12):
            job = requests.post(
                f"{fake.server.origin}/jobs", json={"programId": "x"}, headers={"Authorization": "Bearer t"}, timeout=20
            ).json()
            status = 204
            while status == 204:
                result = fake.get(f"/jobs/{job['id']}/results", headers={"Authorization": "Bearer t"})
                status = result.status_code
            assert (
                contract.check_response(
                    "get-programs-id-jobs-jid-results", status, headers=result.headers, body=result.content
                )
                == []
            )


def test_it_can_be_steered_while_it_runs() -> None:
    """Cases, operations and statuses, for all or for one; nonsense is refused with a sentence."""
    with served("legacy-2021") as fake:
        url = f"{fake.server.origin}/_mock/answers"

        def put(path: str, value: object) -> requests.Response:
            return requests.put(f"{url}{path}", json=value, timeout=TIMEOUT_S)

        assert put("", {"status": "4xx"}).json()["status"] == "4xx"
        assert fake.get("/jobs/abc").status_code in {401, 404}
        assert requests.post(url, json={"case": 1}, timeout=TIMEOUT_S).json()["case"] == 1
        assert fake.get("/jobs/abc").headers["Mock-Runtime-Case"] == "1"
        assert put("", {"operations": ["get-version"]}).json()["case"] == 1
        assert "Mock-Runtime-Case" not in fake.get("/jobs/abc").headers
        assert put("", {"operations": None, "case": None, "status": "all"}).status_code == 200
        assert put("/get-programs-id-jobs-jid", {"case": 4}).status_code == 204
        assert fake.get("/jobs/abc").headers["Mock-Runtime-Case"] == "4"
        overview = fake.get("/_mock/answers").json()
        (job,) = [entry for entry in overview["operations"] if entry["id"] == "get-programs-id-jobs-jid"]
        assert job["case"] == 4
        page = fake.get("/_mock/answers/get-programs-id-jobs-jid?offset=2&limit=2").json()
        assert ([case["case"] for case in page["cases"]], page["designed"]) == ([2, 3], job["designed"])
        one = fake.get("/_mock/answers/get-programs-id-jobs-jid/1").json()
        assert (one["status"], one["on_the_wire"], json.loads(one["text"])["status"]) == (200, False, "Completed")
        number = fake.number("get-programs-id-jobs-jid", "on the wire: no reason phrase")
        assert (
            fake.get(f"/_mock/answers/get-programs-id-jobs-jid/{number}").json()["text"].startswith("HTTP/1.1 200 \r\n")
        )


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("", {"cases": 1}, "'cases' is nothing to choose"),
        ("", {"case": "1"}, "case: a number, or null"),
        ("", {"case": -1}, "0 or more"),
        ("", {"status": "6xx"}, "no statuses are called"),
        ("", {"status": None}, "status: a text"),
        ("", {"operations": "get_job"}, "operations: a list of ids"),
        ("", {"operations": ["get_jobs"]}, "get_jobs"),
        ("/get_job", {}, "send {"),
        ("/get_job", {"case": True}, "case: a number"),
        ("/get_job", {"case": -4}, "0 or more"),
        ("/nothing", {"case": 1}, "there is no operation 'nothing'"),
    ],
)
def test_nonsense_is_refused(one: Served, path: str, value: object, said: str) -> None:
    """400, in the control plane's own envelope."""
    answer = requests.put(f"{one.server.origin}/_mock/answers{path}", json=value, timeout=TIMEOUT_S)
    assert answer.status_code == 400
    assert said in answer.json()["error"]["message"]


@pytest.mark.parametrize("path", ["/get_job?limit=x", "/get_job/x", "/nothing", "/nothing/1"])
def test_nonsense_is_refused_when_reading(one: Served, path: str) -> None:
    """400 as well."""
    assert one.get(f"/_mock/answers{path}").status_code == 400


def test_requests_are_reported(tmp_path: Path) -> None:
    """At /_mock/answers/report, and at the end in a folder; with --strict they count."""
    with served(mode=None, strict=True, report=tmp_path / "found") as fake:
        assert fake.front.exit_code == 0
        fake.get("/api/v1/jobs?pending=none")
        report = fake.get("/_mock/answers/report").json()
        assert [failure["place"] for failure in report["failures"]] == ["/query/pending"]
        assert fake.get("/_mock/answers").status_code == 404
    lines = list(fake.front.finish())
    assert lines[0] == "1 request checked, 1 kind of violation of the contract"
    assert sorted(file.suffix for file in (tmp_path / "found").iterdir()) == [".json", ".txt", ".xml"]
    assert fake.front.exit_code == 1


def test_without_control_there_is_nothing_to_steer() -> None:
    """The answers are the same."""
    with served(config={"control": False}) as fake:
        assert fake.get("/_mock/answers").status_code == 404
        assert fake.get("/api/v1/jobs/abc").headers["Mock-Runtime-Case"] == "0"


def test_a_large_body_is_answered_beside_the_loop() -> None:
    """It is checked as any other."""
    with served() as fake:
        body = json.dumps({"tags": ["x" * 300_000]}).encode()
        headers = {**HEADERS, "Content-Type": "application/json"}
        answer = requests.put(
            f"{fake.server.origin}/api/v1/jobs/abc/tags", data=body, headers=headers, timeout=TIMEOUT_S
        )
        assert answer.headers["Mock-Runtime-Case"] == "0"
    assert any("replace_job_tags" in line for line in fake.shown)


def test_what_is_not_there_is_no_front() -> None:
    """ValueError, with a sentence for the user."""
    app = create_app(Config(seed=1))
    with pytest.raises(ValueError, match="nothing"):
        Front(runtime_of(app), Answering(mode="generated", operations=["nothing"]), show=print)
