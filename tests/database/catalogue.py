"""What a schema consists of, as PostgreSQL itself describes it."""

import re

from sqlalchemy import NullPool, create_engine, text

_CATALOGUE = text(r"""
WITH ours AS (
    SELECT oid, relname, relkind, relowner, relacl, relrowsecurity, relforcerowsecurity, relispartition,
        reloptions
    FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relname NOT LIKE 'alembic_version%'
        AND oid NOT IN (SELECT objid FROM pg_depend WHERE deptype = 'e')
)
SELECT 'relation' AS kind, relname::text AS name,
       concat_ws(' ', relkind, relrowsecurity, relforcerowsecurity, relispartition) AS definition
FROM ours WHERE relkind IN ('r', 'p', 'v')
UNION ALL
SELECT 'column', relname || '.' || attname,
       concat_ws(' ', format_type(atttypid, atttypmod), attnotnull, attgenerated, attstorage,
                 pg_get_expr(d.adbin, d.adrelid))
FROM ours JOIN pg_attribute a ON a.attrelid = ours.oid AND attnum > 0 AND NOT attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE relkind IN ('r', 'p', 'v')
UNION ALL
SELECT 'constraint', relname || '.' || conname, concat_ws(' ', pg_get_constraintdef(c.oid), convalidated)
FROM ours JOIN pg_constraint c ON c.conrelid = ours.oid WHERE contype <> 'n'
UNION ALL
SELECT 'index', relname::text, concat_ws(' ', pg_get_indexdef(ours.oid), indisvalid)
FROM ours JOIN pg_index i ON i.indexrelid = ours.oid
UNION ALL
SELECT 'trigger', relname || '.' || tgname, concat_ws(' ', pg_get_triggerdef(t.oid), tgenabled)
FROM ours JOIN pg_trigger t ON t.tgrelid = ours.oid WHERE NOT tgisinternal
UNION ALL
SELECT 'policy', tablename || '.' || policyname, concat_ws(' ', permissive, roles, cmd, qual, with_check)
FROM pg_policies WHERE schemaname = 'public'
UNION ALL
SELECT 'view', relname::text, concat_ws(' ', reloptions, pg_get_viewdef(oid)) FROM ours WHERE relkind = 'v'
UNION ALL
SELECT 'function', proname::text, pg_get_functiondef(oid) FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND oid NOT IN (SELECT objid FROM pg_depend WHERE deptype = 'e')
UNION ALL
SELECT 'grant', relname || ' to ' || grantee::regrole, string_agg(privilege_type, ',' ORDER BY privilege_type)
FROM ours CROSS JOIN LATERAL aclexplode(relacl) WHERE grantee <> relowner GROUP BY relname, grantee
UNION ALL
SELECT 'grant', relname || '.' || attname || ' to ' || grantee::regrole,
       string_agg(privilege_type, ',' ORDER BY privilege_type)
FROM ours JOIN pg_attribute a ON a.attrelid = ours.oid CROSS JOIN LATERAL aclexplode(attacl)
GROUP BY relname, attname, grantee
UNION ALL
SELECT 'comment', concat_ws('.', relname, attname), d.description
FROM ours JOIN pg_description d ON d.objoid = ours.oid AND d.classoid = 'pg_class'::regclass
LEFT JOIN pg_attribute a ON a.attrelid = ours.oid AND a.attnum = d.objsubid AND d.objsubid > 0
""")


def catalogue(url: str) -> set[tuple[str, str, str]]:
    """Kind, name and definition of everything in the schema, its own version aside."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        rows = connection.execute(_CATALOGUE).all()
    return {(row.kind, row.name, _tidy(row.definition or "")) for row in rows}


def _tidy(definition: str) -> str:
    """White space is a matter of taste."""
    return re.sub(r"\s+", " ", definition).strip()


def in_substance(found: set[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
    """Without the casts that PostgreSQL adds when it prints."""
    casts = re.compile(r"::(character varying|text)(\[\])?|[()]")
    return {(kind, name, casts.sub("", definition)) for kind, name, definition in found}
