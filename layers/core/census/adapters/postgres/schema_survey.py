"""What a database really holds, whatever its version says: tables made by hand, halves, rights."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from sqlalchemy import Connection, text

_TIME = "timestamp with time zone"
_STATUS = {"status": "character varying(50)", "job_id": "character varying(100)", "processing_error": "text"}
_UUID, _TEXT, _JSON, _INT, _FLOAT = "uuid", "text", "jsonb", "integer", "double precision"


@dataclass(frozen=True)
class Landmarks:
    """By what a revision that people may have applied by hand is recognised."""

    revision: str
    columns: dict[str, dict[str, str]]
    objects: tuple[str, ...] = ()


LANDMARKS = (
    Landmarks(
        "2026_11_01_baseline",
        {
            "profiles": {"user_id": _UUID},
            "conversations": {
                "id": _UUID, "user_id": _UUID, "title": _TEXT, "created_at": _TIME, "updated_at": _TIME,
            },
            "messages": {
                "id": _UUID, "conversation_id": _UUID, "role": _TEXT, "content": _TEXT, "created_at": _TIME,
            },
            "knowledge_files": {
                "id": _UUID, "user_id": _UUID, "filename": _TEXT, "uploaded_at": _TIME, "updated_at": _TIME,
            },
            "scraped_contents": {
                "id": _UUID, "user_id": _UUID, "url": _TEXT, "title": _TEXT, "content": _TEXT,
                "created_at": _TIME, "updated_at": _TIME,
            },
        },
    ),
    Landmarks(
        "2026_11_02_processing_jobs",
        {
            "processing_jobs": {
                "id": _UUID, "user_id": _UUID, "conversation_id": _UUID, "message_id": _UUID,
                "job_type": _TEXT, "status": _TEXT, "user_query": _TEXT, "intent_data": _JSON,
                "progress": _FLOAT, "total_items": _INT, "total_batches": _INT, "processed_items": _INT,
                "processed_batches": _INT, "failed_batches": _INT, "current_phase": _TEXT,
                "result": _JSON, "aggregation_details": _JSON, "intermediate_results": _JSON,
                "error_message": _TEXT, "error_details": _JSON,
                "started_at": _TIME, "completed_at": _TIME, "estimated_completion_seconds": _INT,
                "actual_duration_seconds": _FLOAT, "processing_metadata": _JSON,
                "created_at": _TIME, "updated_at": _TIME,
            },
            "messages": {"job_id": _UUID},
        },
        (
            "idx_processing_jobs_user_status", "idx_processing_jobs_conversation",
            "idx_processing_jobs_status", "idx_processing_jobs_created_at",
            "update_processing_jobs_updated_at",
        ),
    ),
    Landmarks(
        "2026_11_03_status_fields",
        {"knowledge_files": _STATUS, "scraped_contents": _STATUS},
    ),
)  # fmt: skip

_COLUMNS = text("""
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) AS type
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
      AND a.attnum > 0 AND NOT a.attisdropped
""")
_OBJECTS = text("""
    SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'i'
    UNION ALL SELECT tgname FROM pg_trigger WHERE NOT tgisinternal
""")
_COMMENT = text("SELECT obj_description(to_regclass('alembic_version'), 'pg_class')")
_RIGHTS = text("""
    SELECT current_user AS login, current_schema() AS schema,
           has_schema_privilege(current_schema(), 'CREATE') AS may_create,
           (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user) AS makes_roles,
           ARRAY(SELECT role FROM unnest(ARRAY['census_app', 'census_system', 'census_read']) AS role
                 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role)) AS missing_roles,
           ARRAY(SELECT relname FROM pg_class
                 WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
                   AND relname = ANY(CAST(:tables AS name[])) AND NOT pg_has_role(relowner, 'USAGE')
                 ORDER BY relname) AS foreign_tables
""")


class HalfAppliedError(Exception):
    """A revision is there in part; the message says which part, and what to do."""


def adopted_revision(connection: Connection, stamped: str | None, revisions: Sequence[str]) -> str | None:
    """The revision the tables stand for: `stamped`, or a later one whose direct SQL was run by hand.

    Raises HalfAppliedError where tables and version contradict each other.
    """
    found = _found(connection)
    done = revisions[: revisions.index(stamped) + 1] if stamped else []
    gaps = {mark.revision: _gaps(mark, *found) for mark in LANDMARKS}
    for mark in LANDMARKS:
        if mark.revision in done and gaps[mark.revision]:
            raise HalfAppliedError(
                f"The database says it is at {stamped}, but {gaps[mark.revision][0]}: it "
                "was changed by hand; run "
                f"migrations/sql/{mark.revision}.up.sql, or restore a backup, then try again."
            )
    later = [mark for mark in LANDMARKS if mark.revision not in done]
    whole = list(takewhile(lambda mark: not gaps[mark.revision], later))
    for mark in later[len(whole) :]:
        _refuse_half(mark, gaps[mark.revision], *found)
    return whole[-1].revision if whole else stamped


def _refuse_half(
    mark: Landmarks, gaps: list[str], columns: dict[tuple[str, str], str], names: set[str]
) -> None:
    """Raises HalfAppliedError for a revision that is there in part, or before the one it follows."""
    wanted = [(table, column) for table, types in mark.columns.items() for column in types]
    if not any(one in columns for one in wanted) and not names.intersection(mark.objects):
        return
    if gaps:
        raise HalfAppliedError(
            f"{mark.revision} is applied in part: {gaps[0]}. Undo the part with "
            f"migrations/sql/{mark.revision}.down.sql "
            "or complete it by hand, then try again."
        )
    raise HalfAppliedError(
        f"{mark.revision} is applied, but the revision before it is not: run that one's "
        ".up.sql in migrations/sql "
        "first, then try again."
    )


def _found(connection: Connection) -> tuple[dict[tuple[str, str], str], set[str]]:
    columns = {(row.relname, row.attname): row.type for row in connection.execute(_COLUMNS)}
    return columns, set(connection.scalars(_OBJECTS))


def _gaps(mark: Landmarks, columns: dict[tuple[str, str], str], names: set[str]) -> list[str]:
    tables = {table for table, _ in columns}
    problems = [f"the table {table} is missing" for table in mark.columns if table not in tables]
    for table, types in mark.columns.items():
        for column, type_ in types.items() if table in tables else ():
            here = columns.get((table, column))
            if here is None:
                problems.append(f"{table}.{column} is missing")
            elif not _fits(here, type_):
                problems.append(f"{table}.{column} is {here} instead of {type_}")
    return problems + [f"{name} is missing" for name in mark.objects if name not in names]


def _fits(here: str, wanted: str) -> bool:
    """An existing database may limit the length of its texts."""
    return here == wanted or (wanted == _TEXT and here.startswith("character varying"))


def oldest_code(connection: Connection) -> str | None:
    """The oldest revision whose code runs on this schema, as the newest migration noted it."""
    noted = re.search(r"from revision (\S+) on", connection.scalar(_COMMENT) or "")
    return noted[1] if noted else None


def missing_rights(connection: Connection) -> str | None:
    """What the login lacks for a migration, in one line; None when it lacks nothing that can be foreseen."""
    tables = sorted({table for mark in LANDMARKS for table in mark.columns})
    row = connection.execute(_RIGHTS, {"tables": tables}).one()
    if not row.may_create:
        return (
            f"The login {row.login} may not create tables in the schema {row.schema}: use "
            "the owner's login, or "
            f"GRANT CREATE ON SCHEMA {row.schema} TO {row.login}."
        )
    if row.foreign_tables:
        return (
            f"The login {row.login} does not own {', '.join(row.foreign_tables)}: migrate "
            "with the owner's login, or "
            f"ALTER TABLE … OWNER TO {row.login}."
        )
    if row.missing_roles and not row.makes_roles:
        return (
            f"The login {row.login} may not create the roles "
            f"{', '.join(row.missing_roles)}: let an administrator run "
            "migrations/sql/roles.sql once."
        )
    return None
