"""Vectors of passages, and what is known of them."""

import datetime as dt
import uuid
from typing import Any

from pgvector.sqlalchemy import Vector
from sqlalchemy import (
    CHAR,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
)
from sqlalchemy import (
    text as sql,
)
from sqlalchemy.orm import Mapped, mapped_column

from census.adapters.postgres.models.base import NEW_ID, NOW, Base, TenantKey


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
