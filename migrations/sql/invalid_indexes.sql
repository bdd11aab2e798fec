-- The statements that repair indexes whose concurrent build was cut short. Run each by itself, outside of a
-- transaction; in psql put \gexec in place of the last semicolon. `make migrate` does the same.
SELECT format(CASE WHEN c.relname ~ '_cc(new|old)[0-9]*$' THEN 'DROP INDEX CONCURRENTLY %I.%I'
                   ELSE 'REINDEX INDEX CONCURRENTLY %I.%I' END, n.nspname, c.relname) AS statement
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT i.indisvalid AND c.relkind = 'i'
ORDER BY 1;
