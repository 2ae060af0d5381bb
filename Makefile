# The commands of the README: `make lab` plays, `make test` tests. Each makes its own .venv the first time.
# ARGS is passed on:  make lab ARGS=two-phase-commit/commits    make test ARGS='-k torn'
# PYTHON chooses the interpreter, each with an environment of its own:  make test PYTHON=python3.13

PYTHON   ?= python3
VENV     ?= .venv$(patsubst %,-%,$(filter-out python3,$(notdir $(PYTHON))))
BIN      := $(VENV)/bin
CACHE    := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)
SITE_DIR ?= $(CACHE)/consensus-lab/site
PIP      := $(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt

.PHONY: help lab test check site bench fuzz
help:
	@echo "make lab    play with a protocol, one step at a time (ARGS: a scenario or a trace)"
	@echo "make test   run the tests                            (ARGS: options for pytest)"
	@echo "make check  lint, types, and the floors no import may climb"
	@echo "make site   build the course site                    (SITE_DIR: where, outside this folder)"
	@echo "make bench  time the screen, the simulator, the checker and the network"
	@echo "make fuzz   feed the server's readers any bytes, for ten minutes (ARGS: seconds, readers)"

lab: $(VENV)/.installed
	@$(BIN)/consensus-lab play $(ARGS)

test: $(VENV)/.installed-test
	@$(BIN)/python -m pytest -q -n auto --dist loadfile $(ARGS)

check: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/mypy --strict
	$(BIN)/lint-imports --no-logo

site: $(VENV)/.installed-test
	@$(BIN)/python -m consensus_lab.site "$(SITE_DIR)"
	@echo "The site is in $(SITE_DIR)"

bench: $(VENV)/.installed-test
	@$(BIN)/python -m tests.bench $(ARGS)

fuzz: $(VENV)/.installed-test
	@$(PIP) -e '.[fuzz]'
	@$(BIN)/python -m tests.fuzz $(ARGS)

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/pip
	@$(PIP) -e .
	@touch $@

$(VENV)/.installed-test: pyproject.toml constraints.txt | $(BIN)/pip
	@$(PIP) -e '.[test]'
	@touch $@ $(VENV)/.installed

$(BIN)/pip:
	@command -v $(PYTHON) >/dev/null || \
	  { echo "There is no '$(PYTHON)' here. Install Python 3.11 or newer (apt install python3 python3-venv)." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "'$(PYTHON)' is older than Python 3.11. Name a newer one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "'$(PYTHON)' cannot make a virtual environment. Install the missing part: apt install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
