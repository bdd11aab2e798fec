-- What was odd about a file but did not keep it from being read: an attachment left out, pages without text, a type
-- that was declared wrongly. People read it beside the file.

ALTER TABLE extracted_texts ADD COLUMN warnings JSONB NOT NULL DEFAULT '[]';
COMMENT ON COLUMN extracted_texts.warnings IS 'Sentences for people about what was not read, or read otherwise than declared.';
