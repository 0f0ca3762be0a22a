"""Worlds from YAML files: what can be said, and what is said about mistakes."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

import jsonschema_rs
import pytest

from mock_runtime.config import Config
from mock_runtime.domain.backends import Availability, Backend, Processor
from mock_runtime.domain.jobs import Status
from mock_runtime.tenants import INSTANCE_KEYS, PLAN_KEYS, TENANT_KEYS, TOKEN_KEYS
from mock_runtime.world_settings import start_of
from mock_runtime.worlds import World, files, legacy_2021, platform, reading_backends
from mock_runtime.worlds.daily import Daily
from mock_runtime.worlds.files import InvalidWorld, load_world, world_file, world_from_text
from mock_runtime.worlds.makes import EAGLE_R3, HERON_R2
from mock_runtime.worlds.reading_jobs import JOB_READERS, SESSION_READERS
from mock_runtime.worlds.schema import world_schema
from tests.mock_runtime.worlds.world_texts import own_world, start


def _only(text: str) -> Backend:
    """The one backend of a text, without its twin."""
    (backend,) = [found for found in world_from_text(text).backends if not found.mock]
    return backend


def _daily(backend: Backend) -> Daily:
    assert isinstance(backend.calibrations, Daily)
    return backend.calibrations


@pytest.mark.parametrize("text", ["", "# nothing\n", "{}", "extends: true"])
def test_an_empty_file_changes_nothing(text: str) -> None:
    """What a file leaves out is as in the world it starts from."""
    assert world_from_text(text) == platform.WORLD


def test_a_device_spelled_out() -> None:
    """With all that can be said of one."""
    backend = _only("""
backends:
  - name: ibm_mine
    n_qubits: 20
    coupling: grid
    basis_gates: [ecr, rz, sx, x]
    processor: {family: Osprey, revision: 1, segment: L}
    availability: paused
    reason: moving house
    queue_length: 12
    version: 2.0.1
    online_date: 2026-02-01
    max_shots: 5000
    max_experiments: 10
    clops: 1000
    quantum_volume: 512
    control_flow: [if_else]
    errors: {readout: 1e-2, gate: 2.5e-4, pair: 0.005}
    t1_us: 300
    t2_us: 200
    seed: 7
    faulty_qubits: [3]
    faulty_couplings: [[1, 2]]
""")
    assert (backend.name, backend.n_qubits, backend.availability) == ("ibm_mine", 20, Availability.PAUSED)
    assert len(backend.coupling) == 2 * 31
    assert backend.processor == Processor(family="Osprey", revision="1", segment="L")
    assert (backend.reason, backend.queue_length, backend.version) == ("moving house", 12, "2.0.1")
    assert (backend.online_date, backend.max_shots, backend.max_experiments) == ("2026-02-01T00:00:00+00:00", 5000, 10)
    assert (backend.clops, backend.quantum_volume, backend.control_flow) == (1000, 512, ("if_else",))
    daily = _daily(backend)
    assert (daily.seed, daily.faulty, daily.dead) == (7, (3,), ((1, 2),))
    assert (daily.make.readout_error, daily.make.gate_error, daily.make.pair_error) == (0.01, 0.00025, 0.005)
    assert [daily.make.t1_s, daily.make.t2_s] == pytest.approx([3e-4, 2e-4])
    assert daily.make.readout_s == HERON_R2.make.readout_s


def test_a_name_and_a_size_are_enough() -> None:
    """The rest is that of a Heron, on heavy hexagons."""
    backend = _only("backends: [{name: ibm_small, n_qubits: 20}]")
    assert (backend.n_qubits, len(backend.coupling), backend.basis_gates) == (20, 38, HERON_R2.template.basis_gates)


@pytest.mark.parametrize(
    ("coupling", "n_qubits", "directed"),
    [
        ("coupling: line, n_qubits: 3", 3, {(0, 1), (1, 0), (1, 2), (2, 1)}),
        ("coupling: [[0, 1], [2, 1]]", 3, {(0, 1), (1, 0), (1, 2), (2, 1)}),
        ("coupling: [[0, 1], [2, 1]], one_way: true", 3, {(0, 1), (2, 1)}),
        ("coupling: [[0, 1], [0, 1]], n_qubits: 4, one_way: false", 4, {(0, 1), (1, 0)}),
        ("coupling: [], n_qubits: 1", 1, set()),
        ("from: ibmq_manila, name: x, n_qubits: 2", 2, {(0, 1), (1, 0)}),
    ],
)
def test_couplings(coupling: str, n_qubits: int, directed: set[tuple[int, int]]) -> None:
    """A word, or a list of pairs, which are taken in both directions unless the file says otherwise."""
    backend = _only(f"backends: [{{name: x, {coupling}}}]".replace("name: x, from", "from"))
    assert (backend.n_qubits, set(backend.coupling)) == (n_qubits, directed)
    assert len(backend.coordinates) == n_qubits


def test_a_device_made_from_another() -> None:
    """What is not said stays: with its qubits the device keeps its calibrations."""
    fez = platform.WORLD.backends[0]
    backend = _only("backends: [{from: ibm_fez, queue_length: 50}]")
    assert (backend.name, backend.queue_length, backend.coupling) == ("ibm_fez", 50, fez.coupling)
    assert backend.calibrations == fez.calibrations


def test_a_device_made_from_another_and_changed() -> None:
    """Another lattice of the same size, other gates, one direction: the quality stays that of the make."""
    grid = _only("backends: [{from: ibm_brisbane, name: ibm_grid, coupling: grid}]")
    assert (grid.n_qubits, _daily(grid).make) == (127, EAGLE_R3.make)
    one_way = _only("backends: [{from: ibm_fez, one_way: true, basis_gates: [ecr, rz, sx, x, x]}]")
    assert len(one_way.coupling) == 176
    assert one_way.basis_gates == ("ecr", "rz", "sx", "x")


def test_an_ideal_simulator() -> None:
    """Of so many qubits, or 32, and with the gates that are named."""
    backend = _only("backends: [{name: sim, simulator: true, n_qubits: 40, basis_gates: [u, cx]}]")
    assert (backend.simulator, backend.n_qubits, backend.basis_gates) == (True, 40, ("u", "cx"))
    assert _only("backends: [{name: sim, simulator: true}]").n_qubits == 32
    assert _only("backends: [{name: dev, simulator: false, n_qubits: 2}]").simulator is False


def test_a_file_replaces_the_devices_or_extends_them() -> None:
    """A device of a name that is there takes its place; twins are made anew."""
    entry = "backends: [{from: ibm_hanoi, name: ibm_fez}]"
    assert [found.name for found in world_from_text(entry).backends] == ["ibm_fez", "mock_fez"]
    world = world_from_text(f"extends: true\n{entry}")
    assert len(world.backends) == len(platform.WORLD.backends)
    assert [found.n_qubits for found in world.backends if found.name in {"ibm_fez", "mock_fez"}] == [27, 27]


def test_programs() -> None:
    """A name is enough; a known one keeps what is not said of it."""
    world = world_from_text("""
programs:
  - sampler
  - name: circuit-runner
    description: Runs circuits.
    longest_run_s: 60
""")
    sampler, runner = world.programs
    assert sampler == platform.PROGRAMS[0]
    assert (runner.id, runner.description, runner.cost_s) == ("circuit-runner", "Runs circuits.", 60)
    assert world.backends == platform.WORLD.backends


def test_another_world_to_start_from() -> None:
    """That of 2021 has no twins, and keeps its projects and programs."""
    world = world_from_text("extends: true\nbackends: [{name: ibmq_new, n_qubits: 5}]", base=legacy_2021.WORLD)
    assert isinstance(world, World)
    assert [found.name for found in world.backends[:2]] == ["ibmq_new", "ibmq_qasm_simulator"]
    assert not any(found.mock for found in world.backends)
    assert (world.programs, world.projects) == (legacy_2021.WORLD.programs, legacy_2021.WORLD.projects)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- x", f"line 1: the file: expected keys and values, with the keys {', '.join(files.KEYS)}"),
        ("backend: []", "line 1: the file: expected a known key (did you mean backends?), not 'backend'"),
        ("zzz: []", f"line 1: the file: expected a known key (known are {', '.join(files.KEYS)}), not 'zzz'"),
        ("[a]: 1", "line 1: the file: expected a text as key"),
        (
            "[a]: 1\n[b]: 1",
            "line 1: the file: expected a text as key\nmy.yaml, line 2: the file: expected a text as key",
        ),
        ("extends: maybe", "line 1: extends: expected one of true, false, not 'maybe'"),
        ("backends: 3", "line 1: backends: expected a list of backends, not '3'"),
        ("backends: []", "line 1: backends: expected at least one backend"),
        ("programs: []", "line 1: programs: expected at least one program"),
        ("programs: [a, a]", "line 1: programs[1]: expected each program once, and 'a' is there before"),
        ("programs: [{description: x}]", "line 1: programs[0]: expected a name"),
        ("programs: ['a b']", "line 1: programs[0]: expected the name of a program, not 'a b'"),
        ("backends:\n  - nam: x", "line 2: backends[0]: expected a known key (did you mean name?), not 'nam'"),
        ("backends:\n  - {name: a, name: b}", "line 2: backends[0]: expected each key once, not 'name'"),
        (
            "backends:\n  - name: x",
            "line 2: backends[0]: expected n_qubits, or the name of another device under `from`",
        ),
        (
            "backends: [{n_qubits: 3}]",
            "line 1: backends[0]: expected a name, or the name of another device under `from`",
        ),
        (
            "backends: [{name: 'a b', n_qubits: 2}]",
            "line 1: backends[0].name: expected a name of letters, digits and _, not 'a b'",
        ),
        (
            "backends:\n  - {name: x, n_qubits: 2}\n  - {name: x, n_qubits: 2}",
            "line 3: backends[1]: expected each backend once, and 'x' is there before",
        ),
        (
            "backends: [{name: x, n_qubits: 1001}]",
            "line 1: backends[0].n_qubits: expected a whole number from 1 to 1000, not '1001'",
        ),
        (
            "backends: [{name: x, n_qubits: 2, coupling: ring}]",
            "line 1: backends[0].coupling: expected one of line, grid, heavy-hex, not 'ring'",
        ),
        ("backends: [{name: x, coupling: []}]", "line 1: backends[0].coupling: expected at least one pair"),
        ("backends: [{name: x, coupling: [[0]]}]", "line 1: backends[0].coupling[0]: expected two qubits"),
        ("backends: [{name: x, coupling: [[0, 1, 2]]}]", "line 1: backends[0].coupling[0]: expected at most 2 qubits"),
        (
            "backends: [{name: x, coupling: [[1, 1]]}]",
            "line 1: backends[0].coupling[0]: expected two different qubits",
        ),
        (
            "backends: [{name: x, coupling: [[0, 2]], n_qubits: 2}]",
            "line 1: backends[0].coupling[0][1]: expected a whole number from 0 to 1, not '2'",
        ),
        (
            "backends: [{name: x, n_qubits: 3, coupling: line, faulty_couplings: [[0, 2]]}]",
            "line 1: backends[0].faulty_couplings[0]: expected two coupled qubits",
        ),
        (
            "backends: [{name: x, n_qubits: 2, basis_gates: []}]",
            "line 1: backends[0].basis_gates: expected at least one gate",
        ),
        (
            "backends: [{name: x, n_qubits: 2, errors: {pair: 2}}]",
            "line 1: backends[0].errors.pair: expected a probability from 0 to 0.3, not '2'",
        ),
        (
            "backends: [{name: x, n_qubits: 2, t1_us: long}]",
            "line 1: backends[0].t1_us: expected a time in µs from 0.1 to 1e+06, not 'long'",
        ),
        (
            "backends: [{name: x, n_qubits: 2, t1_us: [1]}]",
            "line 1: backends[0].t1_us: expected a time in µs from 0.1 to 1e+06",
        ),
        (
            "backends: [{name: x, n_qubits: 2, online_date: soon}]",
            "line 1: backends[0].online_date: expected a date such as 2026-02-01, not 'soon'",
        ),
        (
            "backends: [{name: x, n_qubits: 2, processor: {family: Heron}}]",
            "line 1: backends[0].processor: expected a family and a revision",
        ),
        (
            "backends: [{name: x, simulator: true, t1_us: 3}]",
            "line 1: backends[0].t1_us: expected nothing of the kind for a simulator, not '3'",
        ),
        (
            f"backends: [{{name: x, n_qubits: 2, reason: '{'long' * 60}'}}]",
            f"line 1: backends[0].reason: expected a reason, not '{('long' * 60)[:37]}...'",
        ),
    ],
)
def test_a_mistake_is_pointed_at(text: str, message: str) -> None:
    """File, line, key, what was expected, and what is there."""
    with pytest.raises(InvalidWorld) as caught:
        world_from_text(text, "my.yaml")
    assert str(caught.value) == f"my.yaml, {message}"


def test_a_file_without_jobs_begins_with_nothing() -> None:
    """And one with some does not."""
    assert not start("seed: 7").beginnings
    assert start("tokens: [a]\njobs: [{program: sampler}]").beginnings


def test_an_unknown_device_is_told_which_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of this world by name, and what became of the search among the examples of IBM's client."""
    with pytest.raises(InvalidWorld) as caught:
        world_from_text("backends: [{from: ibm_atlantis}]", "my.yaml")
    assert str(caught.value).startswith(
        "my.yaml, line 1: backends[0].from: expected a device of ibm_fez, ibm_marrakesh, "
    )
    assert "or an example of IBM's client (qiskit_ibm_runtime" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "a: [",
        "backends: *nobody",
        "\x00",
        "- " * 5000 + "x",
        "[" * 5000,
        f"%YAML 1.{'1' * 5000}\n---\nx",
        "a: [\ud800]",
    ],
)
def test_what_is_not_yaml_is_refused(text: str) -> None:
    """In one line, whatever the parser says, and without running anything."""
    with pytest.raises(InvalidWorld, match=r"\Amy\.yaml(, line 1|, line 2)?: [^\n]+\Z"):
        world_from_text(text, "my.yaml")


def test_a_file(tmp_path: Path) -> None:
    """It is read as UTF-8; what cannot be read says why."""
    file = tmp_path / "world.yaml"
    with pytest.raises(InvalidWorld, match="cannot be read: No such file"):
        load_world(file)
    file.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(InvalidWorld, match="is not UTF-8 text"):
        load_world(file)
    file.write_text("backends: [{name: ibm_mine, n_qubits: 4}]", encoding="utf-8")
    assert load_world(str(file)).backends[0].name == "ibm_mine"


WRONG = "# Three mistakes"
PAGE = (Path(__file__).resolve().parents[3] / "docs" / "worlds.md").read_text(encoding="utf-8")


def _keys(heading: str) -> set[str]:
    """The keys in the first column of the table under a heading of the page."""
    table = PAGE.partition(f"{heading}\n")[2].partition("\n#")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return {key for cell in cells for key in re.findall(r"`([a-z0-9_]+)`", cell)}


@pytest.mark.parametrize(
    ("heading", "keys"),
    [
        ("### A backend", reading_backends.BACKEND_KEYS),
        ("## A world file", files.KEYS),
        ("### Tokens", TOKEN_KEYS),
        ("### Tenants", TENANT_KEYS),
        ("### Instances", INSTANCE_KEYS),
        ("### Plans", PLAN_KEYS),
        ("### Jobs", JOB_READERS),
        ("### Sessions", SESSION_READERS),
    ],
)
def test_the_page_names_every_key(heading: str, keys: Collection[str]) -> None:
    """And none that is not there; docs/worlds.md."""
    assert _keys(heading) == set(keys)


def test_every_example_of_the_page_is_a_world_file() -> None:
    """The reader and the schema accept them, and the first does what it says."""
    examples = [text for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if not text.startswith(WRONG)]
    assert len(examples) >= 5
    validator = jsonschema_rs.validator_for(world_schema())
    for example in examples:
        start(example)
        assert validator.is_valid(world_file(example).plain()), example
    whole = start(examples[0])
    assert [job.status for job in whole.beginnings.jobs] == [Status.RUNNING, Status.FAILED, Status.COMPLETED]
    devices = start(next(example for example in examples if "ibm_simulator" in example)).world
    assert [found.name for found in devices.backends[:4]] == ["ibm_mine", "ibm_fez", "ibm_simulator", "ibm_marrakesh"]


def test_the_mistakes_that_the_page_shows_are_told_as_it_says() -> None:
    """All of one file, with their lines; docs/worlds.md."""
    (example,) = (text for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if text.startswith(WRONG))
    (message,) = re.findall(r"```text\n(.*?)\n```", PAGE, re.DOTALL)
    with pytest.raises(InvalidWorld) as caught:
        start(example)
    assert str(caught.value).replace("my.yaml", "world.yaml") == message


def test_all_that_is_there_twice_is_told_with_the_rest() -> None:
    """With its own line, though another token is wrong in another way."""
    with pytest.raises(InvalidWorld) as caught:
        start("tokens:\n- {token: a, name: x}\n- {token: b, name: x}\n- 12345\n- a\ntenants:\n- {name: x, tokens: [c]}")
    assert [(problem.line, problem.text.partition(":")[0]) for problem in caught.value.problems] == [
        (3, "tokens[1]"),
        (4, "tokens[2]"),
        (5, "tokens[3]"),
        (7, "tenants[0].tokens[0]"),
    ]
    assert "expected a token, or a mapping with token or sha256" in str(caught.value)
    assert str(caught.value).count("(a number needs quotes)") == 1


def test_what_was_made_in_python_may_name_what_is_not_there() -> None:
    """It is exported as it is, and has to be read again: only who writes a file is told."""
    written = world_file("instances: [{name: a, keys: [nobody]}, a]\nscenario: {programs: {vqe: {run: 1s}}}")
    found = start_of(written, Config(), own_world)
    assert [instance.keys for instance in found.config.instances] == [("nobody",), ()]
    assert set(found.config.scenario.programs) == {"vqe"}


def test_the_page_names_every_device() -> None:
    """But the twins."""
    table = PAGE.partition("## The devices")[2].partition("Each device")[0]
    rows = [line.split("|") for line in table.splitlines() if line.startswith("| `")]
    named = {name: (row[3].strip(), row[6].strip()) for row in rows for name in re.findall(r"`(\w+)`", row[1])}
    own = [found for found in platform.WORLD.backends if not found.mock]
    assert named == {found.name: (str(found.n_qubits), str(found.availability)) for found in own}
