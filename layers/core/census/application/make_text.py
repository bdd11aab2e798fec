"""From bytes on disk to a text that is ready to be shown: extracted, cut, kept, embedded.

Everything is named by its identity, so repeating any part of it is harmless; readers see the text only once a
completed source shows it.
"""

import hashlib
import uuid
from dataclasses import dataclass
from pathlib import Path

from census.application.ingest_failures import during
from census.domain.identity import sha256
from census.domain.passages import PASSAGING_VERSION, split_passages
from census.domain.tokens import estimate_tokens
from census.domain.windows import WINDOWING_VERSION, cut_windows
from census.ports.embedder import Embedder
from census.ports.text_extractor import TextExtractor
from census.ports.text_store import NewText, SavedText
from census.ports.unit_of_work import Database
from census.ports.vector_index import PassageId, PassageVectorEntry, VectorIndex

EXTRACTION_VERSION = f"2.{PASSAGING_VERSION}.{WINDOWING_VERSION}"
"""Raise its first number when the same bytes would be read differently: texts are then made anew."""

PASSAGES_A_ROUND = 512
"""Passages embedded and stored together: their vectors take at most 25 MB."""


@dataclass(frozen=True)
class SourceBytes:
    """Bytes to read, and what their owner calls them."""

    path: Path
    filename: str
    content_type: str | None


@dataclass(frozen=True)
class TextMaking:
    """What making a text takes."""

    database: Database
    extractor: TextExtractor
    embedder: Embedder
    vectors: VectorIndex


def make_text(making: TextMaking, tenant_id: uuid.UUID, source: SourceBytes) -> SavedText:
    """The text of these bytes with its passages and vectors; bytes that were read before share it.

    Raises IngestStoppedError.
    """
    source_hash = hash_source(source.path)
    with during("store"), making.database.tenant(tenant_id) as work:
        saved = work.texts.find_by_source(source_hash)
    if saved is None:
        saved = _extract_and_save(making, tenant_id, source, source_hash)
    if not saved.published:
        _store_vectors(making, tenant_id, saved.text_id)
    return saved


def hash_source(path: Path) -> str:
    """What names the bytes and the way they are read."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return sha256(f"{digest}:{EXTRACTION_VERSION}")


def _extract_and_save(
    making: TextMaking, tenant_id: uuid.UUID, source: SourceBytes, source_hash: str
) -> SavedText:
    with during("extract"):
        extracted = making.extractor.extract(source.path, source.filename, source.content_type)
    new = NewText(
        source_hash,
        extracted,
        estimate_tokens(extracted.text),
        cut_windows(extracted),
        split_passages(extracted),
    )
    with during("store"), making.database.tenant(tenant_id) as work:
        return work.texts.save(new)


def _store_vectors(making: TextMaking, tenant_id: uuid.UUID, text_id: uuid.UUID) -> None:
    """Embed the passages as they are kept: so it makes no difference who kept them, or when that one died."""
    with during("store"), making.database.tenant(tenant_id) as work:
        passages = work.texts.passage_texts(text_id)
    for first in range(0, len(passages), PASSAGES_A_ROUND):
        some = passages[first : first + PASSAGES_A_ROUND]
        with during("embed"):
            vectors = making.embedder.embed([text for _, text in some])
        entries = [
            PassageVectorEntry(PassageId(text_id, ordinal), vector)
            for (ordinal, _), vector in zip(some, vectors, strict=True)
        ]
        with during("store"):
            making.vectors.upsert(tenant_id, making.embedder.model, entries)
