"""The account service: logging in, and finding out what there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mock_runtime.accounts import LOGIN_TTL_S, Token
from tests.mock_runtime.fakes import ALICE, BOB, Account, Fake

if TYPE_CHECKING:
    from tests.mock_runtime.conftest import MakeFake


def log_in(fake: Fake, token: str = ALICE) -> str:
    """A session token for an API token."""
    answer = fake.client.post("/api/users/loginWithToken", json={"apiToken": token})
    assert answer.status_code == 200, answer.text
    return str(answer.get_json()["id"])


def session(fake: Fake, token: str = ALICE) -> Account:
    """Somebody who has logged in, as IBM's clients do."""
    return fake.stranger(X_Access_Token=log_in(fake, token))


@pytest.fixture
def strict(make_fake: MakeFake) -> Fake:
    """A fake that knows two tokens and no others."""
    return make_fake(tokens=[{"token": ALICE, "name": "Alice"}, BOB], scenario={"queue": "never"})


def test_a_login_answers_what_clients_read(strict: Fake) -> None:
    """The session token, how long it is good, since when and for whom; the API token is not in it."""
    answer = strict.client.post("/api/users/loginWithToken", json={"apiToken": ALICE})
    login = answer.get_json()
    assert list(login) == ["id", "ttl", "created", "userId"]
    assert len(login["id"]) == 64
    assert (login["ttl"], login["created"]) == (1_209_600, "2021-05-08T03:15:11.000Z")
    assert login["userId"] == Token(ALICE).caller.id
    assert ALICE not in answer.text


def test_a_session_is_the_account_that_logged_in(strict: Fake) -> None:
    """Its jobs are those of the API token, and nobody else's."""
    job = strict.account(ALICE).submit()
    assert session(strict, ALICE).status(job) == "Queued"
    assert session(strict, BOB).get(f"/jobs/{job}").status_code == 404


def test_two_logins_are_two_sessions(strict: Fake) -> None:
    """Ending one leaves the other."""
    first, second = session(strict), session(strict)
    assert first.headers != second.headers
    assert first.post("/api/users/logout").status_code == 200
    assert [each.get("/jobs").status_code for each in (first, second)] == [401, 200]


def test_a_session_expires_by_the_clock(strict: Fake) -> None:
    """After two weeks, to the second, at the account service and at the Runtime service."""
    account = session(strict)
    strict.clock.advance(LOGIN_TTL_S - 1)
    assert account.get("/jobs").status_code == 200
    strict.clock.advance(1)
    assert account.get("/jobs").status_code == 401
    assert account.get("/api/users/me").status_code == 401


@pytest.mark.parametrize("tokens", [[], [ALICE]])
def test_logging_out_revokes_the_session(make_fake: MakeFake, tokens: list[str]) -> None:
    """With an empty text, and for good, also where any API token is accepted."""
    fake = make_fake(tokens=tokens)
    account = session(fake)
    answer = account.post("/api/users/logout")
    assert (answer.status_code, answer.data, answer.content_type) == (200, b"", "text/plain; charset=utf-8")
    for path in ("/jobs", "/api/users/me", "/api/Network"):
        assert account.get(path).status_code == 401
    assert account.post("/api/users/logout").status_code == 401
    assert fake.account().get("/jobs").status_code == 200


def test_the_runtime_logout_does_not_end_a_session(strict: Fake) -> None:
    """The same token goes on working."""
    account = session(strict)
    assert account.post("/logout").status_code == 204
    assert account.get("/api/users/me").status_code == 200


def test_a_session_token_is_no_bearer_token(strict: Fake) -> None:
    """Each has its header."""
    token = log_in(strict)
    assert strict.client.get("/jobs", headers={"Authorization": f"Bearer {token}"}).status_code == 401


@pytest.mark.parametrize("prefix", [None, "/runtime"])
def test_a_user_is_told_where_the_services_are(make_fake: MakeFake, prefix: str | None) -> None:
    """On this very host, under whichever name the caller knows it."""
    fake = make_fake(prefix=prefix, tokens=[{"token": ALICE, "name": "Alice"}])
    path = prefix or ""
    token = fake.client.post(f"{path}/api/users/loginWithToken", json={"apiToken": ALICE}).get_json()["id"]
    headers = {"Host": "fake.example:8000", "X-Access-Token": token}
    user = fake.client.get(f"{path}/api/users/me", headers=headers).get_json()
    assert user == {
        "id": Token(ALICE).caller.id,
        "email": "Alice@example.com",
        "urls": {
            "http": f"http://fake.example:8000{path}/api",
            "ws": f"ws://fake.example:8000{path}/api",
            "services": {"runtime": f"http://fake.example:8000{path}"},
        },
    }


def test_the_version_is_told_to_anybody(fake: Fake) -> None:
    """Clients look for this key before they log in."""
    assert "api-auth" in fake.client.get("/api/version").get_json()


def test_the_network_has_the_hubs_of_the_transcripts(fake: Fake) -> None:
    """With the open one as the default."""
    hubs = session(fake).get("/api/Network").get_json()
    assert [hub["name"] for hub in hubs] == ["ibm-q", "ibm-q-internal"]
    project = hubs[0]["groups"]["open"]["projects"]["main"]
    assert (project["name"], project["isDefault"]) == ("main", True)
    internal = hubs[1]["groups"]["near-time"]
    assert internal["projects"]["qiskit-runtime"]["isDefault"] is False


def test_devices_are_configurations_that_clients_can_read(fake: Fake) -> None:
    """One for each backend, with coupling maps that fit and `runtime` where it may be used."""
    path = "/api/Network/ibm-q/Groups/open/Projects/main/devices/v/1"
    devices: list[dict[str, Any]] = session(fake).get(path).get_json()
    assert [device["backend_name"] for device in devices] == [
        backend.name for backend in fake.runtime.edition.world.backends
    ]
    for device in devices:
        assert device["input_allowed"] == ["job", "runtime"]
        assert {gate["name"] for gate in device["gates"]} == set(device["basis_gates"])
        assert (device["coupling_map"] is None) is device["simulator"]
        assert all(0 <= qubit < device["n_qubits"] for pair in device["coupling_map"] or [] for qubit in pair)
    assert devices[0]["simulator"]


def test_every_listed_project_has_devices(fake: Fake) -> None:
    """A client may go from the one to the other."""
    account = session(fake)
    for hub in account.get("/api/Network").get_json():
        for group in hub["groups"].values():
            for project in group["projects"]:
                path = f"/api/Network/{hub['name']}/Groups/{group['name']}/Projects/{project}/devices/v/1"
                assert account.get(path).status_code == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "3445"),
        (b"{}", "3445"),
        (b"[]", "3445"),
        (b'{"apiToken": 5}', "3445"),
        (b'{"apiToken": null}', "3445"),
        (b'{"apiToken": ""}', "3445"),
        (b'{"apiToken": " "}', "3445"),
        (b'{"apiToken": "unknown"}', "3446"),
        (b'{"apiToken": "\\ud800"}', "3446"),
    ],
)
def test_a_login_without_a_good_token_is_refused(strict: Fake, body: bytes, code: str) -> None:
    """One code for what is no token at all, another for one that nobody has."""
    answer = strict.client.post("/api/users/loginWithToken", data=body)
    assert answer.status_code == 401
    error = answer.get_json()["error"]
    assert (error["status"], error["code"], error["name"]) == (401, code, "LOGIN_FAILED")
    assert "unknown" not in error["message"]


ROADS = [
    (401, "3445", "GET", "/api/users/me", {}),
    (401, "3446", "GET", "/api/users/me", {"X-Access-Token": "unknown"}),
    (401, "3446", "GET", "/api/users/me", {"X-Access-Token": ALICE}),
    (401, "3445", "GET", "/api/users/me", {"Authorization": f"Bearer {ALICE}"}),
    (401, "3445", "GET", "/api/Network", {}),
    (401, "3445", "GET", "/api/Network/a/Groups/b/Projects/c/devices/v/1", {}),
    (401, "3445", "POST", "/api/users/logout", {}),
    (404, "3404", "GET", "/api", {}),
    (404, "3404", "GET", "/api/", {}),
    (404, "3404", "GET", "/api/nothing", {}),
    (405, "3405", "GET", "/api/users/loginWithToken", {}),
    (405, "3405", "DELETE", "/api/version", {}),
    (400, "3400", "GET", "/api/version", {"Host": "a b"}),
    (400, "3400", "POST", "/api/users/loginWithToken", {"Host": "<x>"}),
]


@pytest.mark.parametrize(("status", "code", "method", "path", "headers"), ROADS)
def test_every_road_to_an_error_ends_in_the_envelope_of_the_account_service(
    strict: Fake, status: int, code: str, method: str, path: str, headers: dict[str, str]
) -> None:
    """Not in that of the Runtime service."""
    answer = strict.client.open(path, method=method, headers=headers)
    assert (answer.status_code, answer.content_type) == (status, "application/json")
    assert list(answer.get_json()) == ["error"]
    error = answer.get_json()["error"]
    assert list(error) == ["status", "message", "code", "name"]
    assert (error["status"], error["code"]) == (status, code)
    assert error["message"]
    assert ALICE not in answer.text
    assert ("Allow" in answer.headers) is (status == 405)


def test_a_login_that_is_too_large_is_refused(make_fake: MakeFake) -> None:
    """In the same envelope."""
    answer = make_fake(max_body_bytes=100).client.post("/api/users/loginWithToken", data=b"x" * 101)
    assert answer.status_code == 413
    assert answer.get_json()["error"]["code"] == "3413"


def test_devices_of_an_unknown_project_are_not_found(strict: Fake) -> None:
    """The sentence names it."""
    answer = session(strict).get("/api/Network/a/Groups/b/Projects/c/devices/v/1")
    assert answer.status_code == 404
    assert answer.get_json()["error"]["message"] == "no project 'a/b/c'"


def test_a_reset_forgets_sessions(strict: Fake) -> None:
    """As a restart of the server would."""
    account = session(strict)
    strict.runtime.reset()
    assert account.get("/jobs").status_code == 401
