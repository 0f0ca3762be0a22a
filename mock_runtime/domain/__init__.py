"""What is true of jobs, programs, backends and instances at an instant.

Pure: no HTTP, no clock, no randomness, no I/O. `now` is always an argument, in seconds since 1970-01-01 UTC.
"""
