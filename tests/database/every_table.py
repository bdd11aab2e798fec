"""Rows in every table of the newest schema, written by the superuser, whom row security does not bind."""

import pg8000.native
from sqlalchemy import make_url

from tests.postgres import PostgresServer

Rows = dict[str, list[dict[str, object]]]
TENANTS = ("00000000-0000-0000-0000-00000000000a", "00000000-0000-0000-0000-00000000000b")
_TABLES = """
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
        AND NOT relispartition AND relname <> 'alembic_version' ORDER BY 1
"""
_FILLING = """
    INSERT INTO profiles (tenant_id, user_id) VALUES (:t, :t);
    INSERT INTO conversations (tenant_id, user_id, id, title) VALUES (:t, :t, :t, 'über');
    INSERT INTO messages (tenant_id, id, conversation_id, role, content, citations) VALUES (:t, :t, :t,
        'user', 'why', '[1]');
    INSERT INTO processing_jobs (tenant_id, id, user_id, conversation_id, message_id, job_type,
        user_query, intent_data, total_items, processed_items, progress, status, completed_at, spent_usd,
        cap_usd, stopped_by, read_tokens) VALUES (:t, :t, :t, :t, :t, 'aggregation', 'why', '{"a": 1}', 2,
        1, 0.5, 'partial', now(), 0.000001, 3, 'cap', 7);
    UPDATE messages SET job_id = :t WHERE id = :t;
    INSERT INTO crawls (tenant_id, id, user_id, depth, max_pages, same_host) VALUES (:t, :t, :t, 1, 9,
        true);
    INSERT INTO extracted_texts (tenant_id, id, source_hash, content_hash, media_type, text, tokens,
        passages, windows) VALUES (:t, :t, repeat('1', 64), repeat('2', 64), 'text/plain', 'words', 1, 1,
        '[]');
    INSERT INTO passages (tenant_id, text_id, ordinal, char_start, char_end, tokens, text) VALUES (:t, :t,
        0, 0, 5, 1, 'words');
    INSERT INTO knowledge_files (tenant_id, id, user_id, filename, status, job_id, text_id, size, tags,
        attempts) VALUES (:t, :t, :t, 'a', 'completed', 'm', :t, 5, '{x}', 2);
    INSERT INTO knowledge_files (tenant_id, user_id, filename, status, processing_error, replaces) VALUES
        (:t, :t, 'b', 'failed', 'broken', :t), (:t, :t, 'c', NULL, NULL, NULL), (:t, :t, 'd', 'pending',
        NULL, NULL);
    INSERT INTO scraped_contents (tenant_id, user_id, url, url_key, status, processing_error, crawl_id,
        etag) VALUES (:t, :t, 'u', repeat('3', 64), 'failed', 'gone', :t, 'e'), (:t, :t, 'v', NULL, NULL,
        NULL, :t, 'e');
    INSERT INTO job_items (tenant_id, job_id, ordinal, source_kind, source_id, source_name, status,
        measure, fields, group_norm) VALUES (:t, :t, 1, 'file', :t, 'a', 'match', 2.5, '{}', 'g');
    INSERT INTO job_batches (tenant_id, job_id, ordinal, windows, atoms, first_item, last_item, tokens,
        outcome, recorded_at, crashes) VALUES (:t, :t, 1, '[[1, 0]]', '{a}', 1, 1, 9, 'done', now(), 1);
    INSERT INTO job_signals (tenant_id, job_id, generation, task_token) VALUES (:t, :t, 1, 'token');
    INSERT INTO job_findings (tenant_id, job_id, item, number, label) VALUES (:t, :t, 1, 1, 'l');
    INSERT INTO reduce_nodes (tenant_id, node_key, sources, content) VALUES (:t, repeat('4', 64),
        CAST(ARRAY[:t] AS uuid[]), '{}');
    INSERT INTO map_results (tenant_id, content_hash, window_key, atom_key, reading) VALUES (:t,
        repeat('2', 64), '0', repeat('5', 64), '{}');
    INSERT INTO idempotency_keys (tenant_id, user_id, key, request_hash) VALUES (:t, :t, 'k', repeat('6',
        64));
    INSERT INTO budgets (tenant_id, subject, daily_usd) VALUES (:t, :t, 1.5);
    INSERT INTO spending (tenant_id, user_id, day, job_id, calls, input_tokens, output_tokens, usd) VALUES
        (:t, :t, '2026-11-01', :t, 1, 2, 3, 0.5);
    INSERT INTO rate_limits (model) VALUES (:t);
    INSERT INTO model_leases (holder, model, calls, until) VALUES (:t, 'm', 1, now());
    INSERT INTO kept_plans (tenant_id, question_key, plan) VALUES (:t, repeat('7', 64), '{}');
    INSERT INTO passage_vectors (tenant_id, text_id, ordinal, embedder, embedding) VALUES (:t, :t, 0, 'e',
        '[1,2]');
    INSERT INTO vector_spaces (tenant_id, embedder, dimensions) VALUES (:t, 'e', 2);
    INSERT INTO text_embeddings (tenant_id, embedder, text_id) VALUES (:t, 'e', :t);
    INSERT INTO embedded_contents (tenant_id, embedder, content_hash, text_id, ordinal) VALUES (:t, 'e',
        repeat('8', 64), :t, 0);
    INSERT INTO removals (tenant_id, object_key) VALUES (:t, 'o');
"""


class Everything:
    """All rows of a database, whoever's they are."""

    def __init__(self, server: PostgresServer, url: str) -> None:
        self._where = {"database": str(make_url(url).database), "unix_sock": server.socket}

    def opened(self) -> pg8000.native.Connection:
        """A connection of the superuser."""
        return pg8000.native.Connection("postgres", **self._where)

    def fill(self) -> None:
        """Rows of two tenants in every table; their ids are their tenant's."""
        with self.opened() as admin:
            for tenant in TENANTS:
                admin.run(_FILLING.replace(":t", f"'{tenant}'"))

    def rows(self) -> Rows:
        """By table, each row by its columns."""
        with self.opened() as admin:
            tables = [name for (name,) in admin.run(_TABLES)]
            return {
                name: [row for (row,) in admin.run(f"SELECT to_jsonb(t) FROM {name} t")] for name in tables
            }
