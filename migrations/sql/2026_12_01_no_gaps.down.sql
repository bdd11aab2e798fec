ALTER TABLE processing_jobs
    DROP CONSTRAINT ck_processing_jobs_ended,
    DROP CONSTRAINT ck_processing_jobs_items,
    DROP CONSTRAINT ck_processing_jobs_batches,
    DROP CONSTRAINT ck_processing_jobs_remaining,
    ADD CONSTRAINT ck_processing_jobs_ended CHECK
        ((status IN ('completed', 'partial', 'failed', 'cancelled')) = (completed_at IS NOT NULL)),
    ADD CONSTRAINT ck_processing_jobs_items CHECK (processed_items BETWEEN 0 AND total_items),
    ADD CONSTRAINT ck_processing_jobs_batches CHECK
        (processed_batches >= 0 AND failed_batches >= 0 AND processed_batches + failed_batches <= total_batches),
    ADD CONSTRAINT ck_processing_jobs_remaining CHECK (remaining <= total_batches);
