"""From bytes on disk to a text that is ready to be shown: extracted, cut, kept, embedded.

Everything is named by its identity, so repeating any part of it is harmless; readers see the text only once a
completed source shows it.
"""

import hashlib
import uuid
from dataclasses import dataclass
from pathlib import Path

from census.application.charge_usage import Price
from census.application.embed_text import Embedding, embed_text
from census.application.ingest_failures import during
from census.domain.identity import Caller, sha256
from census.domain.passages import PASSAGING_VERSION, split_passages
from census.domain.tokens import estimate_tokens
from census.domain.windows import WINDOWING_VERSION, cut_windows
from census.ports.embedder import Embedder
from census.ports.text_extractor import TextExtractor
from census.ports.text_store import NewText, SavedText
from census.ports.unit_of_work import Database
from census.ports.vector_index import PassageId, VectorIndex

EXTRACTION_VERSION = f"3.{PASSAGING_VERSION}.{WINDOWING_VERSION}"
"""Raise its first number when the same bytes would be read differently: texts are then made anew."""


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
    price: Price

    @property
    def embedding(self) -> Embedding:
        """What embedding a kept text takes."""
        return Embedding(self.database, self.embedder, self.vectors, self.price)


def make_text(making: TextMaking, owner: Caller, source: SourceBytes) -> SavedText:
    """The text of these bytes with its passages and vectors; bytes that were read before share it.

    What is embedded for it is charged to its owner. Raises IngestStoppedError.
    """
    tenant_id = owner.tenant_id
    source_hash = hash_source(source.path)
    with during("store"), making.database.tenant(tenant_id) as work:
        saved = work.texts.find_by_source(source_hash, making.embedder.model)
    resumed = saved is not None
    if saved is None:
        saved = _extract_and_save(making, tenant_id, source, source_hash)
    if not saved.embedded:
        embed_text(making.embedding, tenant_id, saved.text_id, owner, resumed=resumed)
    if saved.passages and not saved.published:
        with during("store"):
            last = PassageId(saved.text_id, saved.passages - 1)
            making.vectors.await_searchable(tenant_id, making.embedder.model, last)
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
