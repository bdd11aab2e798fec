-- What a job is made of. The row of processing_jobs holds the counters; `remaining` falls in the very
-- statement that records batches, so exactly one recorder sees it reach zero.
ALTER TABLE processing_jobs
    ADD COLUMN generation INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN started_generation INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN remaining INTEGER CHECK (remaining >= 0),
    ADD COLUMN next_check_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN approve_above_usd NUMERIC(14, 6) CHECK (approve_above_usd >= 0),
    ADD COLUMN execution_arn TEXT,
    ADD COLUMN pinned_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN deadline_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN model TEXT,
    ADD COLUMN calls INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN input_tokens BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN output_tokens BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN spent_usd NUMERIC(14, 6) NOT NULL DEFAULT 0,
    ADD COLUMN reserved_usd NUMERIC(14, 6) NOT NULL DEFAULT 0,
    ADD COLUMN cap_usd NUMERIC(14, 6) CHECK (cap_usd >= 0),
    ADD COLUMN estimated_low_usd NUMERIC(14, 6),
    ADD COLUMN estimated_high_usd NUMERIC(14, 6),
    ADD CONSTRAINT ck_processing_jobs_status CHECK (status IN
        ('queued', 'awaiting_approval', 'processing', 'completed', 'partial', 'failed', 'cancelled')),
    ADD CONSTRAINT ck_processing_jobs_phase CHECK (current_phase IN
        ('queued', 'planning', 'mapping', 'reducing', 'done')),
    ADD CONSTRAINT ck_processing_jobs_ended CHECK
        ((status IN ('completed', 'partial', 'failed', 'cancelled')) = (completed_at IS NOT NULL)),
    ADD CONSTRAINT ck_processing_jobs_progress CHECK (progress BETWEEN 0 AND 1),
    ADD CONSTRAINT ck_processing_jobs_items CHECK (processed_items BETWEEN 0 AND total_items),
    ADD CONSTRAINT ck_processing_jobs_batches CHECK
        (processed_batches >= 0 AND failed_batches >= 0 AND processed_batches + failed_batches <= total_batches);

CREATE TABLE job_signals (
    tenant_id UUID NOT NULL DEFAULT census_tenant(),
    job_id UUID NOT NULL,
    generation INTEGER NOT NULL,
    task_token TEXT,
    stored_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    signalled_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (tenant_id, job_id),
    CONSTRAINT fk_job_signals_job FOREIGN KEY (tenant_id, job_id)
        REFERENCES processing_jobs (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON COLUMN job_signals.task_token IS 'A credential: only census_system may read it.';

CREATE TABLE job_items (
    tenant_id UUID NOT NULL DEFAULT census_tenant(),
    job_id UUID NOT NULL,
    ordinal INTEGER NOT NULL,
    source_kind TEXT NOT NULL CHECK (source_kind IN ('file', 'page')),
    source_id UUID NOT NULL,
    source_name TEXT NOT NULL,
    text_id UUID,
    content_hash CHAR(64),
    lead INTEGER,
    windows INTEGER NOT NULL DEFAULT 0,
    tokens INTEGER NOT NULL DEFAULT 0,
    status TEXT CHECK (status IN ('match', 'no_match', 'unclear', 'unverified', 'failed', 'skipped')),
    reason TEXT,
    group_key TEXT,
    measure NUMERIC,
    measure_unit TEXT,
    fields JSONB,
    quotes JSONB,
    PRIMARY KEY (tenant_id, job_id, ordinal),
    CONSTRAINT uq_job_items_source UNIQUE (tenant_id, job_id, source_kind, source_id),
    CONSTRAINT fk_job_items_job FOREIGN KEY (tenant_id, job_id)
        REFERENCES processing_jobs (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON COLUMN job_items.lead IS 'Ordinal of the first item with the same content: contents are read once.';
CREATE INDEX idx_job_items_source ON job_items (tenant_id, source_id);

CREATE TABLE job_batches (
    tenant_id UUID NOT NULL DEFAULT census_tenant(),
    job_id UUID NOT NULL,
    ordinal INTEGER NOT NULL,
    windows JSONB NOT NULL,
    atoms TEXT[] NOT NULL,
    first_item INTEGER NOT NULL,
    last_item INTEGER NOT NULL,
    tokens INTEGER NOT NULL,
    sent_generation INTEGER NOT NULL DEFAULT 0,
    sent_at TIMESTAMP WITH TIME ZONE,
    claimed_until TIMESTAMP WITH TIME ZONE,
    claim UUID,
    attempts INTEGER NOT NULL DEFAULT 0,
    outcome TEXT CHECK (outcome IN ('done', 'failed', 'skipped')),
    reason TEXT,
    failures JSONB,
    recorded_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (tenant_id, job_id, ordinal),
    CONSTRAINT ck_job_batches_recorded CHECK ((outcome IS NULL) = (recorded_at IS NULL)),
    CONSTRAINT fk_job_batches_job FOREIGN KEY (tenant_id, job_id)
        REFERENCES processing_jobs (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON COLUMN job_batches.windows IS '[[lead item, window number], …]: what the batch reads.';
CREATE INDEX idx_job_batches_open ON job_batches (tenant_id, job_id, ordinal) WHERE outcome IS NULL;
CREATE INDEX idx_job_batches_open_item ON job_batches (tenant_id, job_id, first_item) WHERE outcome IS NULL;
CREATE INDEX idx_processing_jobs_open ON processing_jobs (next_check_at) WHERE status IN ('queued', 'awaiting_approval', 'processing');

CREATE TABLE map_results (
    tenant_id UUID NOT NULL DEFAULT census_tenant(),
    content_hash CHAR(64) NOT NULL,
    window_key TEXT NOT NULL,
    atom_key CHAR(64) NOT NULL,
    reading JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    PRIMARY KEY (tenant_id, content_hash, window_key, atom_key)
);
COMMENT ON TABLE map_results IS 'The cache: what a window says about an atom. Successes only.';

CREATE TABLE idempotency_keys (
    tenant_id UUID NOT NULL DEFAULT census_tenant(),
    user_id UUID NOT NULL,
    key TEXT NOT NULL,
    request_hash CHAR(64) NOT NULL,
    response JSONB,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    PRIMARY KEY (tenant_id, user_id, key)
);

-- Row security: one rule for census_app on every table, one for census_system where it has work to do.
DO $$
DECLARE table_name TEXT;
BEGIN
    FOREACH table_name IN ARRAY ARRAY[
        'profiles', 'conversations', 'messages', 'processing_jobs', 'knowledge_files', 'scraped_contents',
        'extracted_texts', 'passages', 'job_signals', 'job_items', 'job_batches',
        'map_results', 'idempotency_keys'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', table_name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', table_name);
        EXECUTE format('CREATE POLICY tenant ON %I TO census_app USING (tenant_id = census_tenant()) '
                       'WITH CHECK (tenant_id = census_tenant())', table_name);
        EXECUTE format('CREATE POLICY system ON %I TO census_system USING (true) WITH CHECK (true)', table_name);
        IF table_name <> 'job_signals' THEN
            EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO census_app', table_name);
        END IF;
    END LOOP;
    FOR part IN 0..15 LOOP
        EXECUTE format('ALTER TABLE passages_p%s ENABLE ROW LEVEL SECURITY', part);
        EXECUTE format('ALTER TABLE passages_p%s FORCE ROW LEVEL SECURITY', part);
    END LOOP;
END $$;

GRANT SELECT (tenant_id, job_id, generation, stored_at, signalled_at), INSERT, UPDATE, DELETE ON job_signals TO census_app;
GRANT SELECT, INSERT, UPDATE ON job_signals TO census_system;
GRANT SELECT, UPDATE ON processing_jobs, job_items, job_batches, messages, knowledge_files, scraped_contents TO census_system;
GRANT SELECT ON conversations TO census_system;
GRANT DELETE ON idempotency_keys TO census_system;
GRANT SELECT ON idempotency_keys TO census_system;
