"""Results without a quantum computer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mock_runtime.domain.backends import Backend
from mock_runtime.domain.results import Output, failure
from mock_runtime.execution import Submission
from mock_runtime.execution.canned import CATALOGUE, CannedExecution, Iterations
from mock_runtime.ids import Ids, Rng
from mock_runtime.worlds.legacy_2021 import WORLD

MONTREAL = Backend(name="ibmq_montreal", n_qubits=27)


def run(program: str, *params: str, seed: int = 0) -> Output:
    """What a program leaves behind."""
    return CannedExecution().start(submission(program, *params), Ids(seed).stream("execution", 1))


def submission(program: str, *params: str) -> Submission:
    """A job of that program, with these inputs."""
    return Submission(job_id="c2b04fot418h0qp0peh0", program_id=program, backend=MONTREAL, inputs=params)


def result_of(program: str, **inputs: object) -> Any:
    """The result of a program, for these inputs."""
    output = run(program, json.dumps(inputs))
    assert output.error is None
    return output.result


def test_every_program_of_the_world_has_a_result() -> None:
    """Without inputs, always the same for the same seed, and fit for JSON."""
    assert set(CATALOGUE) == {program.id for program in WORLD.programs}
    for program in CATALOGUE:
        first, again = run(program), run(program)
        assert first.error is None
        assert json.dumps(first.result, allow_nan=False) == json.dumps(again.result)


@pytest.mark.parametrize("program", ["circuit-runner", "quantum-kernel-alignment", "vqe"])
def test_another_seed_gives_another_result(program: str) -> None:
    """What looks measured is drawn."""
    assert run(program, seed=1).result != run(program, seed=2).result


def test_runtime_simple_does_what_its_source_does() -> None:
    """An interim result an iteration, and a sentence at the end."""
    output = run("runtime-simple", '{"iterations": 3}')
    assert (output.result, output.logs, output.error) == ("All done!", "ran 3 iterations\n", None)
    interim = list(output.interim)
    assert [each["iteration"] for each in interim if isinstance(each, dict)] == [0, 1, 2]
    for each in interim:
        assert isinstance(each, dict)
        assert sum(each["counts"].values()) == 1024
        assert {len(outcome) for outcome in each["counts"]} == {5}
    assert len(run("runtime-simple").interim) == 5
    assert run("runtime-simple", '{"iterations": 1}').logs == "ran 1 iteration\n"


def test_two_billion_iterations_cost_nothing() -> None:
    """Interim results are made when they are looked at, in any order."""
    output = run("runtime-simple", f'{{"iterations": {2**31 - 1}}}')
    last = output.interim[2**31 - 2]
    assert len(output.interim) == 2**31 - 1
    assert output.interim[-1] == last
    assert isinstance(last, dict)
    assert last["iteration"] == 2**31 - 2
    assert output.interim[5:8] == [output.interim[5], output.interim[6], output.interim[7]]
    with pytest.raises(IndexError):
        output.interim[2**31 - 1]


def test_interim_results_depend_on_the_seed_and_their_index_alone() -> None:
    """Looking at one changes no other."""
    first, again = (Iterations(100, Ids(4).stream("x")) for _ in range(2))
    assert [again[index] for index in reversed(range(100))] == list(reversed(list(first)))
    assert list(Iterations(100, Ids(5).stream("x"))) != list(first)


@pytest.mark.parametrize(
    ("program", "params", "last_line"),
    [
        ("runtime-simple", '{"iterations": "3"}', "TypeError: 'iterations' must be an int, not str"),
        ("runtime-simple", '{"iterations": true}', "TypeError: 'iterations' must be an int, not bool"),
        ("runtime-simple", '{"iterations": -1}', "ValueError: 'iterations' must be between 0 and 2147483647"),
        ("runtime-simple", '{"iterations": 2147483648}', "ValueError: 'iterations' must be between 0 and 2147483647"),
        ("runtime-simple", "[]", "TypeError: the inputs must be a JSON object, not list"),
        ("simple", "null", "TypeError: the inputs must be a JSON object, not NoneType"),
        ("circuit-runner", '{"shots": 0}', "ValueError: 'shots' must be an int between 1 and 1000000"),
        ("circuit-runner", '{"shots": 1.5}', "ValueError: 'shots' must be an int between 1 and 1000000"),
        ("uploaded", '{"a": NaN}', "ValueError: NaN is not JSON"),
        ("uploaded", "[" * 10_000, "ValueError: the inputs are nested too deeply"),
        ("uploaded", "", "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)"),
    ],
)
def test_wrong_inputs_end_in_a_traceback(program: str, params: str, last_line: str) -> None:
    """Which looks like Python's, and is the log as well."""
    output = run(program, params)
    assert output.error is not None
    assert output.error.splitlines() == [
        "Traceback (most recent call last):",
        '  File "program.py", line 1, in main',
        last_line,
    ]
    assert output.logs == output.error


def test_a_number_too_long_to_read_ends_in_a_traceback() -> None:
    """Five thousand digits are no input."""
    error = run("uploaded", '{"a": ' + "1" * 5000 + "}").error
    assert error is not None
    assert "ValueError: Exceeds the limit" in error


def test_circuit_runner_counts_every_shot_of_every_circuit() -> None:
    """One entry a circuit, up to as many as a job could have."""
    result = result_of("circuit-runner", circuits=["a", "b"], shots=7)
    assert [sum(each["data"]["counts"].values()) for each in result["results"]] == [7, 7]
    assert len(result_of("circuit-runner", circuits=["c"] * 1000)["results"]) == 900
    assert len(result_of("circuit-runner", circuits="one")["results"]) == 1
    assert result_of("circuit-runner", circuits=[])["results"] == []
    assert (result["backend_name"], result["job_id"]) == ("ibmq_montreal", "c2b04fot418h0qp0peh0")


def test_whatever_a_program_dies_of_is_its_traceback() -> None:
    """A program may raise anything; its job fails with that."""

    def broken(inputs: Any, _submission: Submission, _rng: Rng) -> Output:
        return Output(result=inputs["missing"])

    output = CannedExecution({"broken": broken}).start(submission("broken", "{}"), Ids(0).stream())
    assert output.error is not None
    assert output.error.endswith("KeyError: 'missing'\n")


def test_a_program_that_was_uploaded_answers_its_inputs() -> None:
    """Nobody knows what it does."""
    assert result_of("mine", a=1, b=["x"]) == {"a": 1, "b": ["x"]}
    assert run("mine").result == {}


def test_programs_can_be_given_bodies_of_their_own() -> None:
    """Instead of the catalogue, so that a test decides what is computed."""

    def double(inputs: Any, _submission: Submission, _rng: Rng) -> Output:
        return Output(result=inputs["x"] * 2)

    execution = CannedExecution({"double": double})
    assert execution.start(submission("double", '{"x": 21}'), Ids(0).stream()).result == 42
    assert execution.start(submission("vqe", '{"x": 21}'), Ids(0).stream()).result == {"x": 21}


def test_a_failure_is_a_traceback_with_its_reason_last() -> None:
    """The reason is the last line, as the scenario gave it."""
    assert failure("KeyError: 'x'").error == (
        "Traceback (most recent call last):\n  File \"program.py\", line 1, in main\nKeyError: 'x'\n"
    )
