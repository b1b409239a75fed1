# Everything from a bare clone; `make` alone says what there is.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

RATE ?= 20
FOR ?= 60

.PHONY: fuzz prove-erasure help up install parts check test pictures simulate chaos bench-freshness bench-relay bench-commands bench-registrations bench-triage bench-matching bench-kpi contracts texts lock format

help:
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 18

up: install ## start everything on http://127.0.0.1:8080 and stay until Ctrl-C
	@$(BIN)/liaison up

install: $(STAMP) ## make .venv from the locked list

# The stamp keeps the lock's checksum: a clone's or an archive's file times say nothing.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) deploy/preflight.py
	@checksum="$$(cat requirements.lock pyproject.toml | sha256sum)"; \
	if [ "$$(cat $(STAMP) 2>/dev/null)" = "$$checksum" ]; then touch $(STAMP); exit 0; fi; \
	echo "Installing into $(VENV): a minute or two, once" >&2; \
	$(PYTHON) -m venv $(VENV); \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock >&2; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . >&2; \
	echo "$$checksum" > $(STAMP)

parts: install
	@$(BIN)/liaison install >&2

check: install ## lint, types, import contracts, unit tests: under a minute
	@$(BIN)/ruff check --quiet . >&2
	@$(BIN)/ruff format --check --quiet . >&2
	@$(BIN)/mypy >&2
	@said="$$($(BIN)/lint-imports 2>&1)" || { echo "$$said" >&2; exit 1; }
	@$(BIN)/pytest tests/unit --quiet -n 2 --dist loadfile >&2

test: check parts ## check, and everything against the real brokers and in a browser
	@$(BIN)/pytest tests --ignore tests/unit --quiet -n 2 --dist loadfile --no-loadscope-reorder >&2

pictures: parts ## a newcomer's walk through the demonstration, and the README's picture of it
	@LIAISON_PICTURES=docs/images $(BIN)/pytest tests/e2e/demonstration.py --quiet -s >&2

simulate: install ## traffic against the running stack: RATE=20 FOR=60
	@$(BIN)/liaison simulate --rate $(RATE) --seconds $(FOR)

chaos bench-freshness bench-relay bench-commands bench-registrations bench-triage: parts
	@$(BIN)/python -m benchmarks.$(subst bench-,,$@)

prove-rights: parts ## every route with everybody: who may do what is what the table says
	@$(BIN)/python -m tests.support.rights

chaos: ## kills everything at random under load, and counts
bench-freshness: ## from the HTTP answer to the server-sent event
bench-relay: ## a backlog of 100,000 events through the relay
bench-matching: install ## a call of 200 x 150 proven, markets of 10,000 x 8,000 bounded, changes verified
	@$(BIN)/python -m benchmarks.matching

bench-commands: ## grouped appends against a transaction a command
bench-registrations: ## 1,000 people at once for 40 places; 200 activities at a time against a transaction each
bench-triage: ## 500 requests against a year's resources: gap, time, proof

PEERS := build/peers/quix/.installed build/peers/pathway/.installed

bench-kpi: parts $(PEERS) ## a million events into all indicators, beside the bare log, Quix Streams and Pathway
	@$(BIN)/python -m benchmarks.kpi

build/peers/%/.installed: benchmarks/kpi/%.lock
	@$(PYTHON) -m venv build/peers/$*
	@build/peers/$*/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $< >&2
	@touch $@

fuzz: parts ## the services and their readers against ten times as much junk as `make test` sends
	@LIAISON_FUZZ=10 $(BIN)/pytest tests/contracts/test_fuzz_services.py tests/integration/test_bad_input_topics.py --quiet >&2

prove-erasure: parts ## plant a person everywhere, erase them, and search every byte
	@$(BIN)/python -m benchmarks.erasure

contracts: install ## write docs/contracts again
	@$(BIN)/python -m shared.contracts

texts: install ## gather the texts to translate into the catalogues, one file a language
	@mkdir -p build && $(BIN)/pybabel -q extract -F shared/web/babel.cfg -k _mark -k mark -k Refused:2 -k Sentence -k plural:1,2 -k personal:3 -k Place:3 \
		--no-location --sort-output --omit-header -o build/messages.pot shared services
	@for file in shared/web/locale/*.po; do \
		$(BIN)/pybabel -q update -i build/messages.pot -o $$file -l $$(basename $$file .po) \
			--no-fuzzy-matching --ignore-obsolete --omit-header; done

format: install ## order imports, format
	@$(BIN)/ruff check --quiet --fix . && $(BIN)/ruff format --quiet .

lock: install ## resolve requirements.lock anew (for Python 3.11, with hashes, without index addresses)
	@$(PYTHON) -m venv build/lock && build/lock/bin/pip install --quiet uv
	@build/lock/bin/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-emit-find-links --no-header --group dev pyproject.toml -o requirements.lock
