"""The whole of what each role is granted, and every policy: a right more or less is a decision, made here."""

from typing import Any

import pytest
from sqlalchemy import text

from census.adapters.postgres.database import PostgresDatabase
from infra.local.postgres import OWNER
from tests.database.rows import TENANT

ALL = "DELETE INSERT SELECT UPDATE"
VIEWS = {
    f"{question}_{of}" if question != "by_status" else f"{of}_{question}"
    for question in ("by_status", "failed", "stuck")
    for of in ("files", "pages", "jobs")
} | {"file_processing_times", "page_processing_times", "job_processing_times", "queue_health"}
CONTENT = (
    "profiles", "conversations", "messages", "processing_jobs", "knowledge_files",
    "scraped_contents", "extracted_texts", "passages", "passage_vectors", "text_embeddings",
    "embedded_contents", "vector_spaces", "removals", "crawls", "job_items",
    "job_batches", "job_findings", "reduce_nodes", "map_results", "idempotency_keys",
    "kept_plans", "budgets",
)  # fmt: skip
TABLES = {
    "census_app": {
        **dict.fromkeys(CONTENT, ALL),
        **dict.fromkeys(VIEWS, "SELECT"),
        "job_signals": "DELETE INSERT UPDATE",  # what it may read is below: not the token
        "spending": "INSERT SELECT UPDATE",  # nobody gets money back by deleting
        "rate_limits": "INSERT SELECT UPDATE",
        "model_leases": ALL,
    },
    "census_system": {
        **dict.fromkeys(("processing_jobs", "job_items", "job_batches", "messages"), "SELECT UPDATE"),
        **dict.fromkeys(("knowledge_files", "scraped_contents"), "SELECT UPDATE"),
        "job_signals": "INSERT SELECT UPDATE",
        "idempotency_keys": "DELETE SELECT",
        **dict.fromkeys(("conversations", "removals", "vector_spaces"), "SELECT"),
    },
    "census_read": dict.fromkeys(VIEWS, "SELECT"),
}
COLUMNS = {
    "census_app": {"job_signals": "generation job_id signalled_at stored_at tenant_id"},
    "census_system": {"extracted_texts": "created_at id passages tenant_id"},
    "census_read": {
        "knowledge_files": "attempts claimed_until filename id processed_at processing_error received_at size"
        " status tenant_id updated_at upload_expires_at uploaded_at",
        "scraped_contents": "attempts claimed_until created_at id processed_at processing_error size status"
        " tenant_id updated_at url",
        "processing_jobs": "calls completed_at created_at current_phase deadline_at error_message"
        " failed_batches id input_tokens job_type model next_check_at output_tokens processed_batches"
        " processed_items progress remaining reserved_usd spent_usd started_at status tenant_id total_batches"
        " total_items updated_at",
        "job_batches": "attempts claimed_until job_id ordinal outcome recorded_at sent_at tenant_id",
    },
}
SYSTEM = (
    "conversations extracted_texts idempotency_keys job_batches job_items job_signals knowledge_files"
    " map_results messages passages processing_jobs profiles removals scraped_contents vector_spaces"
)
POLICIES = {
    ("tenant", "census_app", "ALL", "(tenant_id = census_tenant())"): {*CONTENT, "job_signals", "spending"},
    ("system", "census_system", "ALL", "(CURRENT_USER = 'census_system'::name)"): {*SYSTEM.split()},
    ("monitoring", "census_read", "SELECT", "(CURRENT_USER = 'census_read'::name)"): {
        *COLUMNS["census_read"]
    },
}
_TABLE_RIGHTS = """
    SELECT grantee, relname, string_agg(privilege_type, ' ' ORDER BY privilege_type) FROM (
        SELECT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END AS grantee,
               relname, privilege_type
        FROM pg_class CROSS JOIN LATERAL aclexplode(relacl)
        WHERE relnamespace = 'public'::regnamespace AND grantee <> relowner
            AND oid NOT IN (SELECT objid FROM pg_depend WHERE deptype = 'e')) one
    GROUP BY grantee, relname
"""
_COLUMN_RIGHTS = """
    SELECT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END, relname,
           string_agg(attname, ' ' ORDER BY attname), string_agg(DISTINCT privilege_type, ' ')
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid CROSS JOIN LATERAL aclexplode(attacl)
    WHERE relnamespace = 'public'::regnamespace GROUP BY grantee, relname
"""
_POLICIES = """
    SELECT policyname, array_to_string(roles, ' '), cmd, qual, with_check, permissive, tablename
    FROM pg_policies
"""


def rows(database: PostgresDatabase, statement: str) -> list[tuple[Any, ...]]:
    with database.tenant(TENANT) as work:
        return [tuple(row) for row in work.session.execute(text(statement))]


def test_the_rights_on_tables_are_these_and_no_others(database: PostgresDatabase) -> None:
    found: dict[str, dict[str, str]] = {}
    for role, table, rights in rows(database, _TABLE_RIGHTS):
        found.setdefault(role, {})[table] = rights

    assert found == TABLES


def test_the_rights_on_single_columns_are_these_and_no_others(database: PostgresDatabase) -> None:
    found: dict[str, dict[str, str]] = {}
    for role, table, columns, rights in rows(database, _COLUMN_RIGHTS):
        assert rights == "SELECT"
        found.setdefault(role, {})[table] = columns

    assert found == COLUMNS


def test_the_policies_are_these_and_no_others(database: PostgresDatabase) -> None:
    found: dict[tuple[str, ...], set[str]] = {}
    for name, roles, command, seen, written, permissive, table in rows(database, _POLICIES):
        assert (written, permissive) == (None if command == "SELECT" else seen, "PERMISSIVE")
        found.setdefault((name, roles, command, seen), set()).add(table)

    assert found == POLICIES


@pytest.mark.parametrize("role", [*TABLES, OWNER])
def test_no_role_owns_or_inherits_more(database: PostgresDatabase, role: str) -> None:
    """What a role is a member of counts as its own; only the login may act as the others, by saying so."""
    inherited = f"""
        SELECT r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid
        WHERE m.member = '{role}'::regrole AND m.inherit_option AND r.rolname LIKE 'census%'
    """
    owned = f"SELECT count(*) FROM pg_class WHERE relowner = '{role}'::regrole"

    assert rows(database, inherited) == []
    assert (rows(database, owned) == [(0,)]) is (role != OWNER)
