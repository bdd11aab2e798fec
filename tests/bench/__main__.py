"""`python -m tests.bench [PART …]`: prints what was measured; exit status 1 for a number that was missed."""

import sys
import time
from importlib import import_module

PARTS = {
    "source-migrations": "tests.bench.source_migrations",
    "record-outcomes": "tests.bench.record_outcomes",
    "whole-job": "tests.bench.whole_job",
    "orchestration": "tests.bench.orchestration",
    "shared-calls": "tests.bench.shared_calls",
    "rate-storm": "tests.bench.rate_storm",
    "kill-at-half-time": "tests.bench.kill_at_half_time",
    "passages": "tests.bench.passages",
    "reduce-job": "tests.bench.reduce_job",
    "ingestion": "tests.bench.ingestion",
}
"""Name and module; a module's `run()` prints its figures and returns what fell short, a line each."""


def main(names: list[str]) -> int:
    """Run the named parts, or all."""
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        print(f"there is no part {unknown[0]}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    missed: list[str] = []
    for name in names or PARTS:
        print(f"── {name}", flush=True)
        begun = time.monotonic()
        missed += [f"{name}: {line}" for line in import_module(PARTS[name]).run()]
        print(f"   {time.monotonic() - begun:.0f} s", flush=True)
    for line in missed:
        print(f"MISSED {line}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
