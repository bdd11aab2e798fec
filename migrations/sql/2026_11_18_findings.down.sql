DROP TABLE reduce_nodes;
DROP TABLE job_findings;
ALTER TABLE job_items DROP COLUMN group_norm;
ALTER TABLE processing_jobs
    DROP COLUMN mapping_since, DROP COLUMN planned_tokens, DROP COLUMN read_tokens, DROP COLUMN shown_at,
    DROP COLUMN shown_progress;
