"""Circuits as clients pack them, made with Qiskit 2.6.2 and, the old ones, with Qiskit 1.3.2 and symengine 0.13."""

from __future__ import annotations

from typing import Any, Final

BELL_13: Final = (
    "eNoL9Az29gzhZWJjYoAAxoJCBpY0Bg4gkwmKGdDYrCAiKTUnB8pnqK4tZATLMzIWMqACxmSIDAtjbmpiMboknMWGIYIKgiPcE0tS"
    "C1HUMmEqA2lndI6Cqy0Ei7Hj1gAGTolFRZmpRVh0MOJwki/QL6VFEDuSwSIk6GBMhqr5jwRg6gDwAyWV"
)
"""Two qubits, sx and cz, measured into `meas`; QPY 13."""

BELL_17: Final = (
    "eNoL9Az29gwRZGJjYoAAxoJCKEuGgSWNgQPIYIJiBjQ2K4hISs3JgfIZqmsLGcHyjIwwQ2CAMRkiw8KYm5pYjC6JwmPDKooAwRHu"
    "iSWphShqmTCVgbQzOkfB1RaCxdhxawADp8SioszUIiw6GHE4yRfon9IiiB3JYBESdDAmQ9X8RwIwdQBaeiW1"
)
"""Two qubits, sx and cz, measured into `meas`; QPY 17."""

BELL_18: Final = (
    "eNoL9Az29gwRYmJjYoAAxoJCKEuGgSWNgQPIYIJiBjQ2K4hISs3JgfIZqmsLGcHyjIyMYFOSIVwWRsbc1MRiBkzABrOVATsIjnBP"
    "LEktRFHLhKkMpJ3ROQquthAsxo5bAxg4JRYVZaYWYdHBiMNJvkBflBZB7EgGi5CggzEZrOY/EoCpAgCJTyW2"
)
"""Two qubits, sx and cz, measured into `meas`; QPY 18."""

REGISTERS_13: Final = (
    "eNoL9Az29gzhZWJjYoAAxoJCBpY0Bg4gkxmIuaDCTFA+A4wuSk0vhvIZqmsLGcHijIyFDKiAEaY/GcTiZGBhLM9MScWlCNkCIGCB"
    "0qxQmg1Ks0NpDrChjAxsjHmJRUX55VBhTrjBrGgWoIMI98SS1EIUMxlxKPdNTSwuLYIoTgbZTYoOxmSos/4jAZg6AJ4WIes="
)
"""Three qubits, the registers `wide` of nine bits and `narrow` of one, two bits measured; QPY 13."""

REGISTERS_17: Final = (
    "eNoL9Az29gwRZGJjYoAAxoJCKEuGgSWNgQPIYAZiLqggE5TPAKOLUtOLoXyG6tpCRrA4IyPMEBhghOlPBrE4GVgYyzNTUnEpQrYA"
    "CFigNCuUZoPS7FCaA2woIwMbY15iUVF+OVSYE8VwVjRL0EGEe2JJaiGKuYw4lPumJhaXFkEUJ4PsJ0UHYzLUaf+RAEwdABRNIgs="
)
"""Three qubits, the registers `wide` of nine bits and `narrow` of one, two bits measured; QPY 17."""

REGISTERS_18: Final = (
    "eNoL9Az29gwRYmJjYoAAxoJCKEuGgSWNgQPIYAZiLqggE5TPAKOLUtOLoXyG6tpCRrA4IyMj2JRkEJeTgYWRsTwzJRUuwsjAxsiY"
    "l1hUlF8OlkcFrDCXMGAHEe6JJakQR7IjKcWm3Dc1sbi0CKI4GYg5SNHBmAx23H8kAFMFAM8rIeg="
)
"""Three qubits, the registers `wide` of nine bits and `narrow` of one, two bits measured; QPY 18."""

PARAMETERS_13: Final = (
    "eNoL9Az29gzhZWJjYoAAxoJCBuY0Bg4QE4pBgAmKQYAFRBQkFkG5DNW1hRCljIyFMLFkiAgLY25qYjEDOmBDMx0dBEW5J5akgg1L"
    "hQoFwNwHpZUZMtE0MRY8ubJp47dyX+Zm6fIV+8Mb/AoKEJLoconkOKIWKTTAjmDCtHPe35Vy+l9c7Rd2GEblFrXYlpUhHAGlmdHV"
    "wOTL8LuYHc0cdOCUWFSUmVoEiQRkxdg0+AIjprQI4r9kqNh/JABTBwD9t1jP"
)
"""One qubit, rz of `a + 1` and of `v[1] * a`, measured; QPY 13."""

PARAMETERS_17: Final = (
    "eNoL9Az29gwRZGJjYoAAxoJCKEuGgTmNgQMkBMUgwATFIMACIgoSi6BchuraQohSRkaYGQzJEBEWxtzUxGIGbIANzQZ0EBTlnliS"
    "CjYwFSoUAHMrlFZmyETTxFjw5Mqmjd/KfZmbpctX7A9v8CsoQEiiyyWS44hapBABO4IJ0855f1fK6X9xtV/YYRiVW9RiW1aGcASU"
    "ZkZXA5Mvw+9idjRz0IFTYlFRZmoRJCKQFWPT4AuMnNIiiP+SoWL/kQBMHQB43ljv"
)
"""One qubit, rz of `a + 1` and of `v[1] * a`, measured; QPY 17."""

PARAMETERS_18: Final = (
    "eNoL9Az29gwRYmJjYoAAxoJCKEuGgTmNgQMkBMUgwATFIMACIgoSi6BchuraQohSRkZGsCHJEC4LI2NuamIxTBlIAZTFPO/vSjn9"
    "L672CzsMo3KLWmzK4IrY0CxGB0FR7oklqWBrUqFCAXDzIUCZIRNNE2PBkyubNn4r92Vuli5fsT+8wa+gACGJLpdIjiNSkAIK7Agm"
    "TDvRfG1bVoZhMiN+h7GjeRUdOCUWFWWmFkGiElkxNg2+wMgpLYJ4Ixks8h8JwFQBAFx0WNk="
)
"""One qubit, rz of `a + 1` and of `v[1] * a`, measured; QPY 18."""

OLD_SYMENGINE: Final = (
    "eNoL9Az29gzhZmRmYoAAxtRCBuY0Bg4QE4pBgAmKQUAgPycFymSori2EKGNkLISJJcNEkhnQARuaseggKMo9sSQVbFIqVKgc5jAo"
    "7Qlk8IJ4DQIQNzWADJXQdQn5rcjpAFPFDBTnZUBy9LkdLEAhZIMMCwrg9jK5uIpq/DzkcXl7mq1QwdP4Ved2kOPWiWhuTYa7lR/q"
    "Vkao21Acgu4yYxiDFdMXbLT3RSWaL7wxfIHsJF3DAQ1zRluE7WBwFKtr4Q5gQnIsKAGhu9CACT3sYTJJGEHPjulhDnQ1nOgCXDBN"
    "LFCRsmiDWG7SwglJlvHeao6vPDUO3r3mv23dclm3J5WVISRhntVidBB4lenbs+XJmobA3X+4YArKyEkffmimK8BDXBka4miBQv0k"
    "Go/mBEO4EwShTpBHknVlpoebcAeLLL2CBbcTVAfeCZoD7wStgXeC7sA7wZdeTviK1HgAgW6MqhtrycuMWUIaxbJAK09W9JISvVQ2"
    "YsfUbhiLUS4TUUpyw+TLiFDMA/MrWUXqDDTTszDKMxVowPBD6yw2uHEP7ElpLrCjBxf1oz0OzTMGGJ5BcyQzqn/2U99JtWgp0YgY"
    "J6HW/hTUyEDB/0gAphAAAPNWaA=="
)
"""One qubit, sixteen rz with expressions of θ, b and v[0..2], as dumps of symengine; QPY 11."""

OLD_SYMPY: Final = (
    "eNoL9Az29gzhZmRmYoAAxoJCBuY0Bg4QE4pBgAmKQUAgPycFymSori2EKGNkLISJJcNEkhnQARuaseggKMo9sSQVbFIqVCgL5jAo"
    "beOYkqIRXJmblJ+joX5uh7qmjoJbTn5iiYa6sZ6hiaGppZGZqbGphaW5pbGhuo5CQVFqcmZxZn6eramxpmZBAdwqJhdXUY2fhzwu"
    "b0+zFSp4Gr/q3A5ynOeP5jxF39IcjaDEEqCNiTkahjoKxkAHIjuXBm7wQXODHMgNnnklqempRRq6hrR3wGoozQyljUEOgNlZFm0Q"
    "C4ol5HhLUkd3FAFXIcky3lvN8ZWnxsG71/y3rVsu6/aksjKEJMwlWowOAq8yfXu2PFnTELj7DxdMQRk5/rNHM12wODNPg8ZhimFn"
    "akUB3e3MyU+nu50liTQPWwc0O4US6RChmJYm5xfT31I6BC9GlDom0dyji5AqKhCwQC5uyqINwUUQetlshFQKlUUbxYLKISIKE26Y"
    "fBkRinlgDiOr5ClEM905IL9cA5RuQF6B1nsGeqboFR164aqjAKsOjGgR+DFortQDuRJrHa2LxbE0cFAmWmqQw3QQUlVESd0DFPyP"
    "BGAKAVgqsBE="
)
"""The same as texts of sympy; QPY 11."""


def circuit(packed: str) -> Any:
    """The JSON of a circuit."""
    return {"__type__": "QuantumCircuit", "__value__": packed}


SUBSTITUTED_14: Final = (
    "eNoL9Az29gzhY2JgZoAAxoJCBu40Bg4QkwEBmJD4LCAiObMouTSzRNfQ1NxB6GZNvbHiperaQkawMkbGQgZ0wAYznwE7CI5wTyxJLYSr"
    "ZcSjNigKrjYV6jxeqBQrlD7BUDDPc65WjZyP+cqnhrN2bOVMTINpd+BU/B3ioivBXwoVMIPJ5OGwkJGBtYxBpSQjtSQRHBJgsbJg7/+2"
    "D5wuL/UMCLCxU4EFIENRJdxgTSIMLmAQL6qMNohlYP1xaO5HdQbnpv0dpvk+72wWJual56QWFMAVE1AgzsCK7mWIi7ELl5VB9akQ4yVi"
    "1FDfRGS/YfU8LmEapTZYEuK4pGhcX3NTyQHI/o8EYFoAdzqePg=="
)
"""A rotation by a parameter that the transpiler made of another one; QPY 14 of Qiskit 2.0.3, which lists both."""
