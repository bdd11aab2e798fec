#!/usr/bin/env bash
# Builds one artefact of the template from the folder it is started in:
#   ARTIFACTS_DIR=… [ARCH=arm64] [PY=3.13] infra/build/artefact.sh <LogicalId>
# Wheels are those of ARCH and PY, whatever this machine is. Bytecode is written by an interpreter of that very
# version (another's would be ignored); where there is none, the artefact goes without, and this says so.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
name=$1 arch=${ARCH:-arm64} py=${PY:-3.13} out=${ARTIFACTS_DIR:?is not set}
case $arch in
  arm64) platform=aarch64-manylinux_2_28 ;;
  x86_64) platform=x86_64-manylinux_2_28 ;;
  *) echo "ARCH must be arm64 or x86_64, not $arch" >&2; exit 2 ;;
esac
uv=$(command -v uv || echo "$here/../../.venv/bin/uv")
[ -x "$uv" ] || { echo "uv is missing: run \`make install\`, or install uv" >&2; exit 2; }

mkdir -p "$out"
case $name in *Layer) there=/opt ;; *) there=/var/task ;; esac
case $name in
  CoreLayer) mkdir -p "$out/python" && cp -R census "$out/python/" ;;
  MigrationsLayer) mkdir -p "$out/python/migrations" && cp -R . "$out/python/migrations/" ;;
  *Layer)
    "$uv" --quiet pip install --python-platform "$platform" --python-version "$py" --only-binary :all: \
      --no-deps --require-hashes --target "$out/python" -r requirements.txt
    rm -rf "$out/python/bin" ;;
  *) cp -R . "$out/" ;;
esac
find "$out" -name __pycache__ -prune -exec rm -rf {} +

interpreter=$("$uv" python find --no-python-downloads "$py" 2>/dev/null || true)
if [ -n "$interpreter" ]; then
  # The place on Lambda is written into it, not the one on this machine: the same sources give the same bytes.
  "$interpreter" -m compileall -q -j 0 --invalidation-mode unchecked-hash -s "$out" -p "$there" "$out"
elif [ -z "${SAID:-}" ]; then
  echo "WITHOUT bytecode: no Python $py is on this machine, so cold starts take about three times as long" >&2
fi
