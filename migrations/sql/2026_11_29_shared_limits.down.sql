CREATE OR REPLACE FUNCTION record_batches(
    spent_by_job JSONB, batch_jobs UUID[], ordinals INTEGER[], outcomes TEXT[], reasons TEXT[],
    failed_windows TEXT[], readings JSONB, lease_holder UUID, calls_kept INTEGER
) RETURNS TABLE (job UUID, left_to_read INTEGER, counted INTEGER, step_due BOOLEAN)
LANGUAGE plpgsql AS $$
DECLARE
    tenant CONSTANT UUID := census_tenant();
    spent RECORD;
    batches INTEGER;
    well INTEGER;
    badly INTEGER;
    items INTEGER[];
    pairs JSONB;
    closed INTEGER;
    asker UUID;
BEGIN
    PERFORM FROM processing_jobs j
    WHERE j.tenant_id = tenant
      AND j.id IN (SELECT (one ->> 'job_id')::uuid FROM jsonb_array_elements(spent_by_job) AS one)
    ORDER BY j.id FOR UPDATE;
    IF readings IS NOT NULL THEN
        INSERT INTO map_results (tenant_id, content_hash, window_key, atom_key, reading)
        SELECT tenant, r.content_hash, r.window_key, r.atom_key, r.reading
        FROM jsonb_to_recordset(readings)
             AS r(content_hash CHAR(64), window_key TEXT, atom_key CHAR(64), reading JSONB)
        -- One by one, by the whole key (OFFSET 0): no reading is worth a look at all texts.
        CROSS JOIN LATERAL (SELECT FROM extracted_texts t
                            WHERE t.tenant_id = tenant AND t.content_hash = r.content_hash OFFSET 0) still_there
        ORDER BY 2, 3, 4
        ON CONFLICT DO NOTHING;
    END IF;
    FOR spent IN
        SELECT one.* FROM jsonb_to_recordset(spent_by_job)
            AS one(job_id UUID, user_id UUID, calls INTEGER, input_tokens BIGINT, output_tokens BIGINT, usd NUMERIC,
                   settled NUMERIC)
    LOOP
        batches := 0; well := 0; badly := 0; items := '{}';
        FOR i IN 1 .. COALESCE(cardinality(ordinals), 0) LOOP
            CONTINUE WHEN batch_jobs[i] <> spent.job_id;
            UPDATE job_batches b
            SET outcome = outcomes[i], reason = NULLIF(reasons[i], ''),
                failures = NULLIF(failed_windows[i], '')::jsonb, recorded_at = now(), claimed_until = NULL
            WHERE b.tenant_id = tenant AND b.job_id = spent.job_id AND b.ordinal = ordinals[i]
              AND b.outcome IS NULL
            RETURNING b.windows INTO pairs;
            CONTINUE WHEN NOT FOUND;
            batches := batches + 1;
            well := well + (outcomes[i] = 'done')::int;
            badly := badly + (outcomes[i] = 'failed')::int;
            items := items || ARRAY(SELECT (pair ->> 0)::int FROM jsonb_array_elements(pairs) AS pair);
        END LOOP;
        -- A statement of its own: it sees what those before wrote.
        SELECT COALESCE(sum(same.items), 0) INTO closed
        FROM (SELECT DISTINCT unnest(items) AS lead) read
        CROSS JOIN LATERAL (
            SELECT count(*) AS items FROM job_items i
            WHERE i.tenant_id = tenant AND i.lead = read.lead AND i.job_id = spent.job_id AND i.status IS NULL
              AND (i.windows <= 1 OR NOT EXISTS (
                  SELECT FROM job_batches other
                  WHERE other.tenant_id = tenant AND other.first_item = read.lead AND other.job_id = spent.job_id
                    AND other.outcome IS NULL))
        ) same;
        UPDATE processing_jobs j
        SET remaining = j.remaining - batches,
            processed_batches = j.processed_batches + well,
            failed_batches = j.failed_batches + badly,
            processed_items = LEAST(j.total_items, j.processed_items + closed),
            progress = CASE WHEN j.total_items = 0 THEN 0 ELSE GREATEST(j.progress, 0.95 *
                LEAST(j.total_items, j.processed_items + closed) / j.total_items) END,
            calls = j.calls + spent.calls,
            input_tokens = j.input_tokens + spent.input_tokens,
            output_tokens = j.output_tokens + spent.output_tokens,
            spent_usd = j.spent_usd + spent.usd,
            reserved_usd = GREATEST(0, j.reserved_usd - spent.settled)
        WHERE j.tenant_id = tenant AND j.id = spent.job_id
        RETURNING j.id, j.remaining, batches, j.user_id,
                  j.remaining > 0 AND j.progress > j.shown_progress AND (j.progress >= j.shown_progress + 0.05
                      OR COALESCE(j.shown_at, j.mapping_since) < now() - interval '10 seconds')
        INTO job, left_to_read, counted, asker, step_due;
        asker := COALESCE(asker, spent.user_id);  -- a job that is gone was paid for all the same
        IF spent.calls > 0 AND asker IS NOT NULL THEN
            INSERT INTO spending AS known (tenant_id, user_id, day, job_id, calls, input_tokens, output_tokens, usd)
            VALUES (tenant, asker, (now() AT TIME ZONE 'UTC')::date, spent.job_id, spent.calls, spent.input_tokens,
                    spent.output_tokens, spent.usd)
            ON CONFLICT (tenant_id, user_id, day, job_id) DO UPDATE
            SET calls = known.calls + excluded.calls, input_tokens = known.input_tokens + excluded.input_tokens,
                output_tokens = known.output_tokens + excluded.output_tokens, usd = known.usd + excluded.usd;
        END IF;
        CONTINUE WHEN job IS NULL;
        RETURN NEXT;
    END LOOP;
    IF calls_kept > 0 THEN
        UPDATE model_leases SET calls = calls_kept WHERE holder = lease_holder;
    ELSIF lease_holder IS NOT NULL THEN
        DELETE FROM model_leases WHERE holder = lease_holder;
    END IF;
END;
$$;
DROP FUNCTION settle_model_calls, exchange_model_calls, lease_model_calls, take_repeats;
ALTER TABLE rate_limits DROP COLUMN repeats_left, DROP COLUMN repeats_at, DROP COLUMN next_look_at,
    DROP COLUMN call_seconds;
ALTER TABLE job_batches DROP COLUMN failed_calls;
