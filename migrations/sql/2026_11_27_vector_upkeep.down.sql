-- Deletions that are still due are lost with their table: let a sweep deliver them first.
REVOKE SELECT (id, created_at) ON extracted_texts FROM census_system;
DROP TABLE removals, embedded_contents, text_embeddings, vector_spaces;
