# Everything a person does with Census. `make help` lists it.
PYTHON ?= python3
PORT   ?= 8080
DATA   ?= .census
DIR    ?= samples/collection
DOCS   ?= 10000
QUESTIONS ?= 10
ARCH   ?= arm64
PY     ?= 3.13
VENV   := .venv/bin
RUN    := PYTHONPATH=.:layers/core $(VENV)/python

.DEFAULT_GOAL := help
.PHONY: help install demo up upload test lint validate migrate migrate-sql reindex check-vectors build bench chaos cost openapi lock

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

install: .venv/installed  ## make .venv and the layer folders of the local stack

.venv/installed: requirements/dev.txt requirements/runtime.txt requirements/bootstrap.txt layers/deps/requirements.txt layers/ingest/requirements.txt infra/local/install.sh
	@bash infra/local/install.sh $(PYTHON)

demo: install  ## start the stack, load the samples, ask three questions, stop
	@$(RUN) -m infra.local demo

up: install  ## run the stack on PORT (8080) with its data under DATA (.census) until Ctrl-C
	@exec env PYTHONPATH=.:layers/core $(VENV)/python -m infra.local up --port "$(PORT)" --data "$(DATA)"

upload: install  ## send the folder DIR to the running stack, with a progress bar
	@$(RUN) -m infra.local upload --port "$(PORT)" "$(DIR)"

test: install  ## every test
	@$(RUN) -m pytest -n 3 --dist loadfile --no-loadscope-reorder

lint: install  ## ruff, mypy --strict, import-linter
	@$(VENV)/ruff check . && $(VENV)/ruff format --check .
	@$(VENV)/mypy
	@PYTHONPATH=layers/core $(VENV)/lint-imports --no-cache

validate: install  ## what has to be well before a deployment: lint, policies, build, sizes
	@bash infra/gates/validate.sh

build: install  ## build layers and functions for Lambda (ARCH=arm64 PY=3.13) into .build/artefacts
	@bash infra/build/all.sh $(ARCH) $(PY)

openapi: install  ## write docs/openapi.json anew from the code
	@$(RUN) -m functions.serve_api.describe > docs/openapi.json

migrate: install  ## bring the database at DATABASE_URL to the newest revision
	@$(RUN) -m migrations upgrade

reindex: install  ## embed every document anew after a change of the embedding model (resumable)
	@$(RUN) -m infra.upkeep reindex

check-vectors: install  ## compare the vector store with the database at DATABASE_URL
	@$(RUN) -m infra.upkeep check-vectors

migrate-sql: install  ## print the SQL of all migrations, for review
	@$(RUN) -m migrations sql

bench: install  ## measure against the numbers of the design (PARTS=… for some)
	@$(RUN) -m tests.bench $(PARTS)

chaos: install  ## long random runs that must never break a promise (PARTS=… for some)
	@$(RUN) -m tests.chaos $(PARTS)

cost: install  ## what DOCS=10000 documents and QUESTIONS=10 a month cost on AWS (more: docs/costs.md)
	@$(RUN) -m infra.costs --docs "$(DOCS)" --questions "$(QUESTIONS)" $(OPTIONS)

lock: install  ## resolve the dependencies anew (versions and hashes, no addresses)
	@bash requirements/lock.sh
