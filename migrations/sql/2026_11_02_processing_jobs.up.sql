-- The first source document: background jobs for questions over the whole collection.
CREATE TABLE processing_jobs (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id UUID NOT NULL REFERENCES profiles(user_id),
    conversation_id UUID NOT NULL REFERENCES conversations(id),
    message_id UUID REFERENCES messages(id),

    -- the job
    job_type TEXT NOT NULL,
    status TEXT DEFAULT 'queued',
    user_query TEXT NOT NULL,
    intent_data JSONB,

    -- progress
    progress FLOAT DEFAULT 0.0,
    total_items INTEGER DEFAULT 0,
    total_batches INTEGER DEFAULT 0,
    processed_items INTEGER DEFAULT 0,
    processed_batches INTEGER DEFAULT 0,
    failed_batches INTEGER DEFAULT 0,
    current_phase TEXT DEFAULT 'queued',

    -- results
    result JSONB,
    aggregation_details JSONB,
    intermediate_results JSONB,
    error_message TEXT,
    error_details JSONB,

    -- times
    started_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    completed_at TIMESTAMP WITH TIME ZONE,
    estimated_completion_seconds INTEGER,
    actual_duration_seconds FLOAT,

    -- the rest
    processing_metadata JSONB,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW()
);

CREATE INDEX idx_processing_jobs_user_status ON processing_jobs(user_id, status);
CREATE INDEX idx_processing_jobs_conversation ON processing_jobs(conversation_id);
CREATE INDEX idx_processing_jobs_status ON processing_jobs(status);
CREATE INDEX idx_processing_jobs_created_at ON processing_jobs(created_at);

ALTER TABLE messages ADD COLUMN job_id UUID REFERENCES processing_jobs(id);

CREATE OR REPLACE FUNCTION update_updated_at_column()
RETURNS TRIGGER AS $$
BEGIN
    NEW.updated_at = NOW();
    RETURN NEW;
END;
$$ LANGUAGE plpgsql;

CREATE TRIGGER update_processing_jobs_updated_at BEFORE UPDATE ON processing_jobs
FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();
