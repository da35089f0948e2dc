# make run     set up an isolated environment and run the main job on data/raw
# make test    set up and run every test, lint and type check; to run tests one after the other: make test WORKERS=
# make test-fast  run the tests of pure functions and their cases, which takes less than a minute
# make test-browser  set up and run the tests of the review page; Chromium must be installed
# make test-spark  set up and run the tests on Spark; Java 17 or newer must be installed
# make audit   open the page on which people review duplicates
# make report  write the notebooks as HTML pages to data/processed/reports
# make lab     open the notebooks
# make notebooks  run the notebooks on data/raw and save their outputs
# make bench   compare time and memory of runs with a reference and other tools; other sizes: make bench BENCH="--mb 1000"
# make docs    build the documentation site in build/site, check its links, and run the commands of the documentation
# make pictures  take the pictures of the documentation again; Chromium must be installed
# make dist    build the wheel and the source distribution in dist/, and check them
# make advisories  look up known weaknesses of the locked libraries (needs the network); part of every release
# make lock    renew the lock files (needs uv)

VENV := .venv
BIN := $(VENV)/bin
# The first Python that is 3.11 or newer; to use another: make run PYTHON=python3.13
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
BENCH ?= --peers
# How many tests run at once: one per core, but at most four, because each process imports everything.
WORKERS ?= --numprocesses logical --maxprocesses 4 --dist worksteal
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: run audit report test test-fast test-browser test-spark lab notebooks docs pictures dist lock advisories bench clean

run: $(VENV)/run-ready
	@$(BIN)/qaledger run data/raw

audit: $(VENV)/test-ready run
	$(BIN)/qaledger audit

report: run
	$(BIN)/qaledger report

test: $(VENV)/test-ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy & types=$$!; $(BIN)/python -m pytest $(WORKERS); status=$$?; wait $$types && exit $$status

test-fast: $(VENV)/test-ready
	$(BIN)/python -m pytest $(WORKERS) -m "not slow and not browser and not spark and not docs"

test-browser: $(VENV)/test-ready
	@command -v chromium >/dev/null || { echo "make test-browser needs Chromium; install it, on Debian: apt-get install chromium" >&2; exit 2; }
	$(BIN)/python -m pytest -m browser tests

test-spark: $(VENV)/spark-ready
	@"$${JAVA_HOME:+$$JAVA_HOME/bin/}java" -version >/dev/null 2>&1 || \
		{ echo "make test-spark needs Java 17 or newer; install it, on Debian: apt-get install openjdk-17-jre-headless" >&2; exit 2; }
	$(BIN)/python -m pytest -m spark tests/spark

lab: $(VENV)/run-ready
	$(PIP) install 'jupyterlab>=4.2'
	$(BIN)/jupyter lab notebooks

notebooks: run
	$(BIN)/jupyter nbconvert --log-level=ERROR --to notebook --execute --inplace \
		--ExecutePreprocessor.record_timing=False notebooks/*.ipynb

docs: $(VENV)/docs-ready
	$(BIN)/mkdocs build --quiet --strict
	$(BIN)/python -m pytest $(WORKERS) -m docs tests

pictures: $(VENV)/test-ready
	$(BIN)/python docs/pictures.py

dist: $(VENV)/bin/python
	$(PIP) install 'pip>=25.1'
	$(PIP) install --group release
	rm -rf build dist
	$(BIN)/python -m build
	$(BIN)/twine check --strict dist/*

lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --upgrade \
		pyproject.toml --group build --output-file requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		pyproject.toml --extra formats --extra audit --group dev --group browser \
		--constraint requirements.lock --output-file requirements-dev.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--group spark --output-file requirements-spark.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--group docs --constraint requirements-dev.lock --output-file requirements-docs.lock

# Not a test: the list of weaknesses changes without a commit, and the tests run without network.
advisories: $(VENV)/bin/python
	@$(BIN)/python -m venv $(VENV)/advisories
	@$(VENV)/advisories/bin/python -m pip --disable-pip-version-check --quiet install pip-audit
	for lock in requirements.lock requirements-dev.lock requirements-spark.lock; do \
		$(VENV)/advisories/bin/pip-audit --disable-pip --require-hashes --strict --requirement $$lock || exit 1; done

bench: $(VENV)/bench-ready
	$(BIN)/python -m benchmarks.suite $(BENCH)

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "qaledger needs Python 3.11 or newer; install one, or name it: make run PYTHON=python3.13" >&2; exit 2; }
	@echo "Setting up $(VENV) with $$($(PYTHON) --version); this is done once and takes about a minute." >&2
	@$(PYTHON) -m venv $(VENV)

# pip cannot check hashes of an editable install, so the package itself is installed separately, without dependencies.
$(VENV)/run-ready: requirements.lock pyproject.toml | $(VENV)/bin/python
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/test-ready: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/spark-ready: requirements-spark.lock $(VENV)/test-ready
	@$(PIP) install --require-hashes --no-build-isolation -r requirements-spark.lock
	@touch $@

$(VENV)/docs-ready: requirements-docs.lock $(VENV)/test-ready
	@$(PIP) install --require-hashes -r requirements-docs.lock
	@touch $@

# The other tools are not part of the lock files, because they are only measured. Groups need a pip of 25.1 or newer.
$(VENV)/bench-ready: $(VENV)/run-ready
	@$(PIP) install 'pip>=25.1'
	@$(PIP) install --group bench
	@touch $@
