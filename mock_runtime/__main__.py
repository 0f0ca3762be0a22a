"""`python -m mock_runtime` is `mock-runtime`."""

from mock_runtime.cli import main

if __name__ == "__main__":
    main(prog_name="mock-runtime")
