ALTER TABLE extracted_texts DROP COLUMN warnings;
