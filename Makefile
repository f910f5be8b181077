# Two commands matter: make demo (sets up, builds, shows the sample district) and make test (sets up, checks all).
# On Debian 12 they need only Go, git and make to be there; see setup.sh.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := build
.DELETE_ON_ERROR:
.NOTPARALLEL:

GO ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
FUZZTIME ?= 30s
LISTEN ?= 127.0.0.1:8080

WEB := server/web
WEB_SOURCES := $(shell find $(WEB) \( -name node_modules -o -name dist \) -prune -o -type f ! -name '*.go' -print 2>/dev/null)
# Marks of the last npm ci and web build lie in node_modules, since what is in dist is embedded.
WEB_INSTALLED := $(WEB)/node_modules/.muscope-installed
WEB_BUILT := $(WEB)/node_modules/.muscope-built

# Packages with goroutines of their own, run again under the race detector (folders that exist).
RACE := $(addprefix ./,$(addsuffix /...,$(wildcard geo/geojson data/ingest data/spool data/postgis server))) \
	$(addprefix ./,$(wildcard analysis))

.PHONY: build setup web test check unit race smoke demo bench fuzz golden lint clean help

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | sort | expand -t 10

setup: ## install what is missing (Debian packages; root or sudo)
	@sh setup.sh

web: setup $(WEB_BUILT) ## build the page that is embedded into the binary

$(WEB_INSTALLED): $(WEB)/package.json $(WEB)/package-lock.json
	cd $(WEB) && (npm ci --no-audit --no-fund || (sleep 5 && npm ci --no-audit --no-fund))
	@touch $@

# Also where somebody emptied dist.
ifeq ($(wildcard $(WEB)/dist/index.html),)
.PHONY: $(WEB_BUILT)
endif
$(WEB_BUILT): $(WEB_INSTALLED) $(WEB_SOURCES)
	cd $(WEB) && npm run build
	@touch $@

build: web ## bin/muscope
	$(GO) build -trimpath -ldflags '-X main.version=$(VERSION)' -o bin/muscope ./cmd/muscope

demo: build ## private PostGIS, sample district, map in the browser
	bin/muscope demo --listen $(LISTEN)

# The order: what fails soonest comes first.
test: web check unit race smoke ## everything: format, vet, tests, races, a round of each benchmark

check: # formatting and vet
	@unformatted=$$(find . -name node_modules -prune -o -name '*.go' -print0 | xargs -0 -r gofmt -l); \
	if [ -n "$$unformatted" ]; then echo "gofmt -w these files:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	@for script in setup.sh .ci/* data/postgis/*.sh; do \
		case $$(head -n 1 $$script) in *bash*) bash -n $$script ;; *) sh -n $$script ;; esac; done

# -count=1: results that depend on a database and a browser are never taken from the cache.
unit: # all tests, rules' cases and browser among them
	$(GO) test -count=1 -timeout 20m ./...

race: # the browser test gains nothing from it and would be timed out by it
	$(GO) test -count=1 -timeout 20m -race -skip '^TestBrowser' $(RACE)

smoke: # each benchmark once, so that none rots
	$(GO) test -count=1 -timeout 20m -short -run '^$$' -bench . -benchtime 1x ./...

bench: build ## the published benchmarks, as a table (takes long)
	bin/muscope bench run
	$(GO) test -count=1 -timeout 20m -run '^$$' -bench '^BenchmarkTiles$$' -benchtime 1x ./server

fuzz: ## each fuzz target for FUZZTIME (30s)
	GO='$(GO)' .ci/fuzz $(FUZZTIME)

golden: web ## renew the golden files; read the diff before committing it
	@packages=$$(git grep -lE 'flag\.Bool\("update"' -- '*_test.go' | xargs -r -n 1 dirname | sort -u | sed 's|^|./|') || true; \
	if [ -n "$$packages" ]; then $(GO) test -count=1 $$packages -update; fi
	git status --short

lint: check ## go vet, and golangci-lint where it is installed
	@if command -v golangci-lint >/dev/null; then golangci-lint run; \
	else echo "golangci-lint isn't installed (https://golangci-lint.run); its settings are in .golangci.yml"; fi

clean: ## remove what make built
	rm -rf bin $(WEB)/node_modules
	git clean -fdXq -- $(WEB)
