# Everything that is needed is Python 3.11 or later, make, and, the first time, a package index.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

WORKERS  ?= 2
SEED     ?= 20210508
EXAMPLES ?= 15

.DEFAULT_GOAL := help

.PHONY: help demo test lint types imports unit outside gates coverage bodies fuzz wheel test-clients bench format clean

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The environment is made once, and again when what it holds has changed: the second time needs no network.
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version.split()[0]; sys.version_info >= (3, 11) or sys.exit(f"Python 3.11 or later is needed, {v} was found: make PYTHON=/path/to/python3.12 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) (once)"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: $(STAMP) ## run the walkthrough of 2021 against a fake, and watch it
	@$(BIN)/mock-runtime demo

test: lint types imports unit coverage outside gates ## run every check and test

lint: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(STAMP)
	@$(BIN)/mypy

imports: $(STAMP)
	@$(BIN)/lint-imports --no-logo

# Measuring costs as much time as testing. What drives the whole from outside (programs of others, browsers, the examples of
# the documentation, the gates) goes over code that the tests of its parts have measured, and is not measured again.
OUTSIDE := tests/docs tests/javascript tests/vendor tests/mock_runtime/bad_days tests/mock_runtime/control/test_page_in_browser.py
PYTEST  := $(BIN)/python -m pytest -q -n $(WORKERS)

# Workers and the servers that these tests start are measured as well.
unit: $(STAMP)
	@rm -f .coverage .coverage.*
	@COVERAGE_PROCESS_START=$(CURDIR)/pyproject.toml COVERAGE_FILE=$(CURDIR)/.coverage \
		$(PYTEST) --dist worksteal tests --ignore tests/gates $(addprefix --ignore ,$(OUTSIDE))

outside: $(STAMP)
	@$(PYTEST) --dist worksteal $(OUTSIDE)

gates: $(STAMP)
	@$(PYTEST) --dist loadfile tests/gates

coverage: $(STAMP)
	@$(BIN)/coverage combine -q
	@$(BIN)/coverage report --fail-under=97
	@$(BIN)/coverage report --include 'mock_runtime/domain/*' --fail-under=100 --format=total --skip-empty > /dev/null

fuzz: $(STAMP) ## fuzz fake and client with a SEED and a number of EXAMPLES of your own
	@$(BIN)/python -m tests.gates.fuzz --seed $(SEED) --max-examples $(EXAMPLES)

bodies: $(STAMP) ## after a change of openapi/platform*.yaml: what the fake validates with
	@$(BIN)/python scripts/write_bodies.py

wheel: $(STAMP) ## build the wheel, install it alone and with its extras elsewhere, and run the main jobs from there
	@$(BIN)/python scripts/check_wheel.py

test-clients: $(STAMP) ## run the real clients against the fake, and write docs/compatibility.md (PYTHON39=/path/to/python3.9)
	@$(BIN)/python scripts/check_clients.py $(if $(PYTHON39),--python39 $(PYTHON39)) $(if $(CHECK),--check)

bench: $(STAMP) ## measure, as ratios to a bare Flask application
	@$(BIN)/python benchmarks/run.py

format: $(STAMP) ## put the code into its form
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format --quiet .

clean: ## remove the environment and everything that was made
	rm -rf $(VENV) dist build .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis reports
