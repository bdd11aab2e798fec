DROP VIEW queue_health, job_processing_times, stuck_jobs, failed_jobs, jobs_by_status, page_processing_times,
    stuck_pages, failed_pages, pages_by_status, file_processing_times, stuck_files, failed_files, files_by_status;
DO $$
DECLARE name TEXT;
BEGIN
    FOREACH name IN ARRAY ARRAY['knowledge_files', 'scraped_contents', 'processing_jobs', 'job_batches'] LOOP
        EXECUTE format('DROP POLICY monitoring ON %I', name);
    END LOOP;
END $$;
REVOKE ALL ON knowledge_files, scraped_contents, processing_jobs, job_batches FROM census_read;
