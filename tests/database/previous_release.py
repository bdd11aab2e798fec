"""`python -m tests.database.previous_release`: writes down the statements this release sends.

Run it when a release is made; from then on the tests hold every later schema to these statements.
"""

import json
import re
from itertools import count
from pathlib import Path

from sqlalchemy import Engine, event

from infra.local.postgres import DATABASE
from tests.chaos.tenants import walk
from tests.database.servers import running

STATEMENTS = Path(__file__).with_suffix(".json")


def prepared(statement: str) -> str:
    """With the server's numbered parameters in place of the driver's; white space as it comes."""
    number = count(1)
    numbered = re.sub(r"%s", lambda _: f"${next(number)}", statement)
    return re.sub(r"\s+", " ", numbered).replace("%%", "%").strip()


def main() -> None:
    """Take every step of the two tenants and keep the distinct statements."""
    seen: set[str] = set()

    @event.listens_for(Engine, "before_cursor_execute")
    def note(*arguments: object) -> None:
        statement = str(arguments[2])
        if re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", statement) and " FROM pg_" not in statement:
            seen.add(prepared(statement))

    with running(18) as server:
        seen.clear()
        walk(server.url(DATABASE), 600, seed=1)
    kept = sorted(one for one in seen if "alembic_version" not in one and "string_agg(t::text" not in one)
    STATEMENTS.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
