"""The SQL of the two source documents, word for word."""

import re

PROCESSING_JOBS = """
-- Create processing_jobs table
CREATE TABLE processing_jobs (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id UUID NOT NULL REFERENCES profiles(user_id),
    conversation_id UUID NOT NULL REFERENCES conversations(id),
    message_id UUID REFERENCES messages(id),

    -- Job details
    job_type TEXT NOT NULL,
    status TEXT DEFAULT 'queued',
    user_query TEXT NOT NULL,
    intent_data JSONB,

    -- Progress tracking
    progress FLOAT DEFAULT 0.0,
    total_items INTEGER DEFAULT 0,
    total_batches INTEGER DEFAULT 0,
    processed_items INTEGER DEFAULT 0,
    processed_batches INTEGER DEFAULT 0,
    failed_batches INTEGER DEFAULT 0,
    current_phase TEXT DEFAULT 'queued',

    -- Results
    result JSONB,
    aggregation_details JSONB,
    intermediate_results JSONB,
    error_message TEXT,
    error_details JSONB,

    -- Timing
    started_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    completed_at TIMESTAMP WITH TIME ZONE,
    estimated_completion_seconds INTEGER,
    actual_duration_seconds FLOAT,

    -- Metadata
    processing_metadata JSONB,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW()
);

-- Create indexes
CREATE INDEX idx_processing_jobs_user_status ON processing_jobs(user_id, status);
CREATE INDEX idx_processing_jobs_conversation ON processing_jobs(conversation_id);
CREATE INDEX idx_processing_jobs_status ON processing_jobs(status);
CREATE INDEX idx_processing_jobs_created_at ON processing_jobs(created_at);

-- Add job_id to messages table
ALTER TABLE messages ADD COLUMN job_id UUID REFERENCES processing_jobs(id);

-- Update trigger for updated_at
CREATE OR REPLACE FUNCTION update_updated_at_column()
RETURNS TRIGGER AS $$
BEGIN
    NEW.updated_at = NOW();
    RETURN NEW;
END;
$$ language 'plpgsql';

CREATE TRIGGER update_processing_jobs_updated_at BEFORE UPDATE ON processing_jobs
FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();
"""

PROCESSING_JOBS_ROLLBACK = """
-- Drop trigger
DROP TRIGGER IF EXISTS update_processing_jobs_updated_at ON processing_jobs;

-- Remove job_id from messages
ALTER TABLE messages DROP COLUMN IF EXISTS job_id;

-- Drop processing_jobs table
DROP TABLE IF EXISTS processing_jobs;
"""

FILES_BY_STATUS = """
SELECT status, COUNT(*) as count
FROM knowledge_files
GROUP BY status;
"""

FAILED_FILES = """
SELECT filename, status, processing_error, uploaded_at
FROM knowledge_files
WHERE status = 'failed'
ORDER BY uploaded_at DESC;
"""

STUCK_FILES = """
SELECT id, filename, uploaded_at, TIMESTAMPDIFF(MINUTE, uploaded_at, NOW()) as minutes_pending
FROM knowledge_files
WHERE status = 'pending'
  AND uploaded_at < DATE_SUB(NOW(), INTERVAL 10 MINUTE);
"""

FILE_PROCESSING_TIMES = """
SELECT
  TIMESTAMPDIFF(SECOND, uploaded_at, updated_at) as processing_seconds,
  COUNT(*) as count
FROM knowledge_files
WHERE status = 'completed'
GROUP BY processing_seconds
ORDER BY processing_seconds;
"""


def in_postgres(query: str) -> str:
    """MySQL's two functions of time in PostgreSQL's words; nothing else is touched."""
    seconds = {"MINUTE": 60, "SECOND": 1}

    def difference(match: re.Match[str]) -> str:
        unit, since, until = match.groups()
        return f"CAST(FLOOR(EXTRACT(EPOCH FROM {until} - {since}) / {seconds[unit]}) AS integer)"

    query = re.sub(r"TIMESTAMPDIFF\((\w+), (\w+), (\w+(?:\(\))?)\)", difference, query)
    return re.sub(r"DATE_SUB\(NOW\(\), INTERVAL (\d+) MINUTE\)", r"NOW() - INTERVAL '\1 minutes'", query)
