"""What all tests share: pytest's own `pytester`, for tests of the pytest plugin and of the examples."""

pytest_plugins = ["pytester"]
