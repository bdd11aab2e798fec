-- Of rows that were just written the planner has no statistics; it takes two indexes that begin with the tenant
-- for equally good, and reads a whole job to find one item. Only the primary keys begin so from now on.
ALTER TABLE job_items DROP CONSTRAINT uq_job_items_source;
DROP INDEX IF EXISTS idx_job_items_source;
DROP INDEX IF EXISTS idx_job_items_lead;
DROP INDEX IF EXISTS idx_job_batches_open_item;
CREATE UNIQUE INDEX uq_job_items_document ON job_items (source_id, source_kind, job_id);
CREATE INDEX idx_job_items_unjudged ON job_items (lead, job_id) WHERE status IS NULL;
CREATE INDEX idx_job_batches_unread ON job_batches (first_item, job_id) WHERE outcome IS NULL;
