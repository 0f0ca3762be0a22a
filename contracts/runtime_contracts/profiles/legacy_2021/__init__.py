"""The edition of 2021: how its servers and clients are driven and held to the contract."""
