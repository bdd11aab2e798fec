-- The schema for a new, empty database. Made from the migrations by
-- `python -m migrations.schema_sql`; a test holds it equal to them. An existing database is migrated
-- instead: `make migrate`.

DO $$
DECLARE
    role_name TEXT;
    modern CONSTANT BOOLEAN := current_setting('server_version_num')::int >= 160000;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['census_app', 'census_system', 'census_read'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
        END IF;
        -- The login has to act as the role (SET ROLE). Inheriting its rights would be more than it needs;
        -- before PostgreSQL 16 one comes with the other.
        IF NOT pg_has_role(current_user, role_name, CASE WHEN modern THEN 'SET' ELSE 'MEMBER' END) THEN
            EXECUTE format('GRANT %I TO %I%s', role_name, current_user,
                           CASE WHEN modern THEN ' WITH INHERIT FALSE, SET TRUE' ELSE '' END);
        END IF;
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), role_name);
    END LOOP;
END $$;

CREATE EXTENSION IF NOT EXISTS vector;

CREATE FUNCTION budget_left(whose uuid) RETURNS numeric
    LANGUAGE plpgsql STABLE
    AS $$
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

CREATE FUNCTION census_tenant() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (NULLIF(current_setting('census.tenant'::text, true), ''::text))::uuid;

COMMENT ON FUNCTION census_tenant() IS 'The tenant this transaction is bound to; null when none was set.';

CREATE FUNCTION claim_batches(jobs uuid[], ordinals integer[], lease_seconds integer, new_claim uuid, usd_a_batch numeric, usd_a_token numeric) RETURNS TABLE(job uuid, batch integer, state text, attempt integer, busy integer, reserved numeric)
    LANGUAGE plpgsql ROWS 10
    AS $$
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

CREATE FUNCTION exchange_model_calls(of_tenant uuid, jobs uuid[], of_model text, for_holder uuid, kept integer, wanted integer, extra integer, first_calls integer, again integer, extra_again integer, tokens_a_call bigint, most_calls integer, requests_a_minute integer, tokens_a_minute bigint, lease_seconds integer, pause_seconds double precision, seconds_a_call double precision, share double precision, least_left double precision, most_left double precision, repeats_a_minute double precision, OUT over uuid[], OUT granted integer, OUT granted_extra integer, OUT granted_again integer, OUT granted_extra_again integer, OUT first_in double precision, OUT step double precision, OUT ask_again_in double precision, OUT crowded boolean) RETURNS record
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION keep_processed_at() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF COALESCE(NEW.status, 'completed') NOT IN ('completed', 'failed') THEN
        NEW.processed_at = NULL;
    ELSIF NEW.processed_at IS NULL THEN
        NEW.processed_at = clock_timestamp();
    END IF;
    RETURN NEW;
END;
$$;

COMMENT ON FUNCTION keep_processed_at() IS 'A final status has its time, an open one has none.';

CREATE FUNCTION lease_calls(of_model text, for_holder uuid, kept integer, wanted integer, extra integer, tokens_a_call bigint, most_calls integer, requests_a_minute integer, tokens_a_minute bigint, lease_seconds integer, pause_seconds double precision, OUT granted integer, OUT granted_extra integer, OUT first_in double precision, OUT step double precision, OUT ask_again_in double precision, OUT crowded boolean) RETURNS record
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION lease_model_calls(of_model text, for_holder uuid, kept integer, wanted integer, extra integer, first_calls integer, again integer, extra_again integer, tokens_a_call bigint, most_calls integer, requests_a_minute integer, tokens_a_minute bigint, lease_seconds integer, pause_seconds double precision, seconds_a_call double precision, share double precision, least_left double precision, most_left double precision, repeats_a_minute double precision, OUT granted integer, OUT granted_extra integer, OUT granted_again integer, OUT granted_extra_again integer, OUT first_in double precision, OUT step double precision, OUT ask_again_in double precision, OUT crowded boolean) RETURNS record
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION record_batches(spent_by_job jsonb, batch_jobs uuid[], ordinals integer[], outcomes text[], reasons text[], failed_windows text[], readings jsonb, lease_holder uuid, calls_kept integer) RETURNS TABLE(job uuid, left_to_read integer, counted integer, step_due boolean)
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION settle_model_calls(of_model text, for_holder uuid, kept integer, repeats_back double precision, most_left double precision) RETURNS void
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION take_repeats(left_then double precision, seconds double precision, first_calls integer, wanted integer, share double precision, least_left double precision, most_left double precision, a_minute double precision, OUT allowed integer, OUT left_now double precision) RETURNS record
    LANGUAGE plpgsql IMMUTABLE
    AS $$
BEGIN
    left_now := GREATEST(left_then, LEAST(least_left, left_then + GREATEST(0, seconds) * a_minute / 60));
    left_now := LEAST(most_left, left_now + share * first_calls);
    allowed := LEAST(wanted, floor(left_now + 1e-9));
    left_now := GREATEST(0, left_now - allowed);
END;
$$;

CREATE FUNCTION update_updated_at_column() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.updated_at = NOW();
    RETURN NEW;
END;
$$;

CREATE TABLE alembic_version (
    version_num character varying(32) NOT NULL
);

COMMENT ON TABLE alembic_version IS 'Runs code from revision 2026_11_12_job_engine on.';

CREATE TABLE budgets (
    tenant_id uuid DEFAULT census_tenant() NOT NULL,
    subject uuid NOT NULL,
    daily_usd numeric(14,6),
    monthly_usd numeric(14,6),
    approve_above_usd numeric(14,6),
    CONSTRAINT budgets_approve_above_usd_check CHECK ((approve_above_usd >= (0)::numeric)),
    CONSTRAINT budgets_daily_usd_check CHECK ((daily_usd >= (0)::numeric)),
    CONSTRAINT budgets_monthly_usd_check CHECK ((monthly_usd >= (0)::numeric))
);

ALTER TABLE budgets FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN budgets.subject IS 'A user, or the tenant itself: all of its users together.';

CREATE TABLE conversations (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    title text,
    created_at timestamp with time zone DEFAULT now(),
    updated_at timestamp with time zone DEFAULT now(),
    tenant_id uuid DEFAULT census_tenant() NOT NULL
);

ALTER TABLE conversations FORCE ROW LEVEL SECURITY;

CREATE TABLE crawls (
    tenant_id uuid DEFAULT census_tenant() NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    depth integer NOT NULL,
    max_pages integer NOT NULL,
    same_host boolean NOT NULL,
    pages integer DEFAULT 0 NOT NULL,
    next_slot_at timestamp with time zone DEFAULT now() NOT NULL,
    cancelled_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT crawls_depth_check CHECK (((depth >= 0) AND (depth <= 3))),
    CONSTRAINT crawls_max_pages_check CHECK (((max_pages >= 1) AND (max_pages <= 1000)))
);

ALTER TABLE crawls FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN crawls.pages IS 'Pages made or fetched again so far; at most max_pages.';

COMMENT ON COLUMN crawls.next_slot_at IS 'When the next page found may be fetched: one after the other.';

CREATE TABLE embedded_contents (
    tenant_id uuid DEFAULT census_tenant() NOT NULL,
    embedder text NOT NULL,
    content_hash character(64) NOT NULL,
    text_id uuid NOT NULL,
    ordinal integer NOT NULL
);

ALTER TABLE embedded_contents FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE embedded_contents IS 'The cache of embeddings: a passage, of the newest text, whose vector the same words can take.';

CREATE TABLE extracted_texts (
    tenant_id uuid DEFAULT census_tenant() NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    source_hash character(64) NOT NULL,
    content_hash character(64) NOT NULL,
    media_type text NOT NULL,
    title text,
    text text NOT NULL,
    tokens integer NOT NULL,
    passages integer NOT NULL,
    page_starts jsonb DEFAULT '[]'::jsonb NOT NULL,
    windows jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    warnings jsonb DEFAULT '[]'::jsonb NOT NULL,
    CONSTRAINT extracted_texts_passages_check CHECK ((passages >= 0)),
    CONSTRAINT extracted_texts_tokens_check CHECK ((tokens >= 0))
);

ALTER TABLE extracted_texts FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN extracted_texts.source_hash IS 'SHA-256 of the bytes and the version of the extraction.';

COMMENT ON COLUMN extracted_texts.content_hash IS 'SHA-256 of the text: what cached results are kept by.';

COMMENT ON COLUMN extracted_texts.warnings IS 'Sentences for people about what was not read, or read otherwise than declared.';

CREATE TABLE knowledge_files (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    filename text NOT NULL,
    uploaded_at timestamp with time zone DEFAULT now(),
    updated_at timestamp with time zone DEFAULT now(),
    status character varying(50) DEFAULT 'pending'::character varying,
    job_id character varying(100),
    processing_error text,
    tenant_id uuid DEFAULT census_tenant() NOT NULL,
    content_type text,
    declared_size bigint,
    size bigint,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    replaces uuid,
    object_key text,
    object_version text,
    sequencer text,
    text_id uuid,
    attempts integer DEFAULT 0 NOT NULL,
    claimed_until timestamp with time zone,
    received_at timestamp with time zone,
    processed_at timestamp with time zone,
    upload_expires_at timestamp with time zone,
    CONSTRAINT ck_knowledge_files_attempts CHECK ((attempts >= 0)),
    CONSTRAINT ck_knowledge_files_processed CHECK ((((COALESCE(status, 'completed'::character varying))::text = ANY ((ARRAY['completed'::character varying, 'failed'::character varying])::text[])) = (processed_at IS NOT NULL))),
    CONSTRAINT ck_knowledge_files_status CHECK (((status)::text = ANY ((ARRAY['pending'::character varying, 'processing'::character varying, 'completed'::character varying, 'failed'::character varying])::text[]))),
    CONSTRAINT knowledge_files_declared_size_check CHECK ((declared_size >= 0)),
    CONSTRAINT knowledge_files_size_check CHECK ((size >= 0))
);

ALTER TABLE knowledge_files FORCE ROW LEVEL SECURITY;

CREATE VIEW failed_files WITH (security_invoker='true') AS
 SELECT filename,
    status,
    processing_error,
    uploaded_at
   FROM knowledge_files
  WHERE ((status)::text = 'failed'::text)
  ORDER BY uploaded_at DESC;

CREATE TABLE processing_jobs (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    message_id uuid,
    job_type text NOT NULL,
    status text DEFAULT 'queued'::text,
    user_query text NOT NULL,
    intent_data jsonb,
    progress double precision DEFAULT 0.0,
    total_items integer DEFAULT 0,
    total_batches integer DEFAULT 0,
    processed_items integer DEFAULT 0,
    processed_batches integer DEFAULT 0,
    failed_batches integer DEFAULT 0,
    current_phase text DEFAULT 'queued'::text,
    result jsonb,
    aggregation_details jsonb,
    intermediate_results jsonb,
    error_message text,
    error_details jsonb,
    started_at timestamp with time zone DEFAULT now(),
    completed_at timestamp with time zone,
    estimated_completion_seconds integer,
    actual_duration_seconds double precision,
    processing_metadata jsonb,
    created_at timestamp with time zone DEFAULT now(),
    updated_at timestamp with time zone DEFAULT now(),
    tenant_id uuid DEFAULT census_tenant() NOT NULL,
    generation integer DEFAULT 0 NOT NULL,
    started_generation integer DEFAULT 0 NOT NULL,
    remaining integer,
    next_check_at timestamp with time zone,
    approve_above_usd numeric(14,6),
    execution_arn text,
    pinned_at timestamp with time zone,
    deadline_at timestamp with time zone,
    model text,
    calls integer DEFAULT 0 NOT NULL,
    input_tokens bigint DEFAULT 0 NOT NULL,
    output_tokens bigint DEFAULT 0 NOT NULL,
    spent_usd numeric(14,6) DEFAULT 0 NOT NULL,
    reserved_usd numeric(14,6) DEFAULT 0 NOT NULL,
    cap_usd numeric(14,6),
    estimated_low_usd numeric(14,6),
    estimated_high_usd numeric(14,6),
    mapping_since timestamp with time zone,
    planned_tokens bigint DEFAULT 0 NOT NULL,
    read_tokens bigint DEFAULT 0 NOT NULL,
    shown_at timestamp with time zone,
    shown_progress double precision DEFAULT 0 NOT NULL,
    stopped_by text,
    CONSTRAINT ck_processing_jobs_batches CHECK (((COALESCE(processed_batches, 0) >= 0) AND (COALESCE(failed_batches, 0) >= 0) AND ((COALESCE(processed_batches, 0) + COALESCE(failed_batches, 0)) <= COALESCE(total_batches, 0)))),
    CONSTRAINT ck_processing_jobs_ended CHECK (((COALESCE(status, 'queued'::text) = ANY (ARRAY['completed'::text, 'partial'::text, 'failed'::text, 'cancelled'::text])) = (completed_at IS NOT NULL))),
    CONSTRAINT ck_processing_jobs_estimate CHECK ((estimated_low_usd <= estimated_high_usd)),
    CONSTRAINT ck_processing_jobs_generation CHECK (((started_generation >= 0) AND (started_generation <= generation))),
    CONSTRAINT ck_processing_jobs_items CHECK (((COALESCE(processed_items, 0) >= 0) AND (COALESCE(processed_items, 0) <= COALESCE(total_items, 0)))),
    CONSTRAINT ck_processing_jobs_money CHECK (((spent_usd >= (0)::numeric) AND (reserved_usd >= (0)::numeric))),
    CONSTRAINT ck_processing_jobs_phase CHECK ((current_phase = ANY (ARRAY['queued'::text, 'planning'::text, 'mapping'::text, 'reducing'::text, 'done'::text]))),
    CONSTRAINT ck_processing_jobs_progress CHECK (((progress >= (0)::double precision) AND (progress <= (1)::double precision))),
    CONSTRAINT ck_processing_jobs_remaining CHECK ((remaining <= COALESCE(total_batches, 0))),
    CONSTRAINT ck_processing_jobs_status CHECK ((status = ANY (ARRAY['queued'::text, 'awaiting_approval'::text, 'processing'::text, 'completed'::text, 'partial'::text, 'failed'::text, 'cancelled'::text]))),
    CONSTRAINT ck_processing_jobs_stopped_by CHECK ((stopped_by = ANY (ARRAY['cap'::text, 'budget'::text]))),
    CONSTRAINT processing_jobs_approve_above_usd_check CHECK ((approve_above_usd >= (0)::numeric)),
    CONSTRAINT processing_jobs_cap_usd_check CHECK ((cap_usd >= (0)::numeric)),
    CONSTRAINT processing_jobs_remaining_check CHECK ((remaining >= 0))
);

ALTER TABLE processing_jobs FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN processing_jobs.stopped_by IS 'What money kept the rest of the batches from being read.';

CREATE VIEW failed_jobs WITH (security_invoker='true') AS
 SELECT id,
    job_type,
    status,
    error_message,
    created_at
   FROM processing_jobs
  WHERE (status = 'failed'::text)
  ORDER BY created_at DESC;

CREATE TABLE scraped_contents (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    url text NOT NULL,
    title text,
    content text,
    created_at timestamp with time zone DEFAULT now(),
    updated_at timestamp with time zone DEFAULT now(),
    status character varying(50) DEFAULT 'pending'::character varying,
    job_id character varying(100),
    processing_error text,
    tenant_id uuid DEFAULT census_tenant() NOT NULL,
    content_type text,
    size bigint,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    text_id uuid,
    attempts integer DEFAULT 0 NOT NULL,
    claimed_until timestamp with time zone,
    processed_at timestamp with time zone,
    url_key character(64),
    crawl_id uuid,
    depth integer DEFAULT 0 NOT NULL,
    etag text,
    last_modified text,
    CONSTRAINT ck_scraped_contents_attempts CHECK ((attempts >= 0)),
    CONSTRAINT ck_scraped_contents_processed CHECK ((((COALESCE(status, 'completed'::character varying))::text = ANY ((ARRAY['completed'::character varying, 'failed'::character varying])::text[])) = (processed_at IS NOT NULL))),
    CONSTRAINT ck_scraped_contents_status CHECK (((status)::text = ANY ((ARRAY['pending'::character varying, 'processing'::character varying, 'completed'::character varying, 'failed'::character varying])::text[]))),
    CONSTRAINT scraped_contents_size_check CHECK ((size >= 0))
);

ALTER TABLE scraped_contents FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN scraped_contents.url_key IS 'SHA-256 of the URL: a URL is one row of its tenant.';

COMMENT ON COLUMN scraped_contents.depth IS 'Steps from where the crawl started.';

CREATE VIEW failed_pages WITH (security_invoker='true') AS
 SELECT url,
    status,
    processing_error,
    created_at
   FROM scraped_contents
  WHERE ((status)::text = 'failed'::text)
  ORDER BY created_at DESC;

CREATE VIEW file_processing_times WITH (security_invoker='true') AS
 SELECT (floor(EXTRACT(epoch FROM (processed_at - GREATEST(uploaded_at, received_at)))))::integer AS processing_seconds,
    count(*) AS count
   FROM knowledge_files
  WHERE ((COALESCE(status, 'completed'::character varying))::text = 'completed'::text)
  GROUP BY ((floor(EXTRACT(epoch FROM (processed_at - GREATEST(uploaded_at, received_at)))))::integer)
  ORDER BY ((floor(EXTRACT(epoch FROM (processed_at - GREATEST(uploaded_at, received_at)))))::integer);

CREATE VIEW files_by_status WITH (security_invoker='true') AS
 SELECT COALESCE(status, 'completed'::character varying) AS status,
    count(*) AS count
   FROM knowledge_files
  GROUP BY COALESCE(status, 'completed'::character varying);

CREATE TABLE idempotency_keys (
    tenant_id uuid DEFAULT census_tenant() NOT NULL,
    user_id uuid NOT NULL,
    key text NOT NULL,
    request_hash character(64) NOT NULL,
    response jsonb,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE idempotency_keys FORCE ROW LEVEL SECURITY;

CREATE TABLE job_batches (
    tenant_id uuid DEFAULT census_tenant() NOT NULL,
    job_id uuid NOT NULL,
    ordinal integer NOT NULL,
    windows jsonb NOT NULL,
    atoms text[] NOT NULL,
    first_item integer NOT NULL,
    last_item integer NOT NULL,
    tokens integer NOT NULL,
    sent_generation integer DEFAULT 0 NOT NULL,
    sent_at timestamp with time zone,
    claimed_until timestamp with time zone,
    claim uuid,
    attempts integer DEFAULT 0 NOT NULL,
    outcome text,
    reason text,
    failures jsonb,
    recorded_at timestamp with time zone,
    times_busy integer DEFAULT 0 NOT NULL,
    crashes integer DEFAULT 0 NOT NULL,
    failed_calls integer DEFAULT 0 NOT NULL,
    CONSTRAINT ck_job_batches_attempts CHECK ((attempts >= 0)),
    CONSTRAINT ck_job_batches_crashes CHECK ((crashes >= 0)),
    CONSTRAINT ck_job_batches_failed_calls CHECK ((failed_calls >= 0)),
    CONSTRAINT ck_job_batches_items CHECK ((first_item <= last_item)),
    CONSTRAINT ck_job_batches_recorded CHECK (((outcome IS NULL) = (recorded_at IS NULL))),
    CONSTRAINT ck_job_batches_times_busy CHECK ((times_busy >= 0)),
    CONSTRAINT job_batches_outcome_check CHECK ((outcome = ANY (ARRAY['done'::text, 'failed'::text, 'skipped'::text])))
);

ALTER TABLE job_batches FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN job_batches.windows IS '[[lead item, window number], …]: what the batch reads.';

COMMENT ON COLUMN job_batches.times_busy IS 'How often it went back to the queue without an attempt.';

COMMENT ON COLUMN job_batches.crashes IS 'Claims that expired without a word: the process ended.';

COMMENT ON COLUMN job_batches.failed_calls IS 'How often it came back after a call; its next one is a repeat.';

CREATE TABLE job_findings (
    tenant_id uuid DEFAULT census_tenant() NOT NULL,
    job_id uuid NOT NULL,
    item integer NOT NULL,
    number integer NOT NULL,
    label text,
    norm text,
    theme text,
    measure numeric,
    measure_unit text,
    quote text
);

ALTER TABLE job_findings FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN job_findings.norm IS 'What groups: the label by the rules of normalisation; null is unknown.';

CREATE TABLE job_items (
    tenant_id uuid DEFAULT census_tenant() NOT NULL,
    job_id uuid NOT NULL,
    ordinal integer NOT NULL,
    source_kind text NOT NULL,
    source_id uuid NOT NULL,
    source_name text NOT NULL,
    text_id uuid,
    content_hash character(64),
    lead integer,
    windows integer DEFAULT 0 NOT NULL,
    tokens integer DEFAULT 0 NOT NULL,
    status text,
    reason text,
    group_key text,
    measure numeric,
    measure_unit text,
    fields jsonb,
    quotes jsonb,
    group_norm text,
    CONSTRAINT job_items_source_kind_check CHECK ((source_kind = ANY (ARRAY['file'::text, 'page'::text]))),
    CONSTRAINT job_items_status_check CHECK ((status = ANY (ARRAY['match'::text, 'no_match'::text, 'unclear'::text, 'unverified'::text, 'failed'::text, 'skipped'::text])))
);

ALTER TABLE job_items FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN job_items.lead IS 'Ordinal of the first item with the same content: contents are read once.';

CREATE VIEW job_processing_times WITH (security_invoker='true') AS
 SELECT (floor(EXTRACT(epoch FROM (completed_at - started_at))))::integer AS processing_seconds,
    count(*) AS count
   FROM processing_jobs
  WHERE (status = 'completed'::text)
  GROUP BY ((floor(EXTRACT(epoch FROM (completed_at - started_at))))::integer)
  ORDER BY ((floor(EXTRACT(epoch FROM (completed_at - started_at))))::integer);

CREATE TABLE job_signals (
    tenant_id uuid DEFAULT census_tenant() NOT NULL,
    job_id uuid NOT NULL,
    generation integer NOT NULL,
    task_token text,
    stored_at timestamp with time zone DEFAULT now() NOT NULL,
    signalled_at timestamp with time zone
);

ALTER TABLE job_signals FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN job_signals.task_token IS 'A credential: only census_system may read it.';

CREATE VIEW jobs_by_status WITH (security_invoker='true') AS
 SELECT COALESCE(status, 'queued'::text) AS status,
    count(*) AS count
   FROM processing_jobs
  GROUP BY COALESCE(status, 'queued'::text);

CREATE TABLE kept_plans (
    tenant_id uuid DEFAULT census_tenant() NOT NULL,
    question_key character(64) NOT NULL,
    plan jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE kept_plans FORCE ROW LEVEL SECURITY;

CREATE TABLE map_results (
    tenant_id uuid DEFAULT census_tenant() NOT NULL,
    content_hash character(64) NOT NULL,
    window_key text NOT NULL,
    atom_key character(64) NOT NULL,
    reading jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE map_results FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE map_results IS 'The cache: what a window says about an atom. Successes only.';

CREATE TABLE messages (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    conversation_id uuid NOT NULL,
    role text NOT NULL,
    content text,
    created_at timestamp with time zone DEFAULT now(),
    job_id uuid,
    tenant_id uuid DEFAULT census_tenant() NOT NULL,
    citations jsonb
);

ALTER TABLE messages FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN messages.citations IS 'The quotes a look-up answer rests on; null for questions and for answers of jobs.';

CREATE TABLE model_leases (
    holder uuid NOT NULL,
    model text NOT NULL,
    calls integer NOT NULL,
    until timestamp with time zone NOT NULL,
    CONSTRAINT ck_model_leases_calls CHECK ((calls > 0))
);

COMMENT ON TABLE model_leases IS 'Calls in flight by claim. What is in use is their sum: no counter to leak.';

CREATE VIEW page_processing_times WITH (security_invoker='true') AS
 SELECT (floor(EXTRACT(epoch FROM (processed_at - created_at))))::integer AS processing_seconds,
    count(*) AS count
   FROM scraped_contents
  WHERE ((COALESCE(status, 'completed'::character varying))::text = 'completed'::text)
  GROUP BY ((floor(EXTRACT(epoch FROM (processed_at - created_at))))::integer)
  ORDER BY ((floor(EXTRACT(epoch FROM (processed_at - created_at))))::integer);

CREATE VIEW pages_by_status WITH (security_invoker='true') AS
 SELECT COALESCE(status, 'completed'::character varying) AS status,
    count(*) AS count
   FROM scraped_contents
  GROUP BY COALESCE(status, 'completed'::character varying);

CREATE TABLE passage_vectors (
    tenant_id uuid DEFAULT census_tenant() NOT NULL,
    text_id uuid NOT NULL,
    ordinal integer NOT NULL,
    embedder text NOT NULL,
    embedding vector NOT NULL
)
PARTITION BY HASH (tenant_id);
ALTER TABLE passage_vectors ALTER COLUMN embedding SET STORAGE MAIN;

ALTER TABLE passage_vectors FORCE ROW LEVEL SECURITY;

CREATE TABLE passages (
    tenant_id uuid DEFAULT census_tenant() NOT NULL,
    text_id uuid NOT NULL,
    ordinal integer NOT NULL,
    char_start integer NOT NULL,
    char_end integer NOT NULL,
    page integer,
    headings text[] DEFAULT '{}'::text[] NOT NULL,
    tokens integer NOT NULL,
    text text NOT NULL,
    search tsvector GENERATED ALWAYS AS (to_tsvector('english'::regconfig, text)) STORED,
    CONSTRAINT ck_passages_span CHECK ((char_end > char_start)),
    CONSTRAINT passages_char_start_check CHECK ((char_start >= 0)),
    CONSTRAINT passages_ordinal_check CHECK ((ordinal >= 0))
)
PARTITION BY HASH (tenant_id);

ALTER TABLE passages FORCE ROW LEVEL SECURITY;

CREATE TABLE profiles (
    user_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now(),
    tenant_id uuid DEFAULT census_tenant() NOT NULL
);

ALTER TABLE profiles FORCE ROW LEVEL SECURITY;

CREATE VIEW queue_health WITH (security_invoker='true') AS
 SELECT 'file'::text AS queue,
    count(*) FILTER (WHERE ((knowledge_files.status)::text = 'pending'::text)) AS waiting,
    count(*) FILTER (WHERE ((knowledge_files.status)::text = 'processing'::text)) AS processing,
    count(*) FILTER (WHERE (((knowledge_files.status)::text = 'processing'::text) AND (knowledge_files.claimed_until < now()))) AS expired_claims,
    max(EXTRACT(epoch FROM (now() - GREATEST(knowledge_files.uploaded_at, knowledge_files.received_at)))) FILTER (WHERE ((knowledge_files.status)::text = 'pending'::text)) AS oldest_waiting_seconds,
    count(*) FILTER (WHERE (((knowledge_files.status)::text = 'failed'::text) AND (knowledge_files.processed_at > (now() - '01:00:00'::interval)))) AS failed_last_hour,
    count(*) FILTER (WHERE (((COALESCE(knowledge_files.status, 'completed'::character varying))::text = 'completed'::text) AND (knowledge_files.processed_at > (now() - '01:00:00'::interval)))) AS completed_last_hour
   FROM knowledge_files
  WHERE ((knowledge_files.received_at IS NOT NULL) OR (knowledge_files.upload_expires_at IS NULL) OR ((knowledge_files.status)::text <> 'pending'::text))
UNION ALL
 SELECT 'page'::text AS queue,
    count(*) FILTER (WHERE ((scraped_contents.status)::text = 'pending'::text)) AS waiting,
    count(*) FILTER (WHERE ((scraped_contents.status)::text = 'processing'::text)) AS processing,
    count(*) FILTER (WHERE (((scraped_contents.status)::text = 'processing'::text) AND (scraped_contents.claimed_until < now()))) AS expired_claims,
    max(EXTRACT(epoch FROM (now() - scraped_contents.created_at))) FILTER (WHERE ((scraped_contents.status)::text = 'pending'::text)) AS oldest_waiting_seconds,
    count(*) FILTER (WHERE (((scraped_contents.status)::text = 'failed'::text) AND (scraped_contents.processed_at > (now() - '01:00:00'::interval)))) AS failed_last_hour,
    count(*) FILTER (WHERE (((COALESCE(scraped_contents.status, 'completed'::character varying))::text = 'completed'::text) AND (scraped_contents.processed_at > (now() - '01:00:00'::interval)))) AS completed_last_hour
   FROM scraped_contents
UNION ALL
 SELECT 'job'::text AS queue,
    count(*) FILTER (WHERE (COALESCE(processing_jobs.status, 'queued'::text) = 'queued'::text)) AS waiting,
    count(*) FILTER (WHERE (processing_jobs.status = 'processing'::text)) AS processing,
    count(*) FILTER (WHERE ((processing_jobs.status = 'processing'::text) AND (processing_jobs.deadline_at < now()))) AS expired_claims,
    max(EXTRACT(epoch FROM (now() - processing_jobs.created_at))) FILTER (WHERE (COALESCE(processing_jobs.status, 'queued'::text) = 'queued'::text)) AS oldest_waiting_seconds,
    count(*) FILTER (WHERE ((processing_jobs.status = 'failed'::text) AND (processing_jobs.completed_at > (now() - '01:00:00'::interval)))) AS failed_last_hour,
    count(*) FILTER (WHERE ((processing_jobs.status = ANY (ARRAY['completed'::text, 'partial'::text])) AND (processing_jobs.completed_at > (now() - '01:00:00'::interval)))) AS completed_last_hour
   FROM processing_jobs
UNION ALL
 SELECT 'batch'::text AS queue,
    count(*) FILTER (WHERE ((b.claimed_until IS NULL) AND (b.outcome IS NULL))) AS waiting,
    count(*) FILTER (WHERE ((b.claimed_until >= now()) AND (b.outcome IS NULL))) AS processing,
    count(*) FILTER (WHERE ((b.claimed_until < now()) AND (b.outcome IS NULL))) AS expired_claims,
    max(EXTRACT(epoch FROM (now() - b.sent_at))) FILTER (WHERE ((b.claimed_until IS NULL) AND (b.outcome IS NULL))) AS oldest_waiting_seconds,
    count(*) FILTER (WHERE ((b.outcome = 'failed'::text) AND (b.recorded_at > (now() - '01:00:00'::interval)))) AS failed_last_hour,
    count(*) FILTER (WHERE ((b.outcome = 'done'::text) AND (b.recorded_at > (now() - '01:00:00'::interval)))) AS completed_last_hour
   FROM (job_batches b
     JOIN processing_jobs j ON (((j.tenant_id = b.tenant_id) AND (j.id = b.job_id))))
  WHERE (j.status = 'processing'::text);

CREATE TABLE rate_limits (
    model text NOT NULL,
    next_start_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    paused_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    repeats_left double precision DEFAULT 10 NOT NULL,
    repeats_at timestamp with time zone DEFAULT now() NOT NULL,
    next_look_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    call_seconds double precision DEFAULT 1 NOT NULL
);

COMMENT ON COLUMN rate_limits.next_start_at IS 'When the next call may start: a time, so nothing can leak.';

COMMENT ON COLUMN rate_limits.paused_until IS 'The vendor asked for patience: until then nobody calls.';

COMMENT ON COLUMN rate_limits.repeats_left IS 'How many calls that failed may be made once more, as of repeats_at.';

COMMENT ON COLUMN rate_limits.next_look_at IS 'When the next of those who wait for capacity should look for it.';

COMMENT ON COLUMN rate_limits.call_seconds IS 'How long a call takes: a moving mean of what workers tell.';

CREATE TABLE reduce_nodes (
    tenant_id uuid DEFAULT census_tenant() NOT NULL,
    node_key character(64) NOT NULL,
    children text[] DEFAULT '{}'::text[] NOT NULL,
    sources uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    content jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE reduce_nodes FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN reduce_nodes.sources IS 'The documents whose words a leaf holds: it goes with any of them.';

CREATE TABLE removals (
    tenant_id uuid DEFAULT census_tenant() NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    text_id uuid,
    embedder text,
    object_key text,
    attempts integer DEFAULT 0 NOT NULL,
    due_at timestamp with time zone DEFAULT now() NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_removals_target CHECK (((text_id IS NULL) <> (object_key IS NULL)))
);

ALTER TABLE removals FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE removals IS 'The outbox of deletions in other stores: vectors of a text, an object. Written with what they belonged to.';

CREATE TABLE spending (
    tenant_id uuid DEFAULT census_tenant() NOT NULL,
    user_id uuid NOT NULL,
    day date NOT NULL,
    job_id uuid NOT NULL,
    calls integer NOT NULL,
    input_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    usd numeric(14,6) NOT NULL
);

ALTER TABLE spending FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE spending IS 'What model calls cost, by day (UTC), user and job.';

CREATE VIEW stuck_files WITH (security_invoker='true') AS
 SELECT id,
    filename,
    uploaded_at,
    (floor((EXTRACT(epoch FROM (now() - GREATEST(uploaded_at, received_at))) / (60)::numeric)))::integer AS minutes_pending
   FROM knowledge_files
  WHERE (((status)::text = 'pending'::text) AND (GREATEST(uploaded_at, received_at) < (now() - '00:10:00'::interval)) AND ((received_at IS NOT NULL) OR (upload_expires_at IS NULL)));

CREATE VIEW stuck_jobs WITH (security_invoker='true') AS
 SELECT id,
    job_type,
    created_at,
    (floor((EXTRACT(epoch FROM (now() - created_at)) / (60)::numeric)))::integer AS minutes_pending
   FROM processing_jobs
  WHERE ((COALESCE(status, 'queued'::text) = ANY (ARRAY['queued'::text, 'processing'::text])) AND (created_at < (now() - '00:10:00'::interval)) AND ((COALESCE(status, 'queued'::text) = 'queued'::text) OR (COALESCE(next_check_at, created_at) < (now() - '00:10:00'::interval))));

CREATE VIEW stuck_pages WITH (security_invoker='true') AS
 SELECT id,
    url,
    created_at,
    (floor((EXTRACT(epoch FROM (now() - created_at)) / (60)::numeric)))::integer AS minutes_pending
   FROM scraped_contents
  WHERE (((status)::text = 'pending'::text) AND (created_at < (now() - '00:10:00'::interval)));

CREATE TABLE text_embeddings (
    tenant_id uuid DEFAULT census_tenant() NOT NULL,
    embedder text NOT NULL,
    text_id uuid NOT NULL,
    stored_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE text_embeddings FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE text_embeddings IS 'The index holds a vector of every passage of the text by this embedder.';

CREATE TABLE vector_spaces (
    tenant_id uuid DEFAULT census_tenant() NOT NULL,
    embedder text NOT NULL,
    dimensions integer NOT NULL,
    since timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT vector_spaces_dimensions_check CHECK ((dimensions > 0))
);

ALTER TABLE vector_spaces FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE vector_spaces IS 'Whose vectors a tenant''s searches use. Reindexing changes the row once all texts have the new ones.';

ALTER TABLE alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);

ALTER TABLE budgets
    ADD CONSTRAINT budgets_pkey PRIMARY KEY (tenant_id, subject);

ALTER TABLE conversations
    ADD CONSTRAINT conversations_pkey PRIMARY KEY (id);

ALTER TABLE crawls
    ADD CONSTRAINT crawls_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE embedded_contents
    ADD CONSTRAINT embedded_contents_pkey PRIMARY KEY (tenant_id, embedder, content_hash);

ALTER TABLE extracted_texts
    ADD CONSTRAINT extracted_texts_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (tenant_id, user_id, key);

ALTER TABLE job_batches
    ADD CONSTRAINT job_batches_pkey PRIMARY KEY (tenant_id, job_id, ordinal);

ALTER TABLE job_findings
    ADD CONSTRAINT job_findings_pkey PRIMARY KEY (tenant_id, job_id, item, number);

ALTER TABLE job_items
    ADD CONSTRAINT job_items_pkey PRIMARY KEY (tenant_id, job_id, ordinal);

ALTER TABLE job_signals
    ADD CONSTRAINT job_signals_pkey PRIMARY KEY (tenant_id, job_id);

ALTER TABLE kept_plans
    ADD CONSTRAINT kept_plans_pkey PRIMARY KEY (tenant_id, question_key);

ALTER TABLE knowledge_files
    ADD CONSTRAINT knowledge_files_pkey PRIMARY KEY (id);

ALTER TABLE map_results
    ADD CONSTRAINT map_results_pkey PRIMARY KEY (tenant_id, content_hash, window_key, atom_key);

ALTER TABLE messages
    ADD CONSTRAINT messages_pkey PRIMARY KEY (id);

ALTER TABLE model_leases
    ADD CONSTRAINT model_leases_pkey PRIMARY KEY (holder);

ALTER TABLE passage_vectors
    ADD CONSTRAINT passage_vectors_pkey PRIMARY KEY (tenant_id, embedder, text_id, ordinal);

ALTER TABLE passages
    ADD CONSTRAINT passages_pkey PRIMARY KEY (tenant_id, text_id, ordinal);

ALTER TABLE processing_jobs
    ADD CONSTRAINT processing_jobs_pkey PRIMARY KEY (id);

ALTER TABLE profiles
    ADD CONSTRAINT profiles_pkey PRIMARY KEY (user_id);

ALTER TABLE rate_limits
    ADD CONSTRAINT rate_limits_pkey PRIMARY KEY (model);

ALTER TABLE reduce_nodes
    ADD CONSTRAINT reduce_nodes_pkey PRIMARY KEY (tenant_id, node_key);

ALTER TABLE removals
    ADD CONSTRAINT removals_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE scraped_contents
    ADD CONSTRAINT scraped_contents_pkey PRIMARY KEY (id);

ALTER TABLE spending
    ADD CONSTRAINT spending_pkey PRIMARY KEY (tenant_id, user_id, day, job_id);

ALTER TABLE text_embeddings
    ADD CONSTRAINT text_embeddings_pkey PRIMARY KEY (tenant_id, embedder, text_id);

ALTER TABLE conversations
    ADD CONSTRAINT uq_conversations_tenant UNIQUE (tenant_id, id);

ALTER TABLE extracted_texts
    ADD CONSTRAINT uq_extracted_texts_source UNIQUE (tenant_id, source_hash);

ALTER TABLE knowledge_files
    ADD CONSTRAINT uq_knowledge_files_tenant UNIQUE (tenant_id, id);

ALTER TABLE messages
    ADD CONSTRAINT uq_messages_tenant UNIQUE (tenant_id, id);

ALTER TABLE processing_jobs
    ADD CONSTRAINT uq_processing_jobs_tenant UNIQUE (tenant_id, id);

ALTER TABLE scraped_contents
    ADD CONSTRAINT uq_scraped_contents_tenant UNIQUE (tenant_id, id);

ALTER TABLE vector_spaces
    ADD CONSTRAINT vector_spaces_pkey PRIMARY KEY (tenant_id);

CREATE INDEX idx_conversations_user ON conversations USING btree (tenant_id, user_id, created_at, id);

CREATE INDEX idx_embedded_contents_text ON embedded_contents USING btree (tenant_id, text_id);

CREATE INDEX idx_extracted_texts_content ON extracted_texts USING btree (tenant_id, content_hash);

CREATE INDEX idx_job_batches_open ON job_batches USING btree (tenant_id, job_id, ordinal) WHERE (outcome IS NULL);

CREATE INDEX idx_job_batches_unread ON job_batches USING btree (first_item, job_id) WHERE (outcome IS NULL);

CREATE INDEX idx_job_items_unjudged ON job_items USING btree (lead, job_id) WHERE (status IS NULL);

CREATE INDEX idx_knowledge_files_job_id ON knowledge_files USING btree (job_id);

CREATE INDEX idx_knowledge_files_replaces ON knowledge_files USING btree (replaces) WHERE (replaces IS NOT NULL);

CREATE INDEX idx_knowledge_files_status ON knowledge_files USING btree (status);

CREATE INDEX idx_knowledge_files_tenant ON knowledge_files USING btree (tenant_id, uploaded_at, id);

CREATE INDEX idx_knowledge_files_text ON knowledge_files USING btree (tenant_id, text_id);

CREATE INDEX idx_messages_conversation ON messages USING btree (tenant_id, conversation_id, created_at, id);

CREATE INDEX idx_messages_job_id ON messages USING btree (job_id) WHERE (job_id IS NOT NULL);

CREATE INDEX idx_processing_jobs_conversation ON processing_jobs USING btree (conversation_id);

CREATE INDEX idx_processing_jobs_created_at ON processing_jobs USING btree (created_at);

CREATE INDEX idx_processing_jobs_message_id ON processing_jobs USING btree (message_id) WHERE (message_id IS NOT NULL);

CREATE INDEX idx_processing_jobs_open ON processing_jobs USING btree (next_check_at) WHERE (status = ANY (ARRAY['queued'::text, 'awaiting_approval'::text, 'processing'::text]));

CREATE INDEX idx_processing_jobs_status ON processing_jobs USING btree (status);

CREATE INDEX idx_processing_jobs_tenant_user ON processing_jobs USING btree (tenant_id, user_id, created_at, id);

CREATE INDEX idx_processing_jobs_user_status ON processing_jobs USING btree (user_id, status);

CREATE INDEX idx_removals_due ON removals USING btree (due_at);

CREATE INDEX idx_scraped_contents_crawl ON scraped_contents USING btree (tenant_id, crawl_id);

CREATE INDEX idx_scraped_contents_job_id ON scraped_contents USING btree (job_id);

CREATE INDEX idx_scraped_contents_status ON scraped_contents USING btree (status);

CREATE INDEX idx_scraped_contents_tenant ON scraped_contents USING btree (tenant_id, created_at, id);

CREATE INDEX idx_scraped_contents_text ON scraped_contents USING btree (tenant_id, text_id);

CREATE UNIQUE INDEX idx_scraped_contents_url_key ON scraped_contents USING btree (tenant_id, url_key);

CREATE INDEX idx_text_embeddings_text ON text_embeddings USING btree (tenant_id, text_id);

CREATE UNIQUE INDEX uq_job_items_document ON job_items USING btree (source_id, source_kind, job_id);

CREATE TRIGGER keep_knowledge_files_processed_at BEFORE INSERT OR UPDATE ON knowledge_files FOR EACH ROW EXECUTE FUNCTION keep_processed_at();

CREATE TRIGGER keep_scraped_contents_processed_at BEFORE INSERT OR UPDATE ON scraped_contents FOR EACH ROW EXECUTE FUNCTION keep_processed_at();

CREATE TRIGGER update_processing_jobs_updated_at BEFORE UPDATE ON processing_jobs FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();

ALTER TABLE conversations
    ADD CONSTRAINT conversations_user_id_fkey FOREIGN KEY (user_id) REFERENCES profiles(user_id);

ALTER TABLE embedded_contents
    ADD CONSTRAINT fk_embedded_contents_text FOREIGN KEY (tenant_id, text_id) REFERENCES extracted_texts(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE job_batches
    ADD CONSTRAINT fk_job_batches_job FOREIGN KEY (tenant_id, job_id) REFERENCES processing_jobs(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE job_findings
    ADD CONSTRAINT fk_job_findings_item FOREIGN KEY (tenant_id, job_id, item) REFERENCES job_items(tenant_id, job_id, ordinal) ON DELETE CASCADE;

ALTER TABLE job_items
    ADD CONSTRAINT fk_job_items_job FOREIGN KEY (tenant_id, job_id) REFERENCES processing_jobs(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE job_signals
    ADD CONSTRAINT fk_job_signals_job FOREIGN KEY (tenant_id, job_id) REFERENCES processing_jobs(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE knowledge_files
    ADD CONSTRAINT fk_knowledge_files_replaces FOREIGN KEY (tenant_id, replaces) REFERENCES knowledge_files(tenant_id, id) ON DELETE SET NULL (replaces);

ALTER TABLE knowledge_files
    ADD CONSTRAINT fk_knowledge_files_text FOREIGN KEY (tenant_id, text_id) REFERENCES extracted_texts(tenant_id, id);

ALTER TABLE messages
    ADD CONSTRAINT fk_messages_conversation_in_tenant FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE messages
    ADD CONSTRAINT fk_messages_job_in_tenant FOREIGN KEY (tenant_id, job_id) REFERENCES processing_jobs(tenant_id, id) ON DELETE SET NULL (job_id);

ALTER TABLE passage_vectors
    ADD CONSTRAINT fk_passage_vectors_text FOREIGN KEY (tenant_id, text_id) REFERENCES extracted_texts(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE passages
    ADD CONSTRAINT fk_passages_text FOREIGN KEY (tenant_id, text_id) REFERENCES extracted_texts(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE processing_jobs
    ADD CONSTRAINT fk_processing_jobs_conversation_in_tenant FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE processing_jobs
    ADD CONSTRAINT fk_processing_jobs_message_in_tenant FOREIGN KEY (tenant_id, message_id) REFERENCES messages(tenant_id, id) ON DELETE SET NULL (message_id);

ALTER TABLE scraped_contents
    ADD CONSTRAINT fk_scraped_contents_crawl FOREIGN KEY (tenant_id, crawl_id) REFERENCES crawls(tenant_id, id);

ALTER TABLE scraped_contents
    ADD CONSTRAINT fk_scraped_contents_text FOREIGN KEY (tenant_id, text_id) REFERENCES extracted_texts(tenant_id, id);

ALTER TABLE text_embeddings
    ADD CONSTRAINT fk_text_embeddings_text FOREIGN KEY (tenant_id, text_id) REFERENCES extracted_texts(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE knowledge_files
    ADD CONSTRAINT knowledge_files_user_id_fkey FOREIGN KEY (user_id) REFERENCES profiles(user_id);

ALTER TABLE messages
    ADD CONSTRAINT messages_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES conversations(id) ON DELETE CASCADE;

ALTER TABLE messages
    ADD CONSTRAINT messages_job_id_fkey FOREIGN KEY (job_id) REFERENCES processing_jobs(id) ON DELETE SET NULL;

ALTER TABLE processing_jobs
    ADD CONSTRAINT processing_jobs_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES conversations(id) ON DELETE CASCADE;

ALTER TABLE processing_jobs
    ADD CONSTRAINT processing_jobs_message_id_fkey FOREIGN KEY (message_id) REFERENCES messages(id) ON DELETE SET NULL;

ALTER TABLE processing_jobs
    ADD CONSTRAINT processing_jobs_user_id_fkey FOREIGN KEY (user_id) REFERENCES profiles(user_id);

ALTER TABLE scraped_contents
    ADD CONSTRAINT scraped_contents_user_id_fkey FOREIGN KEY (user_id) REFERENCES profiles(user_id);

ALTER TABLE budgets ENABLE ROW LEVEL SECURITY;

ALTER TABLE conversations ENABLE ROW LEVEL SECURITY;

ALTER TABLE crawls ENABLE ROW LEVEL SECURITY;

ALTER TABLE embedded_contents ENABLE ROW LEVEL SECURITY;

ALTER TABLE extracted_texts ENABLE ROW LEVEL SECURITY;

ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;

ALTER TABLE job_batches ENABLE ROW LEVEL SECURITY;

ALTER TABLE job_findings ENABLE ROW LEVEL SECURITY;

ALTER TABLE job_items ENABLE ROW LEVEL SECURITY;

ALTER TABLE job_signals ENABLE ROW LEVEL SECURITY;

ALTER TABLE kept_plans ENABLE ROW LEVEL SECURITY;

ALTER TABLE knowledge_files ENABLE ROW LEVEL SECURITY;

ALTER TABLE map_results ENABLE ROW LEVEL SECURITY;

ALTER TABLE messages ENABLE ROW LEVEL SECURITY;

CREATE POLICY monitoring ON job_batches FOR SELECT TO census_read USING ((CURRENT_USER = 'census_read'::name));

CREATE POLICY monitoring ON knowledge_files FOR SELECT TO census_read USING ((CURRENT_USER = 'census_read'::name));

CREATE POLICY monitoring ON processing_jobs FOR SELECT TO census_read USING ((CURRENT_USER = 'census_read'::name));

CREATE POLICY monitoring ON scraped_contents FOR SELECT TO census_read USING ((CURRENT_USER = 'census_read'::name));

ALTER TABLE passage_vectors ENABLE ROW LEVEL SECURITY;

ALTER TABLE passages ENABLE ROW LEVEL SECURITY;

ALTER TABLE processing_jobs ENABLE ROW LEVEL SECURITY;

ALTER TABLE profiles ENABLE ROW LEVEL SECURITY;

ALTER TABLE reduce_nodes ENABLE ROW LEVEL SECURITY;

ALTER TABLE removals ENABLE ROW LEVEL SECURITY;

ALTER TABLE scraped_contents ENABLE ROW LEVEL SECURITY;

ALTER TABLE spending ENABLE ROW LEVEL SECURITY;

CREATE POLICY system ON conversations TO census_system USING ((CURRENT_USER = 'census_system'::name)) WITH CHECK ((CURRENT_USER = 'census_system'::name));

CREATE POLICY system ON extracted_texts TO census_system USING ((CURRENT_USER = 'census_system'::name)) WITH CHECK ((CURRENT_USER = 'census_system'::name));

CREATE POLICY system ON idempotency_keys TO census_system USING ((CURRENT_USER = 'census_system'::name)) WITH CHECK ((CURRENT_USER = 'census_system'::name));

CREATE POLICY system ON job_batches TO census_system USING ((CURRENT_USER = 'census_system'::name)) WITH CHECK ((CURRENT_USER = 'census_system'::name));

CREATE POLICY system ON job_items TO census_system USING ((CURRENT_USER = 'census_system'::name)) WITH CHECK ((CURRENT_USER = 'census_system'::name));

CREATE POLICY system ON job_signals TO census_system USING ((CURRENT_USER = 'census_system'::name)) WITH CHECK ((CURRENT_USER = 'census_system'::name));

CREATE POLICY system ON knowledge_files TO census_system USING ((CURRENT_USER = 'census_system'::name)) WITH CHECK ((CURRENT_USER = 'census_system'::name));

CREATE POLICY system ON map_results TO census_system USING ((CURRENT_USER = 'census_system'::name)) WITH CHECK ((CURRENT_USER = 'census_system'::name));

CREATE POLICY system ON messages TO census_system USING ((CURRENT_USER = 'census_system'::name)) WITH CHECK ((CURRENT_USER = 'census_system'::name));

CREATE POLICY system ON passages TO census_system USING ((CURRENT_USER = 'census_system'::name)) WITH CHECK ((CURRENT_USER = 'census_system'::name));

CREATE POLICY system ON processing_jobs TO census_system USING ((CURRENT_USER = 'census_system'::name)) WITH CHECK ((CURRENT_USER = 'census_system'::name));

CREATE POLICY system ON profiles TO census_system USING ((CURRENT_USER = 'census_system'::name)) WITH CHECK ((CURRENT_USER = 'census_system'::name));

CREATE POLICY system ON removals TO census_system USING ((CURRENT_USER = 'census_system'::name)) WITH CHECK ((CURRENT_USER = 'census_system'::name));

CREATE POLICY system ON scraped_contents TO census_system USING ((CURRENT_USER = 'census_system'::name)) WITH CHECK ((CURRENT_USER = 'census_system'::name));

CREATE POLICY system ON vector_spaces TO census_system USING ((CURRENT_USER = 'census_system'::name)) WITH CHECK ((CURRENT_USER = 'census_system'::name));

CREATE POLICY tenant ON budgets TO census_app USING ((tenant_id = census_tenant())) WITH CHECK ((tenant_id = census_tenant()));

CREATE POLICY tenant ON conversations TO census_app USING ((tenant_id = census_tenant())) WITH CHECK ((tenant_id = census_tenant()));

CREATE POLICY tenant ON crawls TO census_app USING ((tenant_id = census_tenant())) WITH CHECK ((tenant_id = census_tenant()));

CREATE POLICY tenant ON embedded_contents TO census_app USING ((tenant_id = census_tenant())) WITH CHECK ((tenant_id = census_tenant()));

CREATE POLICY tenant ON extracted_texts TO census_app USING ((tenant_id = census_tenant())) WITH CHECK ((tenant_id = census_tenant()));

CREATE POLICY tenant ON idempotency_keys TO census_app USING ((tenant_id = census_tenant())) WITH CHECK ((tenant_id = census_tenant()));

CREATE POLICY tenant ON job_batches TO census_app USING ((tenant_id = census_tenant())) WITH CHECK ((tenant_id = census_tenant()));

CREATE POLICY tenant ON job_findings TO census_app USING ((tenant_id = census_tenant())) WITH CHECK ((tenant_id = census_tenant()));

CREATE POLICY tenant ON job_items TO census_app USING ((tenant_id = census_tenant())) WITH CHECK ((tenant_id = census_tenant()));

CREATE POLICY tenant ON job_signals TO census_app USING ((tenant_id = census_tenant())) WITH CHECK ((tenant_id = census_tenant()));

CREATE POLICY tenant ON kept_plans TO census_app USING ((tenant_id = census_tenant())) WITH CHECK ((tenant_id = census_tenant()));

CREATE POLICY tenant ON knowledge_files TO census_app USING ((tenant_id = census_tenant())) WITH CHECK ((tenant_id = census_tenant()));

CREATE POLICY tenant ON map_results TO census_app USING ((tenant_id = census_tenant())) WITH CHECK ((tenant_id = census_tenant()));

CREATE POLICY tenant ON messages TO census_app USING ((tenant_id = census_tenant())) WITH CHECK ((tenant_id = census_tenant()));

CREATE POLICY tenant ON passage_vectors TO census_app USING ((tenant_id = census_tenant())) WITH CHECK ((tenant_id = census_tenant()));

CREATE POLICY tenant ON passages TO census_app USING ((tenant_id = census_tenant())) WITH CHECK ((tenant_id = census_tenant()));

CREATE POLICY tenant ON processing_jobs TO census_app USING ((tenant_id = census_tenant())) WITH CHECK ((tenant_id = census_tenant()));

CREATE POLICY tenant ON profiles TO census_app USING ((tenant_id = census_tenant())) WITH CHECK ((tenant_id = census_tenant()));

CREATE POLICY tenant ON reduce_nodes TO census_app USING ((tenant_id = census_tenant())) WITH CHECK ((tenant_id = census_tenant()));

CREATE POLICY tenant ON removals TO census_app USING ((tenant_id = census_tenant())) WITH CHECK ((tenant_id = census_tenant()));

CREATE POLICY tenant ON scraped_contents TO census_app USING ((tenant_id = census_tenant())) WITH CHECK ((tenant_id = census_tenant()));

CREATE POLICY tenant ON spending TO census_app USING ((tenant_id = census_tenant())) WITH CHECK ((tenant_id = census_tenant()));

CREATE POLICY tenant ON text_embeddings TO census_app USING ((tenant_id = census_tenant())) WITH CHECK ((tenant_id = census_tenant()));

CREATE POLICY tenant ON vector_spaces TO census_app USING ((tenant_id = census_tenant())) WITH CHECK ((tenant_id = census_tenant()));

ALTER TABLE text_embeddings ENABLE ROW LEVEL SECURITY;

ALTER TABLE vector_spaces ENABLE ROW LEVEL SECURITY;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE budgets TO census_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations TO census_app;
GRANT SELECT ON TABLE conversations TO census_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE crawls TO census_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE embedded_contents TO census_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE extracted_texts TO census_app;

GRANT SELECT(tenant_id) ON TABLE extracted_texts TO census_system;

GRANT SELECT(id) ON TABLE extracted_texts TO census_system;

GRANT SELECT(passages) ON TABLE extracted_texts TO census_system;

GRANT SELECT(created_at) ON TABLE extracted_texts TO census_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE knowledge_files TO census_app;
GRANT SELECT,UPDATE ON TABLE knowledge_files TO census_system;

GRANT SELECT(id) ON TABLE knowledge_files TO census_read;

GRANT SELECT(filename) ON TABLE knowledge_files TO census_read;

GRANT SELECT(uploaded_at) ON TABLE knowledge_files TO census_read;

GRANT SELECT(updated_at) ON TABLE knowledge_files TO census_read;

GRANT SELECT(status) ON TABLE knowledge_files TO census_read;

GRANT SELECT(processing_error) ON TABLE knowledge_files TO census_read;

GRANT SELECT(tenant_id) ON TABLE knowledge_files TO census_read;

GRANT SELECT(size) ON TABLE knowledge_files TO census_read;

GRANT SELECT(attempts) ON TABLE knowledge_files TO census_read;

GRANT SELECT(claimed_until) ON TABLE knowledge_files TO census_read;

GRANT SELECT(received_at) ON TABLE knowledge_files TO census_read;

GRANT SELECT(processed_at) ON TABLE knowledge_files TO census_read;

GRANT SELECT(upload_expires_at) ON TABLE knowledge_files TO census_read;

GRANT SELECT ON TABLE failed_files TO census_read;
GRANT SELECT ON TABLE failed_files TO census_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE processing_jobs TO census_app;
GRANT SELECT,UPDATE ON TABLE processing_jobs TO census_system;

GRANT SELECT(id) ON TABLE processing_jobs TO census_read;

GRANT SELECT(job_type) ON TABLE processing_jobs TO census_read;

GRANT SELECT(status) ON TABLE processing_jobs TO census_read;

GRANT SELECT(progress) ON TABLE processing_jobs TO census_read;

GRANT SELECT(total_items) ON TABLE processing_jobs TO census_read;

GRANT SELECT(total_batches) ON TABLE processing_jobs TO census_read;

GRANT SELECT(processed_items) ON TABLE processing_jobs TO census_read;

GRANT SELECT(processed_batches) ON TABLE processing_jobs TO census_read;

GRANT SELECT(failed_batches) ON TABLE processing_jobs TO census_read;

GRANT SELECT(current_phase) ON TABLE processing_jobs TO census_read;

GRANT SELECT(error_message) ON TABLE processing_jobs TO census_read;

GRANT SELECT(started_at) ON TABLE processing_jobs TO census_read;

GRANT SELECT(completed_at) ON TABLE processing_jobs TO census_read;

GRANT SELECT(created_at) ON TABLE processing_jobs TO census_read;

GRANT SELECT(updated_at) ON TABLE processing_jobs TO census_read;

GRANT SELECT(tenant_id) ON TABLE processing_jobs TO census_read;

GRANT SELECT(remaining) ON TABLE processing_jobs TO census_read;

GRANT SELECT(next_check_at) ON TABLE processing_jobs TO census_read;

GRANT SELECT(deadline_at) ON TABLE processing_jobs TO census_read;

GRANT SELECT(model) ON TABLE processing_jobs TO census_read;

GRANT SELECT(calls) ON TABLE processing_jobs TO census_read;

GRANT SELECT(input_tokens) ON TABLE processing_jobs TO census_read;

GRANT SELECT(output_tokens) ON TABLE processing_jobs TO census_read;

GRANT SELECT(spent_usd) ON TABLE processing_jobs TO census_read;

GRANT SELECT(reserved_usd) ON TABLE processing_jobs TO census_read;

GRANT SELECT ON TABLE failed_jobs TO census_read;
GRANT SELECT ON TABLE failed_jobs TO census_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE scraped_contents TO census_app;
GRANT SELECT,UPDATE ON TABLE scraped_contents TO census_system;

GRANT SELECT(id) ON TABLE scraped_contents TO census_read;

GRANT SELECT(url) ON TABLE scraped_contents TO census_read;

GRANT SELECT(created_at) ON TABLE scraped_contents TO census_read;

GRANT SELECT(updated_at) ON TABLE scraped_contents TO census_read;

GRANT SELECT(status) ON TABLE scraped_contents TO census_read;

GRANT SELECT(processing_error) ON TABLE scraped_contents TO census_read;

GRANT SELECT(tenant_id) ON TABLE scraped_contents TO census_read;

GRANT SELECT(size) ON TABLE scraped_contents TO census_read;

GRANT SELECT(attempts) ON TABLE scraped_contents TO census_read;

GRANT SELECT(claimed_until) ON TABLE scraped_contents TO census_read;

GRANT SELECT(processed_at) ON TABLE scraped_contents TO census_read;

GRANT SELECT ON TABLE failed_pages TO census_read;
GRANT SELECT ON TABLE failed_pages TO census_app;

GRANT SELECT ON TABLE file_processing_times TO census_read;
GRANT SELECT ON TABLE file_processing_times TO census_app;

GRANT SELECT ON TABLE files_by_status TO census_read;
GRANT SELECT ON TABLE files_by_status TO census_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE idempotency_keys TO census_app;
GRANT SELECT,DELETE ON TABLE idempotency_keys TO census_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE job_batches TO census_app;
GRANT SELECT,UPDATE ON TABLE job_batches TO census_system;

GRANT SELECT(tenant_id) ON TABLE job_batches TO census_read;

GRANT SELECT(job_id) ON TABLE job_batches TO census_read;

GRANT SELECT(ordinal) ON TABLE job_batches TO census_read;

GRANT SELECT(sent_at) ON TABLE job_batches TO census_read;

GRANT SELECT(claimed_until) ON TABLE job_batches TO census_read;

GRANT SELECT(attempts) ON TABLE job_batches TO census_read;

GRANT SELECT(outcome) ON TABLE job_batches TO census_read;

GRANT SELECT(recorded_at) ON TABLE job_batches TO census_read;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE job_findings TO census_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE job_items TO census_app;
GRANT SELECT,UPDATE ON TABLE job_items TO census_system;

GRANT SELECT ON TABLE job_processing_times TO census_read;
GRANT SELECT ON TABLE job_processing_times TO census_app;

GRANT INSERT,DELETE,UPDATE ON TABLE job_signals TO census_app;
GRANT SELECT,INSERT,UPDATE ON TABLE job_signals TO census_system;

GRANT SELECT(tenant_id) ON TABLE job_signals TO census_app;

GRANT SELECT(job_id) ON TABLE job_signals TO census_app;

GRANT SELECT(generation) ON TABLE job_signals TO census_app;

GRANT SELECT(stored_at) ON TABLE job_signals TO census_app;

GRANT SELECT(signalled_at) ON TABLE job_signals TO census_app;

GRANT SELECT ON TABLE jobs_by_status TO census_read;
GRANT SELECT ON TABLE jobs_by_status TO census_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kept_plans TO census_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE map_results TO census_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE messages TO census_app;
GRANT SELECT,UPDATE ON TABLE messages TO census_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE model_leases TO census_app;

GRANT SELECT ON TABLE page_processing_times TO census_read;
GRANT SELECT ON TABLE page_processing_times TO census_app;

GRANT SELECT ON TABLE pages_by_status TO census_read;
GRANT SELECT ON TABLE pages_by_status TO census_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE passage_vectors TO census_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE passages TO census_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE profiles TO census_app;

GRANT SELECT ON TABLE queue_health TO census_read;
GRANT SELECT ON TABLE queue_health TO census_app;

GRANT SELECT,INSERT,UPDATE ON TABLE rate_limits TO census_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE reduce_nodes TO census_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE removals TO census_app;
GRANT SELECT ON TABLE removals TO census_system;

GRANT SELECT,INSERT,UPDATE ON TABLE spending TO census_app;

GRANT SELECT ON TABLE stuck_files TO census_read;
GRANT SELECT ON TABLE stuck_files TO census_app;

GRANT SELECT ON TABLE stuck_jobs TO census_read;
GRANT SELECT ON TABLE stuck_jobs TO census_app;

GRANT SELECT ON TABLE stuck_pages TO census_read;
GRANT SELECT ON TABLE stuck_pages TO census_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE text_embeddings TO census_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE vector_spaces TO census_app;
GRANT SELECT ON TABLE vector_spaces TO census_system;

DO $$
DECLARE parent TEXT;
BEGIN
    FOREACH parent IN ARRAY ARRAY['passages', 'passage_vectors'] LOOP
        FOR part IN 0..15 LOOP
            EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
                           parent || '_p' || part, parent, part);
            EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY',
                           parent || '_p' || part);
        END LOOP;
    END LOOP;
END $$;

INSERT INTO alembic_version (version_num) VALUES ('2026_12_01_no_gaps');
