-- Vectors in the database, for installations that choose pgvector. A server without the extension, or a login
-- that may not create it, skips them: those who choose Pinecone need neither. This script may be run again.
DO $$
BEGIN
    IF to_regtype('vector') IS NULL AND EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector') THEN
        CREATE EXTENSION vector;
    END IF;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'The extension vector was left out: % may not create it.', current_user;
END $$;

DO $$
BEGIN
    IF to_regtype('vector') IS NULL OR to_regclass('passage_vectors') IS NOT NULL THEN
        RETURN;
    END IF;
    CREATE TABLE passage_vectors (
        tenant_id UUID NOT NULL DEFAULT census_tenant(),
        text_id UUID NOT NULL,
        ordinal INTEGER NOT NULL,
        embedder TEXT NOT NULL,
        embedding vector NOT NULL,
        PRIMARY KEY (tenant_id, embedder, text_id, ordinal),
        CONSTRAINT fk_passage_vectors_text FOREIGN KEY (tenant_id, text_id)
            REFERENCES extracted_texts (tenant_id, id) ON DELETE CASCADE
    ) PARTITION BY HASH (tenant_id);
    FOR part IN 0..15 LOOP
        EXECUTE format('CREATE TABLE passage_vectors_p%s PARTITION OF passage_vectors '
                       'FOR VALUES WITH (MODULUS 16, REMAINDER %s)', part, part);
        EXECUTE format('ALTER TABLE passage_vectors_p%s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', part);
    END LOOP;
    ALTER TABLE passage_vectors ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
    CREATE POLICY tenant ON passage_vectors TO census_app
        USING (tenant_id = census_tenant()) WITH CHECK (tenant_id = census_tenant());
    GRANT SELECT, INSERT, UPDATE, DELETE ON passage_vectors TO census_app;
END $$;
