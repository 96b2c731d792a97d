# Everything a contributor types. `make` alone lists it.
# PYTHON=python3.13 make setup uses another interpreter; ARGS= is passed on.

PYTHON ?= python3
BIN := .venv/bin
MAKEFLAGS += --no-print-directory

.PHONY: help setup demo test check lint types floors house docs format pictures lock clean

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup:  ## .venv with the locked dependencies and the project; nothing to do if nothing changed
	@$(PYTHON) bootstrap.py

demo: setup  ## a hub, emulated channels and shoppers on this machine; ARGS="--orders 500 --exit"
	@$(BIN)/entrepot demo $(ARGS)

# What opens a store is tried on SQLite and then on PostgreSQL; pytest exits with 5 where ARGS leave it nothing.
test: setup  ## every test this machine can run, and why it skipped the others; ARGS="tests/ledger -k shelf"
	@$(BIN)/pytest $(ARGS) || [ $$? = 5 ]
	@ENTREPOT_TEST_STORE=postgres $(BIN)/pytest $(ARGS) || [ $$? = 5 ]

check: setup  ## format, lint, types, floors, house rules, docs: all of them, also when one fails
	@$(MAKE) --jobs=2 --keep-going --output-sync=target types lint floors house docs

lint: setup
	@$(BIN)/ruff format --check --quiet || { echo "make format would change the files above"; exit 1; }
	@$(BIN)/ruff check --quiet

types: setup
	@$(BIN)/mypy --no-error-summary

floors: setup
	@said=$$($(BIN)/lint-imports --no-logo) || { echo "$$said"; exit 1; }

house: setup
	@$(BIN)/python -m tools.house

docs: setup
	@$(BIN)/python -m tools.docs
	@$(BIN)/python -m tools.commands --check
	@$(BIN)/python -m tools.openapi --check
	@$(BIN)/python -m tools.platforms --check

format: setup  ## rewrite what can be formatted and mended without thinking, and what docs/ has from the code
	@$(BIN)/ruff check --quiet --fix-only
	@$(BIN)/ruff format
	@$(BIN)/python -m tools.commands
	@$(BIN)/python -m tools.openapi
	@$(BIN)/python -m tools.platforms

pictures: setup  ## docs/pictures anew, of a hub of their own; needs Chromium
	@$(BIN)/python -m tools.pictures

# Names, versions, markers and hashes, and no registry's address. Needs uv, from the path or from .tools.
# ARGS=--upgrade moves every pin to the newest; ARGS="--upgrade-package litestar" moves one.
UV = $(or $(shell command -v uv),.tools/bin/uv)
COMPILE = UV_PYTHON_DOWNLOADS=never $(UV) pip compile --quiet --universal --generate-hashes \
	--no-emit-index-url --custom-compile-command "make lock" --python $(BIN)/python --python-version 3.11 \
	$(ARGS) --group build

lock: setup $(filter .tools/%,$(UV))  ## requirements/*.lock from pyproject.toml
	@$(COMPILE) pyproject.toml -o requirements/core.lock
	@$(COMPILE) --group dev -c requirements/core.lock pyproject.toml -o requirements/dev.lock

.tools/bin/uv:
	@$(PYTHON) -m pip install -qq --target .tools uv

clean:  ## remove what the other targets made
	@rm -rf .venv .tools build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find src tests tools -name __pycache__ -prune -exec rm -rf {} +
