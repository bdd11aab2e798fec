#!/usr/bin/env bash
# Makes .venv (development) and .build/local (what a function process sees beside its own folder).
# Everything is pinned by version and hash; nothing is installed outside this folder.
set -euo pipefail
python=${1:-python3}
"$python" - <<'PY' || exit 1
import sys
if sys.version_info < (3, 11):
    sys.exit(f"Census needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}. Try: make install PYTHON=python3.13")
PY
echo "Setting up .venv (once; about a minute)…" >&2
rm -f .venv/installed
[ -x .venv/bin/python ] || "$python" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
uv() { .venv/bin/uv --quiet "$@"; }
uv pip install --python .venv/bin/python --require-hashes -r requirements/dev.txt
for layer in "deps layers/deps" "ingest layers/ingest" "runtime requirements"; do
  read -r name folder <<<"$layer"
  file=requirements.txt
  [ "$name" = runtime ] && file=runtime.txt
  rm -rf ".build/local/$name"
  uv pip install --python .venv/bin/python --target ".build/local/$name" --require-hashes --no-deps --compile-bytecode -r "$folder/$file"
done
touch .venv/installed
