# The commands of the house. `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
LANGUAGES := $(patsubst %.po,%.mo,$(wildcard handlers/translations/*/LC_MESSAGES/messages.po))

.PHONY: help install run test test-long lint bench package deploy lock clean translations docs screenshots mutation

help: ## List the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort

install: $(STAMP) $(LANGUAGES) ## Make .venv with all that run and test need

$(STAMP): requirements.txt requirements-xlsform.txt requirements-dev.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt -r requirements-xlsform.txt -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

%.mo: %.po $(STAMP)
	$(BIN)/pybabel --quiet compile --input-file $< --output-file $@ --use-fuzzy --locale $(notdir $(patsubst %/LC_MESSAGES/,%,$(dir $<)))

run: install ## Load the example years into ./var (once) and serve them at http://127.0.0.1:8000
	$(BIN)/zhibao run-example

test: install ## Everything but the long explorations, browser journeys included
	$(BIN)/pytest -m "not long" -n 2 --dist loadfile --no-loadscope-reorder --cov --cov-report=term:skip-covered

test-long: install ## The long explorations
	$(BIN)/pytest -m long
	$(MAKE) mutation AREA=machine

AREA ?= machine rules
mutation: .venv-mutation/.installed $(LANGUAGES) ## Deliberate faults in the core (AREA=machine: ten minutes; rules: an hour): the tests must notice 85 %
	for area in $(AREA); do .venv-mutation/bin/python -m tests.mutating $$area 85 || exit 1; done

.venv-mutation/.installed: requirements-mutation.txt $(STAMP)
	test -x .venv-mutation/bin/python || $(PYTHON) -m venv .venv-mutation
	.venv-mutation/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt -r requirements-dev.txt
	.venv-mutation/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-mutation.txt
	.venv-mutation/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

lint: install ## Style, types, import contracts, translations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: install ## Measure; prints ratios, cores and load
	$(BIN)/python -m benchmarks

package: install ## Build what goes to Lambda into dist/ (needs no AWS account)
	$(BIN)/python -m infra.package

.venv-deploy/.installed: requirements-deploy.txt
	test -x .venv-deploy/bin/python || $(PYTHON) -m venv .venv-deploy
	.venv-deploy/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-deploy.txt
	touch $@

deploy: ## Bring the package to STAGE=... (docs/deploying.md; needs an AWS account)
	@test -n "$(STAGE)" || { echo "make deploy STAGE=dev|production|production_tables|china|china_tables"; exit 2; }
	$(MAKE) package .venv-deploy/.installed
	if .venv-deploy/bin/zappa status $(STAGE) >/dev/null 2>&1; then \
	  .venv-deploy/bin/zappa update $(STAGE) --zip dist/zhibao.zip; else \
	  .venv-deploy/bin/zappa deploy $(STAGE) --zip dist/zhibao.zip; fi

translations: install ## Bring the catalogues up to date with the texts in the code
	$(BIN)/pybabel --quiet extract --mapping babel.cfg --no-location --sort-output --project zhibao --copyright-holder Zhibao --output handlers/translations/messages.pot handlers
	$(BIN)/pybabel --quiet update --input-file handlers/translations/messages.pot --output-dir handlers/translations --no-fuzzy-matching --ignore-pot-creation-date

docs: install ## Write the generated pages anew
	$(BIN)/python -m docs.generate

screenshots: install ## Take the pictures of docs/screenshots anew
	$(BIN)/python -m docs.take_screenshots

lock: ## Pin the dependencies anew, with hashes
	for name in requirements requirements-xlsform requirements-deploy requirements-dev requirements-build requirements-mutation; do \
	  $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --no-emit-options --no-header --output-file $$name.txt $$name.in || exit 1; done

clean: ## Remove what was built (not ./var)
	rm -rf .venv .venv-deploy .venv-mutation mutants dist build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*
