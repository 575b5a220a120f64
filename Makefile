# Two commands for everyone: `make run` and `make test`. Each builds .venv by itself, says what it
# does, and needs nothing but Python 3.11 to 3.14, make and git.

SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
export PYTHONDONTWRITEBYTECODE := 1

.PHONY: help install run test test-torch check bench docs clean

help: ## say what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ ·/' | sed 's/^/make /'

# A stamp per set of packages: built again when what it is made from changed.
$(VENV)/light.stamp: pyproject.toml constraints.txt tools/python.sh
	@python=$$(bash tools/python.sh) && \
	echo "Building $(VENV) with $$($$python --version): about a minute, once." && \
	if ! test -x $(BIN)/python; then $$python -m venv $(VENV); fi
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

$(VENV)/test.stamp: $(VENV)/light.stamp
	@echo "Adding what the tests need."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test]'
	@touch $@

$(VENV)/check.stamp: $(VENV)/test.stamp
	@echo "Adding the checking tools."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test,check]'
	@touch $@

$(VENV)/torch.stamp: $(VENV)/test.stamp
	@echo "Adding torch, open_clip, diffusers and the small extras: only for make test-torch."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test,clip,diffusers,ocr,safety]'
	@touch $@

install: $(VENV)/light.stamp ## build .venv

run: $(VENV)/light.stamp ## start everything that has credentials; the console always
	@$(BIN)/ai-handler run

test: $(VENV)/test.stamp ## all tests that need no torch
	@$(BIN)/python -m pytest -m "not torch and not extras"
	@bash tools/left_out.sh

test-torch: $(VENV)/torch.stamp ## the tests that need the extras: [clip], [diffusers], [ocr], [safety]
	@$(BIN)/python -m pytest -m "torch or extras"

check: $(VENV)/check.stamp ## format, lint, types, contracts, docs
	@$(BIN)/ruff format --check --quiet . && echo "format  ok"
	@$(BIN)/ruff check --quiet . && echo "lint    ok"
	@$(BIN)/mypy --no-error-summary && echo "types   ok"
	@$(BIN)/lint-imports --no-cache > $(VENV)/contracts.log 2>&1 || { cat $(VENV)/contracts.log; exit 1; }; echo "floors  ok"
	@$(BIN)/python tools/sizes.py && echo "sizes   ok"
	@$(BIN)/python -m cogapp --check README.md CONTRIBUTING.md docs/settings.md && echo "docs    ok"

docs: $(VENV)/check.stamp ## write the generated tables into the docs again
	@$(BIN)/python -m cogapp -r README.md CONTRIBUTING.md docs/settings.md

bench: $(VENV)/test.stamp ## benchmarks: ratios taken in one run
	@$(BIN)/python -m benchmarks

clean: ## remove .venv; your data stays
	@rm -rf $(VENV)
