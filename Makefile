# Everything a newcomer needs: Python 3.11 or newer and make. Nothing is installed outside .venv.

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
LOCK := requirements.lock

# Without bytecode files numba alone takes a second longer at every start.
unexport PYTHONDONTWRITEBYTECODE
unexport VIRTUAL_ENV
unexport PYTHONPATH

.DEFAULT_GOAL := help
.PHONY: help venv demo test soak mutants lint format bench docs nightly lock clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 16

venv: $(STAMP) ## create .venv with the locked versions, when missing or older than the lock

# pip only fetches the installer, by hash; the installer fetches the rest, by hash. Where the
# installer cannot reach an index that pip is configured for, pip does the whole work.
$(STAMP): $(LOCK) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Tacoma needs Python 3.11 or newer; name one with: make PYTHON=python3.12"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@rm -f $(STAMP)
	@echo "installing the locked versions into .venv"
	@sed -n '/^uv==/,/[^\\]$$/p' $(LOCK) > .venv/installer.txt
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --no-deps --require-hashes --requirement .venv/installer.txt
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes $(LOCK) || \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
	  --require-hashes --requirement $(LOCK)
	@$(BIN)/uv pip install --quiet --offline --python $(BIN)/python --no-deps \
	  --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q -j 0 .venv/lib src
	@touch $(STAMP)

demo: venv ## run the scenario oct-2025 and write its report to runs/demo
	@$(BIN)/tacoma run oct-2025 --out runs/demo --overwrite

test: venv ## run the tests
	@$(BIN)/python -m pytest -q

soak: venv ## draw and check worlds until stopped; SOAK="--seeds 0..5000" for some
	@PYTHONPATH=tests $(BIN)/python -m simulation.soak $(SOAK)

mutants: venv ## prove that the tests notice seeded bugs; MUTANTS="--only NAME" for one
	@PYTHONPATH=tests $(BIN)/python -m mutants.prove $(MUTANTS)

lint: venv ## check style, format and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: venv ## put the sources into the standard format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: venv ## measure speed and size against the goals
	@$(BIN)/tacoma bench --all

docs: venv ## put the tables of rulebooks and of maxima into their pages of docs/
	@$(BIN)/python bench/venues.py

nightly: venv ## run the long tests, with many more random examples
	@$(BIN)/python -m pytest -q -m "slow or nightly" --hypothesis-profile=nightly
	@$(BIN)/python -m pytest -q tests/rules/test_parity.py --hypothesis-profile=nightly

lock: venv ## resolve the newest versions that pyproject.toml allows into requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
	  --upgrade --generate-hashes --no-header --no-annotate --no-emit-index-url --quiet \
	  --output-file $(LOCK)

clean: ## remove .venv, runs and caches
	@rm -rf .venv runs dist build .hypothesis .pytest_cache .ruff_cache .mypy_cache
	@find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
