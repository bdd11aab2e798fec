-- Who may see what. Every table carries its tenant; row security binds census_app to the tenant of the
-- transaction; foreign keys within a tenant are composite, because key checks pass row security.
DO $$
DECLARE
    role_name TEXT;
    modern CONSTANT BOOLEAN := current_setting('server_version_num')::int >= 160000;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['census_app', 'census_system', 'census_read'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
        END IF;
        -- The login has to act as the role (SET ROLE). Inheriting its rights would be more than it needs;
        -- before PostgreSQL 16 one comes with the other.
        IF NOT pg_has_role(current_user, role_name, CASE WHEN modern THEN 'SET' ELSE 'MEMBER' END) THEN
            EXECUTE format('GRANT %I TO %I%s', role_name, current_user,
                           CASE WHEN modern THEN ' WITH INHERIT FALSE, SET TRUE' ELSE '' END);
        END IF;
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), role_name);
    END LOOP;
END $$;

CREATE FUNCTION census_tenant() RETURNS UUID
LANGUAGE sql STABLE PARALLEL SAFE
RETURN NULLIF(current_setting('census.tenant', true), '')::UUID;
COMMENT ON FUNCTION census_tenant() IS 'The tenant this transaction is bound to; null when none was set.';

ALTER TABLE profiles ADD COLUMN tenant_id UUID;
ALTER TABLE conversations ADD COLUMN tenant_id UUID;
ALTER TABLE messages ADD COLUMN tenant_id UUID;
ALTER TABLE processing_jobs ADD COLUMN tenant_id UUID;
ALTER TABLE knowledge_files ADD COLUMN tenant_id UUID;
ALTER TABLE scraped_contents ADD COLUMN tenant_id UUID;

UPDATE profiles SET tenant_id = user_id;
UPDATE conversations SET tenant_id = user_id;
UPDATE messages m SET tenant_id = c.tenant_id FROM conversations c WHERE c.id = m.conversation_id;
ALTER TABLE processing_jobs DISABLE TRIGGER update_processing_jobs_updated_at;
UPDATE processing_jobs SET tenant_id = user_id;
ALTER TABLE processing_jobs ENABLE TRIGGER update_processing_jobs_updated_at;
UPDATE knowledge_files SET tenant_id = user_id;
UPDATE scraped_contents SET tenant_id = user_id;

ALTER TABLE profiles ALTER COLUMN tenant_id SET NOT NULL, ALTER COLUMN tenant_id SET DEFAULT census_tenant();
ALTER TABLE conversations ALTER COLUMN tenant_id SET NOT NULL, ALTER COLUMN tenant_id SET DEFAULT census_tenant();
ALTER TABLE messages ALTER COLUMN tenant_id SET NOT NULL, ALTER COLUMN tenant_id SET DEFAULT census_tenant();
ALTER TABLE processing_jobs ALTER COLUMN tenant_id SET NOT NULL, ALTER COLUMN tenant_id SET DEFAULT census_tenant();
ALTER TABLE knowledge_files ALTER COLUMN tenant_id SET NOT NULL, ALTER COLUMN tenant_id SET DEFAULT census_tenant();
ALTER TABLE scraped_contents ALTER COLUMN tenant_id SET NOT NULL, ALTER COLUMN tenant_id SET DEFAULT census_tenant();

-- A user may belong to several tenants (one profile each would break the source's key), so a profile is the
-- user's own and its tenant the one it was made in.
ALTER TABLE conversations ADD CONSTRAINT uq_conversations_tenant UNIQUE (tenant_id, id);
ALTER TABLE processing_jobs ADD CONSTRAINT uq_processing_jobs_tenant UNIQUE (tenant_id, id);
ALTER TABLE messages ADD CONSTRAINT uq_messages_tenant UNIQUE (tenant_id, id);
ALTER TABLE knowledge_files ADD CONSTRAINT uq_knowledge_files_tenant UNIQUE (tenant_id, id);
ALTER TABLE scraped_contents ADD CONSTRAINT uq_scraped_contents_tenant UNIQUE (tenant_id, id);

ALTER TABLE messages ADD CONSTRAINT fk_messages_conversation_in_tenant
    FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id) ON DELETE CASCADE;
ALTER TABLE messages ADD CONSTRAINT fk_messages_job_in_tenant
    FOREIGN KEY (tenant_id, job_id) REFERENCES processing_jobs (tenant_id, id);
ALTER TABLE processing_jobs ADD CONSTRAINT fk_processing_jobs_conversation_in_tenant
    FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id) ON DELETE CASCADE;
ALTER TABLE processing_jobs ADD CONSTRAINT fk_processing_jobs_message_in_tenant
    FOREIGN KEY (tenant_id, message_id) REFERENCES messages (tenant_id, id);

CREATE INDEX idx_conversations_user ON conversations (tenant_id, user_id, created_at, id);
CREATE INDEX idx_messages_conversation ON messages (tenant_id, conversation_id, created_at, id);
CREATE INDEX idx_processing_jobs_tenant_user ON processing_jobs (tenant_id, user_id, created_at, id);
CREATE INDEX idx_knowledge_files_tenant ON knowledge_files (tenant_id, uploaded_at, id);
CREATE INDEX idx_scraped_contents_tenant ON scraped_contents (tenant_id, created_at, id);
