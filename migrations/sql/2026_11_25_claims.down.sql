DROP FUNCTION lease_calls, record_batches, claim_batches, budget_left;
DROP TABLE model_leases, rate_limits, spending, budgets;
ALTER TABLE processing_jobs DROP COLUMN stopped_by;
ALTER TABLE job_batches DROP COLUMN times_busy, DROP COLUMN crashes;
