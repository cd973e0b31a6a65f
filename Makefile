# What is done with Foyer. Running and building need Go alone; css, dev and the
# browser tests need Node too.

SHELL := /bin/bash
.DEFAULT_GOAL := help

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
TAGS :=
LINTER := go tool -modfile=tools/go.mod golangci-lint

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## Start Foyer with the stand-in Symphony and sign-in
	@echo "Compiling Foyer, which takes a minute or two the first time."
	@go run .

.PHONY: dev
dev: node_modules ## The same with live reload at http://127.0.0.1:7331
	scripts/dev

.PHONY: test
test: ## Run every test, browser and PostgreSQL included
	@scripts/test

.PHONY: cover
cover: ## Run every test and show the coverage by function
	@scripts/test -coverpkg=./... -coverprofile=coverage.out ./...
	@go tool cover -func=coverage.out

.PHONY: bench
bench: ## Run the benchmarks
	go test -run '^$$' -bench . -benchmem ./...

.PHONY: generate
generate: ## Format the templ pages and generate their Go
	go tool templ fmt views
	go tool templ generate -path views
	go generate ./...

.PHONY: css
css: node_modules ## Build the style sheet and copy htmx
	npm run --silent css
	cp node_modules/htmx.org/dist/htmx.min.js static/htmx.min.js

.PHONY: fmt
fmt: ## Format the Go and templ code
	go tool templ fmt views
	$(LINTER) fmt

.PHONY: lint
lint: ## Look for mistakes in the Go code
	$(LINTER) run
	go vet -tags nosandbox . ./command/

.PHONY: tidy
tidy: # Say whether go.mod and go.sum are as they must be
	go mod tidy -diff

.PHONY: fmt-check
fmt-check: # Say what make fmt would change
	$(LINTER) fmt --diff

.PHONY: check
check: ## All of the above that a change must pass, on a committed tree
	@$(MAKE) --no-print-directory generate css tidy fmt-check lint test clean-tree

.PHONY: clean-tree
clean-tree: # Fail if anything is not committed, generated files above all
	@changes=$$(git status --porcelain) && if [[ -n $$changes ]]; then \
		echo "not committed:"; echo "$$changes"; git --no-pager diff --stat; exit 1; fi

.PHONY: build
build: ## Build the program into bin/foyer
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' $(TAGS) -o bin/foyer .

.PHONY: build-nosandbox
build-nosandbox: TAGS := -tags nosandbox
build-nosandbox: build ## The same without the stand-in Symphony and sign-in, for uat and prod

.PHONY: docker
docker: ## Build the container image foyer:VERSION, without the stand-in
	docker build --build-arg VERSION=$(VERSION) --tag foyer:$(VERSION) .

.PHONY: docker-demo
docker-demo: ## Build the image with the stand-in, foyer:VERSION-demo
	docker build --build-arg VERSION=$(VERSION) --target demo --tag foyer:$(VERSION)-demo .

node_modules: package-lock.json
	npm ci --ignore-scripts --no-audit --no-fund
	@touch node_modules
