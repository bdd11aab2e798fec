#!/usr/bin/env bash
# Resolves all requirement files for every supported Python at once; run it from the project's root.
set -euo pipefail
compile() {
  .venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate "$@"
}
compile requirements/dev.in -o requirements/dev.txt
compile layers/deps/requirements.in -c requirements/dev.txt -o layers/deps/requirements.txt
compile layers/ingest/requirements.in -c requirements/dev.txt -o layers/ingest/requirements.txt
compile requirements/runtime.in -c requirements/dev.txt -o requirements/runtime.txt
compile requirements/bootstrap.in -o requirements/bootstrap.txt
compile requirements/scanners.in -o requirements/scanners.txt
compile requirements/sam.in -o requirements/sam.txt
