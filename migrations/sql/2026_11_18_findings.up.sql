-- What a document says more than once: mentions, entities and the labels of themes are rows of their own.
CREATE TABLE job_findings (
    tenant_id UUID NOT NULL DEFAULT census_tenant(),
    job_id UUID NOT NULL,
    item INTEGER NOT NULL,
    number INTEGER NOT NULL,
    label TEXT,
    norm TEXT,
    theme TEXT,
    measure NUMERIC,
    measure_unit TEXT,
    quote TEXT,
    PRIMARY KEY (tenant_id, job_id, item, number),
    CONSTRAINT fk_job_findings_item FOREIGN KEY (tenant_id, job_id, item)
        REFERENCES job_items (tenant_id, job_id, ordinal) ON DELETE CASCADE
);
COMMENT ON COLUMN job_findings.norm IS 'What groups: the label by the rules of normalisation; null is unknown.';

-- The nodes of reduce trees, kept by what they were made of: a killed or repeated reduction pays for none twice.
CREATE TABLE reduce_nodes (
    tenant_id UUID NOT NULL DEFAULT census_tenant(),
    node_key CHAR(64) NOT NULL,
    children TEXT[] NOT NULL DEFAULT '{}',
    sources UUID[] NOT NULL DEFAULT '{}',
    content JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    PRIMARY KEY (tenant_id, node_key)
);
COMMENT ON COLUMN reduce_nodes.sources IS 'The documents whose words a leaf holds: it goes with any of them.';

ALTER TABLE job_items ADD COLUMN group_norm TEXT;
ALTER TABLE processing_jobs
    ADD COLUMN mapping_since TIMESTAMP WITH TIME ZONE,
    ADD COLUMN planned_tokens BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN read_tokens BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN shown_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN shown_progress DOUBLE PRECISION NOT NULL DEFAULT 0;

ALTER TABLE job_findings ENABLE ROW LEVEL SECURITY;
ALTER TABLE job_findings FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON job_findings TO census_app USING (tenant_id = census_tenant()) WITH CHECK (tenant_id = census_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON job_findings TO census_app;
ALTER TABLE reduce_nodes ENABLE ROW LEVEL SECURITY;
ALTER TABLE reduce_nodes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON reduce_nodes TO census_app USING (tenant_id = census_tenant()) WITH CHECK (tenant_id = census_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON reduce_nodes TO census_app;
