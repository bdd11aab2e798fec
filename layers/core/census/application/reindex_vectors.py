"""Embed every text anew after the model or its dimension changed; then let searches use the new vectors.

Texts are noted one by one, and what was stored of one is not embedded again: a run that was cut off goes on
where it was. A tenant's searches use one embedder's vectors at all times: the old ones until every text has
new ones, then, by one row, the new ones. Functions with the new setting search by words alone until then,
those with the old one after it.
"""

import uuid
from collections.abc import Callable

from census.application.embed_text import Embedding, embed_text
from census.application.remove_leftovers import Stores, remove_leftovers

AT_ONCE = 100


def reindex_vectors(embedding: Embedding, report: Callable[[str], None] = lambda _: None) -> int:
    """Bring every tenant to the configured embedder; how many texts were embedded.

    Raises VectorDimensionError or VectorIndexRejectedError at once where the index cannot take the vectors,
    and IngestStoppedError where a service is down: run it again.
    """
    space = embedding.space
    embedding.vectors.verify(space.embedder, space.dimensions)
    with embedding.database.system() as work:
        tenants = work.open_work.tenants()
    done = 0
    for number, tenant_id in enumerate(tenants, 1):
        texts = reindex_tenant(embedding, tenant_id)
        report(f"Tenant {number} of {len(tenants)}: {texts} texts embedded by {space.embedder}.")
        done += texts
    return done


def reindex_tenant(embedding: Embedding, tenant_id: uuid.UUID) -> int:
    """Embed what lacks vectors, switch, and delete the others; how many texts were embedded."""
    done = 0
    while True:
        with embedding.database.tenant(tenant_id) as work:
            lacking = work.vectors.unembedded(embedding.space.embedder, AT_ONCE)
            if not lacking and work.vectors.switch(embedding.space):
                break
        for text_id in lacking:
            embed_text(embedding, tenant_id, text_id, resumed=True)
        done += len(lacking)
    remove_leftovers(Stores(embedding.database, embedding.vectors), tenant_id)
    return done
