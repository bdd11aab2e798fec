"""The pinned documents of jobs in PostgreSQL. Implements census.ports.job_store.ItemStore."""

import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from census.adapters.postgres import figure_statements as figures
from census.adapters.postgres import item_statements as sql
from census.domain.answers import Compared
from census.domain.batches import WindowToRead
from census.domain.findings import Finding
from census.domain.ledger import LedgerClass
from census.domain.normal_forms import MOST_COMPARED, Spelled
from census.domain.plan import Filters, JsonObject, Kind, Plan, Unit
from census.domain.plan_fields import parse_time
from census.ports.job_store import AtomRead, Content, ContentToJudge, ItemRow, JudgedItem, UnreadContent

_UNLIMITED = 10_000
CONTENTS_A_PAGE = 2_000
"""Contents whose unread windows are held at once: a few megabytes."""


class PostgresItemStore:
    """See the port."""

    def __init__(self, session: Session, tenant_id: uuid.UUID) -> None:
        self._session = session
        self._tenant_id = tenant_id

    def _run(self, statement: str, **values: Any) -> Any:
        return self._session.execute(text(statement), {"tenant": self._tenant_id, **values})

    def pin(self, job_id: uuid.UUID, filters: Filters) -> None:
        """See the port."""
        self._run(sql.UNPIN, job=job_id)
        self._run(sql.PIN, job=job_id, **_conditions(filters))

    def reopen(self, job_id: uuid.UUID) -> None:
        """See the port."""
        self._run(sql.REOPEN, job=job_id)
        self._run(sql.UNPACKED, job=job_id)
        self._run(sql.LEAD, job=job_id)

    def count(self, job_id: uuid.UUID) -> int:
        """See the port."""
        return int(self._run(sql.COUNT, job=job_id).scalar_one())

    def preview(self, filters: Filters) -> list[Content | None]:
        """See the port."""
        rows = self._run(sql.PREVIEW, **_conditions(filters))
        return [Content(r.ordinal, r.content_hash, r.windows) if r.content_hash else None for r in rows]

    def known(self, content_hashes: Sequence[str], atom_keys: Sequence[str]) -> set[tuple[str, str, str]]:
        """See the port."""
        rows = self._run(sql.KNOWN, hashes=list(content_hashes), keys=list(atom_keys))
        return {(row.content_hash, row.window_key, row.atom_key) for row in rows}

    def copy(self, from_job: uuid.UUID, to_job: uuid.UUID) -> None:
        """See the port."""
        self._run(sql.COPY, job=from_job, target=to_job)

    def unread(self, job_id: uuid.UUID, atom_keys: Sequence[str]) -> Iterator[list[UnreadContent]]:
        """See the port."""
        after = 0
        while rows := self._run(
            sql.UNREAD, job=job_id, keys=list(atom_keys), after=after, limit=CONTENTS_A_PAGE
        ).all():
            after = rows[-1].lead
            waiting = (row for row in rows if row.number is not None)
            by_lead = groupby(waiting, key=lambda row: (row.lead, row.items))
            yield [UnreadContent(lead, items, _windows(found)) for (lead, items), found in by_lead]

    def begin_judging(self, job_id: uuid.UUID, *, wait: bool) -> bool:
        """See the port."""
        taken = self._run(sql.WAIT_TO_JUDGE if wait else sql.TRY_TO_JUDGE, job=job_id).scalar_one()
        return wait or bool(taken)

    def to_judge(
        self, job_id: uuid.UUID, atom_keys: Sequence[str], limit: int, *, closed: bool = False
    ) -> list[ContentToJudge]:
        """See the port."""
        rows = self._run(sql.TO_JUDGE, job=job_id, limit=limit, closed=closed).all()
        there = [row for row in rows if row.items]
        read = self._run(
            sql.READ,
            job=job_id,
            keys=list(atom_keys),
            leads=[row.lead for row in there],
            ordinals=[row.items[0] for row in there],
        )
        atoms: dict[int, dict[str, AtomRead]] = defaultdict(dict)
        for row in read:
            atoms[row.lead][row.atom_key] = AtomRead(row.windows, row.telling)
        return [
            ContentToJudge(r.lead, r.windows, r.page_starts or [], r.items, r.deleted, atoms[r.lead])
            for r in rows
        ]

    def settle(self, job_id: uuid.UUID, judged: Iterable[JudgedItem]) -> None:
        """See the port."""
        items = list(judged)
        if items:
            self._run(sql.SETTLE, job=job_id, rows=json.dumps([_settled(item) for item in items]))
        findings = [
            _found(item.ordinal, number, one) for item in items for number, one in enumerate(item.findings)
        ]
        if findings:
            self._run(sql.FIND, job=job_id, rows=json.dumps(findings))

    def classes(self, job_id: uuid.UUID) -> dict[tuple[str, str | None], int]:
        """See the port."""
        rows = self._run(sql.CLASSES, job=job_id)
        return {(row.status, row.reason): row.documents for row in rows}

    def aggregate(self, job_id: uuid.UUID, plan: Plan, order: str) -> list[list[Any]]:
        """See the port."""
        # Of themes the limit bounds the codebook: what fits none of them is shown all the same.
        limit = None if plan.kind is Kind.THEMES else plan.limit
        rows = self._run(_figures(plan, order), job=job_id, limit=limit or _UNLIMITED)
        return [list(row) for row in rows]

    def compared(self, job_id: uuid.UUID) -> list[Compared]:
        """See the port."""
        rows = self._run(figures.COMPARED, job=job_id, limit=_UNLIMITED)
        return [Compared(row.name, row.group_norm, row.documents, row.among) for row in rows]

    def spellings(self, job_id: uuid.UUID) -> list[Spelled]:
        """See the port."""
        rows = self._run(figures.SPELLINGS, job=job_id, limit=MOST_COMPARED)
        return [Spelled(r.norm, r.label, r.documents, tuple(r.spellings)) for r in rows]

    def rows(self, job_id: uuid.UUID, after: int, limit: int, *, matches_only: bool = False) -> list[ItemRow]:
        """See the port."""
        status = LedgerClass.MATCH.value if matches_only else None
        found = self._run(sql.ROWS, job=job_id, after=after, limit=limit, status=status)
        return [
            ItemRow(
                row.ordinal,
                row.source_kind,
                row.source_id,
                row.source_name,
                row.status,
                row.reason,
                row.fields,
                row.quotes or [],
            )
            for row in found
        ]


def _figures(plan: Plan, order: str) -> str:
    """The statement of a plan's figures."""
    if plan.kind.measures:
        grouped = plan.group_by is not None
        return figures.measure(plan.kind, grouped=grouped, by_findings=plan.by_findings)
    if plan.kind is Kind.THEMES:
        return figures.THEMES
    if plan.kind in (Kind.COUNT, Kind.SUMMARY):
        return _COUNTS[Unit.DOCUMENT if plan.kind is Kind.SUMMARY else plan.unit]
    if plan.kind is Kind.LIST and plan.unit is not Unit.ENTITY:
        return figures.LIST_MENTIONS if plan.unit is Unit.MENTION else figures.LIST
    return _GROUPS[plan.unit][order]


_COUNTS = {
    Unit.DOCUMENT: figures.COUNT_MATCHES,
    Unit.MENTION: figures.COUNT_MENTIONS,
    Unit.ENTITY: figures.COUNT_ENTITIES,
}
_GROUPS = {
    Unit.DOCUMENT: figures.GROUPS,
    Unit.MENTION: figures.MENTION_GROUPS,
    Unit.ENTITY: figures.ENTITIES,
}


def _windows(rows: Iterable[Any]) -> tuple[WindowToRead, ...]:
    return tuple(WindowToRead(r.lead, r.number, r.tokens, tuple(r.keys), r.alone) for r in rows)


def _settled(item: JudgedItem) -> JsonObject:
    return {
        "ordinal": item.ordinal,
        "status": item.status,
        "reason": item.reason,
        "group_key": item.group.label if item.group else None,
        "group_norm": item.group.norm if item.group else None,
        "measure": None if item.measure is None else str(item.measure),
        "measure_unit": item.measure_unit,
        "fields": item.fields,
        "quotes": item.quotes,
    }


def _found(ordinal: int, number: int, finding: Finding) -> JsonObject:
    return {
        "item": ordinal,
        "number": number,
        "label": finding.group.label if finding.group else None,
        "norm": finding.group.norm if finding.group else None,
        "measure": None if finding.measure is None else str(finding.measure),
        "measure_unit": finding.measure_unit,
        "quote": finding.quote.text,
    }


def _conditions(filters: Filters) -> dict[str, Any]:
    """The filters as parameters; None for a condition that is not set."""
    return {
        "kinds": list(filters.source_kinds) or None,
        "ids": [uuid.UUID(value) for value in filters.ids] or None,
        "name": filters.name,
        "types": list(filters.content_types) or None,
        "tags": list(filters.tags) or None,
        "after": parse_time(filters.added_after) if filters.added_after else None,
        "before": parse_time(filters.added_before) if filters.added_before else None,
    }
