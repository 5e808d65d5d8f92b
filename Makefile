# Fangfan: `make` alone explains.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Options of `make demo`, such as DEMO_ARGS="--exit --households 500"; likewise for the others.
DEMO_ARGS ?=
RUN_ARGS ?=
TEST_ARGS ?=
BENCH_ARGS ?=
CHAOS_ARGS ?=
WORKERS ?= auto

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help demo run test check format bench chaos setup lock clean

help: ## Show what can be made
	@echo "Fangfan (防返). Targets:"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-14s %s\n", $$1, $$2 }'

demo: setup ## Play a county's campaign through the public API, then keep serving (DEMO_ARGS=...)
	@$(BIN)/fangfan demo $(DEMO_ARGS)

run: setup ## Serve everything on this machine with a database of its own (RUN_ARGS=...)
	@$(BIN)/fangfan serve $(RUN_ARGS)

test: setup ## Prove it all on real PostgreSQL and RabbitMQ (TEST_ARGS="-k visit")
	@# In the order of the folders: by itself loadscope puts modules of few tests last, which hold the longest ones.
	@$(BIN)/pytest --numprocesses=$(WORKERS) --dist=loadscope --no-loadscope-reorder --quiet $(TEST_ARGS)

check: setup ## Lint, types, import law, sizes, migrations, contract goldens: under a minute
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy --no-error-summary
	@report=$$($(BIN)/lint-imports) || { echo "$$report"; exit 1; }
	@$(BIN)/pytest -m check --quiet

format: setup ## Format the code and repair what ruff can
	@$(BIN)/ruff check --fix --quiet; $(BIN)/ruff format --quiet

bench: setup ## Measure against yardsticks, side by side (BENCH_ARGS="comparison --json out/comparison.json")
	@$(BIN)/fangfan bench $(BENCH_ARGS)

chaos: setup ## Kill, cut and restart under load, then count what was lost (CHAOS_ARGS="--size small")
	@$(BIN)/fangfan chaos $(CHAOS_ARGS)

setup: $(VENV)/installed ## Make the virtual environment from the lock

lock: setup ## Pin the newest versions that pyproject.toml allows
	@$(BIN)/pip-compile --quiet --upgrade --output-file requirements.lock pyproject.toml

clean: ## Delete the environment, caches, output and local data
	@# Root below a closed folder keeps the database elsewhere, behind a link.
	@find .fangfan -type l -lname '/var/tmp/fangfan-*' -exec sh -c 'rm -rf "$$(readlink "$$1")"' _ {} \; 2>/dev/null || true
	@rm -rf $(VENV) out build .fangfan .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info

$(VENV)/installed: $(VENV)/locked pyproject.toml
	@report=$$($(BIN)/pip install --disable-pip-version-check --no-deps --no-build-isolation --editable . 2>&1) \
		|| { echo "$$report"; exit 1; }
	@touch $@

$(VENV)/locked: requirements.lock | $(VENV)/bin/python
	@echo "Installing the locked packages (the first time this takes some minutes) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@touch $@

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Fangfan needs Python 3.11 or newer; '$(PYTHON)' is not. Name another: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "Python's venv is missing. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
