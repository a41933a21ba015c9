# Everything runs in .venv of the checkout; RAADGRAAF_HOME (default ./var) holds what is written.
PORT ?= 8000
PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: serve install install-dev check test torture bench format docs clean

serve: install ## install, load, validate, publish and serve on 127.0.0.1:$(PORT)
	@$(BIN)/raadgraaf load || [ $$? -eq 1 ]
	@$(BIN)/raadgraaf serve --port $(PORT)

install: .venv/installed
install-dev: .venv/installed-dev

.venv/installed: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --editable .
	@touch $@

.venv/installed-dev: .venv/installed pyproject.toml
	@$(BIN)/pip install --quiet --editable .[dev]
	@touch $@

check: install-dev ## the part of the tests that takes less than a minute
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/turtlefmt --check ontology shapes data
	$(BIN)/pytest -n auto -m "not slow"

test: install-dev ## everything, with what it needs from Debian where root
	@sh tests/system-packages.sh
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/turtlefmt --check ontology shapes data
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n auto
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

format: install-dev ## put code and Turtle into their form
	$(BIN)/ruff format
	$(BIN)/ruff check --fix
	$(BIN)/turtlefmt ontology shapes data

docs: install-dev ## rewrite the pages of docs/ that are made from code, ontology and questions
	$(BIN)/python tests/documentation.py

torture: install-dev ## the tests that take long: thousands of damaged graphs, hundreds of killed loads, every page in every form
	RAADGRAAF_TORTURE=1 $(BIN)/pytest -n auto tests/test_validation.py tests/test_crash_safety.py tests/test_browser.py

bench: .venv/installed ## measure against other engines and write docs/benchmarks.md (an hour)
	@$(BIN)/pip install --quiet --editable .[bench]
	$(BIN)/python -m bench --date $(or $(DATE),$(shell date +%F)) var/bench

clean: ## delete what was installed and written here
	rm -rf .venv var build
