# The first two commands: `make demo` and `make test`. Both set everything up in .venv.

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
SHORTCUTS ?= examples
GPU := .venv-gpu
GPU_PIP := $(GPU)/bin/python -m pip --quiet --disable-pip-version-check
PORT ?= 3000
TORCH_REMEDY := The CPU build of torch is on no usual index: name a folder with its wheel in PIP_FIND_LINKS, or an \
  index in PIP_EXTRA_INDEX_URL.

.PHONY: help install demo price demo-scrape demo-train ui test check browser-test slow-test all-tests benchmark lock clean \
  gpu-environment test-gpu

help: ## Show the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

install: $(VENV)/.installed ## Put everything into .venv

$(VENV)/.installed: pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' \
	  || { echo "Python 3.11, 3.12 or 3.13 is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

demo: install ## Build the dataset from SHORTCUTS (default: examples) and say what to open next
	@$(BIN)/python -m workflowbench_dagster.demo --shortcuts "$(SHORTCUTS)"

price: install ## Say what the models that are set would cost, on what the last demo of SHORTCUTS built
	@$(BIN)/python -m workflowbench_dagster.price --shortcuts "$(SHORTCUTS)"

demo-scrape: install ## Let a daemon scrape a replayed site that gains shortcuts, and rebuild what changed
	@$(BIN)/python -m workflowbench_dagster.demo_scrape

demo-train: install gpu-environment ## Train an annotator with a tiny model, and generate with it, on a CPU
	@$(BIN)/python -m workflowbench_dagster.demo_train

ui: install ## Open the Dagster UI on what the last demo built (PORT, default 3000)
	@$(BIN)/python -m workflowbench_dagster.ui --port $(PORT)

test: install ## Run the tests
	$(BIN)/python -m pytest

check: install ## Format, lint, types, import rules, Dagster definitions
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/dg check toml
	$(BIN)/dg check defs

browser-test: install ## Drive the real UI in headless Chromium (needs chromium on the PATH)
	$(BIN)/python -m pytest tests/browser

slow-test: install ## Tests that take minutes: the demonstration of scrapes with a real daemon
	$(BIN)/python -m pytest tests/slow

all-tests: check test slow-test browser-test ## Everything that CI runs

benchmark: install ## Speed of transcription on SHORTCUTS against plistlib
	$(BIN)/python benchmarks/transcription.py "$(SHORTCUTS)"

lock: ## Pin every dependency anew (needs uv); the file names no package registry
	uv pip compile --quiet --no-header --universal --no-annotate --python-version 3.11 --extra aws --extra dev --extra k8s \
	  --generate-hashes pyproject.toml --output-file requirements.lock
	uv pip compile --quiet --no-header --no-annotate --python-version 3.12 --python-platform x86_64-manylinux_2_35 \
	  --generate-hashes infra/gpu/cuda.in --output-file infra/gpu/cuda.lock

gpu-environment: $(GPU)/.installed ## Put torch, DeepSpeed, transformers and vLLM for a CPU into .venv-gpu

# The CPU build of torch comes from a folder (PIP_FIND_LINKS) or an index (PIP_EXTRA_INDEX_URL) of your choice.
# DeepSpeed compiles its CPU kernels once, here, so that no run has to.
$(GPU)/.installed: infra/gpu/cpu.lock infra/gpu/deepspeed.lock
	$(PYTHON) -m venv $(GPU)
	$(GPU_PIP) install --no-deps --require-hashes -r infra/gpu/cpu.lock || { echo "$(TORCH_REMEDY)"; exit 1; }
	PATH="$(CURDIR)/$(GPU)/bin:$$PATH" DS_ACCELERATOR=cpu DS_BUILD_OPS=0 DS_BUILD_CPU_ADAM=1 DS_BUILD_SHM_COMM=1 \
	  $(GPU_PIP) install --no-deps --no-build-isolation --no-binary deepspeed --require-hashes -r infra/gpu/deepspeed.lock
	@touch $@

test-gpu: gpu-environment ## Train and generate with a tiny model, with the real engines, on a CPU
	PYTHONPATH=. HF_HUB_OFFLINE=1 $(GPU)/bin/python -m pytest -c tests/gpu/pytest.ini tests/gpu

clean: ## Remove the environment and everything that was built
	rm -rf $(VENV) $(GPU) .workflowbench .test-output
