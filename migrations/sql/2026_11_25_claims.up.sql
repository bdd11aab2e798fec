-- Claims that reserve money and lease the model's capacity, and outcomes recorded in one round trip.
-- The three functions run with the caller's rights, under the caller's row security. They are functions because
-- their statements are then planned once a connection, whatever pooler stands between (docs/adr/0016).

ALTER TABLE job_batches
    ADD COLUMN times_busy INTEGER NOT NULL DEFAULT 0 CONSTRAINT ck_job_batches_times_busy CHECK (times_busy >= 0),
    ADD COLUMN crashes INTEGER NOT NULL DEFAULT 0 CONSTRAINT ck_job_batches_crashes CHECK (crashes >= 0);
COMMENT ON COLUMN job_batches.times_busy IS 'How often it went back to the queue without an attempt.';
COMMENT ON COLUMN job_batches.crashes IS 'Claims that expired without a word: the process ended.';
ALTER TABLE processing_jobs
    ADD COLUMN stopped_by TEXT CONSTRAINT ck_processing_jobs_stopped_by CHECK (stopped_by IN ('cap', 'budget'));
COMMENT ON COLUMN processing_jobs.stopped_by IS 'What money kept the rest of the batches from being read.';

CREATE TABLE budgets (
    tenant_id UUID NOT NULL DEFAULT census_tenant(),
    subject UUID NOT NULL,
    daily_usd NUMERIC(14, 6) CHECK (daily_usd >= 0),
    monthly_usd NUMERIC(14, 6) CHECK (monthly_usd >= 0),
    approve_above_usd NUMERIC(14, 6) CHECK (approve_above_usd >= 0),
    PRIMARY KEY (tenant_id, subject)
);
COMMENT ON COLUMN budgets.subject IS 'A user, or the tenant itself: all of its users together.';

-- Kept when its job goes: deleting a conversation gives no money back.
CREATE TABLE spending (
    tenant_id UUID NOT NULL DEFAULT census_tenant(),
    user_id UUID NOT NULL,
    day DATE NOT NULL,
    job_id UUID NOT NULL,
    calls INTEGER NOT NULL,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    usd NUMERIC(14, 6) NOT NULL,
    PRIMARY KEY (tenant_id, user_id, day, job_id)
);
COMMENT ON TABLE spending IS 'What model calls cost, by day (UTC), user and job.';

DO $$
DECLARE name TEXT;
BEGIN
    FOREACH name IN ARRAY ARRAY['budgets', 'spending'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY tenant ON %I TO census_app USING (tenant_id = census_tenant()) '
                       'WITH CHECK (tenant_id = census_tenant())', name);
    END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE, DELETE ON budgets TO census_app;
GRANT SELECT, INSERT, UPDATE ON spending TO census_app;

-- Shared by all tenants, and about none: the model's name, random ids, numbers and times.
CREATE TABLE rate_limits (
    model TEXT PRIMARY KEY,
    next_start_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT '-infinity',
    paused_until TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT '-infinity'
);
COMMENT ON COLUMN rate_limits.next_start_at IS 'When the next call may start: a time, so nothing can leak.';
COMMENT ON COLUMN rate_limits.paused_until IS 'The vendor asked for patience: until then nobody calls.';
CREATE TABLE model_leases (
    holder UUID PRIMARY KEY,
    model TEXT NOT NULL,
    calls INTEGER NOT NULL CONSTRAINT ck_model_leases_calls CHECK (calls > 0),
    until TIMESTAMP WITH TIME ZONE NOT NULL
);
COMMENT ON TABLE model_leases IS 'Calls in flight by claim. What is in use is their sum: no counter to leak.';
GRANT SELECT, INSERT, UPDATE ON rate_limits TO census_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON model_leases TO census_app;

-- What a user (or all users: the tenant) may still spend, the least that day and month leave of the budgets; null
-- where there is none. What claims have reserved counts as spent while their job is being read.
CREATE FUNCTION budget_left(whose UUID) RETURNS NUMERIC
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT min(least(b.daily_usd - used.today, b.monthly_usd - used.this_month))
    FROM budgets b
    CROSS JOIN LATERAL (
        SELECT COALESCE(sum(s.usd) FILTER (WHERE s.day = (now() AT TIME ZONE 'UTC')::date), 0) + held.usd AS today,
               COALESCE(sum(s.usd), 0) + held.usd AS this_month
        FROM (SELECT COALESCE(sum(j.reserved_usd), 0) AS usd FROM processing_jobs j
              WHERE j.tenant_id = census_tenant() AND j.status = 'processing' AND j.reserved_usd > 0
                AND (j.user_id = whose OR b.subject = census_tenant())) held
        LEFT JOIN spending s
            ON s.tenant_id = census_tenant() AND s.day >= date_trunc('month', now() AT TIME ZONE 'UTC')::date
            AND (s.user_id = whose OR b.subject = census_tenant())
        GROUP BY held.usd
    ) used
    WHERE b.tenant_id = census_tenant() AND b.subject IN (whose, census_tenant()));
END;
$$;

-- Takes batches that are open and unclaimed, as far as the money goes, in the order user, job, batch.
-- States: claimed; suspect (its last claim died among others: it must come alone); crashed (its claims died
-- three times); unaffordable (other claims may leave something over); stopped (they cannot: the job's open
-- batches are skipped, and this statement brought `remaining` to zero).
CREATE FUNCTION claim_batches(
    jobs UUID[], ordinals INTEGER[], lease_seconds INTEGER, new_claim UUID, usd_a_batch NUMERIC, usd_a_token NUMERIC
) RETURNS TABLE (job UUID, batch INTEGER, state TEXT, attempt INTEGER, busy INTEGER, reserved NUMERIC)
LANGUAGE plpgsql ROWS 10 AS $$
DECLARE
    tenant CONSTANT UUID := census_tenant();
    alone CONSTANT BOOLEAN := cardinality(ordinals) = 1;
    priced CONSTANT BOOLEAN := usd_a_batch > 0 OR usd_a_token > 0;
    budgeted BOOLEAN := FALSE;
    led RECORD;
    budget NUMERIC;
    affordable NUMERIC;
    held NUMERIC;
    short BOOLEAN;
    suspect BOOLEAN;
    by_budget BOOLEAN;
    shared BOOLEAN;
BEGIN
    IF priced THEN
        PERFORM FROM budgets b WHERE b.tenant_id = tenant ORDER BY b.subject FOR UPDATE;
        budgeted := FOUND;
        PERFORM FROM processing_jobs j
        WHERE j.tenant_id = tenant AND j.id = ANY(jobs) AND (budgeted OR j.cap_usd IS NOT NULL)
        ORDER BY j.id FOR UPDATE;
    END IF;
    FOR led IN
        SELECT j.id, j.user_id, j.cap_usd, j.spent_usd, j.reserved_usd FROM processing_jobs j
        WHERE j.tenant_id = tenant AND j.id = ANY(jobs) AND j.status = 'processing' ORDER BY j.id
    LOOP
        budget := CASE WHEN budgeted THEN budget_left(led.user_id) END;
        affordable := CASE WHEN priced THEN least(led.cap_usd - led.spent_usd - led.reserved_usd, budget) END;
        held := 0;
        short := FALSE;
        -- Rows are looked up and written one by one, by their whole key: of batches just cut the planner knows
        -- nothing, and would rather read all of a job's.
        FOR job, batch, state, suspect, reserved IN
            WITH judged AS (
                SELECT b.ordinal, b.died, b.usd,
                       CASE WHEN b.died AND NOT alone THEN 'suspect'
                            WHEN b.died AND b.crashes >= 2 THEN 'crashed'
                            WHEN affordable < sum(b.usd) FILTER (WHERE alone OR NOT b.died)
                                              OVER (ORDER BY b.ordinal) THEN 'unaffordable'
                            ELSE 'claimed' END AS state
                FROM unnest(jobs, ordinals) AS wanted(job_id, ordinal)
                CROSS JOIN LATERAL (
                    SELECT x.ordinal, x.claim IS NOT NULL AS died, x.crashes,
                           usd_a_batch + usd_a_token * x.tokens AS usd
                    FROM job_batches x
                    WHERE x.tenant_id = tenant AND x.job_id = led.id AND x.ordinal = wanted.ordinal
                      AND x.outcome IS NULL AND (x.claimed_until IS NULL OR x.claimed_until < now())
                    FOR UPDATE SKIP LOCKED
                ) b
                WHERE wanted.job_id = led.id
            )
            SELECT led.id, j.ordinal, j.state, j.died, CASE WHEN affordable IS NULL THEN 0 ELSE j.usd END
            FROM judged j ORDER BY j.ordinal
        LOOP
            attempt := NULL;
            busy := NULL;
            IF state = 'claimed' THEN
                UPDATE job_batches b
                SET claimed_until = now() + make_interval(secs => lease_seconds), claim = new_claim,
                    attempts = b.attempts + 1, crashes = b.crashes + suspect::int
                WHERE b.tenant_id = tenant AND b.job_id = led.id AND b.ordinal = batch
                RETURNING b.attempts, b.times_busy INTO attempt, busy;
                held := held + reserved;
            END IF;
            short := short OR state = 'unaffordable';
            RETURN NEXT;
        END LOOP;
        IF held > 0 THEN
            UPDATE processing_jobs j SET reserved_usd = j.reserved_usd + held
            WHERE j.tenant_id = tenant AND j.id = led.id;
        END IF;
        CONTINUE WHEN NOT short;
        by_budget := COALESCE(budget < led.cap_usd - led.spent_usd - led.reserved_usd, budget IS NOT NULL);
        shared := by_budget AND COALESCE(budget_left(tenant) <= budget_left(led.user_id), FALSE);
        -- Live claims may leave something over: the job's own, and those of all that share the budget.
        CONTINUE WHEN EXISTS (
            SELECT FROM processing_jobs j
            JOIN job_batches b ON b.tenant_id = tenant AND b.job_id = j.id
            WHERE j.tenant_id = tenant AND j.status = 'processing' AND b.outcome IS NULL AND b.claimed_until >= now()
              AND (j.id = led.id OR by_budget AND j.reserved_usd > 0 AND (shared OR j.user_id = led.user_id)));
        UPDATE job_batches b SET outcome = 'skipped', reason = 'cap', recorded_at = now(), claimed_until = NULL
        WHERE b.tenant_id = tenant AND b.job_id = led.id AND b.outcome IS NULL;
        UPDATE processing_jobs j
        SET remaining = 0,
            stopped_by = CASE WHEN by_budget THEN 'budget' ELSE 'cap' END
        WHERE j.tenant_id = tenant AND j.id = led.id;
        job := led.id; batch := 0; state := 'stopped'; attempt := 0; busy := 0; reserved := 0;
        RETURN NEXT;
    END LOOP;
END;
$$;

-- Writes outcomes, readings and costs, and counts them under the jobs' locks. `remaining` falls by the batches
-- whose outcome this call wrote; one already written counts for nobody. Readings are kept whatever became of the
-- job, but not those of a document that was deleted meanwhile. A document is processed with the last batch that
-- reads it: a long one's batches hold one window each and are found by their first item.
CREATE FUNCTION record_batches(
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

-- Capacity of a model for one claim: `kept` calls still run, `wanted` would begin, `extra` would follow within a
-- call that runs. Rates are GCRA (ITU-T I.371): a call moves the start of the next one by the longer of the times
-- that its request and its tokens take at the limits. Starts are granted two seconds ahead, so that the rate is
-- used up whoever asks next; an idle model owes a hundredth of a minute's calls at once.
CREATE FUNCTION lease_calls(
    of_model TEXT, for_holder UUID, kept INTEGER, wanted INTEGER, extra INTEGER, tokens_a_call BIGINT,
    most_calls INTEGER, requests_a_minute INTEGER, tokens_a_minute BIGINT, lease_seconds INTEGER,
    pause_seconds DOUBLE PRECISION,
    OUT granted INTEGER, OUT granted_extra INTEGER, OUT first_in DOUBLE PRECISION, OUT step DOUBLE PRECISION,
    OUT ask_again_in DOUBLE PRECISION, OUT crowded BOOLEAN
) LANGUAGE plpgsql AS $$
DECLARE
    right_now TIMESTAMP WITH TIME ZONE;
    known RECORD;
    free INTEGER;
    bookable INTEGER;
    backlog DOUBLE PRECISION;
BEGIN
    INSERT INTO rate_limits (model) SELECT of_model
    WHERE NOT EXISTS (SELECT FROM rate_limits r WHERE r.model = of_model) ON CONFLICT DO NOTHING;
    SELECT * INTO known FROM rate_limits r WHERE r.model = of_model FOR UPDATE;
    right_now := clock_timestamp();
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
    ask_again_in := CASE
        WHEN known.paused_until > right_now THEN EXTRACT(EPOCH FROM known.paused_until - right_now)
        WHEN step > 0 THEN GREATEST(0, backlog + step * (granted + granted_extra) - 1)
        ELSE 0 END;
    IF step > 0 OR pause_seconds > 0 THEN
        UPDATE rate_limits r
        SET paused_until = known.paused_until,
            next_start_at = right_now + make_interval(secs => backlog + step * (granted + granted_extra))
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
