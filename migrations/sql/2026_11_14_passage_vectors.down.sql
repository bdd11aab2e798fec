-- The extension stays: other schemas may use it.
DROP TABLE IF EXISTS passage_vectors;
