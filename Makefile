# Everything sets itself up: a Python 3.11, make and the package registries are enough.
PYTHON ?= python3.11
BIN := .venv/bin
WORKERS ?= 2

.PHONY: demo test check format serve simulate torture lock clean

demo: .venv/ready
	$(BIN)/tillbridge demo

test: .venv/ready
	$(BIN)/pytest -q -n $(WORKERS) --dist worksteal

check: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# SEEDS stories of the simulation, for a night: make simulate SEEDS=100000
simulate: .venv/ready
	$(BIN)/python -m tests.simulation --seeds $(or $(SEEDS),1000)

# The long power-cut and fault runs.
torture: .venv/ready
	$(BIN)/pytest -q -m torture tests/torture

lock: .venv/ready
	$(BIN)/pip install -q pip-tools
	$(BIN)/pip-compile -q --generate-hashes --allow-unsafe --strip-extras --no-header \
	  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
	  --output-file deploy/requirements.lock deploy/requirements.in

.venv/ready: deploy/requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r deploy/requirements.lock
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch .venv/ready

clean:
	rm -rf .venv build *.egg-info
