"""The edition of today: how its servers and clients are driven and held to the contract."""
