"""A script of somebody else's, as the tutorials have it: IBM's client, and not a word of a fake."""

from qiskit import QuantumCircuit
from qiskit.transpiler import generate_preset_pass_manager
from qiskit_ibm_runtime import QiskitRuntimeService, SamplerV2

service = QiskitRuntimeService(token="a-key")
backend = service.least_busy(operational=True, simulator=False)
circuit = QuantumCircuit(2)
circuit.h(0)
circuit.cx(0, 1)
circuit.measure_all()
isa = generate_preset_pass_manager(optimization_level=1, backend=backend).run(circuit)
job = SamplerV2(mode=backend).run([isa], shots=1000)
counts = job.result()[0].data.meas.get_counts()
assert sum(counts.values()) == 1000, counts
assert counts["00"] > 350, counts
assert counts["11"] > 350, counts
print(f"a Bell pair on {backend.name}: {counts}")
