-- The second source document: the processing state of files and pages.
-- Rows that exist were processed synchronously: they become 'completed', by a default that costs no rewrite;
-- then new rows begin as 'pending'.
ALTER TABLE knowledge_files ADD COLUMN status VARCHAR(50) DEFAULT 'completed';
ALTER TABLE knowledge_files ALTER COLUMN status SET DEFAULT 'pending';
ALTER TABLE knowledge_files ADD COLUMN job_id VARCHAR(100);
ALTER TABLE knowledge_files ADD COLUMN processing_error TEXT;
CREATE INDEX idx_knowledge_files_status ON knowledge_files(status);
CREATE INDEX idx_knowledge_files_job_id ON knowledge_files(job_id);

ALTER TABLE scraped_contents ADD COLUMN status VARCHAR(50) DEFAULT 'completed';
ALTER TABLE scraped_contents ALTER COLUMN status SET DEFAULT 'pending';
ALTER TABLE scraped_contents ADD COLUMN job_id VARCHAR(100);
ALTER TABLE scraped_contents ADD COLUMN processing_error TEXT;
CREATE INDEX idx_scraped_contents_status ON scraped_contents(status);
CREATE INDEX idx_scraped_contents_job_id ON scraped_contents(job_id);
