# make demo and make test work as the first command on a fresh machine: both install first when needed.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: install demo demo-mamba test lint types test-full bench clean

install: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "starfree needs Python 3.11 or newer; run make with PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test,bench]'
	@touch $@

demo: $(STAMP)
	@$(BIN)/python benchmarks/demo.py

demo-mamba: $(STAMP)
	@$(BIN)/python benchmarks/demo_mamba.py

test: lint types
	$(BIN)/python -m pytest

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

# The counts of the issue. A run that is stopped goes on where it was, until a file changes.
test-full: $(STAMP)
	STARFREE_FULL=1 $(BIN)/python -m pytest

bench: $(STAMP)
	@for script in $(filter-out benchmarks/demo%.py,$(wildcard benchmarks/*.py)); do echo "== $$script"; $(BIN)/python $$script || exit 1; done

clean:
	rm -rf $(VENV) .full .mypy_cache .pytest_cache .ruff_cache build src/*.egg-info
