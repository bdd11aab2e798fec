"""How a crawl grows: links become rows, at most as many as it may have, one polite step after the other."""

import json
import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from census.adapters.postgres import page_statements as sql
from census.domain.identity import sha256
from census.ports.page_store import DuePage, PageClaim, ReadyPage


def lock_crawl(session: Session, claim: PageClaim) -> Row[Any] | None:
    """The page's crawl, locked, with its room and first free slot; None where it has none that goes on.

    It is locked before any page is, here and in a cancellation, so that neither waits for the other.
    """
    values = {"tenant": claim.tenant_id, "page": claim.page_id}
    return session.execute(sql.LOCK_CRAWL, values).one_or_none()


def grow_crawl(session: Session, crawl: Row[Any], claim: PageClaim, ready: ReadyPage) -> list[DuePage]:
    """Make rows of new links and take up known pages that this crawl did not have; those now due."""
    links = {sha256(link): link for link in ready.links}
    chosen = _choose(session, claim.tenant_id, crawl, links)
    slots = {
        key: float(crawl.first_slot) + place * ready.polite_seconds for place, key in enumerate(chosen, 1)
    }
    made = _write(session, claim, crawl, links, slots, _known(session, claim.tenant_id, chosen))
    if made:
        last = max(due.seconds for due in made)
        values = {"tenant": claim.tenant_id, "crawl": crawl.id, "pages": len(made), "seconds": last}
        session.execute(sql.COUNT_PAGES, values)
    return sorted(made, key=lambda due: due.seconds)


def _choose(session: Session, tenant_id: uuid.UUID, crawl: Row[Any], links: dict[str, str]) -> list[str]:
    """Keys of links nobody knows, and of known pages outside this crawl that rest; in the page's order."""
    keys = list(links)
    if not keys or crawl.room <= 0:
        return []
    values = {"tenant": tenant_id, "keys": keys, "crawl": crawl.id}
    adoptable = set(session.scalars(sql.ADOPTABLE, values))
    excluded = _known(session, tenant_id, keys) - adoptable
    return [key for key in keys if key not in excluded][: crawl.room]


def _known(session: Session, tenant_id: uuid.UUID, keys: list[str]) -> set[str]:
    return set(session.scalars(sql.KNOWN, {"tenant": tenant_id, "keys": keys})) if keys else set()


def _write(
    session: Session,
    claim: PageClaim,
    crawl: Row[Any],
    links: dict[str, str],
    slots: dict[str, float],
    known: set[str],
) -> list[DuePage]:
    depth = claim.place.depth + 1 if claim.place else 0
    values = {"tenant": claim.tenant_id, "crawl": crawl.id, "depth": depth, "user": crawl.user_id}
    rows = [{"key": key, "url": links[key], "seconds": slots[key]} for key in slots]
    fresh, old = [r for r in rows if r["key"] not in known], [r for r in rows if r["key"] in known]
    written: list[Row[Any]] = []
    if fresh:
        written += session.execute(sql.INSERT_FOUND, {**values, "rows": json.dumps(fresh)}).all()
    if old:
        written += session.execute(sql.ADOPT, {**values, "rows": json.dumps(old)}).all()
    return list(_due(written, slots))


def _due(rows: Iterable[Row[Any]], slots: dict[str, float]) -> Iterable[DuePage]:
    return (DuePage(row.id, slots[row.url_key]) for row in rows)
