#!/usr/bin/env bash
# Builds the layers for the Lambda platform from any machine: wheels for ARCH and PY, bytecode where an
# interpreter of that very version is at hand (bytecode of another version would be ignored).
#   infra/build_layers.sh [arm64|x86_64] [3.13] [target folder]
set -euo pipefail
cd "$(dirname "$0")/.."
arch=${1:-arm64} py=${2:-3.13} out=${3:-.build/layers}
case $arch in
  arm64) platform=aarch64-manylinux_2_28 ;;
  x86_64) platform=x86_64-manylinux_2_28 ;;
  *) echo "ARCH must be arm64 or x86_64, not $arch" >&2; exit 2 ;;
esac
rm -rf "$out"
for layer in core deps ingest migrations; do mkdir -p "$out/$layer/python"; done
cp -R layers/core/census "$out/core/python/"
cp -R migrations "$out/migrations/python/"
for layer in deps ingest; do
  .venv/bin/uv --quiet pip install --python-platform "$platform" --python-version "$py" --only-binary :all: \
    --no-deps --require-hashes --target "$out/$layer/python" -r "layers/$layer/requirements.txt"
done
find "$out" -name __pycache__ -prune -exec rm -rf {} +
interpreter=$(command -v "python$py" || true)
if [ -n "$interpreter" ] && "$interpreter" -c "" 2>/dev/null; then
  "$interpreter" -m compileall -q -j 0 --invalidation-mode unchecked-hash "$out"/*/python
  bytecode="with bytecode"
else
  bytecode="WITHOUT bytecode: no python$py on this machine, so cold starts will be about three times slower"
fi
echo "Layers for $arch, Python $py, $bytecode:"
du -sm "$out"/*/ | sed 's/^\([0-9]*\)\t/  \1 MB  /'
