-- The monitoring questions of the source documents, as views: for files, pages and jobs, and how the queues are.
-- They run with the reader's rights: census_read sees every tenant, census_app its own.
-- A null status reads as completed. A row whose upload never came waits for nobody and is not stuck.

CREATE VIEW files_by_status WITH (security_invoker = true) AS
SELECT COALESCE(status, 'completed') AS status, COUNT(*) AS count
FROM knowledge_files
GROUP BY COALESCE(status, 'completed');

CREATE VIEW failed_files WITH (security_invoker = true) AS
SELECT filename, status, processing_error, uploaded_at
FROM knowledge_files
WHERE status = 'failed'
ORDER BY uploaded_at DESC;

CREATE VIEW stuck_files WITH (security_invoker = true) AS
SELECT id, filename, uploaded_at,
       FLOOR(EXTRACT(EPOCH FROM NOW() - GREATEST(uploaded_at, received_at)) / 60)::INTEGER AS minutes_pending
FROM knowledge_files
WHERE status = 'pending'
  AND GREATEST(uploaded_at, received_at) < NOW() - INTERVAL '10 minutes'
  AND (received_at IS NOT NULL OR upload_expires_at IS NULL);

CREATE VIEW file_processing_times WITH (security_invoker = true) AS
SELECT FLOOR(EXTRACT(EPOCH FROM processed_at - GREATEST(uploaded_at, received_at)))::INTEGER AS processing_seconds, COUNT(*) AS count
FROM knowledge_files
WHERE COALESCE(status, 'completed') = 'completed'
GROUP BY 1
ORDER BY 1;

CREATE VIEW pages_by_status WITH (security_invoker = true) AS
SELECT COALESCE(status, 'completed') AS status, COUNT(*) AS count
FROM scraped_contents
GROUP BY COALESCE(status, 'completed');

CREATE VIEW failed_pages WITH (security_invoker = true) AS
SELECT url, status, processing_error, created_at
FROM scraped_contents
WHERE status = 'failed'
ORDER BY created_at DESC;

CREATE VIEW stuck_pages WITH (security_invoker = true) AS
SELECT id, url, created_at,
       FLOOR(EXTRACT(EPOCH FROM NOW() - created_at) / 60)::INTEGER AS minutes_pending
FROM scraped_contents
WHERE status = 'pending'
  AND created_at < NOW() - INTERVAL '10 minutes';

CREATE VIEW page_processing_times WITH (security_invoker = true) AS
SELECT FLOOR(EXTRACT(EPOCH FROM processed_at - created_at))::INTEGER AS processing_seconds, COUNT(*) AS count
FROM scraped_contents
WHERE COALESCE(status, 'completed') = 'completed'
GROUP BY 1
ORDER BY 1;

CREATE VIEW jobs_by_status WITH (security_invoker = true) AS
SELECT COALESCE(status, 'queued') AS status, COUNT(*) AS count
FROM processing_jobs
GROUP BY COALESCE(status, 'queued');

CREATE VIEW failed_jobs WITH (security_invoker = true) AS
SELECT id, job_type, status, error_message, created_at
FROM processing_jobs
WHERE status = 'failed'
ORDER BY created_at DESC;

-- Nothing looks after an open job any more: it is queued or processing, and its next check is long due.
CREATE VIEW stuck_jobs WITH (security_invoker = true) AS
SELECT id, job_type, created_at, FLOOR(EXTRACT(EPOCH FROM NOW() - created_at) / 60)::INTEGER AS minutes_pending
FROM processing_jobs
WHERE COALESCE(status, 'queued') IN ('queued', 'processing')
  AND created_at < NOW() - INTERVAL '10 minutes'
  AND (COALESCE(status, 'queued') = 'queued' OR COALESCE(next_check_at, created_at) < NOW() - INTERVAL '10 minutes');

CREATE VIEW job_processing_times WITH (security_invoker = true) AS
SELECT FLOOR(EXTRACT(EPOCH FROM completed_at - started_at))::INTEGER AS processing_seconds, COUNT(*) AS count
FROM processing_jobs
WHERE status = 'completed'
GROUP BY 1
ORDER BY 1;

CREATE VIEW queue_health WITH (security_invoker = true) AS
SELECT 'file' AS queue,
       COUNT(*) FILTER (WHERE status = 'pending') AS waiting,
       COUNT(*) FILTER (WHERE status = 'processing') AS processing,
       COUNT(*) FILTER (WHERE status = 'processing' AND claimed_until < NOW()) AS expired_claims,
       MAX(EXTRACT(EPOCH FROM NOW() - GREATEST(uploaded_at, received_at))) FILTER (WHERE status = 'pending')
           AS oldest_waiting_seconds,
       COUNT(*) FILTER (WHERE status = 'failed' AND processed_at > NOW() - INTERVAL '1 hour') AS failed_last_hour,
       COUNT(*) FILTER (WHERE COALESCE(status, 'completed') = 'completed'
                        AND processed_at > NOW() - INTERVAL '1 hour') AS completed_last_hour
FROM knowledge_files
WHERE received_at IS NOT NULL OR upload_expires_at IS NULL OR status <> 'pending'
UNION ALL
SELECT 'page',
       COUNT(*) FILTER (WHERE status = 'pending'),
       COUNT(*) FILTER (WHERE status = 'processing'),
       COUNT(*) FILTER (WHERE status = 'processing' AND claimed_until < NOW()),
       MAX(EXTRACT(EPOCH FROM NOW() - created_at)) FILTER (WHERE status = 'pending'),
       COUNT(*) FILTER (WHERE status = 'failed' AND processed_at > NOW() - INTERVAL '1 hour'),
       COUNT(*) FILTER (WHERE COALESCE(status, 'completed') = 'completed'
                        AND processed_at > NOW() - INTERVAL '1 hour')
FROM scraped_contents
UNION ALL
SELECT 'job',
       COUNT(*) FILTER (WHERE COALESCE(status, 'queued') = 'queued'),
       COUNT(*) FILTER (WHERE status = 'processing'),
       COUNT(*) FILTER (WHERE status = 'processing' AND deadline_at < NOW()),
       MAX(EXTRACT(EPOCH FROM NOW() - created_at)) FILTER (WHERE COALESCE(status, 'queued') = 'queued'),
       COUNT(*) FILTER (WHERE status = 'failed' AND completed_at > NOW() - INTERVAL '1 hour'),
       COUNT(*) FILTER (WHERE status IN ('completed', 'partial') AND completed_at > NOW() - INTERVAL '1 hour')
FROM processing_jobs
UNION ALL
SELECT 'batch',
       COUNT(*) FILTER (WHERE b.claimed_until IS NULL AND b.outcome IS NULL),
       COUNT(*) FILTER (WHERE b.claimed_until >= NOW() AND b.outcome IS NULL),
       COUNT(*) FILTER (WHERE b.claimed_until < NOW() AND b.outcome IS NULL),
       MAX(EXTRACT(EPOCH FROM NOW() - b.sent_at)) FILTER (WHERE b.claimed_until IS NULL AND b.outcome IS NULL),
       COUNT(*) FILTER (WHERE b.outcome = 'failed' AND b.recorded_at > NOW() - INTERVAL '1 hour'),
       COUNT(*) FILTER (WHERE b.outcome = 'done' AND b.recorded_at > NOW() - INTERVAL '1 hour')
FROM job_batches b
JOIN processing_jobs j ON j.tenant_id = b.tenant_id AND j.id = b.job_id
WHERE j.status = 'processing';

-- census_read: the columns the views need, and nobody's words.
GRANT SELECT (id, tenant_id, filename, status, processing_error, uploaded_at, updated_at, received_at, processed_at,
              upload_expires_at, claimed_until, attempts, size) ON knowledge_files TO census_read;
GRANT SELECT (id, tenant_id, url, status, processing_error, created_at, updated_at, processed_at, claimed_until,
              attempts, size) ON scraped_contents TO census_read;
GRANT SELECT (id, tenant_id, job_type, status, current_phase, progress, total_items, total_batches, processed_items,
              processed_batches, failed_batches, remaining, error_message, started_at, completed_at, created_at,
              updated_at, next_check_at, deadline_at, model, calls, input_tokens, output_tokens, spent_usd,
              reserved_usd) ON processing_jobs TO census_read;
GRANT SELECT (tenant_id, job_id, ordinal, outcome, sent_at, claimed_until, attempts, recorded_at)
    ON job_batches TO census_read;
DO $$
DECLARE name TEXT;
BEGIN
    FOREACH name IN ARRAY ARRAY['knowledge_files', 'scraped_contents', 'processing_jobs', 'job_batches'] LOOP
        EXECUTE format('CREATE POLICY monitoring ON %I FOR SELECT TO census_read '
                       'USING (current_user = ''census_read'')', name);
    END LOOP;
END $$;
GRANT SELECT ON files_by_status, failed_files, stuck_files, file_processing_times, pages_by_status, failed_pages,
    stuck_pages, page_processing_times, jobs_by_status, failed_jobs, stuck_jobs, job_processing_times, queue_health
    TO census_read, census_app;
