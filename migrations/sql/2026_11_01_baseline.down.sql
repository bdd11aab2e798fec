-- Refuses while later tables need it: what they hold would go, or dangle.
DO $$
BEGIN
    IF EXISTS (SELECT FROM information_schema.columns WHERE table_schema = current_schema()
               AND (table_name, column_name) IN (('messages', 'job_id'), ('knowledge_files', 'status'))) THEN
        RAISE EXCEPTION '2026_11_01_baseline cannot be rolled back yet: later migrations build on it. Roll them back first, '
            'the newest first: each .down.sql in migrations/sql with a later date, or '
            '`python -m migrations downgrade 2026_11_01_baseline`, which keeps the order'
            USING ERRCODE = 'dependent_objects_still_exist';
    END IF;
END $$;

-- These tables were there before Census: what they hold is not ours to drop.
DO $$
BEGIN
    IF EXISTS (SELECT FROM profiles) OR EXISTS (SELECT FROM knowledge_files) OR EXISTS (SELECT FROM scraped_contents)
    THEN
        RAISE EXCEPTION 'The baseline is not rolled back: its tables hold rows, and they were there before Census. '
            'Drop them by hand if that is what you want' USING ERRCODE = 'object_in_use';
    END IF;
END $$;

DROP TABLE scraped_contents;
DROP TABLE knowledge_files;
DROP TABLE messages;
DROP TABLE conversations;
DROP TABLE profiles;
