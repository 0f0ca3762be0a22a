"""Faults: rules that say when the fake misbehaves, and how.

`reading.fault` makes a rule of a mapping, `armed.Faults` holds those of one world and decides about each call.
"""
