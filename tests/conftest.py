"""What all tests share: pytest's own `pytester`, and examples that are the same in every run."""

from hypothesis import settings

pytest_plugins = ["pytester"]

# A test has one outcome; new examples are looked for by `make fuzz`.
settings.register_profile("repeatable", derandomize=True, database=None)
settings.load_profile("repeatable")
