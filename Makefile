# What one does with this project; `make help` lists it. Nothing here needs root, and a path with spaces will do.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
UV := uv==0.13.9
PY := .venv/bin/python
# one more than there are cores: tests wait for the database and the browser
WORKERS ?= 3
PORT ?= 8000
TESTS ?= tests
BENCHMARKS ?= audit_insert audit_verify seal prove cast flow room browsers rehearsals pages papers sign
export UV_PYTHON_DOWNLOADS := never
export DJANGO_SETTINGS_MODULE := config.settings
# What was compiled once is kept: the tests start many processes.
export PYTHONDONTWRITEBYTECODE :=

# The tests and the checks use the embedded database and the settings of production, whatever .env says.
HERMETIC := env DATABASE_URL= DATABASE_OWNER_URL= LIANXI_DEMO=false DEBUG=false
DEMO := env LIANXI_DEMO=true STATIC_COLLECTED=true PYTHONUNBUFFERED=1

.PHONY: help env demo demo-reset guides test test-slow bench lint format

help:  ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

env: .venv/.complete  ## make or renew .venv from uv.lock

# Made anew only when the lock changes; a half-made one has no .complete and is made again. Debian's own Python
# comes first: one compiled without profile-guided optimisation takes a fifth longer for everything.
.venv/.complete: uv.lock
	@found=; \
	for python in "$${PYTHON:-}" /usr/bin/python3.11 python3.11 python3 python; do \
	  if [ -n "$$python" ] && "$$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; \
	  then found=$${found:-$$python}; \
	    if [ "$$python" = "$${PYTHON:-}" ] || "$$python" -c 'import ensurepip, venv' 2>/dev/null; \
	    then found=$$python; break; fi; \
	  fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "Python 3.11 is needed and was not found. Install it (on Debian: apt-get install python3.11 python3.11-venv)," >&2; \
	  echo "or name it: make env PYTHON=/path/to/python3.11" >&2; exit 1; \
	fi; \
	if ! "$$found" -c 'import ensurepip, venv' 2>/dev/null; then \
	  echo "This Python 3.11 has no venv module (on Debian: apt-get install python3.11-venv)." >&2; exit 1; \
	fi; \
	if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then \
	  rm -rf .venv; \
	fi; \
	echo "Making .venv ..."; \
	[ -x .venv/bin/pip ] || "$$found" -m venv .venv; \
	$(PY) -m pip install --quiet --disable-pip-version-check '$(UV)'; \
	VIRTUAL_ENV="$$PWD/.venv" .venv/bin/uv sync --quiet --frozen --active; \
	touch .venv/.complete

demo: env  ## play the rehearsals and serve the site on 127.0.0.1:8000 (PORT=8001 for another)
	@$(DEMO) $(PY) manage.py compile_messages --verbosity 0
	@$(DEMO) $(PY) manage.py migrate --verbosity 0
	@SIGNING=$${SIGNING:-true} $(DEMO) $(PY) manage.py demo --port $(PORT) || [ $$? -eq 130 ]

demo-reset: env  ## stop the demo's database and remove it with all that was done
	@$(DEMO) $(PY) manage.py database reset --yes

guides: env  ## take the pictures of docs/guides anew, and every page in eight combinations into var/pages
	@$(HERMETIC) $(PY) manage.py compile_messages --verbosity 0
	@$(PY) -m docs.screenshots
	@$(PY) -m docs.every_page

test: env  ## run the tests, on two cores
	@$(HERMETIC) $(PY) manage.py compile_messages --verbosity 0
	@$(HERMETIC) $(PY) -m pytest -n $(WORKERS) --dist worksteal $(TESTS)

test-slow: env  ## run the long crash and race tests
	@$(HERMETIC) $(PY) manage.py compile_messages --verbosity 0
	@$(HERMETIC) $(PY) -m pytest -n $(WORKERS) --dist worksteal -m slow $(TESTS)

bench: env  ## measure what benchmarks/ measures, as ratios within one run
	@for each in $(BENCHMARKS); do $(HERMETIC) $(PY) -m benchmarks.$$each; done

lint: env  ## check style, templates, types, import directions, migrations, deployment settings and generated documents
	@status=0; \
	check() { echo "== $$1"; shift; "$$@" || status=1; }; \
	check "style" $(PY) -m ruff check --quiet --output-format concise .; \
	check "form" $(PY) -m ruff format --quiet --check --output-format concise .; \
	check "types" $(HERMETIC) $(PY) -m mypy; \
	check "imports" $(PY) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()' --no-logo; \
	check "migrations" $(HERMETIC) $(PY) manage.py makemigrations --check --dry-run; \
	check "deployment" $(HERMETIC) SECRET_KEY="$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(60))')" \
	  ALLOWED_HOSTS=lianxi.example CSRF_TRUSTED_ORIGINS=https://lianxi.example \
	  $(PY) manage.py check --deploy --fail-level WARNING; \
	check "translations" $(HERMETIC) $(PY) manage.py compile_messages --check; \
	check "generated documents" $(PY) -m docs.generate --check; \
	exit $$status

format: env  ## put the sources into their form
	@$(PY) -m ruff check --fix --quiet . || true
	@$(PY) -m ruff format .
	@.venv/bin/djangofmt --quiet templates
