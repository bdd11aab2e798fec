DROP INDEX idx_scraped_contents_tenant, idx_knowledge_files_tenant, idx_processing_jobs_tenant_user,
    idx_messages_conversation, idx_conversations_user;
ALTER TABLE processing_jobs DROP CONSTRAINT fk_processing_jobs_message_in_tenant,
    DROP CONSTRAINT fk_processing_jobs_conversation_in_tenant;
ALTER TABLE messages DROP CONSTRAINT fk_messages_job_in_tenant, DROP CONSTRAINT fk_messages_conversation_in_tenant;
ALTER TABLE scraped_contents DROP COLUMN tenant_id;
ALTER TABLE knowledge_files DROP COLUMN tenant_id;
ALTER TABLE messages DROP COLUMN tenant_id;
ALTER TABLE processing_jobs DROP COLUMN tenant_id;
ALTER TABLE conversations DROP COLUMN tenant_id;
ALTER TABLE profiles DROP COLUMN tenant_id;
DROP FUNCTION census_tenant();
-- The roles stay: they belong to the cluster, and another database may use them.
DO $$
DECLARE role_name TEXT;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['census_app', 'census_system', 'census_read'] LOOP
        EXECUTE format('REVOKE USAGE ON SCHEMA %I FROM %I', current_schema(), role_name);
    END LOOP;
END $$;
