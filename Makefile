# The two commands are `make run` and `make test`; scripts/ holds what they do.

# Build output may live elsewhere: cargo, cargo-leptos and the scripts read this variable, too.
TARGET_DIR := $(or $(CARGO_TARGET_DIR),target)
LISTEN ?= 127.0.0.1:3000
DATA_DIR ?= data

.PHONY: help run test check setup build

help:
	@echo "make run     set up what it needs, build the release, serve it with demo data on http://$(LISTEN)"
	@echo "make test    set up everything, then check everything that must hold"
	@echo "make check   the part of it that needs no release build, no browser and no PostgreSQL, and sets up none"
	@echo "make setup   only bring the tools, all of them"
	@echo "make build   only build the release"

run:
	@scripts/setup.sh run
	@scripts/build.sh
	@exec $(TARGET_DIR)/release/handshake serve --demo --data-dir $(DATA_DIR) --listen $(LISTEN) --site-root target/site

test: setup
	@scripts/test.sh

check:
	@scripts/setup.sh check
	@scripts/test.sh quick

setup:
	@scripts/setup.sh

build:
	@scripts/build.sh
