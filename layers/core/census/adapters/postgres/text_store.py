"""Extracted texts and their passages. Implements census.ports.text_store.TextStore."""

import json
import uuid
from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from census.adapters.postgres.models import (
    ExtractedText,
    KnowledgeFile,
    PassageRow,
    ScrapedContent,
    TextEmbedding,
)
from census.adapters.postgres.unused_texts import drop_unused_text
from census.domain.errors import UnavailableError
from census.domain.identity import sha256
from census.domain.passages import Passage
from census.domain.windows import to_json
from census.ports.text_store import FoundPassage, NewText, SavedText, StoredText
from census.ports.vector_index import Neighbour, PassageId

PASSAGES_A_STATEMENT = 1000
"""About 2.5 MB of text: few round trips, little memory."""

_INSERT_PASSAGES = text("""
    INSERT INTO passages (tenant_id, text_id, ordinal, char_start, char_end, page, headings, tokens, text)
    SELECT :tenant, :text_id, r.ordinal, r.char_start, r.char_end, r.page, r.headings, r.tokens, r.text
    FROM json_to_recordset(CAST(:rows AS json)) AS r(
        ordinal INTEGER, char_start INTEGER, char_end INTEGER, page INTEGER, headings TEXT[], tokens INTEGER,
        text TEXT)
""")

_SHOWN = """(
    EXISTS (SELECT FROM knowledge_files f WHERE f.tenant_id = p.tenant_id AND f.text_id = p.text_id
            AND COALESCE(f.status, 'completed') = 'completed')
    OR EXISTS (SELECT FROM scraped_contents s WHERE s.tenant_id = p.tenant_id AND s.text_id = p.text_id
               AND COALESCE(s.status, 'completed') = 'completed'))"""

_SHOWN_OF = text(f"""
    SELECT p.text_id FROM (SELECT CAST(:tenant AS uuid) AS tenant_id, wanted AS text_id
                           FROM unnest(CAST(:texts AS uuid[])) AS wanted) p
    WHERE {_SHOWN}
""")

# Any word may be missing: a question is no exact description of its answer. Words of the question that a
# passage holds count first, then how often and how near to each other they stand.
_SEARCH = text(f"""
    WITH words AS (
        SELECT CAST('''' || replace(replace(word, '\\', '\\\\'), '''', '''''') || '''' AS tsquery) AS word
        FROM unnest(tsvector_to_array(to_tsvector('english', :query))) AS word),
    asked AS (SELECT CAST(string_agg(CAST(word AS text), ' | ') AS tsquery) AS query,
                     array_agg(word) AS words FROM words),
    hits AS (
        SELECT p.text_id, p.ordinal, ts_rank_cd(p.search, asked.query, 32) AS rank,
               (SELECT count(*) FROM unnest(asked.words) AS w WHERE p.search @@ w) AS held,
               cardinality(asked.words) AS wanted
        FROM passages p, asked
        WHERE p.tenant_id = :tenant AND p.search @@ asked.query AND {_SHOWN})
    SELECT text_id, ordinal, (held + rank) / (wanted + 1) AS score
    FROM hits ORDER BY score DESC, text_id, ordinal LIMIT :count
""")

_FIND = text("""
    SELECT p.text_id, p.ordinal, p.text, p.char_start, p.char_end, p.headings, t.page_starts,
           source.kind AS source_kind, source.id AS source_id, source.name AS source_name
    FROM unnest(CAST(:texts AS uuid[]), CAST(:ordinals AS integer[])) WITH ORDINALITY
        AS wanted(text_id, ordinal, place)
    JOIN passages p ON p.tenant_id = :tenant AND p.text_id = wanted.text_id AND p.ordinal = wanted.ordinal
    JOIN extracted_texts t ON t.tenant_id = p.tenant_id AND t.id = p.text_id
    CROSS JOIN LATERAL (
        SELECT 'file' AS kind, f.id, f.filename AS name, f.uploaded_at AS since FROM knowledge_files f
        WHERE f.tenant_id = p.tenant_id AND f.text_id = p.text_id
            AND COALESCE(f.status, 'completed') = 'completed'
        UNION ALL
        SELECT 'page', s.id, COALESCE(NULLIF(s.title, ''), s.url), s.created_at FROM scraped_contents s
        WHERE s.tenant_id = p.tenant_id AND s.text_id = p.text_id
            AND COALESCE(s.status, 'completed') = 'completed'
        ORDER BY since, id LIMIT 1) AS source
    ORDER BY wanted.place
""")


class PostgresTextStore:
    """Works on the session's transaction."""

    def __init__(self, session: Session, tenant_id: uuid.UUID) -> None:
        self._session = session
        self._tenant_id = tenant_id

    def find_by_source(self, source_hash: str, embedder: str = "") -> SavedText | None:
        """See the port."""
        shown = _shown_by(KnowledgeFile) | _shown_by(ScrapedContent)
        row = self._session.execute(
            select(
                ExtractedText.id,
                ExtractedText.media_type,
                ExtractedText.passages,
                shown,
                _embedded_by(embedder),
            ).where(ExtractedText.tenant_id == self._tenant_id, ExtractedText.source_hash == source_hash)
        ).one_or_none()
        return SavedText(*row) if row else None

    def save(self, new: NewText) -> SavedText:
        """See the port."""
        extracted = new.extracted
        made = self._session.execute(
            insert(ExtractedText)
            .values(
                tenant_id=self._tenant_id,
                source_hash=new.source_hash,
                content_hash=sha256(extracted.text),
                media_type=extracted.media_type,
                title=extracted.title,
                text=extracted.text,
                tokens=new.tokens,
                passages=len(new.passages),
                page_starts=list(extracted.page_starts),
                windows=to_json(new.windows),
                warnings=extracted.first_warnings(),
            )
            .on_conflict_do_nothing(constraint="uq_extracted_texts_source")
            .returning(ExtractedText.id)
        ).scalar_one_or_none()
        if made is None:
            return self._first_saved(new.source_hash)
        self._insert_passages(made, new.passages)
        count = len(new.passages)
        return SavedText(made, extracted.media_type, count, published=False, embedded=False)

    def _first_saved(self, source_hash: str) -> SavedText:
        """The text another worker saved first; its insert has ended by now, for ours waited for it."""
        found = self.find_by_source(source_hash)
        if found is None:
            raise UnavailableError(
                "The text was deleted while it was saved; ingesting the file again makes it anew."
            )
        return found

    def _insert_passages(self, text_id: uuid.UUID, passages: Sequence[Passage]) -> None:
        for first in range(0, len(passages), PASSAGES_A_STATEMENT):
            rows = [_passage_json(one) for one in passages[first : first + PASSAGES_A_STATEMENT]]
            self._session.execute(
                _INSERT_PASSAGES,
                {"tenant": self._tenant_id, "text_id": text_id, "rows": json.dumps(rows, ensure_ascii=False)},
            )

    def passage_texts(self, text_id: uuid.UUID) -> list[tuple[int, str]]:
        """See the port."""
        rows = self._session.execute(
            select(PassageRow.ordinal, PassageRow.text)
            .where(PassageRow.tenant_id == self._tenant_id, PassageRow.text_id == text_id)
            .order_by(PassageRow.ordinal)
        )
        return [(row.ordinal, row.text) for row in rows]

    def text(self, text_id: uuid.UUID) -> StoredText | None:
        """See the port."""
        row = self._session.execute(
            select(
                ExtractedText.id,
                ExtractedText.title,
                ExtractedText.text,
                ExtractedText.tokens,
                ExtractedText.passages,
            ).where(ExtractedText.tenant_id == self._tenant_id, ExtractedText.id == text_id)
        ).one_or_none()
        return StoredText(*row) if row else None

    def drop_unused(self, text_id: uuid.UUID) -> bool:
        """See the port."""
        return drop_unused_text(self._session, self._tenant_id, text_id)

    def shown(self, text_ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
        """See the port."""
        asked = {"tenant": self._tenant_id, "texts": [str(one) for one in text_ids]}
        return set(self._session.execute(_SHOWN_OF, asked).scalars()) if text_ids else set()

    def search(self, query: str, count: int) -> list[Neighbour]:
        """See the port."""
        # PostgreSQL's text has no NUL character.
        asked = {"query": query.replace("\x00", " "), "tenant": self._tenant_id, "count": count}
        rows = self._session.execute(_SEARCH, asked)
        return [Neighbour(PassageId(row.text_id, row.ordinal), float(row.score)) for row in rows]

    def passages(self, ids: Sequence[PassageId]) -> list[FoundPassage]:
        """See the port."""
        if not ids:
            return []
        wanted = {
            "tenant": self._tenant_id,
            "texts": [str(one.text_id) for one in ids],
            "ordinals": [one.ordinal for one in ids],
        }
        return [
            FoundPassage(
                PassageId(row.text_id, row.ordinal),
                row.text,
                row.char_start,
                row.char_end,
                tuple(row.page_starts),
                tuple(row.headings),
                row.source_kind,
                row.source_id,
                row.source_name,
            )
            for row in self._session.execute(_FIND, wanted)
        ]


def _shown_by(table: type[KnowledgeFile] | type[ScrapedContent]) -> ColumnElement[bool]:
    return (
        select(table.id)
        .where(
            and_(
                table.tenant_id == ExtractedText.tenant_id,
                table.text_id == ExtractedText.id,
                func.coalesce(table.status, "completed") == "completed",
            )
        )
        .exists()
    )


def _embedded_by(embedder: str) -> ColumnElement[bool]:
    return (
        select(TextEmbedding.text_id)
        .where(
            TextEmbedding.tenant_id == ExtractedText.tenant_id,
            TextEmbedding.text_id == ExtractedText.id,
            TextEmbedding.embedder == embedder,
        )
        .exists()
    )


def _passage_json(passage: Passage) -> dict[str, object]:
    return {
        "ordinal": passage.ordinal,
        "char_start": passage.char_start,
        "char_end": passage.char_end,
        "page": passage.page,
        "headings": list(passage.headings),
        "tokens": passage.tokens,
        "text": passage.text,
    }
