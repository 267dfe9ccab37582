# The two commands that are the whole set-up:  make demo   and   make test
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

SEEDS  ?= 1000

.PHONY: help install demo test faults bench check format requirements clean

help:            ## what can be made here
	@grep -E '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## */  make \1\t/'

install: $(STAMP) ## .venv with everything in it, .venv/bin/caseloop among it

$(STAMP): requirements/base.txt requirements/dev.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "Caseloop needs Python 3.11 or newer, and there is no '$(PYTHON)' here. Install it, or name yours: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Caseloop needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) -V 2>&1). Name a newer one: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "This Python cannot make virtual environments. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

demo: install    ## watch cases go from a silent customer to their resolution
	@$(BIN)/caseloop demo

test: install    ## all tests; nothing else is needed
	@$(BIN)/python -m pytest

faults: install  ## kill workers at every operation and by SEEDS=1000 seeds, break every server; SEED=17 plays one again
ifdef SEED
	@SEED=$(SEED) $(BIN)/python -m pytest -n 0 -v tests/faults/test_kill_at_random.py
else
	@rm -rf .faults
	@echo "seeds 1 to $(SEEDS)"
	@SEEDS=$(SEEDS) KILL_AT_EVERY=1 CASELOOP_OUTCOMES=.faults $(BIN)/python -m pytest --dist load --timeout 900 tests/faults
	@$(BIN)/python -m tests.faults.table .faults
endif

bench: install   ## how fast is it here? NAME=handover for one, SMTP=host:port for a sink of yours, SIZE=small to try
	@$(BIN)/python -m benchmarks $(NAME) $(if $(SMTP),--smtp $(SMTP)) $(if $(SIZE),--size $(SIZE)) $(BENCH)

check: install   ## format, lint, types, layers
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: install  ## let ruff write the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

requirements:    ## compile requirements/*.in (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --upgrade requirements/base.in -o requirements/base.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --upgrade requirements/dev.in -c requirements/base.txt -o requirements/dev.txt

clean:           ## forget the virtual environment and the demo's data
	rm -rf $(VENV) build *.egg-info src/*.egg-info .mypy_cache .ruff_cache .pytest_cache
