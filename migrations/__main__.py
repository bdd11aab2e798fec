"""`python -m migrations upgrade | index | sql | current | downgrade REVISION`, against DATABASE_URL."""

import os
import sys
from collections.abc import Callable, Sequence

from alembic import command

from census.adapters.postgres.migrator import (
    alembic_config,
    index_large_tenants,
    migrate,
    revision_of,
    roll_back,
)
from census.domain.errors import CensusError

USAGE = "usage: python -m migrations upgrade | index | sql | current | downgrade REVISION"


def main(arguments: Sequence[str]) -> int:
    """Run one command; 0, or 1 with one line on standard error, or 2 for a wrong call."""
    name, *rest = arguments or [""]
    run, count = COMMANDS.get(name, (None, 0))
    if run is None or len(rest) != count:
        return _complain(USAGE, 2)
    try:
        run(*rest)
    except CensusError as error:
        return _complain(str(error), 1)
    return 0


def upgrade() -> None:
    """Migrate to the newest revision, and build what large tenants need."""
    report = migrate(_url(), vector_store=os.environ.get("VECTOR_STORE") or "pgvector")
    _say(report.warning or f"{report.before or 'empty'} → {report.after}")
    for name in report.built:
        _say(f"built {name}")
    index()


def index() -> None:
    """Give tenants with many passages their vector indexes; drop those of tenants that shrank."""
    work = index_large_tenants(_url())
    for one in work.build:
        _say(f"built {one.index_name}: {one.vectors:,} vectors of tenant {one.tenant_id}")
    for name in work.drop:
        _say(f"dropped {name}")


def sql() -> None:
    """Print the SQL that brings an empty database to the newest revision."""
    command.upgrade(alembic_config(None), "head", sql=True)


def current() -> None:
    """Print the revision."""
    _say(revision_of(_url()) or "empty")


def downgrade(revision: str) -> None:
    """Go back to an earlier revision, in the right order."""
    report = roll_back(_url(), revision)
    _say(f"{report.before or 'empty'} → {report.after or 'empty'}")


COMMANDS: dict[str, tuple[Callable[..., None], int]] = {
    "upgrade": (upgrade, 0),
    "index": (index, 0),
    "sql": (sql, 0),
    "current": (current, 0),
    "downgrade": (downgrade, 1),
}


def _url() -> str:
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        raise CensusError("DATABASE_URL is not set; it looks like postgresql://user:password@host:5432/name.")
    return url


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _complain(line: str, status: int) -> int:
    sys.stderr.write(f"{line}\n")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
