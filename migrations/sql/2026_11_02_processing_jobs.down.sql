-- In the order the source document gives.
DROP TRIGGER IF EXISTS update_processing_jobs_updated_at ON processing_jobs;
ALTER TABLE messages DROP COLUMN IF EXISTS job_id;
DROP TABLE IF EXISTS processing_jobs;
DROP FUNCTION IF EXISTS update_updated_at_column();
