"""Documents put into the database the way ingestion leaves them."""

import json
import uuid

from sqlalchemy import text

from census import bootstrap
from census.domain.extracted_text import ExtractedText
from census.domain.identity import Caller, caller_from_claims, sha256, upload_key
from census.domain.passages import split_passages
from census.domain.windows import cut_windows
from census.ports.file_store import NewFile
from census.ports.text_store import NewText
from census.ports.vector_index import PassageId, PassageVectorEntry
from tests.api.events import ISSUER

ALICE = caller_from_claims(ISSUER, "alice", "acme")


def add_document(name: str, content: str, caller: Caller = ALICE, warnings: tuple[str, ...] = ()) -> str:
    """A completed file with text, passages and vectors; its id. The same content shares one text."""
    file_id = uuid.uuid4()
    extracted = ExtractedText(content, None, (), (), "text/plain", warnings)
    passages = split_passages(extracted)
    embedder = bootstrap.embedder()
    with bootstrap.database().tenant(caller.tenant_id) as work:
        work.conversations.ensure_profile(caller.user_id)
        key = upload_key(caller.tenant_id, file_id)
        work.files.add(NewFile(file_id, caller.user_id, name, "text/plain", None, None, (), key, 900))
        saved = work.texts.save(NewText(sha256(content), extracted, 10, cut_windows(extracted), passages))
        work.session.execute(
            text(
                "UPDATE knowledge_files SET status = 'completed', text_id = :text, received_at = now(),"
                " size = :size WHERE id = :id"
            ),
            {"text": saved.text_id, "id": file_id, "size": len(content.encode())},
        )
        texts = dict(work.texts.passage_texts(saved.text_id))
    vectors = embedder.embed(list(texts.values())).vectors
    entries = [
        PassageVectorEntry(PassageId(saved.text_id, ordinal), vector)
        for ordinal, vector in zip(texts, vectors, strict=True)
    ]
    bootstrap.vector_index().upsert(caller.tenant_id, embedder.model, entries)
    return str(file_id)


def set_file(file_id: str, **columns: object) -> None:
    """Set columns of a file's row, as the owner of the tables cannot but the tenant can."""
    assignments = ", ".join(f"{name} = :{name}" for name in columns)
    with bootstrap.database().tenant(ALICE.tenant_id) as work:
        work.session.execute(
            text(f"UPDATE knowledge_files SET {assignments} WHERE id = :id"), {**columns, "id": file_id}
        )


def rows_of(*tables: str) -> list[int]:
    """How many rows the tenant has in each table."""
    with bootstrap.database().tenant(ALICE.tenant_id) as work:
        return [int(work.session.scalar(text(f"SELECT count(*) FROM {table}")) or 0) for table in tables]


def cite_in_answers(conversation_id: str, quotes: dict[str, str]) -> None:
    """Answers of every sort that cite these quotes by file: message, job, its items, kept request."""
    citations = json.dumps([{"source_id": source, "quote": quote} for source, quote in quotes.items()])
    values = {"conversation": conversation_id, "user": ALICE.user_id, "citations": citations}
    with bootstrap.database().tenant(ALICE.tenant_id) as work:
        for statement in _CITING:
            work.session.execute(text(statement), values)
        for number, (source, quote) in enumerate(quotes.items()):
            found = json.dumps([{"quote": quote, "check": "exact"}])
            values = {"number": number, "source": source, "quotes": found}
            work.session.execute(text(_ITEM), values)


def quotes_in_answers() -> set[str]:
    """Every quote that any answer of the tenant still shows."""
    with bootstrap.database().tenant(ALICE.tenant_id) as work:
        kept = [work.session.scalars(text(query)).all() for query in _KEPT]
    assert all(len(found) == 2 for found in kept)
    return {quote for found in kept for quote in found}


_CITING = (
    """INSERT INTO messages (conversation_id, role, content, citations)
       VALUES (:conversation, 'assistant', 'x', CAST(:citations AS jsonb))""",
    """INSERT INTO processing_jobs
           (user_id, conversation_id, job_type, user_query, status, completed_at, result)
       VALUES (:user, :conversation, 'aggregation', 'x', 'completed', now(),
           jsonb_build_object('answer', 'x', 'citations', CAST(:citations AS jsonb)))""",
    """INSERT INTO idempotency_keys (user_id, key, request_hash, response)
       VALUES (:user, 'k', 'h', jsonb_build_object('body', jsonb_build_object('message',
           jsonb_build_object('citations', CAST(:citations AS jsonb)))))""",
)
_ITEM = (
    "INSERT INTO job_items (job_id, ordinal, source_kind, source_id, source_name, quotes)"
    " SELECT id, :number, 'file', CAST(:source AS uuid), 'x', CAST(:quotes AS jsonb) FROM processing_jobs"
)
_KEPT = (
    "SELECT c ->> 'quote' FROM messages, jsonb_array_elements(citations) AS c",
    "SELECT c ->> 'quote' FROM processing_jobs, jsonb_array_elements(result -> 'citations') AS c",
    "SELECT c ->> 'quote' FROM idempotency_keys,"
    " jsonb_array_elements(response #> '{body,message,citations}') AS c",
    "SELECT c ->> 'quote' FROM job_items, jsonb_array_elements(quotes) AS c",
)
