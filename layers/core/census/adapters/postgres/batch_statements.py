"""The statements of the batch store. Lock order everywhere: budgets, jobs by id, then batches."""

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
           OR ((claimed_until IS NULL OR claimed_until < now())
               AND sent_at < now() - make_interval(
                   secs => CASE WHEN attempts + times_busy > 0 THEN CAST(:come_back AS int)
                                ELSE CAST(:unread AS int) END)))
    ORDER BY ordinal LIMIT :limit
"""
MARK_SENT = """
    UPDATE job_batches SET sent_generation = :generation, sent_at = now()
    WHERE tenant_id = :tenant AND job_id = :job AND ordinal = ANY(CAST(:ordinals AS int[]))
"""
POSTPONE = """
    UPDATE job_batches SET sent_at = now() + make_interval(secs => CAST(:delay AS int))
    WHERE tenant_id = :tenant AND job_id = :job AND ordinal = :ordinal AND outcome IS NULL
      AND (claimed_until IS NULL OR claimed_until < now())
"""
# A batch somebody reads, a batch with an outcome and a batch of a job that is over come back to nobody.
# Each OFFSET 0 is a key looked up: without it the planner, whose statistics know nothing of a new job,
# joins the tenant's whole tables for ten batches; with LIMIT 1 it would read a table until it finds the row.
CLAIM = """
    SELECT c.job AS job_id, c.batch AS ordinal, c.state, c.attempt, c.busy, c.reserved,
           j.user_id, j.mapping_since AS since, b.atoms, b.tokens, b.failed_calls,
           CASE WHEN row_number() OVER (PARTITION BY c.job, c.state ORDER BY c.batch, w.place) = 1
                THEN j.intent_data END AS plan,
           (w.pair ->> 0)::int AS item, (w.pair ->> 1)::int AS number, i.content_hash,
           span.char_start, span.window_key, span.heading,
           substr(t.text, span.char_start + 1, span.char_end - span.char_start) AS window_text,
           ARRAY(SELECT r.atom_key FROM map_results r
                 WHERE r.tenant_id = :tenant AND r.content_hash = i.content_hash
                   AND r.window_key = span.window_key AND r.atom_key = ANY(b.atoms::char(64)[])) AS known
    FROM claim_batches(
        CAST(:jobs AS uuid[]), CAST(:ordinals AS int[]), :lease, :claim, :usd_a_batch, :usd_a_token) c
    LEFT JOIN processing_jobs j ON j.tenant_id = :tenant AND j.id = c.job AND c.state = 'claimed'
    LEFT JOIN LATERAL (
        SELECT atoms, tokens, windows, failed_calls FROM job_batches
        WHERE tenant_id = :tenant AND job_id = j.id AND ordinal = c.batch OFFSET 0
    ) b ON true
    LEFT JOIN LATERAL jsonb_array_elements(b.windows) WITH ORDINALITY AS w(pair, place) ON true
    LEFT JOIN LATERAL (
        SELECT content_hash, text_id FROM job_items
        WHERE tenant_id = :tenant AND job_id = j.id AND ordinal = (w.pair ->> 0)::int OFFSET 0
    ) i ON true
    LEFT JOIN LATERAL (
        SELECT text, windows FROM extracted_texts WHERE tenant_id = :tenant AND id = i.text_id OFFSET 0
    ) t ON true
    LEFT JOIN LATERAL (
        SELECT (e ->> 1)::int AS char_start, (e ->> 2)::int AS char_end, e ->> 4 AS heading,
               (e ->> 1) || '-' || (e ->> 2) AS window_key
        FROM (SELECT t.windows -> (w.pair ->> 1)::int AS e) AS element
    ) span ON true
    ORDER BY c.job, c.batch, w.place
"""
RECORD = """
    SELECT job, left_to_read, counted, step_due
    FROM record_batches(
        CAST(:spent AS jsonb), CAST(:jobs AS uuid[]), CAST(:ordinals AS int[]), CAST(:outcomes AS text[]),
        CAST(:reasons AS text[]), CAST(:failures AS text[]), CAST(:readings AS jsonb), :holder, :kept)
"""
AT_WORK = """
    SELECT id FROM processing_jobs
    WHERE tenant_id = :tenant AND id = ANY(CAST(:jobs AS uuid[])) AND status = 'processing'
"""
# As claim_batches does: whoever adds to what a budget holds waits for who did before, and sees it.
LOCK_BUDGETS = """
    SELECT subject FROM budgets WHERE tenant_id = :tenant ORDER BY subject FOR UPDATE
"""
RESERVE = """
    UPDATE processing_jobs SET reserved_usd = reserved_usd + :usd
    WHERE tenant_id = :tenant AND id = :job AND status = 'processing'
      AND (cap_usd IS NULL OR cap_usd - spent_usd - reserved_usd >= :usd)
      AND COALESCE(budget_left(user_id) >= :usd, true)
    RETURNING id
"""
TAKE_STEPS = """
    UPDATE processing_jobs SET shown_at = now(), shown_progress = progress
    WHERE tenant_id = :tenant AND id = ANY(CAST(:jobs AS uuid[])) AND status = 'processing' AND remaining > 0
      AND progress > shown_progress
      AND (progress >= shown_progress + 0.05
           OR COALESCE(shown_at, mapping_since) < now() - interval '10 seconds')
    RETURNING id
"""
OPEN_TOKENS = """
    SELECT COALESCE(sum(tokens), 0) FROM job_batches
    WHERE tenant_id = :tenant AND job_id = :job AND outcome IS NULL
"""
RELEASE = """
    UPDATE job_batches b SET claimed_until = NULL, claim = NULL, attempts = b.attempts - r.given_back,
        times_busy = b.times_busy + r.given_back, failed_calls = b.failed_calls + r.called, crashes = 0,
        sent_at = now() + make_interval(secs => r.delay)
    FROM unnest(CAST(:jobs AS uuid[]), CAST(:ordinals AS int[]), CAST(:claims AS uuid[]),
                CAST(:given_back AS int[]), CAST(:called AS int[]), CAST(:delays AS int[]))
         AS r(job_id, ordinal, claim, given_back, called, delay)
    WHERE b.tenant_id = :tenant AND b.job_id = r.job_id AND b.ordinal = r.ordinal AND b.claim = r.claim
      AND b.outcome IS NULL
"""
LOCK_JOBS = """
    SELECT id FROM processing_jobs
    WHERE tenant_id = :tenant AND id = ANY(CAST(:jobs AS uuid[])) ORDER BY id FOR UPDATE
"""
# An outcome leaves the claim that wrote it.
UNRECORDED = """
    SELECT b.job_id, b.ordinal, COALESCE(b.claim = r.claim, false) AS held
    FROM unnest(CAST(:jobs AS uuid[]), CAST(:ordinals AS int[]), CAST(:claims AS uuid[]))
         AS r(job_id, ordinal, claim)
    JOIN job_batches b ON b.tenant_id = :tenant AND b.job_id = r.job_id AND b.ordinal = r.ordinal
    WHERE b.outcome IS NULL OR b.claim IS DISTINCT FROM r.claim
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
