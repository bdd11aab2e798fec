"""What refers to what, and what becomes of it: every foreign key of the schema, as it was decided."""

import pytest
from sqlalchemy import text

from census.adapters.postgres.database import PostgresDatabase
from tests.database.rows import TENANT

_KEYS = r"""
    SELECT conrelid::regclass || substring(pg_get_constraintdef(c.oid) FROM '\(.*?\)'),
           regexp_replace(pg_get_constraintdef(c.oid), '.* REFERENCES ', '')
    FROM pg_constraint c JOIN pg_class t ON t.oid = conrelid
    WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND NOT t.relispartition
"""
GOES_ALONG = " ON DELETE CASCADE"
JOB, TEXT = "processing_jobs(tenant_id, id)", "extracted_texts(tenant_id, id)"
CONVERSATION, MESSAGE = "conversations(tenant_id, id)", "messages(tenant_id, id)"

BY_THE_DOCUMENTS = {
    "conversations(user_id)": "profiles(user_id)",
    "knowledge_files(user_id)": "profiles(user_id)",
    "scraped_contents(user_id)": "profiles(user_id)",
    "processing_jobs(user_id)": "profiles(user_id)",
    "messages(conversation_id)": "conversations(id)" + GOES_ALONG,
    "messages(job_id)": "processing_jobs(id) ON DELETE SET NULL",
    "processing_jobs(conversation_id)": "conversations(id)" + GOES_ALONG,
    "processing_jobs(message_id)": "messages(id) ON DELETE SET NULL",
}
WITHIN_THE_TENANT = {
    "messages(tenant_id, conversation_id)": CONVERSATION + GOES_ALONG,
    "messages(tenant_id, job_id)": JOB + " ON DELETE SET NULL (job_id)",
    "processing_jobs(tenant_id, conversation_id)": CONVERSATION + GOES_ALONG,
    "processing_jobs(tenant_id, message_id)": MESSAGE + " ON DELETE SET NULL (message_id)",
    "knowledge_files(tenant_id, replaces)": "knowledge_files(tenant_id, id) ON DELETE SET NULL (replaces)",
    # A text goes when its last document has gone (source_deletion.py); until then it must stay.
    "knowledge_files(tenant_id, text_id)": TEXT,
    "scraped_contents(tenant_id, text_id)": TEXT,
    "scraped_contents(tenant_id, crawl_id)": "crawls(tenant_id, id)",
    "passages(tenant_id, text_id)": TEXT + GOES_ALONG,
    "passage_vectors(tenant_id, text_id)": TEXT + GOES_ALONG,
    "text_embeddings(tenant_id, text_id)": TEXT + GOES_ALONG,
    "embedded_contents(tenant_id, text_id)": TEXT + GOES_ALONG,
    "job_items(tenant_id, job_id)": JOB + GOES_ALONG,
    "job_batches(tenant_id, job_id)": JOB + GOES_ALONG,
    "job_signals(tenant_id, job_id)": JOB + GOES_ALONG,
    "job_findings(tenant_id, job_id, item)": "job_items(tenant_id, job_id, ordinal)" + GOES_ALONG,
}


@pytest.fixture
def keys(database: PostgresDatabase) -> dict[str, str]:
    with database.tenant(TENANT) as work:
        return {str(source): str(target) for source, target in work.session.execute(text(_KEYS))}


def test_every_reference_is_there_and_ends_as_decided(keys: dict[str, str]) -> None:
    assert keys == {**BY_THE_DOCUMENTS, **WITHIN_THE_TENANT}


def test_a_reference_to_a_tenants_row_carries_the_tenant(keys: dict[str, str]) -> None:
    """Key checks pass row security. A user may belong to several tenants, so a profile is of none."""
    single = {source for source, target in keys.items() if "(tenant_id, " not in source}

    assert single == set(BY_THE_DOCUMENTS)
    for source in single - {one for one in single if one.endswith("(user_id)")}:
        assert source.replace("(", "(tenant_id, ") in keys, f"{source} has no companion within the tenant"
