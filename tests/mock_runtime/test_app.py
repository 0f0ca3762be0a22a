"""The composition root, and the package as its users import it."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import mock_runtime
from mock_runtime import Config, InvalidConfig, ManualClock, create_app, runtime_of
from mock_runtime.domain.results import Output
from mock_runtime.execution import Submission
from mock_runtime.ids import Ids
from mock_runtime.store.memory import MemoryStore
from tests.mock_runtime.fakes import EDITION_2021, Account, new_fake

if TYPE_CHECKING:
    from mock_runtime.domain.jobs import Job
    from mock_runtime.ids import Rng


@pytest.mark.parametrize("name", mock_runtime.__all__)
def test_every_exported_name_can_be_imported(name: str) -> None:
    """And is what its name says."""
    assert getattr(mock_runtime, name).__name__ == name
    assert name in dir(mock_runtime)


def test_exported_names_are_sorted_and_have_a_home() -> None:
    """The list and the table of homes say the same."""
    assert mock_runtime.__all__ == sorted(mock_runtime._HOMES)


def test_other_names_are_not_there() -> None:
    """With the usual error."""
    with pytest.raises(AttributeError, match="module 'mock_runtime' has no attribute 'nothing'"):
        _ = mock_runtime.nothing


def test_importing_the_package_imports_nothing_else() -> None:
    """Whoever only wants its version pays for nothing."""
    script = (
        "import sys, mock_runtime; print(sorted(m for m in sys.modules if m.startswith(('mock_runtime.', 'flask'))))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_the_example_of_the_package_works() -> None:
    """As it stands in its docstring."""
    client = create_app(Config(edition="2021", scenario={"polls": 1}), clock=ManualClock()).test_client()
    headers = {"Authorization": "Bearer any-token"}
    job = client.post("/jobs", json={"programId": "runtime-simple"}, headers=headers).get_json()["id"]
    assert [client.get(f"/jobs/{job}/results", headers=headers).status_code for _ in range(2)] == [204, 200]


def test_an_application_needs_nothing() -> None:
    """Real time, a seed of its own, and any token."""
    app = create_app()
    assert app.test_client().get("/api/v1/versions").status_code == 200
    assert repr(runtime_of(app)) == f"<Runtime platform, seed {runtime_of(app).ids.seed}>"
    runtime_of(app).close()


def test_an_unknown_edition_is_refused() -> None:
    """With the ones there are."""
    with pytest.raises(InvalidConfig, match=r"^edition: there is no 'legacy-1999'; known are platform, legacy-2021$"):
        create_app(Config(edition="legacy-1999"))


def test_two_fakes_share_nothing() -> None:
    """Jobs, programs, scenario and clock of each are its own."""
    first, second = new_fake(), new_fake()
    first.account().submit()
    first.account().upload()
    first.runtime.script.set(run="9s")
    first.clock.advance(5)
    assert second.account().get("/jobs").get_json()["count"] == 0
    assert len(second.account().get("/programs").get_json()) == 6
    assert second.runtime.script.current.default.run is None
    assert second.clock.now() == first.clock.now() - 5


def test_every_part_can_be_replaced() -> None:
    """Clock, ids, store and execution come from outside if they are given."""

    class Answers:
        """Runs every program in the same way."""

        closed = False

        def start(self, submission: Submission, rng: Rng) -> Output:
            """The program, its inputs, where, and whether there was something to draw from."""
            name, drawn = submission.backend.name, 0 <= rng.random() < 1
            return Output(result=[submission.program_id, *submission.inputs, name, drawn])

        def close(self) -> None:
            """Remember it."""
            self.closed = True

    clock, ids, store, execution = ManualClock(0), Ids(5), MemoryStore(), Answers()
    config = Config(edition=EDITION_2021, scenario={"queue": 0, "run": 0})
    app = create_app(config, clock=clock, ids=ids, store=store, execution=execution)
    alice = Account(app.test_client(), {"Authorization": "Bearer alice"})
    job = alice.submit(programId="vqe", params=["{}"])
    assert alice.get(f"/jobs/{job}/results").get_json(force=True) == [
        *("vqe", "{}", "ibmq_qasm_simulator"),
        True,
    ]
    assert store.job(job).submitted_at == 0.0
    assert job == Ids(5).job_id(0.0)
    assert not execution.closed
    runtime_of(app).close()
    assert execution.closed


@pytest.mark.parametrize("prefix", ["/runtime", "/a/b-c.d/"])
def test_an_api_can_stand_under_a_prefix(prefix: str) -> None:
    """The account service with it, not so the control plane; what is outside is refused in the same words."""
    fake = new_fake(prefix=prefix)
    client, headers = fake.client, {"Authorization": "Bearer x"}
    assert client.get(f"{prefix.rstrip('/')}/programs", headers=headers).status_code == 200
    assert client.get(f"{prefix.rstrip('/')}/api/version").status_code == 200
    login = client.post(f"{prefix.rstrip('/')}/api/users/loginWithToken", json={"apiToken": "x"}).get_json()["id"]
    user = client.get(f"{prefix.rstrip('/')}/api/users/me", headers={"X-Access-Token": login}).get_json()
    assert user["urls"]["http"] == f"http://localhost{prefix.rstrip('/')}/api"
    assert user["urls"]["services"]["runtime"] == f"http://localhost{prefix.rstrip('/')}"
    assert client.get("/_mock/health").status_code == 200
    for path in ("/programs", "/nothing", f"{prefix.rstrip('/')}/nothing", f"{prefix.rstrip('/')}x"):
        answer = client.get(path, headers=headers)
        assert answer.status_code == 404
        assert answer.get_json()["errors"][0]["code"] == "not_found"
    fake.runtime.check()


class Broken(MemoryStore):
    """A store with a bug."""

    def add_job(self, job: Job) -> None:
        """Fail, as no request can make it fail."""
        raise ZeroDivisionError(f"a secret of the implementation about {job.program_id}")


def test_a_bug_of_the_fake_is_a_500_that_tells_nothing_and_is_remembered(caplog: pytest.LogCaptureFixture) -> None:
    """The caller gets the envelope, the log the traceback, and `check` raises the first error."""
    app = create_app(Config(edition=EDITION_2021), clock=ManualClock(), store=Broken())
    alice = Account(app.test_client(), {"Authorization": "Bearer alice"})
    with caplog.at_level(logging.ERROR, "mock_runtime"):
        answer = alice.post("/jobs", json={"programId": "vqe"})
    assert answer.status_code == 500
    assert answer.get_json()["errors"][0]["code"] == "internal_error"
    assert "this is a bug of the mock" in answer.get_json()["errors"][0]["message"]
    assert "secret" not in answer.text
    assert [record.getMessage() for record in caplog.records] == ["POST /jobs: a bug of the mock"]
    assert caplog.records[0].exc_info
    with pytest.raises(ZeroDivisionError, match="a secret of the implementation"):
        runtime_of(app).check()


def test_a_refused_request_is_no_bug() -> None:
    """Nothing is remembered of the mistakes of clients."""
    fake = new_fake()
    for method, path in (("GET", "/nothing"), ("PATCH", "/jobs"), ("POST", "/jobs")):
        fake.account().call(method, path)
    fake.runtime.check()
    assert not fake.runtime.bugs


def test_a_long_run_remembers_its_last_bugs(caplog: pytest.LogCaptureFixture) -> None:
    """A hundred of them: a server that goes wrong for days does not fill up."""
    app = create_app(Config(edition=EDITION_2021), clock=ManualClock(), store=Broken())
    alice = Account(app.test_client(), {"Authorization": "Bearer alice"})
    with caplog.at_level(logging.CRITICAL, "mock_runtime"):
        statuses = {alice.post("/jobs", json={"programId": "vqe"}).status_code for _ in range(102)}
    assert statuses == {500}
    assert len(runtime_of(app).bugs) == 100
