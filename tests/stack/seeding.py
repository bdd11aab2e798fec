"""Documents put where ingestion leaves them, because 500 uploads take minutes; and a look at batches."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import text

from census.adapters.postgres.database import PostgresDatabase
from census.adapters.postgres.work import PostgresTenantWork
from census.domain.extracted_text import ExtractedText
from census.domain.identity import Caller, caller_from_claims, sha256, upload_key
from census.domain.tokens import estimate_tokens
from census.domain.windows import cut_windows
from census.ports.file_store import NewFile
from census.ports.text_store import NewText
from infra.local.authorizer import claims
from tests.model_server import window_key

ALONE_TOKENS = 3_200
"""Two documents of more than 3,000 tokens do not fit into one batch; one of less than 5,000 is one window."""

_FINISH = text(
    "UPDATE knowledge_files SET status = 'completed', text_id = :text, received_at = now(), size = :size"
    " WHERE id = :id"
)


def caller_of(name: str) -> Caller:
    """Who the local authorizer makes of `user@tenant`."""
    found = claims(f"Bearer dev-{name}")
    return caller_from_claims(found["iss"], found["sub"], found["tenant"])


def long_document(number: int, *sentences: str) -> str:
    """A document that is one window and one batch, the sentences in its middle."""
    line = f"Paragraph %d of paper {number} says nothing that anybody would ever ask about.\n"
    half = [line % place for place in range(10)]
    while estimate_tokens("".join(half)) < ALONE_TOKENS / 2:
        half += [line % place for place in range(len(half), len(half) + 10)]
    return "".join([*half, "".join(f"{sentence}\n" for sentence in sentences), *half])


def seed_documents(database_url: str, name: str, texts: Mapping[str, str]) -> None:
    """Completed files of `user@tenant` by file name, with text and windows but without passages."""
    caller, database = caller_of(name), PostgresDatabase(database_url)
    with database.tenant(caller.tenant_id) as work:
        work.conversations.ensure_profile(caller.user_id)
        for filename, content in texts.items():
            _add(work, caller, filename, content)
    database.engine.dispose()


def _add(work: PostgresTenantWork, caller: Caller, filename: str, content: str) -> None:
    file_id, extracted = uuid.uuid4(), ExtractedText(content, None, (), (), "text/plain")
    key = upload_key(caller.tenant_id, file_id)
    work.files.add(NewFile(file_id, caller.user_id, filename, "text/plain", None, None, (), key, 900))
    saved = work.texts.save(
        NewText(sha256(content), extracted, estimate_tokens(content), cut_windows(extracted), [])
    )
    work.session.execute(_FINISH, {"text": saved.text_id, "id": file_id, "size": len(content.encode())})


@dataclass(frozen=True)
class BatchRow:
    """A batch of a job as the database has it; `windows` by the model server's keys."""

    ordinal: int
    outcome: str | None
    attempts: int
    claim: str | None
    windows: frozenset[str]


_OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND datname = current_database() AND pid <> pg_backend_pid()
"""
_BATCHES = """
    SELECT b.ordinal, b.outcome, b.attempts, b.claim::text AS claim,
           array_agg(substr(t.text, (w ->> 1)::int + 1, (w ->> 2)::int - (w ->> 1)::int)) AS texts
    FROM job_batches b
    CROSS JOIN LATERAL jsonb_array_elements(b.windows) AS pair
    JOIN job_items i ON i.job_id = b.job_id AND i.ordinal = (pair ->> 0)::int
    JOIN extracted_texts t ON t.id = i.text_id
    CROSS JOIN LATERAL (SELECT t.windows -> (pair ->> 1)::int AS w) AS place
    WHERE b.job_id = :job
    GROUP BY b.ordinal, b.outcome, b.attempts, b.claim
    ORDER BY b.ordinal
"""


def is_used_by_others(database_url: str) -> bool:
    """Whether others are connected: a statement that was sent before its sender died goes on without it."""
    database = PostgresDatabase(database_url)
    with database.engine.connect() as connection:
        others = connection.scalar(text(_OTHERS))
    database.engine.dispose()
    return bool(others)


def batches_of(database_url: str, name: str, job_id: str) -> list[BatchRow]:
    """The batches of a job of `user@tenant`."""
    database = PostgresDatabase(database_url)
    with database.tenant(caller_of(name).tenant_id) as work:
        rows = work.session.execute(text(_BATCHES), {"job": job_id}).all()
    database.engine.dispose()
    return [
        BatchRow(row.ordinal, row.outcome, row.attempts, row.claim, frozenset(map(window_key, row.texts)))
        for row in rows
    ]
