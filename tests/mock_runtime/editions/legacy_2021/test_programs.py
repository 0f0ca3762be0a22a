"""Programs over the wire of 2021."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
from werkzeug.datastructures import MultiDict

from tests.mock_runtime.fakes import BOB, Account, Fake

if TYPE_CHECKING:
    from tests.mock_runtime.conftest import MakeFake


def test_the_list_is_a_bare_array_of_the_programs_of_may(alice: Account) -> None:
    """In alphabetical order, as in the transcript."""
    answer = alice.get("/programs")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert [program["id"] for program in answer.get_json()] == [
        "circuit-runner",
        "mit-6",
        "quantum-kernel-alignment",
        "runtime-simple",
        "simple",
        "vqe",
    ]
    assert answer.data.endswith(b"}]\n")
    assert b'": ' not in answer.data.replace(b'\\": ', b"")


def test_the_list_ignores_a_query(alice: Account) -> None:
    """Paging of programs came later."""
    assert alice.get("/programs?limit=1&offset=2&limit=x").data == alice.get("/programs").data


def test_a_program_of_ibm_has_the_keys_on_record_in_their_order(alice: Account) -> None:
    """The one object that was recorded whole had these keys and no others."""
    program = alice.get("/programs/circuit-runner").get_json()
    assert list(program) == [
        "id",
        "name",
        "cost",
        "description",
        "creationDate",
        "version",
        "parameters",
        "returnValues",
    ]
    assert (program["cost"], program["creationDate"], program["version"]) == (1800, "2021-05-07T00:17:07Z", "1")
    assert program in alice.get("/programs").get_json()


def test_descriptions_of_inputs_are_texts_with_json_in_them(alice: Account) -> None:
    """Clients decode them a second time."""
    program = alice.get("/programs/runtime-simple").get_json()
    assert [entry["name"] for entry in json.loads(program["parameters"])["doc"]] == ["iterations"]
    assert json.loads(program["returnValues"])[0]["name"] == "-"
    assert [entry["name"] for entry in json.loads(program["interimResults"])] == ["iteration", "counts"]
    assert json.loads(program["backendRequirements"]) == {"min_num_qubits": 5}


def test_an_upload_makes_a_private_program(fake: Fake, alice: Account) -> None:
    """With what was sent, the defaults for the rest, and the source for its author alone."""
    answer = alice.upload("sample-program", "print('hi')")
    assert (answer.status_code, answer.get_json()) == (201, {"id": "sample-program"})
    assert alice.get("/programs/sample-program").get_json() == {
        "id": "sample-program",
        "name": "sample-program",
        "cost": 600,
        "description": "",
        "creationDate": "2021-05-08T03:15:11Z",
        "isPublic": False,
        "data": "print('hi')",
    }
    assert "data" not in alice.get("/programs").get_json()[-1]
    assert fake.runtime.store.program("sample-program").source == b"print('hi')"


def test_an_upload_keeps_everything_that_clients_send(alice: Account) -> None:
    """The form of IBM's client 0.17.0, with the source as a file part."""
    form = {
        "name": "mine",
        "cost": "1800",
        "max_execution_time": "1800",
        "description": "Größe",
        "version": "1.1",
        "backendRequirements": '{"min_num_qubits": 5}',
        "parameters": '{"doc": []}',
        "returnValues": "[]",
        "interimResults": "[]",
        "isPublic": "True",
        "unknown": "ignored",
        "program": (io.BytesIO(b"\xff\x00source"), "mine"),
    }
    assert alice.post("/programs", data=form, content_type="multipart/form-data").status_code == 201
    program = alice.get("/programs/mine").get_json()
    assert list(program) == [
        "id",
        "name",
        "cost",
        "description",
        "creationDate",
        "version",
        "isPublic",
        "parameters",
        "returnValues",
        "interimResults",
        "backendRequirements",
        "data",
    ]
    assert (program["cost"], program["isPublic"], program["description"]) == (1800, True, "Größe")
    assert program["data"] == "�\x00source"


@pytest.mark.parametrize(
    ("fields", "cost"), [({"max_execution_time": "30"}, 30), ({"cost": "7", "max_execution_time": "30"}, 7), ({}, 600)]
)
def test_the_cost_has_two_names(alice: Account, fields: dict[str, str], cost: int) -> None:
    """Either will do, and none means ten minutes."""
    alice.upload("mine", **fields)
    assert alice.get("/programs/mine").get_json()["cost"] == cost


@pytest.mark.parametrize(("text", "public"), [("True", True), ("true", True), ("False", False), ("false", False)])
def test_a_program_can_be_uploaded_as_public(alice: Account, text: str, public: bool) -> None:
    """As Python writes it, and as JSON does."""
    alice.upload("mine", isPublic=text)
    assert alice.get("/programs/mine").get_json()["isPublic"] is public


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": ""}, "'name' is missing"),
        ({"cost": "-1"}, "'cost' must be a whole number of seconds in decimal digits, not '-1'"),
        ({"cost": ""}, "'cost' must be a whole number of seconds in decimal digits, not ''"),
        ({"max_execution_time": "1.5"}, "'max_execution_time' must be a whole number of seconds"),
        ({"cost": "9" * 4001}, "'cost' must be a whole number of seconds in decimal digits, not '999"),
        ({"isPublic": "yes"}, "'isPublic' must be True or False"),
    ],
)
def test_a_form_with_a_wrong_field_is_refused(alice: Account, fields: dict[str, str], sentence: str) -> None:
    """With the name of the field, and nothing is kept of it."""
    answer = alice.upload(**{"name": "mine", **fields})
    assert answer.status_code == 400
    assert answer.get_json()["errors"][0]["message"].startswith(sentence)
    assert len(alice.get("/programs").get_json()) == 6


def test_a_form_without_name_or_program_is_refused(alice: Account) -> None:
    """Both are required, and nothing else is."""
    for form, missing in (({"program": "x"}, "'name' is missing"), ({"name": "x"}, "'program' is missing")):
        answer = alice.post("/programs", data=form, content_type="multipart/form-data")
        assert answer.status_code == 400
        assert missing in answer.get_json()["errors"][0]["message"]


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/mixed; boundary=b", ""],
)
def test_an_upload_is_a_form(alice: Account, content_type: str) -> None:
    """Any other type is a 415 that says which one would do."""
    answer = alice.post("/programs", data=b"{}", headers={"Content-Type": content_type})
    assert answer.status_code == 415
    assert answer.get_json()["errors"][0]["message"].startswith("send multipart/form-data, not ")


@pytest.mark.parametrize("content_type", ["multipart/form-data", "multipart/form-data; boundary="])
def test_a_form_names_its_boundary(alice: Account, content_type: str) -> None:
    """Without one its parts cannot be told apart."""
    answer = alice.post("/programs", data=b"--b--", headers={"Content-Type": content_type})
    assert answer.status_code == 400
    assert "names no boundary" in answer.get_json()["errors"][0]["message"]


@pytest.mark.parametrize(
    "body",
    [
        b"garbage",
        b"--b\r\n",
        b"--b\r\nContent-Disposition: form-data; name=name\r\n\r\nabc",
        b'--c\r\nContent-Disposition: form-data; name="name"\r\n\r\nabc\r\n--c--\r\n',
    ],
)
def test_a_broken_form_is_called_broken(alice: Account, body: bytes) -> None:
    """Not incomplete, which would send its author looking for a field that is there."""
    answer = alice.post("/programs", data=body, headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert answer.status_code == 400
    assert answer.get_json()["errors"][0]["message"].startswith("the form is broken")


@pytest.mark.parametrize("again", ["name", "program", "cost", "isPublic"])
def test_a_field_is_there_once(alice: Account, again: str) -> None:
    """Which of two is meant nobody can know."""
    fields = [("name", "mine"), ("program", "x"), ("cost", "5"), ("isPublic", "True"), ("extra", "1"), ("extra", "2")]
    form: MultiDict[str, str] = MultiDict([*fields, (again, "7")])
    answer = alice.post("/programs", data=form, content_type="multipart/form-data")
    assert answer.status_code == 400
    assert answer.get_json()["errors"][0]["message"] == f"'{again}' is there more than once"
    form = MultiDict(fields)
    assert alice.post("/programs", data=form, content_type="multipart/form-data").status_code == 201


def test_a_form_with_very_many_parts_is_too_large(alice: Account) -> None:
    """A thousand fields are enough."""
    answer = alice.upload(**{f"field-{number}": "x" for number in range(1001)})
    assert answer.status_code == 413
    assert "has more parts, than this server reads" in answer.get_json()["errors"][0]["message"]


def test_a_name_is_taken_once_for_all_accounts(fake: Fake, alice: Account) -> None:
    """Whoever has it, even in private; after a deletion it is free."""
    assert alice.upload("mine").status_code == 201
    for account in (alice, fake.account(BOB)):
        answer = account.upload("mine")
        assert answer.status_code == 409
        assert answer.get_json()["errors"][0]["message"] == "a program named 'mine' exists already"
    assert alice.upload("vqe").status_code == 409
    assert alice.delete("/programs/mine").status_code == 204
    assert fake.account(BOB).upload("mine").status_code == 201


def test_an_id_fits_into_a_path(alice: Account) -> None:
    """A name that does not is changed until it does, and the program is found under its id."""
    made = [alice.upload(name).get_json()["id"] for name in ("a/b c", "a?b#c", "..")]
    assert made == ["a-b-c", "a-b-c-2", "program"]
    assert [alice.get(f"/programs/{id_}").get_json()["name"] for id_ in made] == ["a/b c", "a?b#c", ".."]


def test_uploading_is_a_right_of_its_own(make_fake: MakeFake) -> None:
    """Without it 403, and everything else is still possible."""
    fake = make_fake(tokens=[{"token": "reader", "may_upload": False}, "writer"])
    answer = fake.account("reader").upload()
    assert answer.status_code == 403
    assert answer.get_json()["errors"][0]["message"] == "this account may not upload programs"
    assert fake.account("writer").upload().status_code == 201
    assert fake.account("reader").submit()


@pytest.mark.parametrize("content_type", ["text/plain", "application/octet-stream", "text/plain; charset=utf-8"])
def test_a_source_can_be_replaced(alice: Account, content_type: str) -> None:
    """By the bytes of the body."""
    alice.upload("mine", "old")
    answer = alice.put("/programs/mine/data", data=b"new", headers={"Content-Type": content_type})
    assert (answer.status_code, answer.data) == (204, b"")
    assert alice.get("/programs/mine").get_json()["data"] == "new"


@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data; boundary=b", ""])
def test_a_source_is_text_or_bytes(alice: Account, content_type: str) -> None:
    """Any other type is refused, and the source stays."""
    alice.upload("mine", "old")
    answer = alice.put("/programs/mine/data", data=b"new", headers={"Content-Type": content_type})
    assert answer.status_code == 415
    assert alice.get("/programs/mine").get_json()["data"] == "old"


def test_a_program_can_be_published_and_withdrawn(fake: Fake, alice: Account) -> None:
    """Others see it exactly while it is public; doing either twice is no error."""
    alice.upload("mine")
    bob = fake.account(BOB)
    seen = [bob.get("/programs/mine").status_code]
    for change in ("public", "public", "private", "private"):
        answer = alice.put(f"/programs/mine/{change}")
        assert (answer.status_code, answer.data) == (204, b"")
        seen.append(bob.get("/programs/mine").status_code)
    assert seen == [404, 200, 200, 404, 404]


def test_a_deleted_program_is_gone_and_its_jobs_stay(alice: Account) -> None:
    """A second deletion finds nothing."""
    alice.upload("mine")
    job = alice.submit(programId="mine")
    assert alice.delete("/programs/mine").status_code == 204
    assert alice.delete("/programs/mine").status_code == 404
    assert alice.get("/programs/mine").status_code == 404
    assert alice.status(job) == "Queued"
    assert alice.post("/jobs", json={"programId": "mine"}).status_code == 404


CHANGES = [("PUT", "/data"), ("PUT", "/public"), ("PUT", "/private"), ("DELETE", "")]


@pytest.mark.parametrize(("method", "action"), CHANGES)
def test_a_public_program_of_another_is_visible_and_not_to_be_changed(fake: Fake, method: str, action: str) -> None:
    """Whether another user's or IBM's: 403, and it stays as it was."""
    fake.account().upload("hers", isPublic="True")
    bob = fake.account(BOB)
    before = bob.get("/programs").data
    for program in ("hers", "vqe"):
        answer = bob.call(method, f"/programs/{program}{action}", headers={"Content-Type": "text/plain"})
        assert answer.status_code == 403
        assert answer.get_json()["errors"][0]["message"] == f"program '{program}' belongs to another author"
    assert bob.get("/programs").data == before
    assert "data" not in bob.get("/programs/hers").get_json()


@pytest.mark.parametrize(("method", "action"), [*CHANGES, ("GET", "")])
def test_a_private_program_of_another_does_not_exist(fake: Fake, method: str, action: str) -> None:
    """Nor does one that nobody has; both are told in the same words."""
    fake.account().upload("hers")
    bob = fake.account(BOB)
    for program in ("hers", "nobodys"):
        answer = bob.call(method, f"/programs/{program}{action}", headers={"Content-Type": "text/plain"})
        assert answer.status_code == 404
        assert answer.get_json()["errors"][0]["message"] == f"no program '{program}'"
    assert bob.post("/jobs", json={"programId": "hers"}).status_code == 404
    assert "hers" not in bob.get("/programs").text
