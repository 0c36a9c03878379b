# Every target does its own set-up; all it needs beforehand is make and Python >= 3.11.
VENV := .venv
PYTHON := $(VENV)/bin/python
STAMP := $(VENV)/.installed
PIP := $(PYTHON) -m pip --disable-pip-version-check
# Where several are installed: `make setup BASE_PYTHON=/path/to/python3.12`.
BASE_PYTHON ?=
# More arguments for pytest: `make test PYTEST_ARGS="-k cleval"`.
PYTEST_ARGS ?=

# All of benchmarks/ but what they share, and the one for accelerators.
BENCHMARKS := $(filter-out %/__init__.py %/report.py %/scenes.py %/peers.py %/training_step.py %/accelerator.py,$(wildcard benchmarks/*.py))

RUN := outputs/quickstart
CHECKPOINT := $(RUN)/checkpoints/best.ckpt
SUBMISSION := submissions/quickstart

.DEFAULT_GOAL := help
.PHONY: help setup quickstart test test-all test-faults fuzz static format lint types layers check sample docs docs-pages benchmarks peers clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## virtual environment, pinned requirements, editable install (the other targets call it)

# The stamp names the folder that it was made in. An environment that does not run, or that was copied from
# elsewhere, is set up again.
ifneq ($(shell $(PYTHON) -c pass 2>/dev/null && grep -qxF '$(CURDIR)' $(STAMP) 2>/dev/null && echo ready),ready)
.PHONY: $(STAMP)
endif

# A candidate has to run, not just exist (version managers leave shims that fail), and to bring venv and pip.
$(STAMP): requirements.txt pyproject.toml
	@set -e; \
	suitable='import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'; \
	if ! { $(PYTHON) -c "$$suitable" && $(PYTHON) -m pip --version; } >/dev/null 2>&1; then \
		base=; \
		for candidate in $(BASE_PYTHON) python3.13 python3.12 python3.11 python3 python; do \
			if "$$candidate" -c "$$suitable" >/dev/null 2>&1; then base="$$candidate"; break; fi; \
		done; \
		if [ -z "$$base" ]; then \
			echo "expected Python >= 3.11 with its venv module on the PATH, got none;" \
				"install it (on Debian and Ubuntu also python3-venv) or give BASE_PYTHON=/path/to/python" >&2; \
			exit 1; \
		fi; \
		echo "Making $(VENV) with $$("$$base" --version) …"; \
		"$$base" -m venv --clear $(VENV); \
	fi
	@echo "Installing the pinned requirements (some minutes, the first time) …"
	@$(PIP) install --quiet --requirement requirements.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@printf '%s\n' '$(CURDIR)' > $@

quickstart: $(STAMP) ## train on the sample receipts (or go on), evaluate, predict, validate: minutes on two CPU cores
	$(PYTHON) runners/train.py preset=quickstart hydra.run.dir=$(RUN) resume=auto
	$(PYTHON) runners/evaluate.py checkpoint_path=$(CHECKPOINT) split=val
	$(PYTHON) runners/predict.py checkpoint_path=$(CHECKPOINT) images=test output=$(SUBMISSION) overlays=true overwrite=true
	$(PYTHON) runners/validate.py submission=$(SUBMISSION)/submission.csv annotations=data/sample/jsons/test.json
	@echo
	@echo "Done. The run (settings, logs):       $(RUN)/"
	@echo "      its best checkpoint:            $(CHECKPOINT)"
	@echo "      predictions, CSV and overlays:  $(SUBMISSION)/"

# A process for each of two cores, each with one thread: threads of torch that share a core wait for each other.
test: $(STAMP) ## the tests that fit into 15 minutes on two CPU cores
	OMP_NUM_THREADS=1 $(PYTHON) -m pytest -q -m "not slow" -n 2 --dist worksteal $(PYTEST_ARGS)

test-all: $(STAMP) ## every test, the slow ones too
	OMP_NUM_THREADS=1 $(PYTHON) -m pytest -q -n 2 --dist worksteal $(PYTEST_ARGS)

test-faults: $(STAMP) ## trainings that are killed, interrupted, short of disk: docs/reliability.md (13 minutes on two idle cores)
	$(PYTHON) -m pytest -q --durations=0 tests/faults $(PYTEST_ARGS)

# Warnings of the decoders go to the log. FUZZ_INPUTS=100000 and FUZZ_SEED=7 make more and other files.
fuzz: $(STAMP) ## 10,000 mutated files through each reader: docs/reliability.md (half an hour)
	OMP_NUM_THREADS=1 $(PYTHON) -m pytest -q -m slow tests/fuzz $(PYTEST_ARGS)

check: static test ## format, lint, types, import layers, tests

static: lint types layers ## check without the tests

format: $(STAMP) ## rewrite the code in the house format, with the safe fixes
	$(PYTHON) -m ruff check --fix --exit-zero --quiet
	$(PYTHON) -m ruff format

lint: $(STAMP)
	$(PYTHON) -m ruff format --check
	$(PYTHON) -m ruff check

types: $(STAMP)
	$(PYTHON) -m mypy

layers: $(STAMP)
	$(VENV)/bin/lint-imports

sample: $(STAMP) ## generate data/sample again (the same files, to the byte)
	$(PYTHON) runners/generate.py output=data/sample overwrite=true

docs: $(STAMP) ## build the documentation as a site, build/docs/index.html; broken links are errors
	$(PIP) install --quiet --no-build-isolation --constraint requirements.txt --editable '.[docs]'
	NO_MKDOCS_2_WARNING=1 $(PYTHON) -m mkdocs build --strict --quiet

docs-pages: $(STAMP) ## write what docs/ has from the code again: settings.md, the figures of how_it_works.md
	$(PYTHON) runners/docs_pages.py

benchmarks: $(STAMP) peers ## time everything beside its peers (some minutes; leave the machine alone meanwhile)
	set -e; for script in $(BENCHMARKS); do $(PYTHON) $$script; done

peers: $(STAMP) ## install what the benchmarks compare with into .peers
	$(PIP) install --quiet --no-deps --upgrade --target .peers --requirement benchmarks/peers.txt

clean: ## remove the environment and the caches; runs and submissions stay
	rm -rf $(VENV) .peers build .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info
	find baseline_code benchmarks examples ocr runners synthetic tests -type d -name __pycache__ -prune -exec rm -rf {} +
