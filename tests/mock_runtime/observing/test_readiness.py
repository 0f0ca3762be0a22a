"""How far a server is."""

from __future__ import annotations

from mock_runtime.observing.readiness import Phase, Readiness


def test_a_server_is_ready_when_it_listens() -> None:
    """Not before, and not when it is about to go."""
    readiness = Readiness()
    assert (readiness.phase, readiness.status, readiness.is_ready) == (Phase.STARTING, 503, False)
    readiness.started()
    assert (readiness.phase, readiness.status, readiness.is_ready) == (Phase.READY, 200, True)
    readiness.stopping()
    assert (readiness.phase, readiness.status, readiness.is_ready) == (Phase.STOPPING, 503, False)
    assert repr(readiness) == "<Readiness stopping>"


def test_it_can_be_started_again() -> None:
    """As a LiveServer can."""
    readiness = Readiness()
    readiness.stopping()
    readiness.started()
    assert readiness.phase is Phase.READY


def test_it_answers_while_it_warms_up() -> None:
    """Twice at once, even, and before it listens: it is as warm as the last of them says."""
    readiness = Readiness()
    phases = []
    with readiness.warming():
        phases.append(readiness.phase)
        readiness.started()
        phases.append(readiness.phase)
        assert readiness.status == 200
        with readiness.warming():
            pass
        phases.append(readiness.phase)
    phases.append(readiness.phase)
    assert phases == [Phase.STARTING, Phase.WARMING, Phase.WARMING, Phase.READY]


def test_what_still_warms_up_does_not_revive_a_server_that_stops() -> None:
    """It ends in its own time, in a thread of its own."""
    readiness = Readiness()
    readiness.started()
    with readiness.warming():
        readiness.stopping()
        assert readiness.phase is Phase.STOPPING
    assert readiness.phase is Phase.STOPPING
