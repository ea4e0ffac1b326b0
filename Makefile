# One command each; `make` alone lists them.
PYTHON ?= .venv/bin/python

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ -/'

install: ## make .venv with everything for running, training and testing
	python3 -m venv .venv && .venv/bin/pip install -q -r requirements-dev.txt

run: ## start the app
	$(PYTHON) app.py

format: ## format the code
	$(PYTHON) -m ruff format . && $(PYTHON) -m ruff check --fix .

lint: ## format check and lint
	$(PYTHON) -m ruff format --check . && $(PYTHON) -m ruff check .

types: ## type check
	$(PYTHON) -m mypy

test: ## all tests
	$(PYTHON) -m pytest

check: lint types test ## what must be green before a commit

.PHONY: help install run format lint types test check
