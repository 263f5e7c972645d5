# Every target makes its own .venv and installs what it needs; it installs again when pyproject.toml changes.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
REPORT := report
# Versions of all packages for development, so that every checkout and CI use the same.
LOCK := tests/constraints-dev.txt
# Tests run beside each other on small arrays: threads of BLAS libraries would only wait for one another.
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1

# What `make coverage` compares with, and the tests that it runs: all where none are named.
BASE := main
TESTS :=

# What `make gpu` needs: the CUDA version of the driver; DRY_RUN=1 runs on the host instead, PART=NAME one part alone.
CUDA ?= 13
GPU_STAMP := $(VENV)/.$(if $(DRY_RUN),dev,cuda$(CUDA))

# What `make fuzz` spends, and where it writes what came of it.
SECONDS := 600
FUZZ_LOG := results/fuzz.json

.PHONY: report gpu formal plants test test-slow test-deep test-lowest coverage fuzz lint lock chapters docs clean

report: $(VENV)/.base
	@# Status 1 says that something is refuted or undecided: the report is there all the same, and says what.
	@$(BIN)/purecheck report --out $(REPORT) || [ $$? -eq 1 ]

test: $(VENV)/.dev
	$(ONE_THREAD) $(BIN)/pytest -n auto -m "not deep and not slow and not browser"

test-slow: $(VENV)/.dev
	$(ONE_THREAD) $(BIN)/pytest -n auto -m "(slow or browser) and not deep"

# All that needs a CUDA device, in at most five minutes; it goes on after a part that fails, and keeps what each found.
gpu: $(GPU_STAMP)
	@mkdir -p build
	$(BIN)/python -m gpu_experiments.device_run $(if $(DRY_RUN),--dry-run) $(addprefix --part ,$(PART)) \
	  --json $(if $(DRY_RUN),build/dry-run,results/device).json --log $(if $(DRY_RUN),build/dry-run,build/device).log

test-deep: $(VENV)/.deep
	$(ONE_THREAD) $(BIN)/pytest -m deep

# Compiles the Rocq development and keeps the result, which later reports show; says what to install if Rocq is missing.
formal: $(VENV)/.base
	@$(ONE_THREAD) $(BIN)/python -m purecheck.formal

plants: $(VENV)/.base
	$(BIN)/python -m purecheck.runs.plants

# With the lowest versions that pyproject.toml allows: what reads, writes, computes and prints, from end to end.
LOWEST := .venv-lowest
test-lowest: $(LOWEST)/.dev
	$(ONE_THREAD) NUMBA_CACHE_DIR=$(CURDIR)/$(LOWEST)/numba $(LOWEST)/bin/pytest -n auto -m "not deep and not slow and not browser" \
	  tests/numerics tests/fuzz tests/gpu_experiments/test_prepare.py tests/gpu_experiments/test_inheritance.py \
	  tests/purecheck/records tests/purecheck/test_cli.py tests/purecheck/test_report.py \
	  tests/purecheck/test_untrusted.py tests/purecheck/test_simulate.py tests/purecheck/test_evaluate.py

# The lines that were changed since BASE, and are not in compiled loops, must be run by the tests.
coverage: $(VENV)/.dev
	$(ONE_THREAD) $(BIN)/pytest -n auto -m "not deep and not slow and not browser" --cov --cov-report=xml $(TESTS)
	$(BIN)/diff-cover coverage.xml --compare-branch=$(BASE) --fail-under=90

fuzz: $(VENV)/.dev
	$(ONE_THREAD) $(BIN)/python -m tests.fuzz $(SECONDS) $(FUZZ_LOG)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --config-file tests/mypy.ini
	$(BIN)/lint-imports

# Resolves the newest versions of all packages for development anew, for every Python and platform at once.
lock: | $(BIN)/python
	$(PIP) uv
	$(BIN)/uv pip compile --quiet --universal --upgrade --no-emit-index-url --custom-compile-command "make lock" \
	  --extra dev --extra docs --output-file $(LOCK) pyproject.toml

# Tests compare the chapters in the repository with the ledger, so that CI fails on a stale one.
chapters: $(VENV)/.base
	$(BIN)/python docs/chapters.py

docs: $(VENV)/.docs
	$(BIN)/sphinx-build -W -q -b html docs docs/_build/html
	@echo "open $(CURDIR)/docs/_build/html/index.html"

clean:
	rm -rf $(VENV) $(LOWEST) $(REPORT) docs/_build build/formal

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.base: pyproject.toml $(LOCK) | $(BIN)/python
	@echo 'Installing purecheck and what it needs into $(VENV), which takes a few minutes the first time ...'
	$(PIP) --constraint $(LOCK) --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml $(LOCK) | $(BIN)/python
	$(PIP) --constraint $(LOCK) --editable '.[dev]'
	@touch $@

$(VENV)/.cuda$(CUDA): pyproject.toml $(LOCK) | $(BIN)/python
	$(PIP) --constraint $(LOCK) --editable '.[dev,cuda$(CUDA)]'
	@touch $@

$(LOWEST)/.dev: pyproject.toml tests/constraints-lowest.txt
	$(PYTHON) -m venv $(LOWEST)
	$(LOWEST)/bin/python -m pip install --quiet --disable-pip-version-check \
	  --constraint tests/constraints-lowest.txt --editable '.[dev]'
	@touch $@

$(VENV)/.deep: pyproject.toml $(LOCK) tests/constraints-deep.txt | $(BIN)/python
	$(PIP) --constraint $(LOCK) --constraint tests/constraints-deep.txt --editable '.[dev,deep]'
	@touch $@

$(VENV)/.docs: pyproject.toml $(LOCK) | $(BIN)/python
	$(PIP) --constraint $(LOCK) --editable '.[docs]'
	@touch $@
