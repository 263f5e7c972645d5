# Every target makes its own .venv and installs what it needs; it installs again when pyproject.toml changes.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
REPORT := report
# Tests run beside each other on small arrays: threads of BLAS libraries would only wait for one another.
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1

.PHONY: report plants test test-deep lint docs clean

report: $(VENV)/.base
	@$(BIN)/purecheck report --out $(REPORT)

test: $(VENV)/.dev
	$(ONE_THREAD) $(BIN)/pytest -n auto -m "not deep"

test-deep: $(VENV)/.deep
	$(ONE_THREAD) $(BIN)/pytest -m deep

plants: $(VENV)/.base
	$(BIN)/python -m purecheck.plants

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(VENV)/.docs
	$(BIN)/sphinx-build -W -q -b html docs docs/_build/html
	@echo "open $(CURDIR)/docs/_build/html/index.html"

clean:
	rm -rf $(VENV) $(REPORT) docs/_build

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.base: pyproject.toml | $(BIN)/python
	$(PIP) --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	$(PIP) --editable '.[dev]'
	@touch $@

$(VENV)/.deep: pyproject.toml tests/constraints-deep.txt | $(BIN)/python
	$(PIP) --constraint tests/constraints-deep.txt --editable '.[dev,deep]'
	@touch $@

$(VENV)/.docs: pyproject.toml | $(BIN)/python
	$(PIP) --editable '.[docs]'
	@touch $@
