"""Small devices for tests: qubits in a line, all alike."""

from __future__ import annotations

from mock_runtime.domain.backends import (
    CONTROL_FLOW,
    Backend,
    Calibration,
    GateCalibration,
    QubitCalibration,
    Series,
)

SIMULATOR = Backend(name="simulator", n_qubits=32, simulator=True)


def line(n_qubits: int, *, two_qubit_error: float = 0.01, readout: tuple[float, float] = (0.01, 0.02)) -> Backend:
    """A device of qubits in a line, with sx, x, rz and cz, and errors as given."""
    pairs = [(number, number + 1) for number in range(n_qubits - 1)]
    qubit = QubitCalibration(
        t1_s=200e-6,
        t2_s=150e-6,
        frequency_hz=None,
        anharmonicity_hz=None,
        readout_error=sum(readout) / 2,
        prob_meas1_prep0=readout[0],
        prob_meas0_prep1=readout[1],
        readout_length_s=1e-6,
    )
    single = [
        GateCalibration(gate=gate, qubits=(number,), error=2e-4, length_s=32e-9)
        for number in range(n_qubits)
        for gate in ("sx", "x", "id")
    ]
    double = [GateCalibration(gate="cz", qubits=pair, error=two_qubit_error, length_s=68e-9) for pair in pairs]
    calibration = Calibration(id="today", at=0.0, qubits=(qubit,) * n_qubits, gates=(*single, *double))
    return Backend(
        name=f"line_{n_qubits}",
        n_qubits=n_qubits,
        coupling=(*pairs, *(pair[::-1] for pair in pairs)),
        basis_gates=("cz", "id", "rz", "sx", "x"),
        control_flow=CONTROL_FLOW,
        dt_s=4e-9,
        calibrations=Series((calibration,)),
    )
