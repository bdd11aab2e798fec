"""Files, pages, and the texts taken out of them."""

import datetime as dt
import uuid

from sqlalchemy import (
    CHAR,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy import (
    text as sql,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import Computed

from census.adapters.postgres.models.base import NEW_ID, NOW, Base, InTenant, Json, TenantKey


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
    warnings: Mapped[Json] = mapped_column(
        server_default=sql("'[]'"),
        comment="Sentences for people about what was not read, or read otherwise than declared.",
    )


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
