# Common tasks. Each target installs what it needs; `make help` lists them.
PYTHON ?= $(firstword $(foreach p,python3.11 python3.12 python3.13 python3,$(shell command -v $(p))))
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
INSTALL := -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
EXTRAS := nbgrader,dask,postgres,pandas,docs,dev
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
BENCH  ?=
OTTER  := .venv-otter
PYTEST  = $(BIN)/pytest --numprocesses 2 --dist loadscope
KILLS  ?= 1000
REPLIES ?= 100000
MUTANTS ?= 25
HONEST := sandbox/test_honest_work.py sandbox/test_libraries.py sandbox/test_series.py \
	sandbox/worker/test_one_process.py grading/test_later_cells.py
unexport PYTHONDONTWRITEBYTECODE  # or each of the many processes of a test run compiles everything
AS_ROOT := $(if $(filter 0,$(shell id -u)),,sudo)

# Install a Debian package unless a command succeeds, which shows that it is installed.
debian = { $(2); } || { $(AS_ROOT) apt-get update -qq && $(AS_ROOT) apt-get install -y -qq $(1); } || \
	{ echo 'Install $(1) and run make again.'; exit 1; }

.PHONY: help grade test test-slow test-all test-browser test-postgres test-gradescope coverage \
        postgresql libseccomp nbgrader-tests calls docs verify format schema release bench bench-otter kills fuzz load \
        wheel student-wheel clean

help:  ## list the targets
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
	$(BIN)/autograder insight results.jsonl

# Types are checked beside the tests: mypy alone takes one processor for most of a minute.
test: $(READY)  ## run the linters and the fast tests
	$(BIN)/ruff format --check --quiet
	$(BIN)/ruff check --quiet
	$(BIN)/lint-imports
	$(BIN)/mypy --no-error-summary & $(PYTEST) -m 'not slow'; tests=$$?; wait $$! && exit $$tests

# Without a network, pip would query the index of CPU builds five times for every package.
test-slow: export PIP_RETRIES = 1
test-slow: $(READY) postgresql libseccomp  ## run the slow tests
	POSTGRES=required GRADESCOPE=required $(PYTEST) --numprocesses 3 -m slow

# No test is skipped because of a missing program. The assignments are verified every week.
test-all: export LIBSECCOMP = required
test-all: libseccomp test test-slow test-browser  ## run all tests

# Measured tests take half as long again.
coverage: $(READY)  ## print what the fast tests reach
	$(PYTEST) -m 'not slow' --cov

# Playwright drives Debian's browser instead of downloading its own.
$(VENV)/.browser: $(READY)
	$(BIN)/python $(INSTALL) --editable '.[$(EXTRAS),browser]'
	$(call debian,chromium,command -v chromium || command -v chromium-browser)
	touch $@

test-browser: $(VENV)/.browser  ## test formgrader, JupyterLab and the page of a class in a real browser
	$(PYTEST) tests/browser --override-ini 'norecursedirs=.*' $(if $(SCREENSHOTS),--screenshots $(SCREENSHOTS))

# The tests start their own server; they need only the programs of Debian's PostgreSQL.
postgresql:
	$(call debian,postgresql,ls /usr/lib/postgresql/*/bin/initdb || command -v initdb)

libseccomp:  # a test compares our system call numbers with those of libseccomp
	$(call debian,libseccomp2,$(PYTHON) -c 'import ctypes; ctypes.CDLL("libseccomp.so.2")' 2> /dev/null)

test-postgres: $(READY) postgresql  ## test a gradebook in PostgreSQL, with a real server
	POSTGRES=required $(BIN)/pytest tests/integrations/nbgrader/test_postgres.py

test-gradescope: $(READY)  ## rebuild Gradescope's environment and grade in it
	GRADESCOPE=required $(BIN)/pytest tests/integrations/gradescope/test_autograder_zip.py

nbgrader-tests: $(READY)  ## run nbgrader's own tests, without and with the kit
	$(BIN)/python tools/nbgrader_tests.py

calls: $(READY)  ## record the system calls of student processes in the honest tests
	$(call debian,strace,command -v strace)
	$(BIN)/python tools/record_calls.py tests/sandbox/worker/recorded_calls.txt \
		$(BIN)/pytest -p no:xdist $(addprefix tests/,$(HONEST))

docs: $(READY)  ## build the documentation in build/docs; a warning is an error
	$(BIN)/sphinx-build --fail-on-warning --keep-going --nitpicky --quiet docs build/docs

verify: $(READY)  ## test the tests of all assignments, or of ASSIGNMENT, also by MUTANTS mutants
	$(BIN)/autograder verify $(ASSIGNMENT) --mutants $(MUTANTS)

format: $(READY)  ## format the code and apply automatic fixes
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

schema: $(READY)  ## generate the JSON Schema of course.yml
	$(BIN)/python -m autograder.course > autograder/course.schema.json

release: $(READY)  ## make the release versions in assignments/
	$(BIN)/autograder release

bench: $(READY)  ## compare with stock nbgrader; BENCH=--quick for a few minutes, see bench/README.md
	$(BIN)/python -m bench.bench $(BENCH)

bench-otter:  ## install otter-grader in a separate environment, for `make bench`
	$(PYTHON) -m venv $(OTTER)
	$(OTTER)/bin/python tools/cpu_torch.py $(TORCH_INDEX)
	$(OTTER)/bin/python $(INSTALL) otter-grader==7.0.0 torch scikit-learn matplotlib ipykernel

kills: $(READY)  ## kill graders at random, KILLS times, and compare the grades
	$(BIN)/python -m bench.kills --kills $(KILLS)

fuzz: $(READY)  ## answer the grader with hostile replies, REPLIES of them; each submission gets its record
	$(BIN)/python -m bench.fuzz --replies $(REPLIES)

load: $(READY)  ## grade on a busy machine, and compare the grades with those of a quiet one
	$(BIN)/python -m bench.load

wheel: $(READY)  ## build the wheel
	$(BIN)/python -m build --wheel

student-wheel: $(READY)  ## build the students' kit: autograder check, without hidden tests
	$(BIN)/autograder package students --output dist

clean:  ## remove virtual environments, caches and builds
	rm -rf $(VENV) $(OTTER) build dist .coverage .mypy_cache .pytest_cache .ruff_cache
