-- Repeats of failed calls come out of a budget that all workers share (docs/adr/0029); who waits for capacity is
-- told when to look; a lease is asked for in one statement that binds itself (docs/adr/0030). `lease_calls` stays for
-- code that knows it.

ALTER TABLE job_batches
    ADD COLUMN failed_calls INTEGER NOT NULL DEFAULT 0
        CONSTRAINT ck_job_batches_failed_calls CHECK (failed_calls >= 0);
COMMENT ON COLUMN job_batches.failed_calls IS 'How often it came back after a call; its next one is a repeat.';
ALTER TABLE rate_limits
    ADD COLUMN repeats_left DOUBLE PRECISION NOT NULL DEFAULT 10,
    ADD COLUMN repeats_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
    ADD COLUMN next_look_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT '-infinity',
    ADD COLUMN call_seconds DOUBLE PRECISION NOT NULL DEFAULT 1;
COMMENT ON COLUMN rate_limits.repeats_left IS 'How many calls that failed may be made once more, as of repeats_at.';
COMMENT ON COLUMN rate_limits.next_look_at IS 'When the next of those who wait for capacity should look for it.';
COMMENT ON COLUMN rate_limits.call_seconds IS 'How long a call takes: a moving mean of what workers tell.';

-- A token bucket. Each first call puts `share` of a repeat into it, up to `most`; time fills it up to `least` only, so
-- that a job is never stuck for good. Pure: tests/engine/test_repeats.py holds it to its bounds.
CREATE FUNCTION take_repeats(
    left_then DOUBLE PRECISION, seconds DOUBLE PRECISION, first_calls INTEGER, wanted INTEGER,
    share DOUBLE PRECISION, least_left DOUBLE PRECISION, most_left DOUBLE PRECISION, a_minute DOUBLE PRECISION,
    OUT allowed INTEGER, OUT left_now DOUBLE PRECISION
) LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    left_now := GREATEST(left_then, LEAST(least_left, left_then + GREATEST(0, seconds) * a_minute / 60));
    left_now := LEAST(most_left, left_now + share * first_calls);
    allowed := LEAST(wanted, floor(left_now + 1e-9));
    left_now := GREATEST(0, left_now - allowed);
END;
$$;

-- Capacity of a model for one holder: `kept` calls still run, `wanted` would begin, `extra` would follow within a
-- call that runs. `again` of the wanted and `extra_again` of the extra repeat a call that failed; `first_calls` of
-- the wanted are asked for the first time. Repeats without budget are turned away and get nothing.
-- Rates are GCRA (ITU-T I.371): a call moves the start of the next one by the longer of the times that its request
-- and its tokens take at the limits. Starts are granted two seconds ahead, so that the rate is used up whoever asks
-- next; an idle model owes a hundredth of a minute's calls at once.
-- Whoever gets less than it wants is told when to look again: one look for every four calls that end, whoever it
-- is that waits, so the number of statements a call does not grow with the number of those who wait.
CREATE FUNCTION lease_model_calls(
    of_model TEXT, for_holder UUID, kept INTEGER, wanted INTEGER, extra INTEGER,
    first_calls INTEGER, again INTEGER, extra_again INTEGER, tokens_a_call BIGINT,
    most_calls INTEGER, requests_a_minute INTEGER, tokens_a_minute BIGINT, lease_seconds INTEGER,
    pause_seconds DOUBLE PRECISION, seconds_a_call DOUBLE PRECISION,
    share DOUBLE PRECISION, least_left DOUBLE PRECISION, most_left DOUBLE PRECISION, repeats_a_minute DOUBLE PRECISION,
    OUT granted INTEGER, OUT granted_extra INTEGER, OUT granted_again INTEGER, OUT granted_extra_again INTEGER,
    OUT first_in DOUBLE PRECISION, OUT step DOUBLE PRECISION, OUT ask_again_in DOUBLE PRECISION, OUT crowded BOOLEAN
) LANGUAGE plpgsql AS $$
DECLARE
    right_now TIMESTAMP WITH TIME ZONE;
    known RECORD;
    then_known RECORD;
    budget RECORD;
    free INTEGER;
    bookable INTEGER;
    backlog DOUBLE PRECISION;
    look_step DOUBLE PRECISION;
BEGIN
    INSERT INTO rate_limits (model) SELECT of_model
    WHERE NOT EXISTS (SELECT FROM rate_limits r WHERE r.model = of_model) ON CONFLICT DO NOTHING;
    SELECT * INTO known FROM rate_limits r WHERE r.model = of_model FOR UPDATE;
    then_known := known;
    right_now := clock_timestamp();

    budget := take_repeats(known.repeats_left, EXTRACT(EPOCH FROM right_now - known.repeats_at)::double precision,
                           first_calls, again + extra_again, share, least_left, most_left, repeats_a_minute);
    granted_extra_again := LEAST(extra_again, budget.allowed);
    granted_again := budget.allowed - granted_extra_again;
    wanted := wanted - (again - granted_again);
    extra := extra - (extra_again - granted_extra_again);
    IF budget.left_now <> known.repeats_left THEN
        known.repeats_left := budget.left_now;
        known.repeats_at := right_now;
    END IF;

    step := GREATEST(COALESCE(60.0 / requests_a_minute, 0), COALESCE(60.0 * tokens_a_call / tokens_a_minute, 0));
    backlog := GREATEST(-0.6, EXTRACT(EPOCH FROM GREATEST(known.next_start_at, right_now - interval '1 day') - right_now));
    known.paused_until := GREATEST(known.paused_until, right_now + make_interval(secs => pause_seconds));
    bookable := CASE WHEN known.paused_until > right_now THEN 0
                     WHEN step = 0 THEN wanted + extra
                     ELSE GREATEST(0, ceil((2 - backlog) / step)) END;
    DELETE FROM model_leases l WHERE l.model = of_model AND l.until < right_now;
    free := GREATEST(0, most_calls - kept - (
        SELECT COALESCE(sum(l.calls), 0) FROM model_leases l WHERE l.model = of_model AND l.holder <> for_holder));
    granted_extra := LEAST(extra, bookable);
    granted := LEAST(wanted, free, bookable - granted_extra);
    first_in := CASE WHEN step = 0 THEN 0 ELSE GREATEST(0, backlog) END;
    crowded := free - granted < GREATEST(wanted, kept);
    IF step > 0 THEN
        known.next_start_at := right_now + make_interval(secs => backlog + step * (granted + granted_extra));
    END IF;

    IF seconds_a_call > 0 THEN
        known.call_seconds := 0.8 * known.call_seconds + 0.2 * seconds_a_call;
    END IF;
    ask_again_in := 0;
    IF known.paused_until > right_now THEN
        ask_again_in := EXTRACT(EPOCH FROM known.paused_until - right_now);
    ELSIF step > 0 THEN
        ask_again_in := GREATEST(0, backlog + step * (granted + granted_extra) - 1);
    ELSIF granted < wanted THEN
        look_step := LEAST(1, 4 * known.call_seconds / GREATEST(1, most_calls));
        known.next_look_at := LEAST(GREATEST(known.next_look_at, right_now), right_now + make_interval(secs => 60 * look_step))
            + make_interval(secs => look_step);
        ask_again_in := EXTRACT(EPOCH FROM known.next_look_at - right_now);
    END IF;
    IF known IS DISTINCT FROM then_known THEN
        UPDATE rate_limits r
        SET paused_until = known.paused_until, next_start_at = known.next_start_at,
            repeats_left = known.repeats_left, repeats_at = known.repeats_at,
            next_look_at = known.next_look_at, call_seconds = known.call_seconds
        WHERE r.model = of_model;
    END IF;
    IF kept + granted = 0 THEN
        DELETE FROM model_leases l WHERE l.holder = for_holder;
    ELSE
        INSERT INTO model_leases (holder, model, calls, until)
        VALUES (for_holder, of_model, kept + granted, right_now + make_interval(secs => lease_seconds))
        ON CONFLICT (holder) DO UPDATE SET calls = excluded.calls, until = excluded.until;
    END IF;
END;
$$;

-- A lease in a transaction of one statement: it binds its role and tenant for itself. Also tells which of these jobs
-- are not being processed any more.
CREATE FUNCTION exchange_model_calls(
    of_tenant UUID, jobs UUID[],
    of_model TEXT, for_holder UUID, kept INTEGER, wanted INTEGER, extra INTEGER,
    first_calls INTEGER, again INTEGER, extra_again INTEGER, tokens_a_call BIGINT,
    most_calls INTEGER, requests_a_minute INTEGER, tokens_a_minute BIGINT, lease_seconds INTEGER,
    pause_seconds DOUBLE PRECISION, seconds_a_call DOUBLE PRECISION,
    share DOUBLE PRECISION, least_left DOUBLE PRECISION, most_left DOUBLE PRECISION, repeats_a_minute DOUBLE PRECISION,
    OUT over UUID[], OUT granted INTEGER, OUT granted_extra INTEGER, OUT granted_again INTEGER,
    OUT granted_extra_again INTEGER, OUT first_in DOUBLE PRECISION, OUT step DOUBLE PRECISION,
    OUT ask_again_in DOUBLE PRECISION, OUT crowded BOOLEAN
) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('role', 'census_app', true), set_config('census.tenant', of_tenant::text, true),
            set_config('lock_timeout', '20s', true);
    over := ARRAY(SELECT asked FROM unnest(jobs) AS asked WHERE NOT EXISTS (
        SELECT FROM processing_jobs j WHERE j.tenant_id = of_tenant AND j.id = asked AND j.status = 'processing'));
    SELECT l.* INTO granted, granted_extra, granted_again, granted_extra_again, first_in, step, ask_again_in, crowded
    FROM lease_model_calls(
        of_model, for_holder, kept, wanted, extra, first_calls, again, extra_again, tokens_a_call, most_calls,
        requests_a_minute, tokens_a_minute, lease_seconds, pause_seconds, seconds_a_call, share, least_left, most_left,
        repeats_a_minute) l;
END;
$$;

-- At the end of calls: what of a lease is still needed, and the repeats that did bring an answer, or were not made.
CREATE FUNCTION settle_model_calls(
    of_model TEXT, for_holder UUID, kept INTEGER, repeats_back DOUBLE PRECISION, most_left DOUBLE PRECISION
) RETURNS VOID LANGUAGE plpgsql AS $$
BEGIN
    IF repeats_back <> 0 THEN
        UPDATE rate_limits r SET repeats_left = GREATEST(0, LEAST(most_left, r.repeats_left + repeats_back))
        WHERE r.model = of_model;
    END IF;
    IF kept > 0 THEN
        UPDATE model_leases l SET calls = kept WHERE l.holder = for_holder;
    ELSE
        DELETE FROM model_leases l WHERE l.holder = for_holder;
    END IF;
END;
$$;

-- As before (2026_11_25_claims), but a claim of an earlier run of the job, `since` then, settles nothing of this one.
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
                   settled NUMERIC, since TIMESTAMP WITH TIME ZONE)
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
            reserved_usd = CASE WHEN COALESCE(spent.since = j.mapping_since, TRUE)
                           THEN GREATEST(0, j.reserved_usd - spent.settled) ELSE j.reserved_usd END
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
