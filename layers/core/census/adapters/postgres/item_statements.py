"""The statements of the item store, bound to the tenant twice: by value and by row security."""

_UNPACKED = "(status = 'completed' AND content_type = 'application/zip') IS TRUE"
# Files whose upload never came are no documents; nor is an archive that was unpacked: its files are. Files
# that could not be read are, and stay `failed`; files still being read are `skipped`: a retry takes them up.
_COLLECTION = f"""
    FROM (
        SELECT 'file' AS kind, id, filename AS name, content_type, tags, uploaded_at AS added_at, text_id,
               COALESCE(status, 'completed') AS status
        FROM knowledge_files
        WHERE tenant_id = :tenant AND (received_at IS NOT NULL OR text_id IS NOT NULL)
          AND NOT {_UNPACKED}
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
# The same words under other headings are cut into other windows, so they do not share a lead.
PIN = f"""
    INSERT INTO job_items (tenant_id, job_id, ordinal, source_kind, source_id, source_name, text_id,
                           content_hash, lead, windows, tokens, status, reason)
    SELECT :tenant, CAST(:job AS uuid), ordinal, kind, id, name, text_id, content_hash,
           CASE WHEN text_id IS NOT NULL
                THEN min(ordinal) OVER (PARTITION BY text_id IS NULL, content_hash, cutting) END,
           windows, tokens,
           CASE WHEN status = 'failed' THEN 'failed' WHEN text_id IS NULL THEN 'skipped' END,
           CASE WHEN status = 'failed' THEN 'unreadable' WHEN text_id IS NULL THEN 'not_ready' END
    FROM (SELECT row_number() OVER (ORDER BY d.added_at, d.id) AS ordinal, d.kind, d.id, d.name, d.status,
                 t.id AS text_id, t.content_hash, md5(t.windows::text) AS cutting,
                 COALESCE(jsonb_array_length(t.windows), 0) AS windows, COALESCE(t.tokens, 0) AS tokens
          {_COLLECTION}) pinned
    ON CONFLICT DO NOTHING
"""
PREVIEW = f"""
    SELECT row_number() OVER (ORDER BY d.added_at, d.id) AS ordinal, t.content_hash, t.windows
    {_COLLECTION} ORDER BY ordinal
"""
KNOWN = """
    SELECT content_hash, window_key, atom_key FROM map_results
    WHERE tenant_id = :tenant AND content_hash = ANY(CAST(:hashes AS char(64)[]))
      AND atom_key = ANY(CAST(:keys AS char(64)[]))
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
# A text that is gone can lead nobody.
LEAD = """
    UPDATE job_items i SET lead = first.lead
    FROM (SELECT item.ordinal, min(item.ordinal) OVER (PARTITION BY t.content_hash, t.windows) AS lead
          FROM job_items item
          JOIN extracted_texts t ON t.tenant_id = item.tenant_id AND t.id = item.text_id
          WHERE item.tenant_id = :tenant AND item.job_id = :job) first
    WHERE i.tenant_id = :tenant AND i.job_id = :job AND i.ordinal = first.ordinal
      AND i.lead IS DISTINCT FROM first.lead
"""
REOPEN = f"""
    UPDATE job_items i
    SET status = NULL, reason = NULL, fields = NULL, quotes = NULL, group_key = NULL, group_norm = NULL,
        measure = NULL, measure_unit = NULL,
        text_id = t.id, content_hash = t.content_hash, windows = jsonb_array_length(t.windows),
        tokens = t.tokens
    FROM (
        SELECT id, text_id FROM knowledge_files WHERE tenant_id = :tenant AND NOT {_UNPACKED}
        UNION ALL SELECT id, text_id FROM scraped_contents WHERE tenant_id = :tenant
    ) d JOIN extracted_texts t ON t.tenant_id = :tenant AND t.id = d.text_id
    WHERE i.tenant_id = :tenant AND i.job_id = :job AND d.id = i.source_id
      AND i.status IN ('failed', 'skipped') AND (i.text_id IS NULL OR i.text_id = t.id)
"""
# Pinned while it was an upload like any other. What came out of it came after the collection was pinned.
UNPACKED = f"""
    UPDATE job_items SET status = 'skipped', reason = 'unpacked'
    WHERE tenant_id = :tenant AND job_id = :job AND status IN ('failed', 'skipped') AND text_id IS NULL
      AND source_id IN (SELECT id FROM knowledge_files WHERE tenant_id = :tenant AND {_UNPACKED})
"""
COUNT = "SELECT count(*) FROM job_items WHERE tenant_id = :tenant AND job_id = :job"
# One row a window that lacks a result, some leads at a time, and the last lead whatever it lacks. All is
# looked up a lead and by its whole key (OFFSET 0): of rows just written the planner knows nothing.
UNREAD = """
    WITH contents AS MATERIALIZED (
        SELECT i.lead, count(*) AS items, min(i.text_id::text)::uuid AS text_id
        FROM job_items i
        WHERE i.tenant_id = :tenant AND i.job_id = :job AND i.status IS NULL AND i.lead > :after
        GROUP BY i.lead ORDER BY i.lead LIMIT :limit
    )
    SELECT c.lead, c.items, m.number, m.tokens, jsonb_array_length(t.windows) > 1 AS alone, m.keys
    FROM contents c
    LEFT JOIN LATERAL (SELECT content_hash, windows FROM extracted_texts
                       WHERE tenant_id = :tenant AND id = c.text_id OFFSET 0) t ON true
    LEFT JOIN LATERAL (
        SELECT (w ->> 0)::int AS number, (w ->> 3)::int AS tokens,
               array_agg(wanted.key ORDER BY wanted.place) AS keys
        FROM jsonb_array_elements(t.windows) AS w
        CROSS JOIN unnest(CAST(:keys AS char(64)[])) WITH ORDINALITY AS wanted(key, place)
        LEFT JOIN LATERAL (
            SELECT true AS known FROM map_results
            WHERE tenant_id = :tenant AND content_hash = t.content_hash
              AND window_key = (w ->> 1) || '-' || (w ->> 2) AND atom_key = wanted.key OFFSET 0
        ) r ON true
        WHERE r.known IS NULL
        GROUP BY 1, 2
    ) m ON true
    WHERE m.number IS NOT NULL OR c.lead = (SELECT max(lead) FROM contents)
    ORDER BY c.lead, m.number
"""
TRY_TO_JUDGE = "SELECT pg_try_advisory_xact_lock(hashtextextended(CAST(:job AS text), 0))"
WAIT_TO_JUDGE = "SELECT pg_advisory_xact_lock(hashtextextended(CAST(:job AS text), 0))"
_OPEN_LEADS = """
    SELECT (pair ->> 0)::int FROM job_batches b CROSS JOIN LATERAL jsonb_array_elements(b.windows) AS pair
    WHERE b.tenant_id = :tenant AND b.job_id = :job AND b.outcome IS NULL
"""
# A row a content: its items, those whose source is gone told apart. `closed`: only what no batch waits for.
# OFFSET 0 keeps each look-up by its whole key: of rows just written the planner knows nothing, and joins by
# the tenant alone.
TO_JUDGE = f"""
    WITH page AS MATERIALIZED (
        SELECT COALESCE(lead, ordinal) AS lead, array_agg(ordinal) AS ordinals FROM job_items
        WHERE tenant_id = :tenant AND job_id = :job AND status IS NULL
          AND (NOT CAST(:closed AS boolean) OR COALESCE(lead, ordinal) NOT IN ({_OPEN_LEADS}))
        GROUP BY 1 ORDER BY 1 LIMIT :limit
    ), contents AS MATERIALIZED (
        SELECT page.lead, min(items.text_id::text)::uuid AS text_id,
               COALESCE(array_agg(ordinal) FILTER (WHERE text_id IS NOT NULL), '{{}}') AS items,
               COALESCE(array_agg(ordinal) FILTER (WHERE text_id IS NULL), '{{}}') AS deleted
        FROM page CROSS JOIN LATERAL unnest(page.ordinals) AS one(ordinal_of)
        CROSS JOIN LATERAL (
            SELECT i.ordinal, CASE WHEN CASE i.source_kind
                WHEN 'file' THEN EXISTS (SELECT FROM knowledge_files f
                                         WHERE f.tenant_id = :tenant AND f.id = i.source_id)
                ELSE EXISTS (SELECT FROM scraped_contents p
                             WHERE p.tenant_id = :tenant AND p.id = i.source_id)
                END THEN (SELECT t.id FROM extracted_texts t
                          WHERE t.tenant_id = :tenant AND t.id = i.text_id) END AS text_id
            FROM job_items i
            WHERE i.tenant_id = :tenant AND i.job_id = :job AND i.ordinal = one.ordinal_of OFFSET 0
        ) items
        GROUP BY page.lead
    )
    SELECT c.lead, c.items, c.deleted, t.page_starts, COALESCE(jsonb_array_length(t.windows), 0) AS windows
    FROM contents c
    LEFT JOIN LATERAL (SELECT page_starts, windows FROM extracted_texts
                       WHERE tenant_id = :tenant AND id = c.text_id OFFSET 0) t ON true
    ORDER BY c.lead
"""
# A row a content and atom: how many windows were read, and the readings that say anything.
READ = """
    SELECT i.lead, r.atom_key, count(*) AS windows,
           COALESCE(jsonb_agg(r.reading ORDER BY (w ->> 0)::int) FILTER (
               WHERE r.reading ->> 'status' <> 'no_match' OR r.reading -> 'values' <> '[]'), '[]') AS telling
    FROM unnest(CAST(:leads AS int[]), CAST(:ordinals AS int[])) AS i(lead, ordinal)
    CROSS JOIN LATERAL (
        SELECT t.content_hash, t.windows
        FROM job_items item JOIN extracted_texts t ON t.tenant_id = :tenant AND t.id = item.text_id
        WHERE item.tenant_id = :tenant AND item.job_id = :job AND item.ordinal = i.ordinal OFFSET 0
    ) t
    CROSS JOIN LATERAL jsonb_array_elements(t.windows) AS w
    CROSS JOIN LATERAL (
        SELECT atom_key, reading FROM map_results
        WHERE tenant_id = :tenant AND content_hash = t.content_hash
          AND window_key = (w ->> 1) || '-' || (w ->> 2) AND atom_key = ANY(CAST(:keys AS char(64)[]))
        OFFSET 0
    ) r
    GROUP BY i.lead, r.atom_key
"""
SETTLE = """
    UPDATE job_items i
    SET status = r.status, reason = r.reason, group_key = r.group_key, group_norm = r.group_norm,
        measure = r.measure, measure_unit = r.measure_unit, fields = r.fields, quotes = r.quotes
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(ordinal int, status text, reason text, group_key text,
        group_norm text, measure numeric, measure_unit text, fields jsonb, quotes jsonb)
    WHERE i.tenant_id = :tenant AND i.job_id = :job AND i.ordinal = r.ordinal AND i.status IS NULL
"""
# Not of a document that was deleted while it was judged: its item is skipped by now.
FIND = """
    INSERT INTO job_findings (tenant_id, job_id, item, number, label, norm, measure, measure_unit, quote)
    SELECT :tenant, CAST(:job AS uuid), r.item, r.number, r.label, r.norm, r.measure, r.measure_unit, r.quote
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(item int, number int, label text, norm text,
        measure numeric, measure_unit text, quote text)
    WHERE (SELECT i.status FROM job_items i
           WHERE i.tenant_id = :tenant AND i.job_id = :job AND i.ordinal = r.item) = 'match'
    ON CONFLICT DO NOTHING
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
