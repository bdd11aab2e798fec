"""`python -m tests.chaos [PART …]`: runs the parts at full length; exit status 1 for a broken promise."""

import sys
from importlib import import_module

PARTS = {
    "tenants": "tests.chaos.tenants",
    "files": "tests.chaos.files",
    "interleavings": "tests.chaos.interleavings",
    "engine": "tests.chaos.engine",
    "gold-questions": "tests.chaos.gold_questions",
}
"""Name and module; a module's `run()` raises AssertionError, and returns what it did in a line."""


def main(names: list[str]) -> int:
    """Run the named parts, or all."""
    for name in names or PARTS:
        try:
            sys.stdout.write(f"{name}: {import_module(PARTS[name]).run()}\n")
        except AssertionError as error:
            sys.stderr.write(f"{name}: BROKEN: {error}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
