# Thin on purpose: each target is one command that can be typed by hand.
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint lock bench
BIN := .venv/bin
REQUIRE ?=# capabilities that must be there, e.g. REQUIRE=netns,keepalived,nginx,nft
PYTEST ?=# more for pytest, e.g. PYTEST="-k lease -x"

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: ## a working .venv with halod and haloctl in it; at once when nothing changed
	@tools/setup.sh

demo: setup ## plays the tutorial in the lab and judges each step
	@$(BIN)/haloctl lab demo

test: setup ## unit, property, simulation and lab tests
	@$(BIN)/python -m pytest $(if $(REQUIRE),--require=$(REQUIRE)) $(PYTEST)

lint: setup ## ruff, mypy --strict, the floors, the lock
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python tools/check_lock.py

lock: ## writes requirements.lock anew after a change of dependencies; UPGRADE=1 for newer ones
	@tools/uv pip compile --quiet --python-version 3.11 --group dev pyproject.toml \
	  --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
	  $(if $(UPGRADE),--upgrade) --output-file requirements.lock

ifneq ($(wildcard bench/__main__.py),)
bench: setup
	@$(BIN)/python -m bench
endif
