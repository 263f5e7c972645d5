# Every target makes its own .venv and installs what it needs; it installs again when pyproject.toml changes.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
REPORT := report
# Tests run beside each other on small arrays: threads of BLAS libraries would only wait for one another.
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1

# What `make fuzz` spends, and where it writes what came of it.
SECONDS := 600
FUZZ_LOG := results/fuzz.json

.PHONY: report formal plants test test-slow test-deep test-lowest fuzz lint docs clean

report: $(VENV)/.base
	@# Status 1 says that something is refuted or undecided: the report is there all the same, and says what.
	@$(BIN)/purecheck report --out $(REPORT) || [ $$? -eq 1 ]

test: $(VENV)/.dev
	$(ONE_THREAD) $(BIN)/pytest -n auto -m "not deep and not slow and not browser"

test-slow: $(VENV)/.dev
	$(ONE_THREAD) $(BIN)/pytest -n auto -m "(slow or browser) and not deep"

test-deep: $(VENV)/.deep
	$(ONE_THREAD) $(BIN)/pytest -m deep

# Compiles the Rocq development and keeps the result, which later reports show; says what to install if Rocq is missing.
formal: $(VENV)/.base
	@$(ONE_THREAD) $(BIN)/python -m purecheck.formal

plants: $(VENV)/.base
	$(BIN)/python -m purecheck.plants

# With the lowest versions that pyproject.toml allows: what reads, writes, computes and prints, from end to end.
LOWEST := .venv-lowest
test-lowest: $(LOWEST)/.dev
	$(ONE_THREAD) NUMBA_CACHE_DIR=$(CURDIR)/$(LOWEST)/numba $(LOWEST)/bin/pytest -n auto -m "not deep and not slow and not browser" \
	  tests/numerics tests/fuzz tests/gpu_experiments/test_prepare.py tests/gpu_experiments/test_inheritance.py \
	  tests/purecheck/records tests/purecheck/test_cli.py tests/purecheck/test_report.py \
	  tests/purecheck/test_untrusted.py tests/purecheck/test_simulate.py tests/purecheck/test_evaluate.py

fuzz: $(VENV)/.dev
	$(ONE_THREAD) $(BIN)/python -m tests.fuzz $(SECONDS) $(FUZZ_LOG)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(VENV)/.docs
	$(BIN)/sphinx-build -W -q -b html docs docs/_build/html
	@echo "open $(CURDIR)/docs/_build/html/index.html"

clean:
	rm -rf $(VENV) $(LOWEST) $(REPORT) docs/_build build/formal

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.base: pyproject.toml | $(BIN)/python
	$(PIP) --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	$(PIP) --editable '.[dev]'
	@touch $@

$(LOWEST)/.dev: pyproject.toml tests/constraints-lowest.txt
	$(PYTHON) -m venv $(LOWEST)
	$(LOWEST)/bin/python -m pip install --quiet --disable-pip-version-check \
	  --constraint tests/constraints-lowest.txt --editable '.[dev]'
	@touch $@

$(VENV)/.deep: pyproject.toml tests/constraints-deep.txt | $(BIN)/python
	$(PIP) --constraint tests/constraints-deep.txt --editable '.[dev,deep]'
	@touch $@

$(VENV)/.docs: pyproject.toml | $(BIN)/python
	$(PIP) --editable '.[docs]'
	@touch $@
