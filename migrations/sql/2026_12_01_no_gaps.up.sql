-- A CHECK that compares with null lets the row pass: a job without a status could have ended, and counters could
-- stand above a total that is not there. Null reads as queued and as zero, here as everywhere.
ALTER TABLE processing_jobs
    DROP CONSTRAINT ck_processing_jobs_ended,
    DROP CONSTRAINT ck_processing_jobs_items,
    DROP CONSTRAINT ck_processing_jobs_batches,
    DROP CONSTRAINT ck_processing_jobs_remaining,
    ADD CONSTRAINT ck_processing_jobs_ended CHECK
        ((COALESCE(status, 'queued') IN ('completed', 'partial', 'failed', 'cancelled')) = (completed_at IS NOT NULL)),
    ADD CONSTRAINT ck_processing_jobs_items CHECK
        (COALESCE(processed_items, 0) BETWEEN 0 AND COALESCE(total_items, 0)),
    ADD CONSTRAINT ck_processing_jobs_batches CHECK
        (COALESCE(processed_batches, 0) >= 0 AND COALESCE(failed_batches, 0) >= 0
         AND COALESCE(processed_batches, 0) + COALESCE(failed_batches, 0) <= COALESCE(total_batches, 0)),
    ADD CONSTRAINT ck_processing_jobs_remaining CHECK (remaining <= COALESCE(total_batches, 0));
