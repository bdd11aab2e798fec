#!/usr/bin/env bash
# What would have to be well before `sam deploy`: the template, its translation, every policy, the code's hygiene and
# the size of what is built. Scanners and SAM live in environments of their own, for their pins clash with ours.
set -euo pipefail
cd "$(dirname "$0")/../.."
export SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1 PYTHONPATH=.:layers/core PYTHONWARNINGS=ignore
uv=$PWD/.venv/bin/uv out=.build/gates
environment() { # <name>: .build/<name> from requirements/<name>.txt, made anew when that changed
  if ! cmp -s "requirements/$1.txt" ".build/$1/installed"; then
    rm -rf ".build/$1"
    "$uv" --quiet venv --relocatable --python .venv/bin/python ".build/$1"
    "$uv" --quiet pip install --python ".build/$1/bin/python" --require-hashes -r "requirements/$1.txt"
    cp "requirements/$1.txt" ".build/$1/installed"
  fi
}
say() { echo "── $*" >&2; }
environment scanners
environment sam

say "sam validate --lint; cfn-lint of the nested stacks"
.build/sam/bin/sam validate --lint
.venv/bin/cfn-lint infra/observability/*.yaml
say "our checks of the template"
.venv/bin/python -m infra.gates check
rm -rf "$out" && .venv/bin/python -m infra.gates write "$out"
say "checkov on the translated stacks"
.build/scanners/bin/checkov --directory "$out/stacks" --config-file infra/gates/checkov.yaml
say "parliament on every policy"
{ .build/scanners/bin/parliament --directory "$out/policies" --json || [ $? = 1 ]; } | .venv/bin/python -m infra.gates accept
say "bandit"
.build/scanners/bin/bandit --quiet --recursive functions layers/core migrations --configfile infra/gates/bandit.yaml
say "sam build, and the size of the layers"
.build/sam/bin/sam build --build-dir .build/sam-build --cached --cache-dir .build/sam-cache 2>&1 | tee .build/sam-build.log | grep -E "^Build|WITHOUT|rror" | sort -u
.venv/bin/python -m infra.gates sizes .build/sam-build
