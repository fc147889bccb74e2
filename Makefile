# make run · make test · make check · make bench
# Everything happens in .venv; nothing else on the machine is touched.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export HF_HUB_OFFLINE := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Where it is set, every process of the tests would compile all of heedful anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test test-kafka test-kube test-browser test-dashboards test-torch train one-set baseline teach evaluate check docs bench bench-nlp \
	extras lock licences sbom audit scan format clean

help:
	@echo "make run         start the whole platform and replay the example feedback"
	@echo "make test        all tests but those that need a broker, Kubernetes or torch"
	@echo "make test-kafka  the bus, faults and the whole platform on a real Apache Kafka broker:"
	@echo "                 HEEDFUL_TEST_KAFKA=host:port, KAFKA_HOME=folder, or Docker"
	@echo "make test-kube   the Kubernetes manifests on a real control plane with simulated nodes,"
	@echo "                 from ../shared/kube (needs kubectl)"
	@echo "make test-browser  the console in Debian's chromium, on the running platform"
	@echo "make test-dashboards  every query of the dashboards, on Debian's Prometheus at the running platform"
	@echo "make test-torch  the torch backend beside the onnx one (installs torch)"
	@echo "make train       the encoder, from its texts and pretrained start in ../shared (hours);"
	@echo "                 EXCLUDE=set leaves one out, TRAIN_DIR=folder keeps another run apart"
	@echo "make baseline SET=emotion   the same encoder on one set alone, in fp32 (up to hours)"
	@echo "make teach SET=emotion      that encoder as a teacher: make train heeds what it thinks"
	@echo "make evaluate    the shipped encoder on the dev parts of ../shared/data, and the rules"
	@echo "                 on the labelled voices of tests/data/voice"
	@echo "make check       ruff, mypy, import-linter, generated files fresh, locks and licences"
	@echo "make docs        write the generated files anew"
	@echo "make bench       the benchmarks (need a Kafka broker)"
	@echo "make bench-nlp   nlp beside transformers.pipeline and SnowNLP (installs torch)"
	@echo "make extras      what each service's image holds, from its lock, in a clean venv"
	@echo "make lock        the locks of all images anew; UPGRADE=name or UPGRADE='*' takes the newest"
	@echo "make licences    docs/licences.md, from what the locked packages state"
	@echo "make sbom        a bill of materials for each image, in build/sbom"
	@echo "make scan        kubernetes-validate, checkov and hadolint on the manifests and the Dockerfile"
	@echo "make audit       known vulnerabilities of what the images hold (asks PyPI)"

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "heedful needs Python 3.11 or newer: make run PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed-all: pyproject.toml | $(VENV)/bin/python
	@echo "Installing heedful into $(VENV); the first time takes a minute or two."
	@$(BIN)/pip install -q -e '.[all]'
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(VENV)/bin/python
	@echo "Installing heedful and its development tools into $(VENV); this takes a few minutes."
	@$(BIN)/pip install -q -e '.[all,dev]'
	@touch $@ $(VENV)/.installed-all

$(VENV)/.installed-torch: $(VENV)/.installed-dev
	$(BIN)/pip install -q -e '.[all,dev,nlp-torch,train]'
	@touch $@

# Tools from locks of their own: uv and what looks after the locks, and, because it wants other versions
# of the same, what reads the deployment.
SUPPLY := .venv-supply
SCAN := .venv-scan
LOCKED := --only-binary :all: --no-deps --require-hashes

$(SUPPLY)/.installed: .ci/requirements/uv.txt .ci/requirements/supply.txt | $(VENV)/bin/python
	@$(BIN)/python -m venv $(SUPPLY)
	@$(SUPPLY)/bin/pip install -q $(LOCKED) -r .ci/requirements/uv.txt
	@$(SUPPLY)/bin/uv pip install -q --python $(SUPPLY)/bin/python $(LOCKED) -r .ci/requirements/supply.txt
	@touch $@

$(SCAN)/.installed: .ci/requirements/scan.txt $(SUPPLY)/.installed
	@$(SUPPLY)/bin/uv venv -q --clear --python $(BIN)/python $(SCAN)
	@$(SUPPLY)/bin/uv pip install -q --python $(SCAN)/bin/python $(LOCKED) -r $<
	@touch $@

run: $(VENV)/.installed-all
	@exec $(BIN)/heedful up --demo

# Three processes for two cores: many tests wait for servers, sessions and leases.
test: $(VENV)/.installed-dev
	$(BIN)/pytest tests --ignore tests/torch --ignore tests/browser --ignore tests/dashboards \
		-m 'not kafka and not kube' -n 3 --dist worksteal

# Apart, and one at a time: who runs heedful from the README has no broker, and a broker and four
# services take all of two cores.
test-kafka: $(VENV)/.installed-dev
	$(BIN)/pytest tests --ignore tests/torch --ignore tests/browser -m kafka

# Apart, too: a real browser at one running platform.
test-browser: $(VENV)/.installed-dev
	$(BIN)/pytest tests/browser

# Apart, too: Prometheus at four services, which takes a minute of waiting.
test-dashboards: $(VENV)/.installed-dev
	$(BIN)/pytest tests/dashboards

# Apart, too: one control plane for all of them, two minutes.
test-kube: $(VENV)/.installed-dev
	$(BIN)/pytest tests/kube

test-torch: $(VENV)/.installed-torch
	$(BIN)/pytest tests/torch

# One single-threaded process for each core wastes less than threads that wait for each other.
TRAIN_DIR ?= build/train
TRAIN_PROCESSES ?= 2
train: $(VENV)/.installed-torch
	OMP_NUM_THREADS=1 $(BIN)/torchrun --standalone --nproc-per-node $(TRAIN_PROCESSES) \
		-m heedful.nlp.train --folder $(TRAIN_DIR) $(foreach set,$(EXCLUDE),--exclude $(set)) \
		$(if $(wildcard build/taught/*.npz),--taught build/taught)
	$(BIN)/python -m heedful.nlp.train.ship --folder $(TRAIN_DIR)

# The same encoder, one set, fp32.
one-set: $(VENV)/.installed-torch
	OMP_NUM_THREADS=1 $(BIN)/torchrun --standalone --nproc-per-node $(TRAIN_PROCESSES) \
		-m heedful.nlp.train --only $(SET) --fp32 --folder build/baseline/$(SET)

# What the shipped model is held against.
baseline: one-set
	$(BIN)/python -m heedful.nlp.train.evaluate --sets $(SET) --beside build/baseline/$(SET)

# What an encoder of one set thinks of its texts: `make train` heeds what stands in build/taught.
teach: one-set
	$(BIN)/python -m heedful.nlp.train.heeding --set $(SET) --teacher build/baseline/$(SET)

evaluate: $(VENV)/.installed-dev
	$(BIN)/python -m heedful.nlp.train.evaluate
	$(BIN)/python -m heedful.nlp.train.voice tests/data/voice/*.jsonl
	$(BIN)/python -m heedful.nlp.train.ordinary

check: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m heedful.cli.documents --check docs --deploy deploy
	$(BIN)/python -m tests.packaging.lock --check
	$(BIN)/python -m tests.packaging.licences --check

docs: $(VENV)/.installed-dev
	$(BIN)/python -m heedful.cli.documents docs --deploy deploy

bench: $(VENV)/.installed-dev
	$(BIN)/python benchmarks/ingest_http.py
	$(BIN)/python benchmarks/runtime.py
	$(BIN)/python benchmarks/latency.py
	$(BIN)/python benchmarks/memory.py
	$(BIN)/python benchmarks/starts.py
	$(BIN)/python benchmarks/enrich_http.py
	$(BIN)/python benchmarks/redaction.py
	$(BIN)/python benchmarks/calendars.py
	$(BIN)/python benchmarks/timers.py
	$(BIN)/python benchmarks/openings.py
	$(BIN)/python benchmarks/alarm_latency.py
	$(BIN)/python benchmarks/deliveries.py
	$(BIN)/python benchmarks/board.py

bench-nlp: $(VENV)/.installed-torch
	$(BIN)/pip install -q snownlp
	$(BIN)/python benchmarks/nlp.py
	$(BIN)/python benchmarks/backends.py

extras: $(VENV)/.installed-dev
	$(BIN)/python tests/packaging/extras.py

lock: $(VENV)/.installed-dev $(SUPPLY)/.installed
	$(BIN)/python -m tests.packaging.lock --uv $(SUPPLY)/bin/uv \
		$(foreach name,$(UPGRADE),--upgrade '$(name)') $(if $(EXTRA_INDEX),--extra-index $(EXTRA_INDEX))
	$(if $(EXTRA_INDEX),PIP_EXTRA_INDEX_URL=$(EXTRA_INDEX)) \
		$(BIN)/python -m tests.packaging.licences --pip $(SUPPLY)/bin/pip

licences: $(VENV)/.installed-dev $(SUPPLY)/.installed
	$(BIN)/python -m tests.packaging.licences --pip $(SUPPLY)/bin/pip

sbom: $(VENV)/.installed-dev $(SUPPLY)/.installed
	$(BIN)/python -m tests.packaging.sbom build/sbom
	$(SUPPLY)/bin/python tests/packaging/validate_sbom.py build/sbom/*.cdx.json

audit: $(VENV)/.installed-dev $(SUPPLY)/.installed
	$(BIN)/python -m tests.packaging.audit --pip-audit $(SUPPLY)/bin/pip-audit -- $(AUDIT)

scan: $(VENV)/.installed-dev $(SCAN)/.installed
	$(BIN)/python -m tests.packaging.scan --tools $(SCAN)/bin

format: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) $(SUPPLY) $(SCAN) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
