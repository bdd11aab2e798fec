"""Tenants with passages and vectors: of subjects, as real ones are; without any; and of real words."""

import random
import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from census.adapters.hashed_embedder import HashedEmbedder

SAMPLES = Path(__file__).parents[2] / "samples"
CENTRES, NOISES = 400, 3000


@dataclass(frozen=True)
class Tenant:
    """A tenant whose passages are all of one text."""

    id: uuid.UUID
    text_id: uuid.UUID
    passages: int


# Vectors of one subject lie together, as those of real passages do: a centre, and noise around it.
_PREPARE = f"""
    CREATE TEMP TABLE centres_{{d}} AS SELECT c, (SELECT array_agg(random() - 0.5)
        FROM generate_series(1, {{d}}) WHERE c > 0)::vector AS v FROM generate_series(1, {CENTRES}) AS c;
    CREATE TEMP TABLE noises_{{d}} AS SELECT n, (SELECT array_agg((random() - 0.5) * 0.6)
        FROM generate_series(1, {{d}}) WHERE n > 0)::vector AS v FROM generate_series(1, {NOISES}) AS n
"""
_CLUSTERED = f"""
    INSERT INTO passage_vectors (tenant_id, text_id, ordinal, embedder, embedding)
    SELECT :tenant, :id, s.i, :embedder, c.v + e.v FROM generate_series(1, :count) AS s (i)
    JOIN centres_{{d}} c ON c.c = 1 + mod(s.i + s.i / {NOISES}, {CENTRES})
    JOIN noises_{{d}} e ON e.n = 1 + mod(s.i, {NOISES})
"""
_RANDOM = """
    INSERT INTO passage_vectors (tenant_id, text_id, ordinal, embedder, embedding)
    SELECT :tenant, :id, s.i, :embedder, (SELECT array_agg(random() - 0.5) FROM generate_series(1, {d})
                                          WHERE s.i > 0)::vector
    FROM generate_series(1, :count) AS s (i)
"""
_GIVEN = text("""
    INSERT INTO passage_vectors (tenant_id, text_id, ordinal, embedder, embedding)
    SELECT :tenant, :id, :first + v.n, :embedder, CAST(v.v AS vector)
    FROM unnest(CAST(:vectors AS text[])) WITH ORDINALITY AS v (v, n)
""")
_TEXT = text("""
    INSERT INTO extracted_texts (tenant_id, id, source_hash, content_hash, media_type, text, tokens, passages,
                                 windows)
    VALUES (:tenant, :id, :hash, :hash, 'text/plain', 'x', 1, :count, '[]')
""")
_FILE = text("""
    WITH person AS (INSERT INTO profiles (tenant_id, user_id) VALUES (:tenant, :tenant) RETURNING user_id)
    INSERT INTO knowledge_files (tenant_id, user_id, filename, text_id, status)
    SELECT :tenant, user_id, 'f', :id, 'completed' FROM person
""")
_PASSAGES = text("""
    INSERT INTO passages (tenant_id, text_id, ordinal, char_start, char_end, tokens, text)
    SELECT :tenant, :id, n, n * 100, n * 100 + 90, 20,
           'clause ' || n || ' of the agreement on ' || (ARRAY['audit', 'assignment', 'liability', 'renewal',
           'notice', 'licence'])[1 + mod(n, 6)] || ' and what follows from it, item ' || mod(n, 97)
    FROM generate_series(1, :count) AS n
""")


def add_tenants(admin: Engine, sizes: Sequence[int]) -> list[Tenant]:
    """As the superuser, whom row security lets pass."""
    tenants = [Tenant(uuid.uuid4(), uuid.uuid4(), size) for size in sizes]
    with admin.begin() as connection:
        for one in tenants:
            ids = {"tenant": one.id, "id": one.text_id}
            connection.execute(_TEXT, {**ids, "hash": one.text_id.hex * 2, "count": one.passages})
            connection.execute(_FILE, ids)
            connection.execute(_PASSAGES, {**ids, "count": one.passages})
    return tenants


def add_clustered(admin: Engine, tenants: Sequence[Tenant], embedder: str, dimension: int) -> None:
    """A vector for each passage, around centres."""
    with admin.begin() as connection:
        for statement in _PREPARE.format(d=dimension).split(";"):
            connection.execute(text(statement))
        for tenant in tenants:
            _add(connection, _CLUSTERED, tenant, embedder, dimension)


def add_random(admin: Engine, tenant: Tenant, embedder: str, dimension: int) -> None:
    """A vector for each passage, with nothing in common."""
    with admin.begin() as connection:
        _add(connection, _RANDOM, tenant, embedder, dimension)


def _add(connection: Connection, statement: str, tenant: Tenant, embedder: str, dimension: int) -> None:
    values = {"tenant": tenant.id, "id": tenant.text_id, "embedder": embedder, "count": tenant.passages}
    connection.execute(text(statement.format(d=dimension)), values)


def add_hashed(admin: Engine, tenant: Tenant, embedder: str) -> None:
    """The built-in embedder's vectors of the samples' words: overlapping passages, as many as are wanted."""
    passages, at = _sample_passages(), 0
    with admin.begin() as connection:
        while at < tenant.passages:
            texts = [next(passages) for _ in range(min(1000, tenant.passages - at))]
            vectors = [str(vector) for vector in HashedEmbedder().embed(texts).vectors]
            values = {"tenant": tenant.id, "id": tenant.text_id, "embedder": embedder}
            connection.execute(_GIVEN, {**values, "first": at, "vectors": vectors})
            at += len(texts)


def _sample_passages() -> Iterator[str]:
    """Two sentences that follow each other and one from elsewhere: hardly two are alike."""
    chance = random.Random(4)
    found = " ".join(
        path.read_text() for path in sorted(SAMPLES.rglob("*.[tm]*")) if path.suffix in (".txt", ".md")
    )
    sentences = [one for one in re.split(r"(?<=[.;])\s+", found) if len(one.split()) > 4]
    while True:
        first = chance.randrange(len(sentences) - 4)
        yield " ".join([*sentences[first : first + 2], chance.choice(sentences)])
