# `make check` is what CI runs and what you run before a commit. It ends with what was skipped, why, and pytest's counts.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

.PHONY: check packages lint types test wheel minimum dist clean

check: packages lint types wheel minimum test

packages:
	sh tests/packages.sh

$(VENV)/installed: setup.cfg pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip build
	$(BIN)/pip install --quiet --editable '.[templates,test]'
	touch $@

lint: $(VENV)/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/installed
	$(BIN)/mypy

# Whole files beside each other, in the order of their folders, for those that take longest come first.
test: $(VENV)/installed
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

# The wheel has to work by itself, outside the checkout and without Pango: the main job runs from it.
wheel: $(VENV)/installed
	sh tests/wheel.sh $(BIN)/python

# What setup.cfg calls the oldest release of a dependency has to be one that works.
minimum: $(VENV)/installed
	sh tests/minimum.sh $(BIN)/python

# Wheel, constraints and bill of materials, as docs/operate.md installs them.
dist:
	sh deploy/build.sh

clean:
	rm -rf $(VENV) build dist *.egg-info
