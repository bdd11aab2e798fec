"""The tables as SQLAlchemy knows them; `alembic check` holds them equal to the migrations."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from pgvector.sqlalchemy import Vector
from sqlalchemy import (
    ARRAY,
    CHAR,
    BigInteger,
    CheckConstraint,
    DateTime,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    func,
)
from sqlalchemy import (
    text as sql,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.schema import Computed, FetchedValue, SchemaItem

from census.domain.plan import JsonObject

NOW = func.now()
NEW_ID = func.gen_random_uuid()
Json = JsonObject | list[Any]


class Base(DeclarativeBase):
    """What all tables share: how Python types are stored."""

    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy declares it without ClassVar
        uuid.UUID: Uuid(as_uuid=True),
        dt.datetime: DateTime(timezone=True),
        str: Text(),
        float: Float(),
        Json: JSONB(),
        list[str]: ARRAY(Text()),
        Decimal: Numeric(14, 6),
    }


def belongs_to_the_models(
    item: SchemaItem, name: str | None, kind: str, reflected: bool, _compare_to: SchemaItem | None
) -> bool:
    """Partitions are made by the migrations and have no model of their own."""
    del item
    return not (kind == "table" and reflected and name is not None and "_p" in name and name[-1].isdigit())


class InTenant:
    """Rows of one tenant; the default is the tenant the transaction is bound to."""

    tenant_id: Mapped[uuid.UUID] = mapped_column(server_default=func.census_tenant())


class TenantKey:
    """Rows whose key starts with the tenant."""

    tenant_id: Mapped[uuid.UUID] = mapped_column(server_default=func.census_tenant(), primary_key=True)


class Profile(InTenant, Base):
    """A user, made by the first call."""

    __tablename__ = "profiles"
    user_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    created_at: Mapped[dt.datetime | None] = mapped_column(server_default=NOW)


class Conversation(InTenant, Base):
    """A user's conversation."""

    __tablename__ = "conversations"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id", name="uq_conversations_tenant"),
        Index("idx_conversations_user", "tenant_id", "user_id", "created_at", "id"),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=NEW_ID)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("profiles.user_id"))
    title: Mapped[str | None]
    created_at: Mapped[dt.datetime | None] = mapped_column(server_default=NOW)
    updated_at: Mapped[dt.datetime | None] = mapped_column(server_default=NOW)


class Message(InTenant, Base):
    """A question or an answer; `job_id` only where the answer comes from a job."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id", name="uq_messages_tenant"),
        ForeignKeyConstraint(
            ["tenant_id", "conversation_id"],
            ["conversations.tenant_id", "conversations.id"],
            name="fk_messages_conversation_in_tenant",
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["tenant_id", "job_id"],
            ["processing_jobs.tenant_id", "processing_jobs.id"],
            name="fk_messages_job_in_tenant",
            ondelete="SET NULL (job_id)",
            use_alter=True,
        ),
        Index("idx_messages_conversation", "tenant_id", "conversation_id", "created_at", "id"),
        Index("idx_messages_job_id", "job_id", postgresql_where=sql("job_id IS NOT NULL")),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=NEW_ID)
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    role: Mapped[str]
    content: Mapped[str | None]
    created_at: Mapped[dt.datetime | None] = mapped_column(server_default=NOW)
    job_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("processing_jobs.id", ondelete="SET NULL", use_alter=True)
    )
    citations: Mapped[Json | None] = mapped_column(
        comment="The quotes a look-up answer rests on; null for questions and for answers of jobs."
    )


class ProcessingJob(InTenant, Base):
    """A question over the whole collection, at work or answered. See docs/state_machine.md."""

    __tablename__ = "processing_jobs"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id", name="uq_processing_jobs_tenant"),
        ForeignKeyConstraint(
            ["tenant_id", "conversation_id"],
            ["conversations.tenant_id", "conversations.id"],
            name="fk_processing_jobs_conversation_in_tenant",
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["tenant_id", "message_id"],
            ["messages.tenant_id", "messages.id"],
            name="fk_processing_jobs_message_in_tenant",
            ondelete="SET NULL (message_id)",
        ),
        Index("idx_processing_jobs_user_status", "user_id", "status"),
        Index("idx_processing_jobs_conversation", "conversation_id"),
        Index("idx_processing_jobs_status", "status"),
        Index("idx_processing_jobs_created_at", "created_at"),
        Index("idx_processing_jobs_message_id", "message_id", postgresql_where=sql("message_id IS NOT NULL")),
        Index("idx_processing_jobs_tenant_user", "tenant_id", "user_id", "created_at", "id"),
        Index(
            "idx_processing_jobs_open",
            "next_check_at",
            postgresql_where=sql("status IN ('queued', 'awaiting_approval', 'processing')"),
        ),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=NEW_ID)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("profiles.user_id"))
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    message_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"))
    job_type: Mapped[str]
    status: Mapped[str | None] = mapped_column(server_default="queued")
    user_query: Mapped[str]
    intent_data: Mapped[Json | None]
    progress: Mapped[float | None] = mapped_column(server_default=sql("0.0"))
    total_items: Mapped[int | None] = mapped_column(server_default=sql("0"))
    total_batches: Mapped[int | None] = mapped_column(server_default=sql("0"))
    processed_items: Mapped[int | None] = mapped_column(server_default=sql("0"))
    processed_batches: Mapped[int | None] = mapped_column(server_default=sql("0"))
    failed_batches: Mapped[int | None] = mapped_column(server_default=sql("0"))
    current_phase: Mapped[str | None] = mapped_column(server_default="queued")
    result: Mapped[Json | None]
    aggregation_details: Mapped[Json | None]
    intermediate_results: Mapped[Json | None]
    error_message: Mapped[str | None]
    error_details: Mapped[Json | None]
    started_at: Mapped[dt.datetime | None] = mapped_column(server_default=NOW)
    completed_at: Mapped[dt.datetime | None]
    estimated_completion_seconds: Mapped[int | None]
    actual_duration_seconds: Mapped[float | None]
    processing_metadata: Mapped[Json | None]
    created_at: Mapped[dt.datetime | None] = mapped_column(server_default=NOW)
    updated_at: Mapped[dt.datetime | None] = mapped_column(server_default=NOW, server_onupdate=FetchedValue())
    generation: Mapped[int] = mapped_column(server_default=sql("0"))
    started_generation: Mapped[int] = mapped_column(server_default=sql("0"))
    remaining: Mapped[int | None]
    next_check_at: Mapped[dt.datetime | None]
    approve_above_usd: Mapped[Decimal | None]
    execution_arn: Mapped[str | None]
    pinned_at: Mapped[dt.datetime | None]
    deadline_at: Mapped[dt.datetime | None]
    model: Mapped[str | None]
    calls: Mapped[int] = mapped_column(server_default=sql("0"))
    input_tokens: Mapped[int] = mapped_column(BigInteger, server_default=sql("0"))
    output_tokens: Mapped[int] = mapped_column(BigInteger, server_default=sql("0"))
    spent_usd: Mapped[Decimal] = mapped_column(server_default=sql("0"))
    reserved_usd: Mapped[Decimal] = mapped_column(server_default=sql("0"))
    cap_usd: Mapped[Decimal | None]
    estimated_low_usd: Mapped[Decimal | None]
    estimated_high_usd: Mapped[Decimal | None]
    mapping_since: Mapped[dt.datetime | None]
    planned_tokens: Mapped[int] = mapped_column(BigInteger, server_default=sql("0"))
    read_tokens: Mapped[int] = mapped_column(BigInteger, server_default=sql("0"))
    shown_at: Mapped[dt.datetime | None]
    shown_progress: Mapped[float] = mapped_column(server_default=sql("0"))
    stopped_by: Mapped[str | None] = mapped_column(
        comment="What money kept the rest of the batches from being read."
    )


class ExtractedText(TenantKey, Base):
    """The text of a content; files and pages with the same bytes share it."""

    __tablename__ = "extracted_texts"
    __table_args__ = (
        UniqueConstraint("tenant_id", "source_hash", name="uq_extracted_texts_source"),
        Index("idx_extracted_texts_content", "tenant_id", "content_hash"),
        CheckConstraint("tokens >= 0"),
        CheckConstraint("passages >= 0"),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=NEW_ID)
    source_hash: Mapped[str] = mapped_column(
        CHAR(64), comment="SHA-256 of the bytes and the version of the extraction."
    )
    content_hash: Mapped[str] = mapped_column(
        CHAR(64), comment="SHA-256 of the text: what cached results are kept by."
    )
    media_type: Mapped[str]
    title: Mapped[str | None]
    text: Mapped[str]
    tokens: Mapped[int]
    passages: Mapped[int]
    page_starts: Mapped[Json] = mapped_column(server_default=sql("'[]'"))
    windows: Mapped[Json]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)


class PassageRow(TenantKey, Base):
    """A passage of a text, with the place it has there."""

    __tablename__ = "passages"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "text_id"],
            ["extracted_texts.tenant_id", "extracted_texts.id"],
            name="fk_passages_text",
            ondelete="CASCADE",
        ),
        {"postgresql_partition_by": "HASH (tenant_id)"},
    )
    text_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    char_start: Mapped[int]
    char_end: Mapped[int]
    page: Mapped[int | None]
    headings: Mapped[list[str]] = mapped_column(server_default=sql("'{}'"))
    tokens: Mapped[int]
    text: Mapped[str]
    search: Mapped[str | None] = mapped_column(
        TSVECTOR, Computed("to_tsvector('english'::regconfig, text)", persisted=True)
    )


class PassageVector(TenantKey, Base):
    """A passage's vector by one embedder; the dimension is the embedder's."""

    __tablename__ = "passage_vectors"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "text_id"],
            ["extracted_texts.tenant_id", "extracted_texts.id"],
            name="fk_passage_vectors_text",
            ondelete="CASCADE",
        ),
        {"postgresql_partition_by": "HASH (tenant_id)"},
    )
    embedder: Mapped[str] = mapped_column(primary_key=True)
    text_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    embedding: Mapped[Any] = mapped_column(Vector())


class VectorSpaceRow(TenantKey, Base):
    """Whose vectors a tenant's searches use."""

    __tablename__ = "vector_spaces"
    __table_args__ = (
        CheckConstraint("dimensions > 0"),
        {
            "comment": "Whose vectors a tenant's searches use. Reindexing changes the row once all texts "
            "have the new ones."
        },
    )
    embedder: Mapped[str]
    dimensions: Mapped[int]
    since: Mapped[dt.datetime] = mapped_column(server_default=NOW)


class TextEmbedding(TenantKey, Base):
    """That the index holds a vector of every passage of a text by an embedder."""

    __tablename__ = "text_embeddings"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "text_id"],
            ["extracted_texts.tenant_id", "extracted_texts.id"],
            name="fk_text_embeddings_text",
            ondelete="CASCADE",
        ),
        Index("idx_text_embeddings_text", "tenant_id", "text_id"),
        {"comment": "The index holds a vector of every passage of the text by this embedder."},
    )
    embedder: Mapped[str] = mapped_column(primary_key=True)
    text_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    stored_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)


class EmbeddedContent(TenantKey, Base):
    """The cache of embeddings: where the vector of the same words is."""

    __tablename__ = "embedded_contents"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "text_id"],
            ["extracted_texts.tenant_id", "extracted_texts.id"],
            name="fk_embedded_contents_text",
            ondelete="CASCADE",
        ),
        Index("idx_embedded_contents_text", "tenant_id", "text_id"),
        {
            "comment": "The cache of embeddings: a passage, of the newest text, whose vector the same words "
            "can take."
        },
    )
    embedder: Mapped[str] = mapped_column(primary_key=True)
    content_hash: Mapped[str] = mapped_column(CHAR(64), primary_key=True)
    text_id: Mapped[uuid.UUID]
    ordinal: Mapped[int]


class RemovalRow(TenantKey, Base):
    """A deletion in another store that is due: vectors of a text, or an object."""

    __tablename__ = "removals"
    __table_args__ = (
        CheckConstraint("(text_id IS NULL) <> (object_key IS NULL)", name="ck_removals_target"),
        Index("idx_removals_due", "due_at"),
        {
            "comment": "The outbox of deletions in other stores: vectors of a text, an object. Written with "
            "what they belonged to."
        },
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=NEW_ID)
    text_id: Mapped[uuid.UUID | None]
    embedder: Mapped[str | None]
    object_key: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(server_default=sql("0"))
    due_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)
    created_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)


class KnowledgeFile(InTenant, Base):
    """An uploaded file and where its processing stands. A null status reads as completed."""

    __tablename__ = "knowledge_files"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id", name="uq_knowledge_files_tenant"),
        ForeignKeyConstraint(
            ["tenant_id", "text_id"],
            ["extracted_texts.tenant_id", "extracted_texts.id"],
            name="fk_knowledge_files_text",
        ),
        ForeignKeyConstraint(
            ["tenant_id", "replaces"],
            ["knowledge_files.tenant_id", "knowledge_files.id"],
            name="fk_knowledge_files_replaces",
            ondelete="SET NULL (replaces)",
        ),
        Index("idx_knowledge_files_replaces", "replaces", postgresql_where=sql("replaces IS NOT NULL")),
        Index("idx_knowledge_files_status", "status"),
        Index("idx_knowledge_files_job_id", "job_id"),
        Index("idx_knowledge_files_tenant", "tenant_id", "uploaded_at", "id"),
        Index("idx_knowledge_files_text", "tenant_id", "text_id"),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=NEW_ID)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("profiles.user_id"))
    filename: Mapped[str]
    uploaded_at: Mapped[dt.datetime | None] = mapped_column(server_default=NOW)
    updated_at: Mapped[dt.datetime | None] = mapped_column(server_default=NOW)
    status: Mapped[str | None] = mapped_column(String(50), server_default="pending")
    job_id: Mapped[str | None] = mapped_column(String(100))
    processing_error: Mapped[str | None]
    content_type: Mapped[str | None]
    declared_size: Mapped[int | None] = mapped_column(BigInteger)
    size: Mapped[int | None] = mapped_column(BigInteger)
    tags: Mapped[list[str]] = mapped_column(server_default=sql("'{}'"))
    replaces: Mapped[uuid.UUID | None]
    object_key: Mapped[str | None]
    object_version: Mapped[str | None]
    sequencer: Mapped[str | None]
    text_id: Mapped[uuid.UUID | None]
    attempts: Mapped[int] = mapped_column(server_default=sql("0"))
    claimed_until: Mapped[dt.datetime | None]
    received_at: Mapped[dt.datetime | None]
    processed_at: Mapped[dt.datetime | None]
    upload_expires_at: Mapped[dt.datetime | None]


class Crawl(TenantKey, Base):
    """How far links are followed from the pages where it starts, and how far it came."""

    __tablename__ = "crawls"
    __table_args__ = (
        CheckConstraint("depth BETWEEN 0 AND 3"),
        CheckConstraint("max_pages BETWEEN 1 AND 1000"),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=NEW_ID)
    user_id: Mapped[uuid.UUID]
    depth: Mapped[int]
    max_pages: Mapped[int]
    same_host: Mapped[bool]
    pages: Mapped[int] = mapped_column(
        server_default=sql("0"), comment="Pages made or fetched again so far; at most max_pages."
    )
    next_slot_at: Mapped[dt.datetime] = mapped_column(
        server_default=NOW, comment="When the next page found may be fetched: one after the other."
    )
    cancelled_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)


class ScrapedContent(InTenant, Base):
    """A page from the web and where its processing stands. A null status reads as completed."""

    __tablename__ = "scraped_contents"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id", name="uq_scraped_contents_tenant"),
        ForeignKeyConstraint(
            ["tenant_id", "text_id"],
            ["extracted_texts.tenant_id", "extracted_texts.id"],
            name="fk_scraped_contents_text",
        ),
        Index("idx_scraped_contents_status", "status"),
        Index("idx_scraped_contents_job_id", "job_id"),
        Index("idx_scraped_contents_tenant", "tenant_id", "created_at", "id"),
        Index("idx_scraped_contents_text", "tenant_id", "text_id"),
        ForeignKeyConstraint(
            ["tenant_id", "crawl_id"], ["crawls.tenant_id", "crawls.id"], name="fk_scraped_contents_crawl"
        ),
        Index("idx_scraped_contents_url_key", "tenant_id", "url_key", unique=True),
        Index("idx_scraped_contents_crawl", "tenant_id", "crawl_id"),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=NEW_ID)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("profiles.user_id"))
    url: Mapped[str]
    title: Mapped[str | None]
    content: Mapped[str | None]
    created_at: Mapped[dt.datetime | None] = mapped_column(server_default=NOW)
    updated_at: Mapped[dt.datetime | None] = mapped_column(server_default=NOW)
    status: Mapped[str | None] = mapped_column(String(50), server_default="pending")
    job_id: Mapped[str | None] = mapped_column(String(100))
    processing_error: Mapped[str | None]
    content_type: Mapped[str | None]
    size: Mapped[int | None] = mapped_column(BigInteger)
    tags: Mapped[list[str]] = mapped_column(server_default=sql("'{}'"))
    text_id: Mapped[uuid.UUID | None]
    attempts: Mapped[int] = mapped_column(server_default=sql("0"))
    claimed_until: Mapped[dt.datetime | None]
    processed_at: Mapped[dt.datetime | None]
    url_key: Mapped[str | None] = mapped_column(
        CHAR(64), comment="SHA-256 of the URL: a URL is one row of its tenant."
    )
    crawl_id: Mapped[uuid.UUID | None]
    depth: Mapped[int] = mapped_column(server_default=sql("0"), comment="Steps from where the crawl started.")
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]


def _of_job(name: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["tenant_id", "job_id"],
        ["processing_jobs.tenant_id", "processing_jobs.id"],
        name=name,
        ondelete="CASCADE",
    )


class JobSignal(TenantKey, Base):
    """The outbox of a job's one signal: the token to answer, and when it was answered."""

    __tablename__ = "job_signals"
    __table_args__ = (_of_job("fk_job_signals_job"),)
    job_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    generation: Mapped[int]
    task_token: Mapped[str | None] = mapped_column(comment="A credential: only census_system may read it.")
    stored_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)
    signalled_at: Mapped[dt.datetime | None]


class JobItem(TenantKey, Base):
    """A document as the job pinned it, and its class in the ledger once it is known."""

    __tablename__ = "job_items"
    __table_args__ = (
        UniqueConstraint("tenant_id", "job_id", "source_kind", "source_id", name="uq_job_items_source"),
        _of_job("fk_job_items_job"),
        Index("idx_job_items_source", "tenant_id", "source_id"),
        Index("idx_job_items_lead", "tenant_id", "job_id", "lead", postgresql_where=sql("status IS NULL")),
    )
    job_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    source_kind: Mapped[str]
    source_id: Mapped[uuid.UUID]
    source_name: Mapped[str]
    text_id: Mapped[uuid.UUID | None]
    content_hash: Mapped[str | None] = mapped_column(CHAR(64))
    lead: Mapped[int | None] = mapped_column(
        comment="Ordinal of the first item with the same content: contents are read once."
    )
    windows: Mapped[int] = mapped_column(server_default=sql("0"))
    tokens: Mapped[int] = mapped_column(server_default=sql("0"))
    status: Mapped[str | None]
    reason: Mapped[str | None]
    group_key: Mapped[str | None]
    measure: Mapped[Decimal | None] = mapped_column(Numeric())
    measure_unit: Mapped[str | None]
    fields: Mapped[Json | None]
    quotes: Mapped[Json | None]
    group_norm: Mapped[str | None]


class JobFinding(TenantKey, Base):
    """One thing a document says of a question whose unit is not the document, ready for SQL to aggregate."""

    __tablename__ = "job_findings"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "job_id", "item"],
            ["job_items.tenant_id", "job_items.job_id", "job_items.ordinal"],
            name="fk_job_findings_item",
            ondelete="CASCADE",
        ),
    )
    job_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    item: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str | None]
    norm: Mapped[str | None] = mapped_column(
        comment="What groups: the label by the rules of normalisation; null is unknown."
    )
    theme: Mapped[str | None]
    measure: Mapped[Decimal | None] = mapped_column(Numeric())
    measure_unit: Mapped[str | None]
    quote: Mapped[str | None]


class ReduceNode(TenantKey, Base):
    """A node of a reduce tree, kept by the hash of what it was made of."""

    __tablename__ = "reduce_nodes"
    node_key: Mapped[str] = mapped_column(CHAR(64), primary_key=True)
    children: Mapped[list[str]] = mapped_column(server_default=sql("'{}'"))
    sources: Mapped[list[uuid.UUID]] = mapped_column(
        ARRAY(Uuid(as_uuid=True)),
        server_default=sql("'{}'"),
        comment="The documents whose words a leaf holds: it goes with any of them.",
    )
    content: Mapped[Json]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)


class JobBatch(TenantKey, Base):
    """One message's worth of reading: its claim while somebody reads, its outcome once recorded."""

    __tablename__ = "job_batches"
    __table_args__ = (
        _of_job("fk_job_batches_job"),
        Index(
            "idx_job_batches_open", "tenant_id", "job_id", "ordinal", postgresql_where=sql("outcome IS NULL")
        ),
        Index(
            "idx_job_batches_open_item",
            "tenant_id",
            "job_id",
            "first_item",
            postgresql_where=sql("outcome IS NULL"),
        ),
    )
    job_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    windows: Mapped[Json] = mapped_column(comment="[[lead item, window number], …]: what the batch reads.")
    atoms: Mapped[list[str]]
    first_item: Mapped[int] = mapped_column(Integer)
    last_item: Mapped[int]
    tokens: Mapped[int]
    sent_generation: Mapped[int] = mapped_column(server_default=sql("0"))
    sent_at: Mapped[dt.datetime | None]
    claimed_until: Mapped[dt.datetime | None]
    claim: Mapped[uuid.UUID | None]
    attempts: Mapped[int] = mapped_column(server_default=sql("0"))
    outcome: Mapped[str | None]
    reason: Mapped[str | None]
    failures: Mapped[Json | None]
    recorded_at: Mapped[dt.datetime | None]
    times_busy: Mapped[int] = mapped_column(
        server_default=sql("0"), comment="How often it went back to the queue without an attempt."
    )
    crashes: Mapped[int] = mapped_column(
        server_default=sql("0"), comment="Claims that expired without a word: the process ended."
    )


class MapResult(TenantKey, Base):
    """What a window says about an atom: the cache. Successes only."""

    __tablename__ = "map_results"
    __table_args__ = ({"comment": "The cache: what a window says about an atom. Successes only."},)
    content_hash: Mapped[str] = mapped_column(CHAR(64), primary_key=True)
    window_key: Mapped[str] = mapped_column(primary_key=True)
    atom_key: Mapped[str] = mapped_column(CHAR(64), primary_key=True)
    reading: Mapped[Json]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)


class IdempotencyKey(TenantKey, Base):
    """A request a user marked as one: the same key again gets the same answer."""

    __tablename__ = "idempotency_keys"
    user_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[str] = mapped_column(CHAR(64))
    response: Mapped[Json | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)


class Budget(TenantKey, Base):
    """What a user, or all users of the tenant together, may spend. Money in US dollars, days in UTC."""

    __tablename__ = "budgets"
    subject: Mapped[uuid.UUID] = mapped_column(
        primary_key=True, comment="A user, or the tenant itself: all of its users together."
    )
    daily_usd: Mapped[Decimal | None]
    monthly_usd: Mapped[Decimal | None]
    approve_above_usd: Mapped[Decimal | None]


class DaySpending(TenantKey, Base):
    """What a job's calls cost on a day. It stays when the job goes: a deletion gives no money back."""

    __tablename__ = "spending"
    __table_args__ = ({"comment": "What model calls cost, by day (UTC), user and job."},)
    user_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    job_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    calls: Mapped[int]
    input_tokens: Mapped[int] = mapped_column(BigInteger)
    output_tokens: Mapped[int] = mapped_column(BigInteger)
    usd: Mapped[Decimal]


class RateLimit(Base):
    """When a model may be called next, by anybody."""

    __tablename__ = "rate_limits"
    model: Mapped[str] = mapped_column(primary_key=True)
    next_start_at: Mapped[dt.datetime] = mapped_column(
        server_default=sql("'-infinity'"),
        comment="When the next call may start: a time, so nothing can leak.",
    )
    paused_until: Mapped[dt.datetime] = mapped_column(
        server_default=sql("'-infinity'"),
        comment="The vendor asked for patience: until then nobody calls.",
    )


class ModelLease(Base):
    """A claim's share of the calls that a model may have in flight."""

    __tablename__ = "model_leases"
    __table_args__ = (
        {"comment": "Calls in flight by claim. What is in use is their sum: no counter to leak."},
    )
    holder: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    model: Mapped[str]
    calls: Mapped[int]
    until: Mapped[dt.datetime]


class KeptPlan(TenantKey, Base):
    """The plan a question had, so that it is not planned, and not paid for, again."""

    __tablename__ = "kept_plans"
    question_key: Mapped[str] = mapped_column(CHAR(64), primary_key=True)
    plan: Mapped[Json]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)
