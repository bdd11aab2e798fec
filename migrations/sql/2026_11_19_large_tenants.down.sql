DO $$
DECLARE index_name TEXT;
BEGIN
    IF to_regclass('passage_vectors') IS NOT NULL THEN
        ALTER TABLE passage_vectors ALTER COLUMN embedding SET STORAGE EXTERNAL;
    END IF;
    FOR index_name IN SELECT relname FROM pg_class
                      WHERE relnamespace = current_schema()::regnamespace AND relkind = 'i' AND relname LIKE 'near\_%' LOOP
        EXECUTE format('DROP INDEX %I', index_name);
    END LOOP;
END $$;
REVOKE SELECT (tenant_id, passages) ON extracted_texts FROM census_system;
