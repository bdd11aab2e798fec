DROP INDEX idx_scraped_contents_text, idx_knowledge_files_text;
ALTER TABLE scraped_contents
    DROP CONSTRAINT fk_scraped_contents_text, DROP CONSTRAINT ck_scraped_contents_status,
    DROP COLUMN content_type, DROP COLUMN size, DROP COLUMN tags, DROP COLUMN text_id, DROP COLUMN attempts,
    DROP COLUMN claimed_until, DROP COLUMN processed_at;
ALTER TABLE knowledge_files
    DROP CONSTRAINT fk_knowledge_files_text, DROP CONSTRAINT ck_knowledge_files_status,
    DROP COLUMN content_type, DROP COLUMN declared_size, DROP COLUMN size, DROP COLUMN tags, DROP COLUMN replaces,
    DROP COLUMN object_key, DROP COLUMN object_version, DROP COLUMN sequencer, DROP COLUMN text_id,
    DROP COLUMN attempts, DROP COLUMN claimed_until, DROP COLUMN received_at, DROP COLUMN processed_at,
    DROP COLUMN upload_expires_at;
DROP TABLE passages;
DROP TABLE extracted_texts;
