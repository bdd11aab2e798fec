-- The second source document for large tables under load: nobody waits for the indexes. For psql, or any tool
-- that runs each statement by itself; an editor that wraps the script in a transaction needs the plain .up.sql.
BEGIN;
SET LOCAL lock_timeout = '800ms';
ALTER TABLE knowledge_files ADD COLUMN status VARCHAR(50) DEFAULT 'completed';
ALTER TABLE knowledge_files ALTER COLUMN status SET DEFAULT 'pending';
ALTER TABLE knowledge_files ADD COLUMN job_id VARCHAR(100);
ALTER TABLE knowledge_files ADD COLUMN processing_error TEXT;

ALTER TABLE scraped_contents ADD COLUMN status VARCHAR(50) DEFAULT 'completed';
ALTER TABLE scraped_contents ALTER COLUMN status SET DEFAULT 'pending';
ALTER TABLE scraped_contents ADD COLUMN job_id VARCHAR(100);
ALTER TABLE scraped_contents ADD COLUMN processing_error TEXT;
COMMIT;

-- If the server or the connection dies from here on, run what follows again, after invalid_indexes.sql.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_knowledge_files_status ON knowledge_files(status);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_knowledge_files_job_id ON knowledge_files(job_id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_scraped_contents_status ON scraped_contents(status);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_scraped_contents_job_id ON scraped_contents(job_id);
