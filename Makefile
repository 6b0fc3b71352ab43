# Everything that is done more than once. `make grade` and `make test` set up what they need.
PYTHON ?= $(firstword $(foreach p,python3.11 python3.12 python3.13 python3,$(shell command -v $(p))))
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
INSTALL := -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
EXTRAS := nbgrader,dask,postgres,docs,dev
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
BENCH  ?=
OTTER  := .venv-otter
PYTEST  = $(BIN)/pytest --numprocesses 2 --dist loadgroup $(COVERAGE)
KILLS  ?= 1000
MUTANTS ?= 100
AS_ROOT := $(if $(filter 0,$(shell id -u)),,sudo)

# Install a Debian package, unless a command shows that it is not needed.
debian = { $(2); } || { $(AS_ROOT) apt-get update -qq && $(AS_ROOT) apt-get install -y -qq $(1); } || \
	{ echo '$(1) is needed: install it, and run this again.'; exit 1; }

.PHONY: help grade test test-slow test-all test-browser test-postgres test-gradescope postgresql \
        libseccomp docs verify format schema release bench bench-otter kills wheel student-wheel clean

help:  ## show this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 16

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 to 3.13 is needed, this is %d.%d: make PYTHON=..." % sys.version_info[:2] if not (3, 11) <= sys.version_info[:2] <= (3, 13) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python tools/cpu_torch.py $(TORCH_INDEX)
	$(BIN)/python $(INSTALL) --editable '.[$(EXTRAS)]'
	touch $@

grade: $(READY)  ## check the course and grade the sample class
	$(BIN)/autograder validate
	$(BIN)/autograder grade examples/submitted --json results.jsonl --feedback feedback

test: $(READY)  ## run the linters and the fast tests
	$(BIN)/ruff format --check --quiet
	$(BIN)/ruff check --quiet
	$(BIN)/lint-imports
	$(BIN)/mypy --num-workers 2
	$(PYTEST) -m 'not slow'

# Without a network, pip would try the index of CPU builds five times for every package.
test-slow: export PIP_RETRIES = 1
test-slow: $(READY) postgresql libseccomp  ## run the tests that `make test` leaves out
	POSTGRES=required GRADESCOPE=required $(PYTEST) $(if $(COVERAGE),--cov-append) -m slow

# Nothing is skipped for want of a program; the coverage is that of both runs.
test-all: export LIBSECCOMP = required
test-all: COVERAGE = --cov --cov-report=
test-all: libseccomp test test-slow test-browser verify  ## run everything, and print the coverage
	$(BIN)/coverage report

# Playwright brings no browser here: it drives Debian's.
$(VENV)/.browser: $(READY)
	$(BIN)/python $(INSTALL) --editable '.[$(EXTRAS),browser]'
	$(call debian,chromium,command -v chromium || command -v chromium-browser)
	touch $@

test-browser: $(VENV)/.browser  ## run the tests in a real browser: formgrader, JupyterLab
	$(BIN)/pytest tests/browser --override-ini 'norecursedirs=.*' $(if $(SCREENSHOTS),--screenshots $(SCREENSHOTS))

# The tests start a server of their own; of Debian's PostgreSQL they need the programs.
postgresql:
	$(call debian,postgresql,ls /usr/lib/postgresql/*/bin/initdb || command -v initdb)

libseccomp:  # a test compares the numbers of system calls with it
	$(call debian,libseccomp2,$(PYTHON) -c 'import ctypes; ctypes.CDLL("libseccomp.so.2")' 2> /dev/null)

test-postgres: $(READY) postgresql  ## run the tests of PostgreSQL as gradebook, with a real server
	POSTGRES=required $(BIN)/pytest tests/integrations/nbgrader/test_postgres.py

test-gradescope: $(READY)  ## build Gradescope's environment anew, and grade in it
	GRADESCOPE=required $(BIN)/pytest tests/integrations/gradescope/test_autograder_zip.py

docs: $(READY)  ## build the documentation in build/docs; a warning is an error
	$(BIN)/sphinx-build --fail-on-warning --keep-going --nitpicky --quiet docs build/docs

verify: $(READY)  ## test the tests: accepted answers, misconceptions, attacks, MUTANTS mutants
	$(BIN)/autograder verify --mutants $(MUTANTS)

format: $(READY)  ## format the code and fix what can be fixed
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

schema: $(READY)  ## generate the JSON Schema of course.yml
	$(BIN)/python -m autograder.course > autograder/course.schema.json

release: $(READY)  ## make the release versions in assignments/
	$(BIN)/autograder release

bench: $(READY)  ## compare with stock nbgrader; BENCH=--quick for a few minutes, see bench/README.md
	$(BIN)/python -m bench.bench $(BENCH)

bench-otter:  ## install otter-grader in an environment of its own, for `make bench`
	$(PYTHON) -m venv $(OTTER)
	$(OTTER)/bin/python tools/cpu_torch.py $(TORCH_INDEX)
	$(OTTER)/bin/python $(INSTALL) otter-grader==7.0.0 torch scikit-learn matplotlib ipykernel

kills: $(READY)  ## kill graders at random moments, KILLS times, and compare the grades
	$(BIN)/python -m bench.kills --kills $(KILLS)

wheel: $(READY)  ## build the wheel
	$(BIN)/python -m build --wheel

student-wheel: $(READY)  ## build the students' kit: autograder check, and nothing hidden
	$(BIN)/autograder package students --output dist

clean:  ## remove the virtual environment and what tests and builds left
	rm -rf $(VENV) $(OTTER) build dist .coverage .mypy_cache .pytest_cache .ruff_cache
