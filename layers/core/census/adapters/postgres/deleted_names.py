"""Takes the names of groups that only one document gave out of the answers of jobs, before its rows go."""

import json
import uuid
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from census.domain.citations import DELETED_QUOTE
from census.domain.deleted_names import Gone, answer_without, details_without, names_groups, table_without

SHORTEST_WORD = 4
"""Of a label: shorter words are no document's own."""

# What the document says in these jobs, and what the others say there: spellings, and the groups they are of.
_SAID = """
    WITH said AS NOT MATERIALIZED (
        SELECT i.job_id, i.group_key AS label, i.group_norm AS norm, NULL AS theme,
               i.source_id = CAST(:source AS uuid) AS mine
        FROM job_items i
        WHERE i.tenant_id = :tenant AND i.job_id = ANY(CAST(:jobs AS uuid[])) AND i.group_key IS NOT NULL
        UNION ALL
        SELECT f.job_id, f.label, f.norm, f.theme, i.source_id = CAST(:source AS uuid)
        FROM job_findings f
        JOIN job_items i ON i.tenant_id = f.tenant_id AND i.job_id = f.job_id AND i.ordinal = f.item
        WHERE f.tenant_id = :tenant AND f.job_id = ANY(CAST(:jobs AS uuid[])) AND f.label IS NOT NULL
    ), mine AS MATERIALIZED (SELECT DISTINCT job_id, label, norm FROM said WHERE mine)"""
_LABELS = f"""{_SAID}
    SELECT m.job_id, m.label AS name, (
        SELECT mode() WITHIN GROUP (ORDER BY o.label) FROM said o
        WHERE o.job_id = m.job_id AND o.norm = m.norm AND NOT o.mine) AS instead
    FROM mine m
    WHERE NOT EXISTS (SELECT FROM said o WHERE o.job_id = m.job_id AND o.label = m.label AND NOT o.mine)"""
# A theme goes with the last who counts for it, and where it uses a word that nobody else's label has.
_THEMES = f"""{_SAID}, words AS MATERIALIZED (
        SELECT DISTINCT m.job_id, w.word
        FROM mine m CROSS JOIN LATERAL regexp_split_to_table(lower(m.label), '[^[:alnum:]]+') AS w(word)
        WHERE length(w.word) >= :shortest AND NOT EXISTS (
            SELECT FROM said o
            WHERE o.job_id = m.job_id AND NOT o.mine AND position(w.word IN lower(o.label)) > 0)
    )
    SELECT t.job_id, t.theme AS name, NULL AS instead
    FROM (SELECT job_id, theme, bool_or(NOT mine) AS others FROM said
          WHERE theme IS NOT NULL AND job_id IN (SELECT job_id FROM mine) GROUP BY job_id, theme) t
    WHERE NOT t.others OR EXISTS (
        SELECT FROM words w WHERE w.job_id = t.job_id AND position(w.word IN lower(t.theme)) > 0)"""
_FORGET_THEMES = """
    UPDATE job_findings SET theme = :redacted
    WHERE tenant_id = :tenant AND job_id = :job AND theme = ANY(CAST(:names AS text[]))"""
_ANSWERS = """
    SELECT id, intent_data, result, aggregation_details, intermediate_results FROM processing_jobs
    WHERE tenant_id = :tenant AND id = ANY(CAST(:jobs AS uuid[])) AND intent_data IS NOT NULL"""
_WRITE = """
    UPDATE processing_jobs
    SET result = CAST(:result AS jsonb), aggregation_details = CAST(:details AS jsonb),
        intermediate_results = CAST(:running AS jsonb)
    WHERE tenant_id = :tenant AND id = :job"""


def take_names_out(
    session: Session, tenant_id: uuid.UUID, source_id: uuid.UUID, jobs: Sequence[uuid.UUID]
) -> None:
    """Rewrite the tables, words and details of the jobs, which the transaction has locked."""
    values = {"tenant": tenant_id, "source": source_id, "shortest": SHORTEST_WORD}
    gone: dict[uuid.UUID, dict[str, str | None]] = defaultdict(dict)
    for statement in (_LABELS, _THEMES):
        for row in session.execute(text(statement), {**values, "jobs": list(jobs)}):
            gone[row.job_id][row.name] = row.instead
    for row in session.execute(text(_ANSWERS), {"tenant": tenant_id, "jobs": list(gone)}).all():
        if names_groups(row.intent_data):
            job = {"tenant": tenant_id, "job": row.id}
            session.execute(text(_WRITE), {**job, **_written(row, gone[row.id])})
            names = {"names": list(gone[row.id]), "redacted": DELETED_QUOTE}
            session.execute(text(_FORGET_THEMES), {**job, **names})


def _written(row: Any, gone: Gone) -> dict[str, str | None]:
    """The columns of a job as JSON, without the names."""
    result, running = row.result, row.intermediate_results
    if result and result.get("table"):
        answer = answer_without(result["answer"], gone)
        result = {**result, "answer": answer, "table": table_without(result["table"], gone)}
    if running and running.get("table"):
        running = {**running, "table": table_without(running["table"], gone)}
    details = row.aggregation_details and details_without(row.aggregation_details, gone)
    columns = {"result": result, "details": details, "running": running}
    return {name: None if value is None else json.dumps(value) for name, value in columns.items()}
