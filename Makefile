# Everything one does with this repository. The work is in scripts/, which run on their own too.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test build lint format docs site scoreboard fuzz sanitize faults audit zoo bench \
	microbench counts clean \
	wheel release-check screenshots system system-tests engine inspector manuals

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

demo: system engine ## train a network that flatlines and find out why
	@scripts/demo

test: system-tests lint build ## install what the tests need and run every check there is
	@scripts/run-tests

build: system engine inspector manuals .venv/.ready ## leave bin/, libdefib.so, share/ and .venv
	@echo "Built. Next: bin/defib --help, or in Python: .venv/bin/python -c 'import defib'"
	@echo "For your own environment: pip install -e $(CURDIR)/python"

wheel: ## leave a wheel in dist/ that works anywhere, after three builds of the engine
	@scripts/build-wheel

release-check: wheel engine .venv/.tests-ready ## build the wheel, prove it elsewhere, judge faults kept for it, write notes
	@scripts/prove-wheel
	@.venv/bin/python -m benchmarks.diagnosis --collection kept
	@scripts/release-notes >dist/NOTES.md
	@echo "The notes are in dist/NOTES.md."

lint: .venv/.tests-ready ## check format, style, types and file lengths
	@scripts/lint

format: .venv/.tests-ready ## format every source file
	@swift format --in-place --recursive --parallel Sources Tests Package.swift \
	  benchmarks/kernels/Package.swift benchmarks/kernels/Sources/microbench \
	  benchmarks/fuzz/Package.swift benchmarks/fuzz/Sources/fuzz
	@.venv/bin/ruff format python examples benchmarks scripts
	@.venv/bin/ruff check --fix python examples benchmarks scripts

scoreboard: engine .venv/.tests-ready ## diagnose real faults and sound models, and print how that went
	@.venv/bin/python -m benchmarks.diagnosis
	@.venv/bin/python -m benchmarks.reports

fuzz: engine .venv/.tests-ready ## attack it: CASES=5000 damaged runs, FILES=40000, or SECONDS=60 for each TARGET
ifdef SECONDS
	@scripts/fuzz $(SECONDS) $(TARGET)
else ifdef FILES
	@PYTHONPATH=python:python/src .venv/bin/python -m benchmarks.fuzz.files $(FILES) $(or $(SEED),1)
else
	@cd python && ../.venv/bin/python -m fuzz --cases $(or $(CASES),5000) --seed $(or $(SEED),1)
endif

sanitize: system-tests engine ## run the Swift tests and C programs with memory, and then threads, watched
	@scripts/sanitize $(or $(SANITIZER),address thread calls)

faults: engine .venv/.tests-ready ## kill, fill disks and forbid folders; nothing may be lost or left; FAULTS="--moments 9"
	@.venv/bin/python -m benchmarks.faults $(FAULTS)

audit: ## look for known holes in what the tests and a release install
	@scripts/make-venv --release
	@.venv-release/bin/python scripts/audit.py

zoo: engine .venv/.tests-ready ## replay models of many libraries, and write docs/models.md; ZOO="--only vit"
	@scripts/make-venv --zoo
	@.venv-zoo/bin/python -m benchmarks.zoo $(or $(ZOO),--write)

bench: engine .venv/.tests-ready ## time a replay beside PyTorch, plain and with hooks
	@.venv/bin/python -m benchmarks.replay $(BENCH)

microbench: system ## time single kernels; MICROBENCH="--filter products"
	@scripts/microbench $(MICROBENCH)

counts: system-tests ## count instructions of small workloads; COUNTS=--store accepts them
	@python3 -m benchmarks.instructions $(COUNTS)

site: .venv/.tests-ready ## build the documentation as a site in .site/html, and check its links
	@.venv/bin/python scripts/site.py
	@echo "The site is in .site/html/index.html."

screenshots: system-tests engine ## draw the page of a run in every look: RUN=runs/a, into .screenshots
	@scripts/screenshots.py .screenshots $(RUN)

docs: ## write the generated pages of docs/, and the picture of the README, anew
	@swift run devtool docs
	@scripts/picture.py

clean: ## remove what was built and installed here
	rm -rf .build .build-* bin share dist .venv .venv-* examples/*/runs python/src/defib/*.so .scoreboard .screenshots .site

system:
	@scripts/install-system-packages

system-tests:
	@scripts/install-system-packages --tests

engine: system
	@scripts/build-engine

inspector:
	@scripts/build-npyinspect

manuals: engine
	@scripts/manuals.py bin/libdefib.so .

.venv/.ready: scripts/make-venv | system
	@scripts/make-venv
	@touch $@

.venv/.tests-ready: scripts/make-venv python/requirements-test.txt python/requirements-debian.txt | system
	@scripts/make-venv --tests
	@touch $@ .venv/.ready
