DROP INDEX IF EXISTS uq_job_items_document;
DROP INDEX IF EXISTS idx_job_items_unjudged;
DROP INDEX IF EXISTS idx_job_batches_unread;
ALTER TABLE job_items ADD CONSTRAINT uq_job_items_source UNIQUE (tenant_id, job_id, source_kind, source_id);
CREATE INDEX IF NOT EXISTS idx_job_items_source ON job_items (tenant_id, source_id);
CREATE INDEX IF NOT EXISTS idx_job_items_lead ON job_items (tenant_id, job_id, lead) WHERE status IS NULL;
CREATE INDEX IF NOT EXISTS idx_job_batches_open_item ON job_batches (tenant_id, job_id, first_item) WHERE outcome IS NULL;
