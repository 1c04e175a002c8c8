# On a fresh machine: `make demo`, `make test`. Both first build .venv from requirements.lock, once.

SHELL := /bin/sh
.NOTPARALLEL:
.PHONY: demo test lint docs install clean

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -q

demo: install
	@$(BIN)/groupchurn demo

test: lint
	@$(BIN)/python -m pytest

lint: install
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

# The feature dictionary, from the catalogue.
docs: install
	@$(BIN)/groupchurn features dictionary --lang en --out docs/features.md
	@$(BIN)/groupchurn features dictionary --lang zh --out docs/features.zh-CN.md

install: .venv/.installed
	@:

# Our own packages, as they stand here; repeated when pyproject.toml changes.
.venv/.installed: .venv/.locked pyproject.toml
	@$(PIP) install --no-deps --no-build-isolation -e .
	@$(PIP) check
	@touch $@

# Everything they need, from scratch; repeated when the lock changes.
.venv/.locked: requirements.lock
	@set -e; \
	for candidate in $(PYTHON) python3.11 python3 python3.12 python3.13; do \
	    if $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	        python=$$candidate; break; \
	    fi; \
	done; \
	if [ -z "$$python" ]; then \
	    echo "groupchurn needs Python 3.11 or newer, and none was found. Install it"; \
	    echo "(Debian, Ubuntu: apt-get install python3 python3-venv), or name it: make PYTHON=/path/to/python3.11"; \
	    exit 1; \
	fi >&2; \
	if [ "$$(uname)" = Linux ] && ! $$python -c 'import ctypes; ctypes.CDLL("libgomp.so.1")' 2>/dev/null; then \
	    echo "groupchurn needs libgomp, the OpenMP library that LightGBM runs on. Install it:"; \
	    echo "  Debian, Ubuntu: apt-get install libgomp1    Fedora, RHEL: dnf install libgomp"; \
	    exit 1; \
	fi >&2; \
	echo "Installing $$(grep -c '==' $<) locked packages into .venv with $$($$python --version): two to three minutes"; \
	$$python -m venv --clear .venv; \
	$(PIP) install --require-hashes -r $<; \
	touch $@

# What was installed and cached; the results in var stay.
clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
