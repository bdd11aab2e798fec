"""The statements of the item store, bound to the tenant twice: by value and by row security."""

from census.domain.plan import Kind

# Files whose upload never came are no documents; nor is an archive that was unpacked: its files are. Files
# that could not be read are, and stay `failed`; files still being read are `skipped`: a retry takes them up.
_COLLECTION = """
    FROM (
        SELECT 'file' AS kind, id, filename AS name, content_type, tags, uploaded_at AS added_at, text_id,
               COALESCE(status, 'completed') AS status
        FROM knowledge_files
        WHERE tenant_id = :tenant AND (received_at IS NOT NULL OR text_id IS NOT NULL)
          AND (status = 'completed' AND content_type = 'application/zip') IS NOT TRUE
        UNION ALL
        SELECT 'page', id, url, content_type, tags, created_at, text_id, COALESCE(status, 'completed')
        FROM scraped_contents WHERE tenant_id = :tenant
    ) d
    LEFT JOIN extracted_texts t
        ON t.tenant_id = :tenant AND t.id = d.text_id AND d.status = 'completed'
    WHERE (CAST(:kinds AS text[]) IS NULL OR d.kind = ANY(CAST(:kinds AS text[])))
      AND (CAST(:ids AS uuid[]) IS NULL OR d.id = ANY(CAST(:ids AS uuid[])))
      AND (CAST(:name AS text) IS NULL OR position(lower(:name) IN lower(d.name)) > 0)
      AND (CAST(:types AS text[]) IS NULL OR d.content_type = ANY(CAST(:types AS text[])))
      AND (CAST(:tags AS text[]) IS NULL OR d.tags @> CAST(:tags AS text[]))
      AND (CAST(:after AS timestamptz) IS NULL OR d.added_at > CAST(:after AS timestamptz))
      AND (CAST(:before AS timestamptz) IS NULL OR d.added_at < CAST(:before AS timestamptz))
"""
PIN = f"""
    INSERT INTO job_items (tenant_id, job_id, ordinal, source_kind, source_id, source_name, text_id,
                           content_hash, windows, tokens, status, reason)
    SELECT :tenant, CAST(:job AS uuid), row_number() OVER (ORDER BY d.added_at, d.id), d.kind, d.id, d.name,
           t.id, t.content_hash, COALESCE(jsonb_array_length(t.windows), 0), COALESCE(t.tokens, 0),
           CASE WHEN d.status = 'failed' THEN 'failed' WHEN t.id IS NULL THEN 'skipped' END,
           CASE WHEN d.status = 'failed' THEN 'unreadable' WHEN t.id IS NULL THEN 'not_ready' END
    {_COLLECTION}
    ON CONFLICT DO NOTHING
"""
PREVIEW = f"""
    SELECT row_number() OVER (ORDER BY d.added_at, d.id) AS ordinal, t.content_hash, t.windows
    {_COLLECTION} ORDER BY ordinal
"""
KNOWN = """
    SELECT content_hash, window_key, atom_key FROM map_results
    WHERE tenant_id = :tenant AND content_hash = ANY(CAST(:hashes AS text[]))
      AND atom_key = ANY(CAST(:keys AS text[]))
"""
# What the earlier job could not even begin to read is as unreadable for this one; the rest is judged anew.
COPY = """
    INSERT INTO job_items (tenant_id, job_id, ordinal, source_kind, source_id, source_name, text_id,
                           content_hash, lead, windows, tokens, status, reason)
    SELECT tenant_id, CAST(:target AS uuid), ordinal, source_kind, source_id, source_name, text_id,
           content_hash, lead, windows, tokens, CASE WHEN text_id IS NULL THEN status END,
           CASE WHEN text_id IS NULL THEN reason END
    FROM job_items WHERE tenant_id = :tenant AND job_id = :job
"""
UNPIN = "DELETE FROM job_items WHERE tenant_id = :tenant AND job_id = :job"
# The same words under other headings are cut into other windows; a text that is gone can lead nobody.
LEAD = """
    UPDATE job_items i SET lead = first.lead
    FROM (SELECT item.ordinal, min(item.ordinal) OVER (PARTITION BY t.content_hash, t.windows) AS lead
          FROM job_items item
          JOIN extracted_texts t ON t.tenant_id = item.tenant_id AND t.id = item.text_id
          WHERE item.tenant_id = :tenant AND item.job_id = :job) first
    WHERE i.tenant_id = :tenant AND i.job_id = :job AND i.ordinal = first.ordinal
      AND i.lead IS DISTINCT FROM first.lead
"""
REOPEN = """
    UPDATE job_items i
    SET status = NULL, reason = NULL, fields = NULL, quotes = NULL, group_key = NULL, measure = NULL,
        text_id = t.id, content_hash = t.content_hash, windows = jsonb_array_length(t.windows),
        tokens = t.tokens
    FROM (
        SELECT id, text_id FROM knowledge_files WHERE tenant_id = :tenant
        UNION ALL SELECT id, text_id FROM scraped_contents WHERE tenant_id = :tenant
    ) d JOIN extracted_texts t ON t.tenant_id = :tenant AND t.id = d.text_id
    WHERE i.tenant_id = :tenant AND i.job_id = :job AND d.id = i.source_id
      AND i.status IN ('failed', 'skipped') AND (i.text_id IS NULL OR i.text_id = t.id)
"""
COUNT = "SELECT count(*) FROM job_items WHERE tenant_id = :tenant AND job_id = :job"
CONTENTS = """
    SELECT DISTINCT ON (i.lead) i.lead, i.content_hash, t.windows,
           count(*) OVER (PARTITION BY i.lead) AS items
    FROM job_items i JOIN extracted_texts t ON t.tenant_id = i.tenant_id AND t.id = i.text_id
    WHERE i.tenant_id = :tenant AND i.job_id = :job AND i.status IS NULL
    ORDER BY i.lead, i.ordinal
"""
CACHED = """
    SELECT r.content_hash, r.window_key, r.atom_key
    FROM (SELECT DISTINCT content_hash FROM job_items
          WHERE tenant_id = :tenant AND job_id = :job AND status IS NULL) i
    JOIN map_results r ON r.tenant_id = :tenant AND r.content_hash = i.content_hash
    WHERE r.atom_key = ANY(CAST(:keys AS text[]))
"""
TO_JUDGE = """
    SELECT i.ordinal, i.lead, i.content_hash, t.page_starts,
           CASE WHEN f.id IS NULL AND p.id IS NULL THEN NULL ELSE t.windows END AS windows
    FROM job_items i
    LEFT JOIN extracted_texts t ON t.tenant_id = i.tenant_id AND t.id = i.text_id
    LEFT JOIN knowledge_files f
        ON i.source_kind = 'file' AND f.tenant_id = i.tenant_id AND f.id = i.source_id
    LEFT JOIN scraped_contents p
        ON i.source_kind = 'page' AND p.tenant_id = i.tenant_id AND p.id = i.source_id
    WHERE i.tenant_id = :tenant AND i.job_id = :job AND i.status IS NULL
    ORDER BY i.ordinal LIMIT :limit
"""
READINGS = """
    SELECT content_hash, window_key, atom_key, reading FROM map_results
    WHERE tenant_id = :tenant AND content_hash = ANY(CAST(:hashes AS text[]))
      AND atom_key = ANY(CAST(:keys AS text[]))
"""
SETTLE = """
    UPDATE job_items i
    SET status = r.status, reason = r.reason, group_key = r.group_key, measure = r.measure,
        measure_unit = r.measure_unit, fields = r.fields, quotes = r.quotes
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(ordinal int, status text, reason text, group_key text,
        measure numeric, measure_unit text, fields jsonb, quotes jsonb)
    WHERE i.tenant_id = :tenant AND i.job_id = :job AND i.ordinal = r.ordinal AND i.status IS NULL
"""
CLASSES = """
    SELECT status, reason, count(*) AS documents FROM job_items
    WHERE tenant_id = :tenant AND job_id = :job AND status IS NOT NULL GROUP BY status, reason
"""
ROWS = """
    SELECT ordinal, source_kind, source_id, source_name, status, reason, fields, quotes FROM job_items
    WHERE tenant_id = :tenant AND job_id = :job AND ordinal > :after
      AND (CAST(:status AS text) IS NULL OR status = :status)
    ORDER BY ordinal LIMIT :limit
"""

_MATCHES = "FROM job_items WHERE tenant_id = :tenant AND job_id = :job AND status = 'match'"
COUNT_MATCHES = f"SELECT count(*) {_MATCHES}"
LIST = f"SELECT source_name {_MATCHES} ORDER BY source_name, ordinal LIMIT :limit"

# Values that differ only in case are one group, shown in its most frequent spelling.
_GROUPED = f"""
    SELECT COALESCE(mode() WITHIN GROUP (ORDER BY group_key), 'unknown') AS name, count(*) AS documents
    {_MATCHES} GROUP BY lower(group_key)
"""
GROUPS = {
    "name": f"{_GROUPED} ORDER BY lower(group_key) NULLS LAST LIMIT :limit",
    "value": f"{_GROUPED} ORDER BY lower(group_key) NULLS LAST LIMIT :limit",
    "count": f"{_GROUPED} ORDER BY documents DESC, lower(group_key) NULLS LAST LIMIT :limit",
}


def _measure(function: str) -> str:
    return f"""
        SELECT COALESCE(measure_unit, '') AS unit, {function}(measure) AS figure, count(measure) AS documents
        {_MATCHES} AND measure IS NOT NULL GROUP BY measure_unit ORDER BY documents DESC, unit LIMIT :limit
    """


MEASURES = {
    Kind.SUM: _measure("sum"),
    Kind.AVG: _measure("avg"),
    Kind.MIN: _measure("min"),
    Kind.MAX: _measure("max"),
}
