-- What a look-up answer rests on, in the shape the interface shows: [{source_kind, source_id, …, quote, check}].
ALTER TABLE messages ADD COLUMN citations JSONB;
COMMENT ON COLUMN messages.citations IS 'The quotes a look-up answer rests on; null for questions and for answers of jobs.';
