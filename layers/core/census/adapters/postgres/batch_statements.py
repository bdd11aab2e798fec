"""The statements of the batch store. Lock order everywhere: jobs by id, then batches."""

DROP_OPEN = """
    DELETE FROM job_batches WHERE tenant_id = :tenant AND job_id = :job AND outcome IS DISTINCT FROM 'done'
"""
INSERT = """
    INSERT INTO job_batches (tenant_id, job_id, ordinal, windows, atoms, first_item, last_item, tokens)
    SELECT :tenant, CAST(:job AS uuid), r.ordinal, r.windows, r.atoms, r.first_item, r.last_item, r.tokens
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(ordinal int, windows jsonb, atoms text[],
        first_item int, last_item int, tokens int)
"""
LAST_ORDINAL = """
    SELECT COALESCE(max(ordinal), 0) FROM job_batches WHERE tenant_id = :tenant AND job_id = :job
"""
COUNT_DONE = """
    SELECT count(*) FROM job_batches WHERE tenant_id = :tenant AND job_id = :job AND outcome = 'done'
"""
UNSENT = """
    SELECT ordinal FROM job_batches
    WHERE tenant_id = :tenant AND job_id = :job AND outcome IS NULL AND sent_generation < :generation
      AND (claimed_until IS NULL OR claimed_until < now())
    ORDER BY ordinal LIMIT :limit
"""
LOST = """
    SELECT ordinal FROM job_batches
    WHERE tenant_id = :tenant AND job_id = :job AND outcome IS NULL
      AND ((claimed_until < now() AND sent_at < claimed_until)
           OR ((claimed_until IS NULL OR claimed_until < now()) AND CAST(:unclaimed AS int) IS NOT NULL
               AND sent_at < now() - make_interval(secs => CAST(:unclaimed AS int))))
    ORDER BY ordinal LIMIT :limit
"""
MARK_SENT = """
    UPDATE job_batches SET sent_generation = :generation, sent_at = now()
    WHERE tenant_id = :tenant AND job_id = :job AND ordinal = ANY(CAST(:ordinals AS int[]))
"""
# A batch somebody reads, a batch with an outcome and a batch of a job that is over come back to nobody.
CLAIM = """
    WITH open AS (
        SELECT b.job_id, b.ordinal, j.intent_data
        FROM unnest(CAST(:jobs AS uuid[]), CAST(:ordinals AS int[])) AS wanted(job_id, ordinal)
        JOIN job_batches b
            ON b.tenant_id = :tenant AND b.job_id = wanted.job_id AND b.ordinal = wanted.ordinal
        JOIN processing_jobs j ON j.tenant_id = :tenant AND j.id = b.job_id AND j.status = 'processing'
        WHERE b.outcome IS NULL AND (b.claimed_until IS NULL OR b.claimed_until < now())
        ORDER BY b.job_id, b.ordinal FOR UPDATE OF b SKIP LOCKED
    ), claimed AS (
        UPDATE job_batches b SET claimed_until = now() + make_interval(secs => :lease), claim = :claim,
            attempts = b.attempts + 1
        FROM open WHERE b.tenant_id = :tenant AND b.job_id = open.job_id AND b.ordinal = open.ordinal
        RETURNING b.job_id, b.ordinal, b.claim, b.attempts, b.atoms, b.windows, open.intent_data
    )
    SELECT c.job_id, c.ordinal, c.claim, c.attempts, c.atoms,
           CASE WHEN row_number() OVER (PARTITION BY c.job_id ORDER BY c.ordinal, w.place) = 1
                THEN c.intent_data END AS plan,
           (w.pair ->> 0)::int AS item, (w.pair ->> 1)::int AS number, i.content_hash,
           span.char_start, span.window_key, span.heading,
           substr(t.text, span.char_start + 1, span.char_end - span.char_start) AS window_text,
           ARRAY(SELECT r.atom_key FROM map_results r
                 WHERE r.tenant_id = :tenant AND r.content_hash = i.content_hash
                   AND r.window_key = span.window_key AND r.atom_key = ANY(c.atoms)) AS known
    FROM claimed c
    CROSS JOIN LATERAL jsonb_array_elements(c.windows) WITH ORDINALITY AS w(pair, place)
    JOIN job_items i ON i.tenant_id = :tenant AND i.job_id = c.job_id AND i.ordinal = (w.pair ->> 0)::int
    LEFT JOIN extracted_texts t ON t.tenant_id = :tenant AND t.id = i.text_id
    LEFT JOIN LATERAL (
        SELECT (e ->> 1)::int AS char_start, (e ->> 2)::int AS char_end, e ->> 4 AS heading,
               (e ->> 1) || '-' || (e ->> 2) AS window_key
        FROM (SELECT t.windows -> (w.pair ->> 1)::int AS e) AS element
    ) span ON true
    ORDER BY c.job_id, c.ordinal, w.place
"""
LOCK_JOBS = """
    SELECT id FROM processing_jobs WHERE tenant_id = :tenant AND id = ANY(CAST(:jobs AS uuid[]))
    ORDER BY id FOR UPDATE
"""
# `remaining` falls by the batches whose outcome this statement wrote; one already written counts for nobody.
# Readings are kept whatever became of the job, but not those of a document that was deleted meanwhile.
# A document is processed with the last batch that reads it: a long one's batches hold one window each, so
# they are found by their first item. Arrays and a count per document: of JSON sets and anti-joins the planner
# expects a hundred rows each, and reads whole tables for ten batches.
RECORD = """
    WITH kept AS (
        INSERT INTO map_results (tenant_id, content_hash, window_key, atom_key, reading)
        SELECT :tenant, r.content_hash, r.window_key, r.atom_key, r.reading
        FROM jsonb_to_recordset(CAST(:readings AS jsonb))
             AS r(content_hash text, window_key text, atom_key text, reading jsonb)
        WHERE EXISTS (SELECT FROM extracted_texts t
                      WHERE t.tenant_id = :tenant AND t.content_hash = r.content_hash)
        ORDER BY 2, 3, 4
        ON CONFLICT DO NOTHING
    ), done AS (
        UPDATE job_batches b
        SET outcome = o.outcome, reason = NULLIF(o.reason, ''),
            failures = CAST(NULLIF(o.failures, '') AS jsonb), recorded_at = now(), claimed_until = NULL
        FROM unnest(CAST(:outcome_jobs AS uuid[]), CAST(:ordinals AS int[]), CAST(:outcomes AS text[]),
                    CAST(:reasons AS text[]), CAST(:failures AS text[]))
             AS o(job_id, ordinal, outcome, reason, failures)
        WHERE b.tenant_id = :tenant AND b.job_id = o.job_id AND b.ordinal = o.ordinal AND b.outcome IS NULL
        RETURNING b.job_id, b.ordinal, b.outcome, b.windows
    ), read AS (
        SELECT DISTINCT done.job_id, (pair ->> 0)::int AS item
        FROM done CROSS JOIN LATERAL jsonb_array_elements(done.windows) AS pair
    ), closed AS (
        SELECT read.job_id, sum(same.items) AS items
        FROM read CROSS JOIN LATERAL (
            SELECT count(*) AS items FROM job_items i
            WHERE i.tenant_id = :tenant AND i.job_id = read.job_id AND i.lead = read.item AND i.status IS NULL
        ) same
        WHERE 0 = (
            SELECT count(*) FROM job_batches other
            WHERE other.tenant_id = :tenant AND other.job_id = read.job_id AND other.first_item = read.item
              AND other.outcome IS NULL
              AND (other.job_id, other.ordinal) NOT IN (SELECT done.job_id, done.ordinal FROM done))
        GROUP BY read.job_id
    ), counted AS (
        SELECT job_id, count(*) AS batches, count(*) FILTER (WHERE outcome = 'failed') AS failed,
               count(*) FILTER (WHERE outcome = 'done') AS well
        FROM done GROUP BY job_id
    ), spent AS (
        SELECT * FROM jsonb_to_recordset(CAST(:spending AS jsonb))
            AS s(job_id uuid, calls int, input_tokens bigint, output_tokens bigint, usd numeric)
    )
    UPDATE processing_jobs j
    SET remaining = j.remaining - COALESCE(counted.batches, 0),
        processed_batches = j.processed_batches + COALESCE(counted.well, 0),
        failed_batches = j.failed_batches + COALESCE(counted.failed, 0),
        processed_items = LEAST(j.total_items, j.processed_items + COALESCE(closed.items, 0)),
        progress = CASE WHEN j.total_items = 0 THEN 0 ELSE GREATEST(j.progress, 0.95 *
            LEAST(j.total_items, j.processed_items + COALESCE(closed.items, 0)) / j.total_items) END,
        calls = j.calls + spent.calls,
        input_tokens = j.input_tokens + spent.input_tokens,
        output_tokens = j.output_tokens + spent.output_tokens,
        spent_usd = j.spent_usd + spent.usd
    FROM spent
    LEFT JOIN counted ON counted.job_id = spent.job_id
    LEFT JOIN closed ON closed.job_id = spent.job_id
    WHERE j.tenant_id = :tenant AND j.id = spent.job_id
    RETURNING j.id, j.remaining, COALESCE(counted.batches, 0) AS counted
"""
RELEASE = """
    UPDATE job_batches b SET claimed_until = NULL, claim = NULL, attempts = b.attempts - r.given_back
    FROM unnest(CAST(:jobs AS uuid[]), CAST(:ordinals AS int[]), CAST(:claims AS uuid[]),
                CAST(:given_back AS int[])) AS r(job_id, ordinal, claim, given_back)
    WHERE b.tenant_id = :tenant AND b.job_id = r.job_id AND b.ordinal = r.ordinal AND b.claim = r.claim
      AND b.outcome IS NULL
"""
WINDOWS = """
    SELECT windows FROM job_batches WHERE tenant_id = :tenant AND job_id = :job AND ordinal = :ordinal
"""
FAILURES = """
    SELECT DISTINCT ON (item) (f ->> 0)::int AS item, f ->> 2 AS reason
    FROM job_batches CROSS JOIN LATERAL jsonb_array_elements(failures) AS f
    WHERE tenant_id = :tenant AND job_id = :job AND failures IS NOT NULL
    ORDER BY item, (f ->> 1)::int
"""
