# Everything starts here: `make serve`, `make test`. Whatever is needed is installed into .venv first.

VENV := .venv
BIN := $(VENV)/bin
SHELL := /bin/sh
# Bytecode is kept, whatever the environment says: the tests start hundreds of processes, and each would compile it all.
export PYTHONDONTWRITEBYTECODE :=

# One more worker than there are cores: what judges clients mostly waits for them.
PARALLEL = -n $(shell $(BIN)/python -c 'import os; print((os.cpu_count() or 1) + 1)') --dist worksteal

# The first Python on the path that is new enough; PYTHON=... names another.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

.PHONY: help serve test check format lint types contracts fixtures bench conform soak neighbours lock sbom clean

help:
	@echo "make serve      install and serve on http://127.0.0.1:8080 (PORT=9000 for another, ARGS='--world small' for more)"
	@echo "make test       install what tests need, and run those that are quick"
	@echo "make check      formatting, lint, types and all tests: what CI runs"
	@echo "make contracts  check that every contract can be served"
	@echo "make fixtures   draw the tables of names, streets and companies anew with Faker (which changes every world)"
	@echo "make conform    every broken client of the tests against the judge (make test takes one for each obligation)"
	@echo "make soak       100,000 made-up calls against the three contracts, for some ten minutes (ARGS='--cases 9000')"
	@echo "make neighbours resolve beside other releases and run the quick tests with the oldest and the newest (for an hour)"
	@echo "make lock       write .ci/requirements.lock anew: what a container installs, with hashes"
	@echo "make sbom       write dist/sbom.cdx.json: what that is, as CycloneDX"
	@echo "make bench      measure, as ratios to a limit in the same run"
	@echo "make clean      remove .venv and caches"

serve: $(VENV)/.installed
	@exec $(BIN)/mockserver serve $(if $(PORT),--port $(PORT)) $(ARGS)

# The fast lane: what is marked as slow is for `make check`.
LANE := -m "not slow"

test: $(VENV)/.dev
	$(BIN)/python -m pytest $(PARALLEL) $(LANE) $(ARGS)

check: lint contracts
	# Types beside the tests, which leave a core to others while they wait. Workers that all begin at once would each
	# rewrite the assertions of all test files; once collected, they are there as bytecode.
	$(BIN)/mypy & types=$$!; $(BIN)/python -m pytest --collect-only -qq >/dev/null && \
		$(MAKE) test LANE= ARGS="--cov --cov-report=term --durations=50 $(ARGS)" && wait $$types

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-cache

types: $(VENV)/.dev
	$(BIN)/mypy

contracts: $(VENV)/.installed
	$(BIN)/mockserver contracts lint

fixtures: $(VENV)/.dev
	$(BIN)/python -m tests.record_tables $(ARGS)

conform: $(VENV)/.dev
	MOCKSERVER_ALL_CLIENTS=1 $(BIN)/python -m pytest $(PARALLEL) tests/judge/test_reference_clients.py \
		tests/judge/test_outside_clients.py tests/judge/test_more_broken_clients.py tests/judge/test_unbreakable.py $(ARGS)

soak: $(VENV)/.dev
	$(BIN)/python -m tests.soak $(ARGS)

bench: $(VENV)/.dev
	$(BIN)/python -m tests.benchmarks $(ARGS)

neighbours: $(VENV)/.dev
	$(BIN)/python -m tests.installing --lane $(ARGS)

# Hashes, and no word of where a package comes from: that is a matter of whoever installs it.
LOCK := .ci/requirements.lock
lock: $(VENV)/.dev
	$(BIN)/uv pip compile --quiet pyproject.toml --constraints constraints.txt --universal --python-version 3.11 \
		--extra store --extra postgresql --extra metrics --generate-hashes --no-annotate --no-header \
		--no-emit-index-url --no-emit-find-links --output-file $(LOCK)

SBOM := build/sbom
CYCLONEDX := cyclonedx-bom==7.5.0
sbom: $(VENV)/.dev
	rm -rf $(SBOM) && mkdir -p $(SBOM) dist
	$(BIN)/uv venv --quiet $(SBOM)/venv
	$(BIN)/uv pip install --quiet --python $(SBOM)/venv --require-hashes -r $(LOCK)
	$(BIN)/uv build --quiet --wheel --out-dir $(SBOM)
	$(BIN)/uv pip install --quiet --python $(SBOM)/venv --no-deps $(SBOM)/lead_mockserver-*.whl
	$(BIN)/uv tool run --quiet --from $(CYCLONEDX) cyclonedx-py environment --pyproject pyproject.toml \
		--output-reproducible --output-format JSON --output-file dist/sbom.cdx.json $(SBOM)/venv

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage dist build

$(VENV)/bin/python:
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Python 3.11 or newer is needed; none was found. Install one, or name it: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "making $(VENV) with $(PYTHON)" >&2; $(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "installing" >&2; $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[all]' >&2
	@touch $@

# All at once, and compiled only as it is imported: much of it never is.
$(VENV)/.dev: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "installing, with what tests need" >&2; $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]' >&2
	@touch $(VENV)/.installed $@
