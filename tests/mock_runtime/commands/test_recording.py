"""`mock-runtime verify recording`: our own fake is like itself, and each planted difference is found, alone."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner, Result

from mock_runtime import LiveServer
from mock_runtime.cli import main
from runtime_contracts.watching import Exchange
from tests.mock_runtime.commands.recordings import (
    CRN,
    KEY,
    TALKS,
    Spoil,
    Talk,
    in_answer,
    legacy_2021,
    platform,
    with_answer,
)

_ENVELOPE: Final = (("errors", "array"), ("trace", "string"))
JSON: Final = (("Content-Type", "application/json"),)


def verify(*words: str | Path) -> Result:
    """The command's outcome."""
    return CliRunner().invoke(main, ["verify", "recording", *map(str, words)])


@pytest.fixture(scope="module")
def talks() -> dict[str, Any]:
    """What users of both editions said, and heard."""
    return {edition: talk() for edition, talk in TALKS.items()}


@pytest.mark.parametrize("edition", TALKS)
def test_our_own_fake_is_like_itself(edition: str, talks: dict[str, Any], tmp_path: Path) -> None:
    """Nothing is found, neither against the document nor in the comparison."""
    file = talks[edition].write(tmp_path / "own.ndjson")
    done = verify(file)
    assert (done.exit_code, "no difference in" in done.output) == (0, True), done.output
    assert KEY not in file.read_text(encoding="ascii")


@pytest.mark.parametrize("edition", TALKS)
def test_so_it_is_when_the_inputs_were_dropped_and_the_file_is_packed(
    edition: str, talks: dict[str, Any], tmp_path: Path
) -> None:
    """The inputs of jobs are made up then."""
    done = verify(talks[edition].write(tmp_path / "own.ndjson.gz", drop_inputs=True))
    assert done.exit_code == 0, done.output


def _pop(*path: Any) -> Any:
    def change(value: Any) -> None:
        for part in path[:-1]:
            value = value[part]
        del value[path[-1]]

    return change


def _set(to: Any, *path: Any) -> Any:
    def change(value: Any) -> None:
        for part in path[:-1]:
            value = value[part]
        value[path[-1]] = to

    return change


PLANTED: Final[dict[str, tuple[Spoil, str, str]]] = {
    "the fake lacks a key": (
        in_answer("GET /instances/usage", _set(3.5, "quantum_seconds")),
        "missing: get_usage",
        "real has `/quantum_seconds` number, the fake has not",
    ),
    "the fake has one too many": (
        in_answer("GET /status", _pop("message")),
        "extra: get_backend_status",
        "the fake has `/message` string, real has not",
    ),
    "deep in a list": (
        in_answer("GET /backends", lambda value: [each.update(extra={"x": 1}) for each in value["devices"]] and None),
        "missing: list_backends",
        "real has `/devices/*/extra` object, the fake has not",
    ),
    "at times": (
        in_answer("GET /backends", lambda value: value["devices"][0].update(at_times=1)),
        "missing: list_backends",
        "real has `/devices/*/at_times` integer, the fake has not",
    ),
    "another type": (
        in_answer("GET /status", _set("0", "length_queue")),
        "type: get_backend_status",
        "real has `/length_queue` string, the fake integer",
    ),
    "null": (
        in_answer("GET /status", _set(None, "message")),
        "null: get_backend_status",
        "real has null at `/message`, the fake has string",
    ),
    "a date without a zone": (
        in_answer("GET /metrics", _set("2026-11-22T10:00:00.5", "timestamps", "created")),
        "format: get_job_metrics_jid",
        "real has `/timestamps/created` a date and time without a zone, the fake a date and time with its zone",
    ),
    "another status": (
        with_answer("PUT /tags", status=200, body=b"{}", headers=JSON),
        "status: replace_job_tags",
        "real answers 200, the fake 204",
    ),
    "another content type": (
        with_answer("GET /usage", headers=(("Content-Type", "text/plain"),)),
        "content_type: get_usage",
        "real has the content type text/plain, the fake application/json",
    ),
    "another envelope": (
        with_answer("GET /cq2g5h1n7fc0008z8v3g", body=b'{"error":{"code":1291,"message":"no"}}'),
        "missing: get_job",
        "real has `/error` object, the fake has not",
    ),
    "a header": (
        with_answer("GET /usage", headers=(*JSON, ("Retry-After", "3"))),
        "header: get_usage",
        "real has the header Retry-After, the fake has not",
    ),
    "a body": (
        with_answer("GET /usage", body=b""),
        "body: get_usage",
        "the fake has a body, real has none",
    ),
}  # fmt: skip


ROUNDS: Final = (
    ("the fake lacks a key", "another type", "deep in a list", "a date without a zone", "another status"),
    ("a header", "null", "at times", "another envelope"),
    ("a body", "the fake has one too many"),
    ("another content type",),
)
"""Plants that are in places of their own, and so can be in one recording."""


@pytest.mark.parametrize("plants", ROUNDS)
def test_planted_differences_are_found(plants: tuple[str, ...], talks: dict[str, Any], tmp_path: Path) -> None:
    """Each by its operation, its kind and its place; and nothing else is."""

    def spoil(exchange: Exchange) -> Exchange:
        for plant in plants:
            exchange = PLANTED[plant][0](exchange)
        return exchange

    file = talks["platform"].write(tmp_path / "planted.ndjson", spoil)
    done = verify(file, "--shapes-only", "--report", tmp_path / "reports")
    assert done.exit_code == 1
    failures = json.loads((tmp_path / "reports" / "recording-platform.json").read_text(encoding="utf-8"))["failures"]
    found = {(f"{each['check']}: {each['operation']}", each["message"].splitlines()[0]) for each in failures}
    wanted = {PLANTED[plant][1:] for plant in plants}
    if "another envelope" in plants:
        wanted |= {("extra: get_job", f"the fake has `/{key}` {kind}, real has not") for key, kind in _ENVELOPE}
    assert found == wanted
    assert all(sentence in done.output for _, sentence in wanted)


def test_every_plant_is_in_a_round() -> None:
    """None was forgotten."""
    assert sorted(plant for plants in ROUNDS for plant in plants) == sorted(PLANTED)


def test_the_recorded_exchanges_are_held_to_the_document(talks: dict[str, Any], tmp_path: Path) -> None:
    """A word that the document does not list is found on the recorded side."""
    spoil = in_answer("GET /status", _set("many", "length_queue"))
    done = verify(talks["platform"].write(tmp_path / "planted.ndjson", spoil))
    assert done.exit_code == 1
    assert "body: get_backend_status (answer, 1x)" in done.output
    assert "/body/length_queue" in done.output


def test_differences_can_be_ignored_by_their_place(talks: dict[str, Any], tmp_path: Path) -> None:
    """With asterisks for keys and indices; what is below is meant as well."""
    spoil = in_answer("GET /backends", lambda value: value["devices"][0].update(extra=1))
    file = talks["platform"].write(tmp_path / "planted.ndjson", spoil)
    assert verify(file, "--shapes-only", "--ignore", "/devices/*/extra").exit_code == 0
    assert verify(file, "--shapes-only", "--ignore", "/other").exit_code == 1


def test_differences_can_be_accepted_with_a_reason(talks: dict[str, Any], tmp_path: Path) -> None:
    """They are listed, and do not count."""
    spoil = in_answer("GET /usage", _set(1, "quantum_seconds"))
    file = talks["platform"].write(tmp_path / "planted.ndjson", spoil)
    accepted = tmp_path / "accepted.yaml"
    accepted.write_text(
        "- operation: get_usage\n  where: /quantum_seconds\n  reason: it is going away\n", encoding="utf-8"
    )
    done = verify(file, "--shapes-only", "--accepted", accepted)
    assert done.exit_code == 0
    assert (
        "accepted: get_usage: real has `/quantum_seconds` integer, the fake has not (1x): it is going away"
        in done.output
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x: 1", "expected a list of reason, where, operation, kind"),
        ("- where: /x", "entry 1: the reason is missing"),
        ("- reason: because", "entry 1: it names neither where, operation nor kind"),
        ("- reason: because\n  place: /x", "entry 1: there is no 'place'"),
        ("- 3", "entry 1: expected texts under"),
        ("[", "is no YAML"),
    ],
)
def test_a_file_of_accepted_differences_is_read_strictly(
    text: str, sentence: str, talks: dict[str, Any], tmp_path: Path
) -> None:
    """Exit code 2, and a sentence that names the entry."""
    file = talks["legacy-2021"].write(tmp_path / "own.ndjson")
    accepted = tmp_path / "accepted.yaml"
    accepted.write_text(text, encoding="utf-8")
    done = verify(file, "--accepted", accepted)
    assert (done.exit_code, sentence in done.output) == (2, True), done.output


def test_devices_that_only_the_real_one_has_are_made(tmp_path: Path) -> None:
    """So are instances; a recording that names them is compared all the same."""
    talk = platform()
    file = talk.write(tmp_path / "own.ndjson")
    file.write_text(file.read_text(encoding="ascii").replace("ibm_fez", "ibm_elsewhere"), encoding="ascii")
    done = verify(file)
    assert done.exit_code == 0, done.output


def test_a_failed_job_fails_here_as_well(tmp_path: Path) -> None:
    """The fresh fake lets the jobs end as they ended."""
    talk = legacy_2021(scenario={"queue": "2s", "run": "2s", "outcome": "failed"})
    done = verify(talk.write(tmp_path / "failed.ndjson"))
    assert done.exit_code == 0, done.output


def test_tokens_that_nobody_saw_being_given_out_get_in(talks: dict[str, Any], tmp_path: Path) -> None:
    """A recording that begins after the sign-in is compared all the same."""
    talk = platform()
    del talk.exchanges[0]
    done = verify(talk.write(tmp_path / "late.ndjson"))
    assert done.exit_code == 0, done.output


def test_a_terminal_sees_how_far_it_is(
    talks: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a line that is written over."""
    file = talks["legacy-2021"].write(tmp_path / "own.ndjson")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with pytest.raises(SystemExit):
        main(["verify", "recording", str(file), "--shapes-only"])
    assert "\r\x1b[K1 of 22 exchanges, 0 differences" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["ftp://x"], "expected an http or https URL"),
        (["--edition", "1999"], "--edition: there is no document '1999'"),
        (["--against", "no-such-file.yaml"], "--against: "),
        (["--report", __file__ + "/x"], "the report cannot be written"),
        (["--edition", "legacy-2022"], "there is no"),
        (["http://127.0.0.1:1", "--edition", "platform", "--token", "x"], "the key could not be exchanged"),
    ],
)
def test_what_cannot_be_is_said(words: list[str], sentence: str, talks: dict[str, Any], tmp_path: Path) -> None:
    """In one sentence, with exit code 2."""
    done = verify(talks["legacy-2021"].write(tmp_path / "own.ndjson"), *words)
    assert (done.exit_code, sentence in done.output, "Traceback" in done.output) == (2, True, False), done.output


def test_an_instance_can_be_put_in_the_place_of_the_recorded_ones(tmp_path: Path) -> None:
    """Of a server that has others."""
    talk = platform(scenario={"queue": "0s", "run": "0s"})
    other = CRN.replace("0a1b", "ffff")
    settings: dict[str, Any] = {"tokens": [KEY], "scenario": {"queue": "0s", "run": "0s"}}
    fake = Talk("platform", **settings, instances=[{"name": "other", "crn": other}])
    with LiveServer(fake.app) as server:
        without = verify(talk.write(tmp_path / "a"), server.origin, "--token", KEY)
        with_it = verify(tmp_path / "a", server.origin, "--token", KEY, "--instance", other)
    assert "real answers 200" in without.output
    assert "status: create_session" not in with_it.output


def test_another_server_is_compared_by_its_address(talks: dict[str, Any], tmp_path: Path) -> None:
    """With a key that it knows; and a server that is not there ends the run with 2."""
    talk = legacy_2021(tokens=[KEY], scenario={"queue": "0s", "run": "0s"})
    file = talk.write(tmp_path / "own.ndjson")
    with LiveServer(Talk("legacy-2021", tokens=["other"], scenario={"queue": "0s", "run": "0s"}).app) as server:
        url = server.url
        same = verify(file, url, "--token", "other")
        refused = verify(file, url, "--token", "nobody")
    gone = verify(file, url, "--token", "other")
    assert same.exit_code == 0, same.output
    assert (refused.exit_code, "real answers 200, 127.0.0.1" in refused.output) == (1, True)
    assert (gone.exit_code, "there was no answer" in gone.output) == (2, True)


def test_todays_key_is_exchanged(talks: dict[str, Any], tmp_path: Path) -> None:
    """At the server itself; one that is refused says so, without the key."""
    file = talks["platform"].write(tmp_path / "own.ndjson")
    with LiveServer(Talk("platform", tokens=[KEY], scenario={"queue": "0s", "run": "0s"}).app) as server:
        refused = verify(file, server.origin, "--token", "a-key-of-nobody")
        done = verify(file, server.origin, "--token", KEY, "--ignore", "/status")
    assert (refused.exit_code, "status 40" in refused.output, "a-key-of-nobody" in refused.output) == (2, True, False)
    assert "IAM: POST /identity/token" in done.output


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"hello\n", "line 1: not JSON"),
        (b'{"format":"har"}\n', "does not begin with the line of a recording"),
        (b'{"format":"runtime-recording","version":9,"edition":"platform"}\n', "it has version 9"),
        (b'{"format":"runtime-recording","version":1}\n', "names no edition"),
        (b'{"format":"runtime-recording","version":1,"edition":"1999"}\n', "there is no document '1999'"),
    ],
)
def test_what_is_no_recording_ends_with_2(content: bytes, sentence: str, tmp_path: Path) -> None:
    """And one sentence that says what is wrong, and where."""
    file = tmp_path / "file.ndjson"
    file.write_bytes(content)
    done = verify(file)
    assert (done.exit_code, sentence in done.output) == (2, True), done.output
    assert verify(tmp_path / "missing").exit_code == 2


def test_a_damaged_line_is_named_and_left_out(talks: dict[str, Any], tmp_path: Path) -> None:
    """Unless every line has to be right."""
    file = talks["legacy-2021"].write(tmp_path / "own.ndjson")
    content = file.read_text(encoding="ascii")
    file.write_text(content + content.splitlines()[-1][:100], encoding="ascii")
    number = len(content.splitlines()) + 1
    done, strict = verify(file), verify(file, "--strict")
    assert (done.exit_code, f"note: left out, line {number}: not JSON" in done.output) == (0, True), done.output
    assert (strict.exit_code, f"line {number}: not JSON" in strict.output) == (2, True)
