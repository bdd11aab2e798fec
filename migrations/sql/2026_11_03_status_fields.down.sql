ALTER TABLE scraped_contents DROP COLUMN status, DROP COLUMN job_id, DROP COLUMN processing_error;
ALTER TABLE knowledge_files DROP COLUMN status, DROP COLUMN job_id, DROP COLUMN processing_error;
