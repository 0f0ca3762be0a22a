"""Faults: rules that say when the fake misbehaves, and how."""
