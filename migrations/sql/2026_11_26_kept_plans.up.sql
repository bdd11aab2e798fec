-- Plans by question: the same question is planned, and paid for, once.
CREATE TABLE kept_plans (
    tenant_id UUID NOT NULL DEFAULT census_tenant(),
    question_key CHAR(64) NOT NULL,
    plan JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    PRIMARY KEY (tenant_id, question_key)
);

ALTER TABLE kept_plans ENABLE ROW LEVEL SECURITY;
ALTER TABLE kept_plans FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON kept_plans TO census_app USING (tenant_id = census_tenant()) WITH CHECK (tenant_id = census_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON kept_plans TO census_app;
