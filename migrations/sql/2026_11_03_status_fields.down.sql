-- Refuses while later tables need it: what they hold would go, or dangle.
DO $$
BEGIN
    IF EXISTS (SELECT FROM information_schema.columns WHERE table_schema = current_schema()
               AND (table_name, column_name) = ('knowledge_files', 'tenant_id')) THEN
        RAISE EXCEPTION '2026_11_03_status_fields cannot be rolled back yet: later migrations build on it. Roll them back first, '
            'the newest first: each .down.sql in migrations/sql with a later date, or '
            '`python -m migrations downgrade 2026_11_03_status_fields`, which keeps the order'
            USING ERRCODE = 'dependent_objects_still_exist';
    END IF;
END $$;

ALTER TABLE scraped_contents DROP COLUMN status, DROP COLUMN job_id, DROP COLUMN processing_error;
ALTER TABLE knowledge_files DROP COLUMN status, DROP COLUMN job_id, DROP COLUMN processing_error;
