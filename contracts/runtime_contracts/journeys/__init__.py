"""Journeys: short stories about a server, each a readable test of what a fuzzer of single operations cannot see."""

from runtime_contracts.journeys.journey import Journey, SkippedError, journey, skip
from runtime_contracts.journeys.running import Scene, run_journeys

__all__ = ["Journey", "Scene", "SkippedError", "journey", "run_journeys", "skip"]
