"""The journal: what was asked and answered, to be looked at, searched and asserted on."""
