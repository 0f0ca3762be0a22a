"""Recordings of exchanges with a server: written without secrets, read with care, replayed, and compared.

`Recorder` writes one, `read` reads it into a `Recording`, `Replay` answers from it, and `compare` sends its requests to
another server and says in what the shape of its answers differs.
"""

from runtime_contracts.recording.accepting import Accepted, InvalidAcceptedError, load_accepted
from runtime_contracts.recording.comparing import Sent, compare
from runtime_contracts.recording.reading import DamagedLine, InvalidRecordingError, read
from runtime_contracts.recording.record import FORMAT, Recording
from runtime_contracts.recording.redaction import Redaction
from runtime_contracts.recording.replaying import Replay
from runtime_contracts.recording.writing import Recorder, RecordingExistsError

__all__ = [
    "FORMAT",
    "Accepted",
    "DamagedLine",
    "InvalidAcceptedError",
    "InvalidRecordingError",
    "Recorder",
    "Recording",
    "RecordingExistsError",
    "Redaction",
    "Replay",
    "Sent",
    "compare",
    "load_accepted",
    "read",
]
