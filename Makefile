# The front door. Every target makes or refreshes .venv by itself; nothing is needed but Python and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.voxlink-installed

.DEFAULT_GOAL := help
.PHONY: help play test long chaos check format bench docs fuzz clean

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

$(STAMP): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "voxlink needs Python 3.11 or later")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable ".[all]" --group dev
	touch $(STAMP)

play: $(STAMP) ## play the bundled piece through a node and a voice server on this machine
	$(BIN)/voxlink play

test: $(STAMP) ## run every test
	$(BIN)/python -m pytest -q -n 2 --dist loadfile

long: $(STAMP) ## the full form of the campaigns whose short form is in test
	$(BIN)/python -m pytest -q -m long

chaos: $(STAMP) ## three hundred players through ten bad minutes of virtual time, three seeds twice
	$(BIN)/python -m pytest -q -m long tests/client/chaos

check: $(STAMP) ## format check, lint, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright --warnings

format: $(STAMP) ## format and mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMP) ## print the tables of benchmarks/
	$(BIN)/python -m benchmarks

docs: $(STAMP) ## make the generated parts of docs/ anew
	$(BIN)/python -m docs.generate

fuzz: $(STAMP) ## the long fuzzing campaigns
	$(BIN)/python -m pip install --quiet --group fuzz
	$(BIN)/python -m fuzz
	$(BIN)/python -m fuzz.voice --jobs 2

clean: ## remove what make made
	rm -rf $(VENV) dist build .pytest_cache .ruff_cache .hypothesis
