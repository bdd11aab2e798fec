"""`python -m migrations.schema_sql DUMP`: makes migrations/sql/schema.sql of a migrated database.

DUMP is what `pg_dump --schema-only --no-owner --exclude-table='passage*_p*'` prints of it.
Partitions are made by a loop, roles by the statements of their revision, and the version is stamped.
"""

import re
import sys
from pathlib import Path

SQL_FOLDER = Path(__file__).parent / "sql"
_ROLES = "2026_11_10_tenants_and_roles.up.sql"
_HEAD = """-- The schema for a new, empty database. Made from the migrations by
-- `python -m migrations.schema_sql`; a test holds it equal to them. An existing database is migrated
-- instead: `make migrate`.
"""
_PARTITIONS = """
DO $$
DECLARE parent TEXT;
BEGIN
    FOREACH parent IN ARRAY ARRAY['passages', 'passage_vectors'] LOOP
        FOR part IN 0..15 LOOP
            EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
                           parent || '_p' || part, parent, part);
            EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY',
                           parent || '_p' || part);
        END LOOP;
    END LOOP;
END $$;
"""


def schema_sql(dump: str, revision: str) -> str:
    """The file, from a dump without the partitions of `passages` and `passage_vectors`."""
    kept = [block for block in _blocks(dump) if not _is_noise(block)]
    body = "\n\n".join(block.replace("public.", "") for block in kept)
    body = body.replace("ON ONLY ", "ON ").replace("ALTER TABLE ONLY ", "ALTER TABLE ")
    stamp = f"INSERT INTO alembic_version (version_num) VALUES ('{revision}');\n"
    return f"{_HEAD}\n{_roles()}\n\nCREATE EXTENSION IF NOT EXISTS vector;\n\n{body}\n{_PARTITIONS}\n{stamp}"


def _roles() -> str:
    script = (SQL_FOLDER / _ROLES).read_text()
    return script[script.index("DO $$") : script.index("END $$;") + len("END $$;")]


def _blocks(dump: str) -> list[str]:
    """What stands between pg_dump's headings."""
    text = re.sub(r"^(\\(un)?restrict|SET) .*\n", "", dump, flags=re.MULTILINE)
    return [part.strip() for part in re.split(r"\n--\n-- .*\n--\n", text)]


def _is_noise(block: str) -> bool:
    """Settings of the dump itself, the schema, the extension and rights on it."""
    return bool(
        re.match(r"(--|SET |CREATE SCHEMA|COMMENT ON SCHEMA|CREATE EXTENSION|COMMENT ON EXTENSION)", block)
        or re.match(r"(GRANT|REVOKE) .* ON SCHEMA", block)
        or not block
    )


if __name__ == "__main__":
    newest = max(path.name for path in SQL_FOLDER.glob("*.up.sql")).removesuffix(".up.sql")
    (SQL_FOLDER / "schema.sql").write_text(schema_sql(Path(sys.argv[1]).read_text(), newest))
