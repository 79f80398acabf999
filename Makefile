# Passapp needs Python 3.11 or newer with its venv module, git and make; everything else comes into .venv.
#
#   make run     the demo network on http://localhost:8000 (data in ./data)
#   make test    all tests, on SQLite and PostgreSQL      ARGS="-k door" passes words on to pytest
#   make lint    every linter, and whether generated files are up to date
#   make format  lay the code out        make types  regenerate the web app's view of the API
#   make audit   known holes in the packages used (asks the internet)
#   make clean   remove what was built (the data folder stays)

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DEFAULT_GOAL := help

# The machine's python3, or a newer one beside it.
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON := $(or $(PYTHON),$(firstword $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$python -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$python; done) python3))
WORKERS ?= logical
ARGS ?=

VENV := .venv
PY := $(CURDIR)/$(VENV)/bin/python
# Another pyproject.toml, another folder or another Python: install again.
KEY := $(shell { cat pyproject.toml; pwd; $(PYTHON) -VV; } 2>&1 | cksum | tr ' ' -)
RUN_READY := $(VENV)/.ready-to-run-$(KEY)
DEV_READY := $(VENV)/.ready-to-develop-$(KEY)

# npm and npx are those of .venv, and trust the certificates that the machine trusts.
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export NODE_USE_SYSTEM_CA := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export PYTHONUNBUFFERED := 1

# What happens now.
say = printf '\033[1m==> %s\033[0m\n'

# pip with one dot per package: quiet, but one sees it move. Its warnings and errors are shown in full.
define pip_install
pip_install() {
  "$(PY)" -m pip install --progress-bar off "$$@" | while read -r line; do
    case $$line in
      Collecting*|Downloading*) printf . ;;
      'Installing collected'*) printf ' installing' ;;
      'Successfully installed'*) printf ' done\n' ;;
    esac
  done
}
endef

# .venv may be missing, of a Python that is gone, or made for another folder (its commands then lead nowhere).
define make_venv
if ! "$(PY)" -c '$(NEW_ENOUGH)' 2>/dev/null || ! grep -qF "$(CURDIR)/$(VENV)" $(VENV)/bin/activate; then
  $(PYTHON) -c '$(NEW_ENOUGH)' 2>/dev/null \
    || { echo 'Passapp needs Python 3.11 or newer: make PYTHON=/path/to/python3.12 …' >&2; exit 1; }
  $(say) "Creating $(VENV) with $$($(PYTHON) -V)"
  $(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); echo 'The venv module is missing: sudo apt install python3-venv' >&2; exit 1; }
fi
"$(PY)" -m pip --version >/dev/null 2>&1 || "$(PY)" -m ensurepip >/dev/null # uv makes a .venv without pip
endef

# 1: what to install besides Passapp itself; 2: how long that takes; 3: the stamps to set.
define set_up
$(pip_install)
$(make_venv)
$(say) "Installing Python packages and Node into $(VENV) ($(2))"
pip_install 'pip>=25.1'
pip_install --group build
"$(PY)" web/build.py --if-changed
pip_install --no-build-isolation --editable . $(1)
rm -f $(VENV)/.ready-to-*
touch $(3)
endef

.PHONY: help
help:
	@sed -n 's/^#   //p' Makefile

$(RUN_READY):
	@$(call set_up,,about a minute,$(RUN_READY))

$(DEV_READY):
	@$(call set_up,--group dev,about two minutes,$(RUN_READY) $(DEV_READY))

.PHONY: run
run: $(RUN_READY)
	@"$(PY)" web/build.py --if-changed
	exec "$(PY)" -m passapp demo

# The web app as its sources are now: the browser tests look at it.
.PHONY: built
built: $(DEV_READY)
	@"$(PY)" web/build.py --if-changed

.PHONY: test
test: built
	@failed=
	$(say) 'Web app: vitest'
	npm --silent --prefix web test || failed=' vitest'
	$(say) 'Server and pages: pytest on SQLite and PostgreSQL'
	"$(PY)" -m pytest -n $(WORKERS) --maxprocesses 8 --dist worksteal $(ARGS) || failed="$$failed pytest"
	if [[ $$failed ]]; then echo "make test failed:$$failed" >&2; exit 1; fi

.PHONY: lint
lint: built
	@failed=()
	check() {
	  $(say) "$$1"
	  "$${@:2}" || failed+=("$$1")
	}
	fresh_api() {
	  local fresh
	  fresh=$$(mktemp)
	  "$(PY)" -m passapp openapi > "$$fresh" && diff -u --label web/openapi.json web/openapi.json --label 'passapp openapi' "$$fresh" \
	    || { echo 'web/openapi.json is stale: make types'; rm -f "$$fresh"; return 1; }
	  rm -f "$$fresh"
	}
	fresh_types() {
	  npm --silent --prefix web run types -- --check || { echo "The web app's types are stale: make types"; return 1; }
	}
	check 'ruff check' "$(PY)" -m ruff check
	check 'ruff format' "$(PY)" -m ruff format --check
	check 'mypy' "$(PY)" -m mypy
	check 'import-linter' lint-imports --no-logo
	check 'svelte-check' npm --silent --prefix web run check
	check 'openapi.json is fresh' fresh_api
	check 'client types are fresh' fresh_types
	if (($${#failed[@]})); then
	  printf '\nmake lint failed: %s\n' "$$(IFS=,; echo "$${failed[*]}")" >&2
	  exit 1
	fi

# Whether anything that Passapp is built from has a known hole; asks the internet.
.PHONY: audit
audit: $(DEV_READY)
	@"$(PY)" .ci/audit.py

# The README's pictures, from a fresh demo; needs Chromium.
.PHONY: pictures
pictures: built
	@"$(PY)" docs/take_pictures.py

.PHONY: format
format: $(DEV_READY)
	@"$(PY)" -m ruff check --fix-only --quiet
	"$(PY)" -m ruff format

.PHONY: types
types: built
	@"$(PY)" -m passapp openapi > web/openapi.json.new
	mv web/openapi.json.new web/openapi.json
	npm --silent --prefix web run types

.PHONY: clean
clean:
	rm -rf $(VENV) web/dist web/node_modules build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find passapp tests migrations -name __pycache__ -type d -prune -exec rm -rf {} +
