-- What ingestion makes: the extracted text of a content and its passages. Two rows with the
-- same bytes share one text.
CREATE TABLE extracted_texts (
    tenant_id UUID NOT NULL DEFAULT census_tenant(),
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    source_hash CHAR(64) NOT NULL,
    content_hash CHAR(64) NOT NULL,
    media_type TEXT NOT NULL,
    title TEXT,
    text TEXT NOT NULL,
    tokens INTEGER NOT NULL CHECK (tokens >= 0),
    passages INTEGER NOT NULL CHECK (passages >= 0),
    page_starts JSONB NOT NULL DEFAULT '[]',
    windows JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_extracted_texts_source UNIQUE (tenant_id, source_hash)
);
COMMENT ON COLUMN extracted_texts.source_hash IS 'SHA-256 of the bytes and the version of the extraction.';
COMMENT ON COLUMN extracted_texts.content_hash IS 'SHA-256 of the text: what cached results are kept by.';
CREATE INDEX idx_extracted_texts_content ON extracted_texts (tenant_id, content_hash);

CREATE TABLE passages (
    tenant_id UUID NOT NULL DEFAULT census_tenant(),
    text_id UUID NOT NULL,
    ordinal INTEGER NOT NULL CHECK (ordinal >= 0),
    char_start INTEGER NOT NULL CHECK (char_start >= 0),
    char_end INTEGER NOT NULL,
    page INTEGER,
    headings TEXT[] NOT NULL DEFAULT '{}',
    tokens INTEGER NOT NULL,
    text TEXT NOT NULL,
    search TSVECTOR GENERATED ALWAYS AS (to_tsvector('english', text)) STORED,
    PRIMARY KEY (tenant_id, text_id, ordinal),
    CONSTRAINT ck_passages_span CHECK (char_end > char_start),
    CONSTRAINT fk_passages_text FOREIGN KEY (tenant_id, text_id)
        REFERENCES extracted_texts (tenant_id, id) ON DELETE CASCADE
) PARTITION BY HASH (tenant_id);

DO $$
BEGIN
    FOR part IN 0..15 LOOP
        EXECUTE format('CREATE TABLE passages_p%s PARTITION OF passages FOR VALUES WITH (MODULUS 16, REMAINDER %s)', part, part);
    END LOOP;
END $$;
CREATE INDEX idx_passages_search ON passages USING gin (search);

ALTER TABLE knowledge_files
    ADD COLUMN content_type TEXT,
    ADD COLUMN declared_size BIGINT CHECK (declared_size >= 0),
    ADD COLUMN size BIGINT CHECK (size >= 0),
    ADD COLUMN tags TEXT[] NOT NULL DEFAULT '{}',
    ADD COLUMN replaces UUID,
    ADD COLUMN object_key TEXT,
    ADD COLUMN object_version TEXT,
    ADD COLUMN sequencer TEXT,
    ADD COLUMN text_id UUID,
    ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN claimed_until TIMESTAMP WITH TIME ZONE,
    ADD COLUMN received_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN processed_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN upload_expires_at TIMESTAMP WITH TIME ZONE,
    ADD CONSTRAINT ck_knowledge_files_status CHECK (status IN ('pending', 'processing', 'completed', 'failed')),
    ADD CONSTRAINT fk_knowledge_files_text FOREIGN KEY (tenant_id, text_id) REFERENCES extracted_texts (tenant_id, id);
ALTER TABLE scraped_contents
    ADD COLUMN content_type TEXT,
    ADD COLUMN size BIGINT CHECK (size >= 0),
    ADD COLUMN tags TEXT[] NOT NULL DEFAULT '{}',
    ADD COLUMN text_id UUID,
    ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN claimed_until TIMESTAMP WITH TIME ZONE,
    ADD COLUMN processed_at TIMESTAMP WITH TIME ZONE,
    ADD CONSTRAINT ck_scraped_contents_status CHECK (status IN ('pending', 'processing', 'completed', 'failed')),
    ADD CONSTRAINT fk_scraped_contents_text FOREIGN KEY (tenant_id, text_id) REFERENCES extracted_texts (tenant_id, id);
CREATE INDEX idx_knowledge_files_text ON knowledge_files (tenant_id, text_id);
CREATE INDEX idx_scraped_contents_text ON scraped_contents (tenant_id, text_id);
