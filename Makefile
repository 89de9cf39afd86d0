# Thin on purpose: each target is one command that can be typed by hand.
.DEFAULT_GOAL := help
.PHONY: help setup demo test collect hostile interop realworld traces fuzz guard lint lock bench
BIN := .venv/bin
# The tests start thousands of programs: without bytecode each compiles every module anew.
unexport PYTHONDONTWRITEBYTECODE
REQUIRE ?=# capabilities that must be there, e.g. REQUIRE=netns,keepalived,nginx,nft
PYTEST ?=# more for pytest, e.g. PYTEST="-k lease -x"
# Tests with whole nodes wait most of their time for timers of seconds: more at a time than cores.
TEST_WORKERS ?= 10
SECONDS ?= 60
SEED ?=# of `make fuzz`; default: drawn, and printed
FRAMES ?= 1000000

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: ## a working .venv with halod and haloctl in it; at once when nothing changed
	@tools/setup.sh

demo: setup ## plays the tutorial in the lab and judges each step
	@$(BIN)/haloctl lab demo

test: setup ## unit, property, simulation and lab tests
	@$(BIN)/python -m pytest -n $(TEST_WORKERS) --ignore=tests/hostile --ignore=tests/matrix \
	  --ignore=tests/traces/test_traces.py --ignore=tests/realworld \
	  $(if $(REQUIRE),--require=$(REQUIRE)) $(PYTEST)

hostile: setup ## floods, a busy kernel, no processor: one at a time, for each takes the whole machine; FRAMES=300000
	@HALOD_FLOOD_FRAMES=$(FRAMES) $(BIN)/python -m pytest -rP tests/hostile $(if $(REQUIRE),--require=$(REQUIRE)) $(PYTEST)

interop: setup ## every pair of halod and a peer; writes docs/reference/interop.md
	@mkdir -p build
	@$(BIN)/python -m pytest -q -n $(TEST_WORKERS) tests/matrix --junitxml=build/interop.xml $(PYTEST) || true
	@$(BIN)/python -m tests.matrix.page build/interop.xml docs/reference/interop.md

realworld: setup ## public files, each under halod and keepalived; needs shared/
	@$(BIN)/python -m pytest -n $(TEST_WORKERS) tests/realworld $(PYTEST)

traces: setup ## pairs of halod and keepalived under the same faults; writes docs/reference/differences.md
	@mkdir -p build
	@$(BIN)/python -m pytest -q -n $(TEST_WORKERS) tests/traces/test_traces.py --junitxml=build/traces.xml $(PYTEST) || true
	@$(BIN)/python -m tests.traces.page build/traces.xml docs/reference/differences.md

fuzz: setup ## what reads foreign input, over mutated and generated examples; SECONDS=600, SEED=1
	@$(BIN)/python -m tools.fuzz --seconds $(SECONDS) $(if $(SEED),--seed $(SEED))

collect: setup ## reads every test and plays none: what cannot be read is told in seconds
	@mkdir -p build
	@$(BIN)/python -m pytest --collect-only -qq >build/collect.txt || { tail -n 80 build/collect.txt; exit 1; }

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

guard: setup ## ratios beside keepalived that may not break, in a minute or two
	@$(BIN)/python -m bench.guard

ifneq ($(wildcard bench/__main__.py),)
bench: setup ## halod and keepalived under the same faults, as tables and build/bench/bench.json
	@$(BIN)/python -m bench
endif
