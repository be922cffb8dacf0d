# Everything that is done with Tideline from a checkout; `make` lists it. CI runs the same commands.
SHELL := bash
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

PY ?= python3
BIN := .venv/bin
# Newer than the lock file when the environment holds what the lock file says.
MADE := .venv/.made-from-lock
# servicekit alone is nobody's image, so it has no lock of its own.
LOCKED = $(shell $(BIN)/python -c 'import tomllib; \
	print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"].keys() - {"servicekit"})')

# Two workers each start a broker and a database of their own; those that are given are there once.
WORKERS = $(if $(CRM_AMQP_URL)$(CRM_DATABASE_URL),,--numprocesses=2 --no-loadscope-reorder)

.PHONY: help run test lint format bench faults lock docs clean

help: ## List what can be done
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

run: $(MADE) ## Start the whole suite with sample data until Ctrl-C (SCALE="pool=2 gateway=2", CRM_PORT=8001)
	@exec $(BIN)/python -m deploy.local.run

test: $(MADE) ## Run every test, with a real broker and database (one folder: make test ARGS=tests/unit)
	@$(BIN)/python -m pytest $(or $(ARGS),$(WORKERS))

lint: $(MADE) ## Check style, types, who imports whom, images and manifests
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@PYTHONPATH=clients/python $(BIN)/lint-imports
	@$(BIN)/hadolint deploy/Dockerfile
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.compose-spec docker-compose.yml
	@$(BIN)/kubernetes-validate --quiet --strict deploy/kubernetes/service/{deployment,autoscaler,disruption}.yaml \
		deploy/kubernetes/gateway/http.yaml deploy/kubernetes/prepare/job.yaml

format: $(MADE) ## Put the code into the house's form
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

bench: $(MADE) ## Measure what performance claims rest on (one figure: make bench NAME=rpc)
	@$(BIN)/python -m bench$(if $(NAME),.$(NAME))

faults: $(MADE) ## Kill everything under load, at length, and look for damage (again the same: FAULTS_SEED=1)
	@FAULTS_WRITES=$${FAULTS_WRITES:-20000} FAULTS_KILLS=$${FAULTS_KILLS:-30} $(BIN)/python -m pytest tests/faults $(ARGS)

lock: $(MADE) ## Write requirements/*.txt anew from pyproject.toml
	@for group in $(LOCKED); do \
		echo "requirements/$$group.txt"; \
		$(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-header --no-annotate \
			--python-version 3.11 --universal --group $$group -o requirements/$$group.txt || exit 1; \
	done

docs: $(MADE) ## Write the generated pages of docs/ and the routes of the Python client anew
	@$(BIN)/python -m deploy.docs

clean: ## Remove the environment and caches; the data under .data stays
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './.data/*' -prune -exec rm -rf {} +

$(MADE): requirements/dev.txt
	@command -v $(PY) >/dev/null \
		|| { echo "There is no $(PY). Install Python 3.11 or newer, or say where it is: make PY=/path/to/python3.11"; exit 1; }
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "$$($(PY) -V) is too old: Tideline needs 3.11 or newer. Say where one is: make PY=/path/to/python3.11"; exit 1; }
	@$(PY) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "This Python can't make environments. On Debian and Ubuntu: sudo apt-get install python3-venv"; exit 1; }
	@echo "Making the environment in .venv, once, about a minute ..."
	@$(PY) -m venv .venv
	@set -o pipefail; $(BIN)/python -m pip install --disable-pip-version-check --no-input --require-hashes -r requirements/dev.txt \
		| while read -r verb what _; do \
			case $$verb in Collecting|Installing) if [ -t 1 ]; then printf '\r\033[K  %s %s' "$$verb" "$$what"; fi;; esac; \
		done
	@if [ -t 1 ]; then printf '\r\033[K'; fi
	@touch $(MADE)
