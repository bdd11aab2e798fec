"""What each role may see and do: from the catalogue, and by trying."""

import uuid

import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from census.adapters.postgres.connection import DatabaseRefusedError
from census.adapters.postgres.database import PostgresDatabase
from infra.local.postgres import OWNER
from tests.database.rows import OTHER, TENANT, add_asked, add_file, one
from tests.postgres import PostgresServer

TENANT_TABLES = """
    SELECT c.relname, c.relispartition, c.relrowsecurity AND c.relforcerowsecurity AS secured,
           EXISTS (SELECT FROM pg_policy p
                   WHERE p.polrelid = c.oid AND p.polroles = ARRAY['census_app'::regrole::oid]
                   AND pg_get_expr(p.polqual, p.polrelid) = '(tenant_id = census_tenant())'
                   AND pg_get_expr(p.polwithcheck, p.polrelid) = '(tenant_id = census_tenant())') AS bound,
           has_table_privilege('census_app', c.oid, 'SELECT') AS readable
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
        AND c.relname NOT IN ('alembic_version', 'model_leases', 'rate_limits')
"""
SHARED = {
    "model_leases": ["holder", "model", "calls", "until"],
    "rate_limits": [
        *("model", "next_start_at", "paused_until"),
        *("repeats_left", "repeats_at", "next_look_at", "call_seconds"),
    ],
}
"""About models, for all tenants, and nothing of any tenant's."""


def test_every_table_has_a_tenant_and_a_policy_for_it(database: PostgresDatabase) -> None:
    with database.tenant(TENANT) as work:
        tables = work.session.execute(text(TENANT_TABLES)).all()
        without_tenant = work.session.scalars(
            text(
                "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
                " AND c.relkind IN ('r', 'p') AND c.relname <> 'alembic_version'"
                " AND c.relname <> ALL(:shared) AND NOT EXISTS ("
                "SELECT FROM pg_attribute a"
                " WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND a.attnotnull)"
            ),
            {"shared": list(SHARED)},
        ).all()

    assert len([table for table in tables if table.relispartition]) == 32
    assert without_tenant == []
    assert [table.relname for table in tables if not table.secured] == []
    # A partition is reached through its parent only: nobody has rights on it.
    assert [table.relname for table in tables if not table.bound and not table.relispartition] == []
    assert [table.relname for table in tables if table.relispartition and table.readable] == []


@pytest.mark.parametrize("table", SHARED)
def test_what_tenants_share_says_nothing_about_any(database: PostgresDatabase, table: str) -> None:
    columns = "SELECT array_agg(column_name::text) FROM information_schema.columns WHERE table_name = :table"
    assert one(database, columns, table=table) == SHARED[table]


def test_no_function_runs_with_another_ones_rights(database: PostgresDatabase) -> None:
    definers = "SELECT count(*) FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
    assert one(database, definers) == 0


def test_no_role_passes_row_security(database: PostgresDatabase) -> None:
    privileged = (
        "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'census%' AND"
        " (rolsuper OR rolbypassrls OR (rolcanlogin AND rolname <> :owner))"
    )
    assert one(database, privileged, owner=OWNER) == 0


ROWS = ("profiles", "conversations", "messages", "processing_jobs", "knowledge_files")


@pytest.mark.parametrize("table", ROWS)
def test_the_app_sees_its_own_rows_and_forgetting_the_tenant_shows_none(
    database: PostgresDatabase, migrated_url: str, table: str
) -> None:
    for tenant in (TENANT, OTHER):
        add_asked(database, tenant)
        add_file(database, tenant)

    assert one(database, f"SELECT count(DISTINCT tenant_id) FROM {table}") == 1
    assert counted(migrated_url, table, "SET LOCAL ROLE census_app") == 0
    assert counted(migrated_url, table, "SELECT set_config('census.tenant', '', true)") == 0
    # The owner, who forgot to act as a role: forced row security hides everything from it, too.
    assert counted(migrated_url, table) == 0


@pytest.mark.parametrize("role", ["census_app", "census_system", "census_read"])
def test_a_login_that_inherits_a_role_sees_nothing_by_forgetting(
    server: PostgresServer, database: PostgresDatabase, migrated_url: str, role: str
) -> None:
    login = f"login_{uuid.uuid4().hex}"
    server.run(f"CREATE ROLE {login} LOGIN INHERIT IN ROLE {role}")
    add_asked(database)

    assert counted(migrated_url.replace(OWNER, login), "processing_jobs", columns="id") == 0
    server.run(f"DROP ROLE {login}")


def counted(url: str, table: str, *before: str, columns: str = "*") -> int:
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        for statement in before:
            connection.execute(text(statement))
        return len(connection.execute(text(f"SELECT {columns} FROM {table}")).all())


def test_the_app_writes_for_no_other_tenant(database: PostgresDatabase) -> None:
    with pytest.raises(DBAPIError, match="row-level security"):
        one(
            database,
            "INSERT INTO profiles (user_id, tenant_id) VALUES (:id, :other) RETURNING 1",
            id=uuid.uuid4(),
            other=OTHER,
        )


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT task_token FROM job_signals",
        "SELECT * FROM passages_p0",
        "TRUNCATE messages",
        "ALTER TABLE messages DISABLE ROW LEVEL SECURITY",
        "CREATE TABLE mine (id int)",
        "DROP POLICY tenant ON messages",
    ],
)
def test_the_app_may_not(database: PostgresDatabase, statement: str) -> None:
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"), database.tenant(TENANT) as work:
        work.session.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO messages (role) VALUES ('user')",
        "DELETE FROM processing_jobs",
        "SELECT * FROM map_results",
        "SELECT text FROM extracted_texts",
        "DELETE FROM knowledge_files",
        "SELECT * FROM passages",
    ],
)
def test_the_system_may_not(database: PostgresDatabase, statement: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"), database.system() as work:
        work.session.execute(text(statement))


def test_the_system_sees_the_jobs_of_all_tenants(database: PostgresDatabase) -> None:
    add_asked(database, TENANT)
    add_asked(database, OTHER)

    with database.system() as work:
        assert work.session.scalar(text("SELECT count(*) FROM processing_jobs")) == 2


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT user_query FROM processing_jobs",
        "SELECT content FROM messages",
        "SELECT content FROM scraped_contents",
        "UPDATE knowledge_files SET status = 'failed'",
        "SELECT * FROM conversations",
    ],
)
def test_a_reader_of_the_monitoring_sees_nobodys_words(database: PostgresDatabase, statement: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"), database.monitoring() as session:
        session.execute(text(statement))


def test_a_login_of_its_own_may_act_as_the_roles_and_do_nothing_else(
    server: PostgresServer, database: PostgresDatabase, migrated_url: str
) -> None:
    login = f"login_{uuid.uuid4().hex}"
    server.run(f"CREATE ROLE {login} LOGIN NOINHERIT")
    server.run(f"GRANT census_app, census_system, census_read TO {login} WITH INHERIT FALSE, SET TRUE")
    add_asked(database)
    separate = PostgresDatabase(migrated_url.replace(OWNER, login))

    assert one(separate, "SELECT count(*) FROM messages") == 1
    with separate.system() as work:
        assert work.session.scalar(text("SELECT count(*) FROM processing_jobs")) == 1
    with pytest.raises(DBAPIError, match="permission denied"), separate.engine.connect() as connection:
        connection.execute(text("SELECT * FROM messages"))
    separate.engine.dispose()
    server.run(f"DROP ROLE {login}")


def test_a_login_that_may_not_act_as_the_role_is_told_so(server: PostgresServer, migrated_url: str) -> None:
    login = f"login_{uuid.uuid4().hex}"
    server.run(f"CREATE ROLE {login} LOGIN")
    stranger = PostgresDatabase(migrated_url.replace(OWNER, login))

    with pytest.raises(DatabaseRefusedError, match="GRANT census_app TO it"), stranger.tenant(TENANT):
        pass
    stranger.engine.dispose()
    server.run(f"DROP ROLE {login}")
