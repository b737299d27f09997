# What can be done here; `make` alone lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help run serve test check format lint types contracts suite snapshot bench wheel imports texts mutants kills cluster contract openapi clients attack clean

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /  \1\t/' | expand -t 14

# One stamp a set of packages: a second `make` sets nothing up again until the project file or the pins change.
$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[web,mcp]'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/.run

run: $(VENV)/.run  ## set up, then make a picture from words: its path is printed, a terminal shows it
	@$(BIN)/invokeai 't2i a blue sailing boat with a yellow sail on the sea at night --seed 7 | scale 4 | save "outputs/{prompt:.24}-{index:03}.png"'

serve: $(VENV)/.run  ## set up, then serve the HTTP API and Socket.IO; the address with the token is printed
	@exec $(BIN)/python -m invokeai_web

test: $(VENV)/.dev suite  ## set up, then run the whole suite

suite: $(VENV)/.dev
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal -q

check: format lint types contracts suite  ## what CI runs: format, lint, types, import contracts, suite

format: $(VENV)/.dev  ## fail when a file is not formatted (ruff format mends it)
	$(BIN)/ruff format --check .

lint: $(VENV)/.dev  ## ruff's rules
	$(BIN)/ruff check .

types: $(VENV)/.dev  ## mypy, strict, on every floor
	$(BIN)/mypy

contracts: $(VENV)/.dev  ## what may import what
	$(BIN)/lint-imports

snapshot: $(VENV)/.dev  ## regenerate the metadata snapshot (after changing a node or a recipe)
	$(BIN)/python -m invocations.catalog.build_snapshot

bench: wheel  ## measured claims, each a ratio, in an environment where the wheel is installed
	test -x .bench/bin/python || $(PYTHON) -m venv .bench
	.bench/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --force-reinstall --no-deps dist/*.whl
	.bench/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt dist/*.whl
	.bench/bin/python -m benchmarks

mutants: $(VENV)/.dev  ## change important lines one at a time: the tests of their place must fail (some 20 minutes)
	$(BIN)/python -m tests.house.mutants

kills: $(VENV)/.dev  ## kill a script 300 times, a sweep of 60 images 20 times and a queue 100 times at entries of the journal, and resume: nothing may be lost, doubled or corrupt
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.attacks.kills --kills 300
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.attacks.sweep_kills --kills 20
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.attacks.queue_kills --kills 100
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.attacks.queue_kills --kills 30 --server

cluster: $(VENV)/.dev  ## run the tests of the engine and of scripts in workers, and kill workers 30 times while two of them make 24 images: nothing may be lost, doubled or different
	INVOKEAI_TEST_WORKERS=1 OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q tests/invocations/sessions tests/invocations/graph tests/invocations/test_events.py -k 'not the_cost_of and not misses_no_event'
	INVOKEAI_TEST_WORKERS=2 OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q tests/workflows/scripts -k 'not test_a_time_limit and not computes_the_remaining_images and not ctrl_c_before'
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.attacks.worker_kills --kills 30 --images 24

contract: $(VENV)/.dev  ## send 50 generated requests to every address of the API: each answer must be as the OpenAPI document says
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.attacks.contract --examples 50

openapi: $(VENV)/.dev  ## write invokeai_web/openapi.json again (after changing a route, a node or a recipe)
	$(BIN)/python -m invokeai_web.committed_document

clients: $(VENV)/.dev  ## generate TypeScript and Python clients from the OpenAPI document, type-check the one and run the other
	test -x .clients/bin/openapi-python-client || ($(PYTHON) -m venv .clients && .clients/bin/python -m pip install --quiet --disable-pip-version-check openapi-python-client==0.29.1)
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.attacks.generated_clients

attack: $(VENV)/.dev  ## read 10,000 documents of every format that were changed at random, receive 1,000 hostile images and 1,000 hostile graphs, and try new examples of properties (for the night)
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.attacks.mutations --count 10000
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.attacks.hostile_uploads --count 1000
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.attacks.hostile_graphs --count 1000
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto -q -m hypothesis --hypothesis-profile attack

imports: $(VENV)/.dev  ## draw the packages and their imports into docs/imports.svg
	$(BIN)/python -m docs.imports

texts: $(VENV)/.dev  ## print every text that a person reads (docs/texts.py samples them too)
	$(BIN)/python -m docs.texts

wheel: $(VENV)/.dev  ## build the wheel, with the default model in it, into dist/
	rm -rf build dist
	$(BIN)/python -m pip wheel --quiet --no-deps -w dist .

clean:  ## remove what was built; the models and outputs stay
	rm -rf build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
