"""Who may come in, and what others see of whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.mock_runtime.fakes import ALICE, BOB, Fake

if TYPE_CHECKING:
    from tests.mock_runtime.conftest import MakeFake

OPERATIONS = [
    ("GET", "/programs"),
    ("POST", "/programs"),
    ("GET", "/programs/vqe"),
    ("DELETE", "/programs/vqe"),
    ("PUT", "/programs/vqe/data"),
    ("PUT", "/programs/vqe/public"),
    ("PUT", "/programs/vqe/private"),
    ("GET", "/jobs"),
    ("POST", "/jobs"),
    ("GET", "/jobs/x"),
    ("DELETE", "/jobs/x"),
    ("GET", "/jobs/x/results"),
    ("GET", "/jobs/x/logs"),
    ("POST", "/jobs/x/cancel"),
    ("POST", "/logout"),
]
NOBODY = {
    "none": {},
    "empty": {"Authorization": ""},
    "scheme only": {"Authorization": "Bearer"},
    "empty token": {"Authorization": "Bearer  "},
    "basic": {"Authorization": "Basic YTpi"},
    "no scheme": {"Authorization": ALICE},
    "apikey": {"Authorization": f"apikey {ALICE}"},
    "unknown": {"Authorization": "Bearer somebody"},
    "unknown session": {"X-Access-Token": "somebody"},
    "empty session": {"X-Access-Token": ""},
    "API token as a session": {"X-Access-Token": ALICE},
    "wrong before right": {"Authorization": "Basic YTpi", "X-Access-Token": ALICE},
    "IBM Cloud": {"Service-CRN": "crn:v1", "Authorization": "Bearer x.y.z"},
    "no-break space": {"Authorization": "Bearer \xa0"},
}


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
@pytest.mark.parametrize("headers", NOBODY.values(), ids=NOBODY)
def test_nobody_comes_in(make_fake: MakeFake, method: str, path: str, headers: dict[str, str]) -> None:
    """Every operation asks for credentials, before it says anything else about the request."""
    answer = make_fake(tokens=[ALICE]).client.open(path, method=method, headers=headers, data=b"{")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    error = answer.get_json()["errors"][0]
    assert (error["code"], set(answer.get_json())) == ("unauthorized", {"errors", "trace"})
    assert ALICE not in answer.text
    assert "somebody" not in answer.text


def test_every_operation_of_the_edition_is_in_the_table(fake: Fake) -> None:
    """So that a new one is tested for credentials, too."""
    rules = {
        (method, rule.rule.replace("<id_>", "vqe").replace("<jid>", "x"))
        for rule in fake.runtime.app.url_map.iter_rules()
        if rule.endpoint.startswith("legacy_2021.")
        for method in (rule.methods or set()) - {"HEAD"}
    }
    assert rules == set(OPERATIONS)


@pytest.mark.parametrize("value", [f"Bearer {ALICE}", f"bearer {ALICE}", f"BEARER   {ALICE}  "])
def test_an_api_token_is_a_bearer_token(make_fake: MakeFake, value: str) -> None:
    """The scheme in any case, with any space around the token."""
    fake = make_fake(tokens=[ALICE])
    assert fake.client.get("/programs", headers={"Authorization": value}).status_code == 200


def test_without_configured_tokens_any_is_good(fake: Fake) -> None:
    """Also in the other header, where it stands for the same account."""
    job = fake.account("whoever").submit()
    assert fake.stranger(X_Access_Token="whoever").status(job) == "Queued"
    assert fake.stranger(Authorization="Bearer").get("/jobs").status_code == 401


def test_jobs_of_one_account_do_not_exist_for_another(fake: Fake) -> None:
    """Neither to be seen nor to be changed, in the same words as a job that never was."""
    job = fake.account(ALICE).submit()
    bob = fake.account(BOB)
    for method, action in (("GET", ""), ("GET", "/results"), ("GET", "/logs"), ("POST", "/cancel"), ("DELETE", "")):
        answer = bob.call(method, f"/jobs/{job}{action}")
        assert answer.status_code == 404
        assert answer.get_json()["errors"][0]["message"] == f"no job '{job}'"
    assert bob.get("/jobs").get_json() == {"jobs": [], "count": 0}
    assert fake.account(ALICE).status(job) == "Queued"


def test_a_stranger_who_polls_moves_no_job(make_fake: MakeFake) -> None:
    """Only the owner's looks count."""
    fake = make_fake(scenario={"polls": 1})
    job = fake.account(ALICE).submit()
    for _ in range(5):
        fake.account(BOB).get(f"/jobs/{job}/results")
    assert fake.account(ALICE).get(f"/jobs/{job}/results").status_code == 204


def test_logging_out_of_the_runtime_changes_nothing_for_the_token(fake: Fake) -> None:
    """It clears a cache, of which a fake has none."""
    alice = fake.account()
    answer = alice.post("/logout")
    assert (answer.status_code, answer.data) == (204, b"")
    assert alice.get("/programs").status_code == 200
