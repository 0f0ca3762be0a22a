"""The engine that computes: needs Qiskit, and runs in a process of its own."""
