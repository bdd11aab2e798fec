-- States that cannot be wrong. The end of processing has its column, kept by the database itself: final rows
-- have it, open rows do not. What belongs to a conversation goes with it; what only points is set to null.
CREATE FUNCTION keep_processed_at() RETURNS TRIGGER AS $$
BEGIN
    IF COALESCE(NEW.status, 'completed') NOT IN ('completed', 'failed') THEN
        NEW.processed_at = NULL;
    ELSIF NEW.processed_at IS NULL THEN
        NEW.processed_at = clock_timestamp();
    END IF;
    RETURN NEW;
END;
$$ LANGUAGE plpgsql;
COMMENT ON FUNCTION keep_processed_at() IS 'A final status has its time, an open one has none.';

-- Forced row security hides the rows from their owner, too.
ALTER TABLE knowledge_files NO FORCE ROW LEVEL SECURITY;
ALTER TABLE scraped_contents NO FORCE ROW LEVEL SECURITY;
UPDATE knowledge_files
SET processed_at = CASE WHEN COALESCE(status, 'completed') IN ('completed', 'failed')
                        THEN COALESCE(updated_at, uploaded_at, NOW()) END
WHERE (COALESCE(status, 'completed') IN ('completed', 'failed')) <> (processed_at IS NOT NULL);
UPDATE scraped_contents
SET processed_at = CASE WHEN COALESCE(status, 'completed') IN ('completed', 'failed')
                        THEN COALESCE(updated_at, created_at, NOW()) END
WHERE (COALESCE(status, 'completed') IN ('completed', 'failed')) <> (processed_at IS NOT NULL);
ALTER TABLE knowledge_files FORCE ROW LEVEL SECURITY;
ALTER TABLE scraped_contents FORCE ROW LEVEL SECURITY;

CREATE TRIGGER keep_knowledge_files_processed_at BEFORE INSERT OR UPDATE ON knowledge_files
FOR EACH ROW EXECUTE FUNCTION keep_processed_at();
CREATE TRIGGER keep_scraped_contents_processed_at BEFORE INSERT OR UPDATE ON scraped_contents
FOR EACH ROW EXECUTE FUNCTION keep_processed_at();
ALTER TABLE knowledge_files
    ADD CONSTRAINT ck_knowledge_files_processed CHECK
        ((COALESCE(status, 'completed') IN ('completed', 'failed')) = (processed_at IS NOT NULL)),
    ADD CONSTRAINT ck_knowledge_files_attempts CHECK (attempts >= 0);
ALTER TABLE scraped_contents
    ADD CONSTRAINT ck_scraped_contents_processed CHECK
        ((COALESCE(status, 'completed') IN ('completed', 'failed')) = (processed_at IS NOT NULL)),
    ADD CONSTRAINT ck_scraped_contents_attempts CHECK (attempts >= 0);
ALTER TABLE processing_jobs
    ADD CONSTRAINT ck_processing_jobs_remaining CHECK (remaining <= total_batches),
    ADD CONSTRAINT ck_processing_jobs_money CHECK (spent_usd >= 0 AND reserved_usd >= 0),
    ADD CONSTRAINT ck_processing_jobs_estimate CHECK (estimated_low_usd <= estimated_high_usd),
    ADD CONSTRAINT ck_processing_jobs_generation CHECK (started_generation BETWEEN 0 AND generation);
ALTER TABLE job_batches
    ADD CONSTRAINT ck_job_batches_items CHECK (first_item <= last_item),
    ADD CONSTRAINT ck_job_batches_attempts CHECK (attempts >= 0);

-- The references of the source documents, which an older database may call otherwise, follow the composite ones.
DO $$
DECLARE
    reference RECORD;
BEGIN
    FOR reference IN
        SELECT c.conname, c.conrelid::regclass AS source, a.attname, c.confrelid::regclass AS target,
               f.attname AS key, wanted.rule
        FROM (VALUES ('messages', 'conversation_id', 'CASCADE'), ('messages', 'job_id', 'SET NULL'),
                     ('processing_jobs', 'conversation_id', 'CASCADE'),
                     ('processing_jobs', 'message_id', 'SET NULL')) AS wanted (source, attname, rule)
        JOIN pg_constraint c ON c.conrelid = to_regclass(wanted.source) AND c.contype = 'f'
            AND cardinality(c.conkey) = 1
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] AND a.attname = wanted.attname
        JOIN pg_attribute f ON f.attrelid = c.confrelid AND f.attnum = c.confkey[1]
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %I FOREIGN KEY (%I) REFERENCES %s (%I) '
                       'ON DELETE %s', reference.source, reference.conname, reference.conname,
                       reference.attname, reference.target, reference.key, reference.rule);
    END LOOP;
END $$;
ALTER TABLE messages DROP CONSTRAINT fk_messages_job_in_tenant;
ALTER TABLE messages ADD CONSTRAINT fk_messages_job_in_tenant
    FOREIGN KEY (tenant_id, job_id) REFERENCES processing_jobs (tenant_id, id) ON DELETE SET NULL (job_id);
ALTER TABLE processing_jobs DROP CONSTRAINT fk_processing_jobs_message_in_tenant;
ALTER TABLE processing_jobs ADD CONSTRAINT fk_processing_jobs_message_in_tenant
    FOREIGN KEY (tenant_id, message_id) REFERENCES messages (tenant_id, id) ON DELETE SET NULL (message_id);
ALTER TABLE knowledge_files NO FORCE ROW LEVEL SECURITY;
UPDATE knowledge_files f SET replaces = NULL WHERE replaces IS NOT NULL AND NOT EXISTS
    (SELECT FROM knowledge_files r WHERE r.tenant_id = f.tenant_id AND r.id = f.replaces);
ALTER TABLE knowledge_files FORCE ROW LEVEL SECURITY;
ALTER TABLE knowledge_files ADD CONSTRAINT fk_knowledge_files_replaces
    FOREIGN KEY (tenant_id, replaces) REFERENCES knowledge_files (tenant_id, id) ON DELETE SET NULL (replaces);
CREATE INDEX idx_messages_job_id ON messages (job_id) WHERE job_id IS NOT NULL;
CREATE INDEX idx_processing_jobs_message_id ON processing_jobs (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX idx_knowledge_files_replaces ON knowledge_files (replaces) WHERE replaces IS NOT NULL;
-- Each outcome looks for the documents it was the last to read.
CREATE INDEX idx_job_items_lead ON job_items (tenant_id, job_id, lead) WHERE status IS NULL;

-- A login that inherits census_system, as every login does before PostgreSQL 16, must not see all tenants by
-- merely having forgotten to bind one.
DO $$
DECLARE found RECORD;
BEGIN
    FOR found IN SELECT polrelid::regclass AS name FROM pg_policy
                 WHERE polname = 'system' AND polrelid IN
                     (SELECT oid FROM pg_class WHERE relnamespace = current_schema()::regnamespace) LOOP
        EXECUTE format('ALTER POLICY system ON %s USING (current_user = ''census_system'') '
                       'WITH CHECK (current_user = ''census_system'')', found.name);
    END LOOP;
END $$;

-- No policy lets it be used (@@ is not leakproof), and every passage had to pay for it.
DROP INDEX IF EXISTS idx_passages_search;
