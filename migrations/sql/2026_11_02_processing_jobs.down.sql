-- Refuses while later tables need it: what they hold would go, or dangle.
DO $$
BEGIN
    IF EXISTS (SELECT FROM information_schema.columns WHERE table_schema = current_schema()
               AND (table_name, column_name) = ('processing_jobs', 'tenant_id')) THEN
        RAISE EXCEPTION '2026_11_02_processing_jobs cannot be rolled back yet: later migrations build on it. Roll them back first, '
            'the newest first: each .down.sql in migrations/sql with a later date, or '
            '`python -m migrations downgrade 2026_11_02_processing_jobs`, which keeps the order'
            USING ERRCODE = 'dependent_objects_still_exist';
    END IF;
END $$;

-- In the order the source document gives.
DROP TRIGGER IF EXISTS update_processing_jobs_updated_at ON processing_jobs;
ALTER TABLE messages DROP COLUMN IF EXISTS job_id;
DROP TABLE IF EXISTS processing_jobs;
-- The function stays, as in the source document: triggers of other tables may call it.
