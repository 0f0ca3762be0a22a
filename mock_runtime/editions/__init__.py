"""The generations of the API, one folder each, over the same service."""
