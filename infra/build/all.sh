#!/usr/bin/env bash
# Builds every layer and function as `sam build` does, into a folder laid out like the project, so that the local
# stack can run the artefacts instead of the sources (infra.local up --template <folder>/template.yaml):
#   infra/build/all.sh [arm64|x86_64] [3.13] [target folder]
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD out=${3:-.build/artefacts}
export ARCH=${1:-arm64} PY=${2:-3.13}
rm -rf "$out"
mkdir -p "$out/infra"
cp template.yaml "$out/"
cp -R infra/statemachine "$out/infra/"
out=$(cd "$out" && pwd)
build() { # <LogicalId> <folder>
  (cd "$2" && ARTIFACTS_DIR="$out/$2" make --silent --no-print-directory -f "$root/infra/build/Makefile" "build-$1")
  export SAID=yes # a missing interpreter is remarked once
}
build CoreLayer layers/core
build DepsLayer layers/deps
build IngestLayer layers/ingest
build MigrationsLayer migrations
for handler in functions/*/handler.py; do
  folder=$(dirname "$handler")
  build "$(basename "$folder")" "$folder"
done
echo "Built for $ARCH, Python $PY, into ${3:-.build/artefacts}:"
du -sm --apparent-size "$out"/layers/* "$out"/migrations | sed "s#^\([0-9]*\)\t$out/#  \1 MB  #"
