-- What vectors there should be, whose they are, and what is still to be deleted elsewhere.
CREATE TABLE vector_spaces (
    tenant_id UUID NOT NULL DEFAULT census_tenant() PRIMARY KEY,
    embedder TEXT NOT NULL,
    dimensions INTEGER NOT NULL CHECK (dimensions > 0),
    since TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW()
);
COMMENT ON TABLE vector_spaces IS 'Whose vectors a tenant''s searches use. Reindexing changes the row once all texts have the new ones.';

CREATE TABLE text_embeddings (
    tenant_id UUID NOT NULL DEFAULT census_tenant(),
    embedder TEXT NOT NULL,
    text_id UUID NOT NULL,
    stored_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    PRIMARY KEY (tenant_id, embedder, text_id),
    CONSTRAINT fk_text_embeddings_text FOREIGN KEY (tenant_id, text_id)
        REFERENCES extracted_texts (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX idx_text_embeddings_text ON text_embeddings (tenant_id, text_id);
COMMENT ON TABLE text_embeddings IS 'The index holds a vector of every passage of the text by this embedder.';

CREATE TABLE embedded_contents (
    tenant_id UUID NOT NULL DEFAULT census_tenant(),
    embedder TEXT NOT NULL,
    content_hash CHAR(64) NOT NULL,
    text_id UUID NOT NULL,
    ordinal INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, embedder, content_hash),
    CONSTRAINT fk_embedded_contents_text FOREIGN KEY (tenant_id, text_id)
        REFERENCES extracted_texts (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX idx_embedded_contents_text ON embedded_contents (tenant_id, text_id);
COMMENT ON TABLE embedded_contents IS 'The cache of embeddings: a passage, of the newest text, whose vector the same words can take.';

CREATE TABLE removals (
    tenant_id UUID NOT NULL DEFAULT census_tenant(),
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    text_id UUID,
    embedder TEXT,
    object_key TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT ck_removals_target CHECK ((text_id IS NULL) <> (object_key IS NULL))
);
CREATE INDEX idx_removals_due ON removals (due_at);
COMMENT ON TABLE removals IS 'The outbox of deletions in other stores: vectors of a text, an object. Written with what they belonged to.';

DO $$
DECLARE table_name TEXT;
BEGIN
    FOREACH table_name IN ARRAY ARRAY['vector_spaces', 'text_embeddings', 'embedded_contents', 'removals'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', table_name);
        EXECUTE format('CREATE POLICY tenant ON %I TO census_app USING (tenant_id = census_tenant()) '
                       'WITH CHECK (tenant_id = census_tenant())', table_name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO census_app', table_name);
    END LOOP;
    FOREACH table_name IN ARRAY ARRAY['vector_spaces', 'removals'] LOOP
        EXECUTE format('CREATE POLICY system ON %I TO census_system USING (current_user = ''census_system'') '
                       'WITH CHECK (current_user = ''census_system'')', table_name);
        EXECUTE format('GRANT SELECT ON %I TO census_system', table_name);
    END LOOP;
END $$;
GRANT SELECT (tenant_id, id, created_at) ON extracted_texts TO census_system;

-- Forced row security hides the rows from their owner, too.
DO $$
BEGIN
    IF to_regclass('passage_vectors') IS NULL THEN
        RETURN;
    END IF;
    ALTER TABLE passage_vectors NO FORCE ROW LEVEL SECURITY;
    ALTER TABLE extracted_texts NO FORCE ROW LEVEL SECURITY;
    ALTER TABLE text_embeddings NO FORCE ROW LEVEL SECURITY;
    ALTER TABLE vector_spaces NO FORCE ROW LEVEL SECURITY;
    INSERT INTO text_embeddings (tenant_id, embedder, text_id)
    SELECT v.tenant_id, v.embedder, v.text_id FROM passage_vectors v
    JOIN extracted_texts t ON t.tenant_id = v.tenant_id AND t.id = v.text_id
    GROUP BY v.tenant_id, v.embedder, v.text_id, t.passages HAVING count(*) = t.passages;
    INSERT INTO vector_spaces (tenant_id, embedder, dimensions)
    SELECT DISTINCT ON (e.tenant_id) e.tenant_id, e.embedder, d.dimensions
    FROM (SELECT tenant_id, embedder, count(*) AS texts FROM text_embeddings GROUP BY tenant_id, embedder) e
    CROSS JOIN LATERAL (SELECT vector_dims(v.embedding) AS dimensions FROM passage_vectors v
                        WHERE v.tenant_id = e.tenant_id AND v.embedder = e.embedder LIMIT 1) d
    ORDER BY e.tenant_id, e.texts DESC, e.embedder;
    ALTER TABLE passage_vectors FORCE ROW LEVEL SECURITY;
    ALTER TABLE extracted_texts FORCE ROW LEVEL SECURITY;
    ALTER TABLE text_embeddings FORCE ROW LEVEL SECURITY;
    ALTER TABLE vector_spaces FORCE ROW LEVEL SECURITY;
END $$;
