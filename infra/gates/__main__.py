"""Command line of the gates.

python -m infra.gates check              every check of the template, by name
python -m infra.gates write FOLDER       what others scan: translated stacks and each role's policies, as JSON
python -m infra.gates accept             parliament's findings on standard input that have no reason
python -m infra.gates sizes FOLDER       layers as `sam build` left them there, against their limits
"""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path

from infra.gates.accepted import not_accepted
from infra.gates.application import Application
from infra.gates.checks import findings
from infra.gates.sizes import measure


def check() -> int:
    """Prints what is wrong; 1 when something is."""
    found = findings(Application.read())
    for name, rows in found.items():
        print(f"{name}:", *rows, sep="\n  ")
    return 1 if found else 0


def write(folder: Path) -> int:
    """`stacks/` and `policies/` below the folder."""
    app = Application.read()
    for name, template in app.stacks():
        _write(folder / "stacks" / f"{name or 'Census'}.json", template)
    documents: dict[str, list[object]] = {}
    for role, statement in app.statements():
        documents.setdefault(role, []).append(statement)
    for role, statements in documents.items():
        _write(folder / "policies" / f"{role}.json", {"Version": "2012-10-17", "Statement": statements})
    return 0


def _write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1))


def accept() -> int:
    """Prints what has no reason; 1 when there is something."""
    found = list(not_accepted(sys.stdin))
    print(*found, sep="\n")
    return 1 if found else 0


def sizes(folder: Path) -> int:
    """Prints each size and its limit; 1 when one is above it."""
    measured = [measure(folder, name) for name in ("core", "ingest")]
    for one in measured:
        print(one)
    return 0 if all(one.fits for one in measured) else 1


def main(argv: list[str]) -> int:
    """0 when all is well, 1 when not, 2 for a wrong command."""
    logging.getLogger("samtranslator").setLevel(logging.ERROR)  # it remarks on metrics of its own
    match argv:
        case ["check"]:
            return check()
        case ["accept"]:
            return accept()
        case ["write", folder]:
            return write(Path(folder))
        case ["sizes", folder]:
            return sizes(Path(folder))
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
