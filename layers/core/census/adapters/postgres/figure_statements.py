"""The figures of an answer, by SQL over typed rows: documents, or what they say one thing at a time.

Groups are told apart by their normal form and shown in their most frequent spelling; what has none is
`unknown`. Every statement takes tenant, job and limit.
"""

from census.domain.plan import Kind

_MATCHES = "FROM job_items WHERE tenant_id = :tenant AND job_id = :job AND status = 'match'"
COUNT_MATCHES = f"SELECT count(*) {_MATCHES} LIMIT :limit"
LIST = f"SELECT source_name {_MATCHES} ORDER BY source_name, ordinal LIMIT :limit"

_GROUP_NAME = "COALESCE(mode() WITHIN GROUP (ORDER BY {0}), 'unknown')"
_GROUPED = f"""
    SELECT {_GROUP_NAME.format("group_key")} AS name, count(*) AS documents
    {_MATCHES} GROUP BY group_norm
"""
_BY_NAME = "ORDER BY {0} NULLS LAST LIMIT :limit"
GROUPS = {
    "name": f"{_GROUPED} {_BY_NAME.format('group_norm')}",
    "value": f"{_GROUPED} {_BY_NAME.format('group_norm')}",
    "count": f"{_GROUPED} ORDER BY documents DESC, group_norm NULLS LAST LIMIT :limit",
}
COMPARED = f"""
    SELECT {_GROUP_NAME.format("group_key")} AS name, group_norm,
           count(*) FILTER (WHERE status = 'match') AS documents, count(*) AS among
    FROM job_items WHERE tenant_id = :tenant AND job_id = :job AND status IN ('match', 'no_match')
    GROUP BY group_norm ORDER BY documents DESC, group_norm NULLS LAST LIMIT :limit
"""
SPELLINGS = f"""
    SELECT norm, mode() WITHIN GROUP (ORDER BY label) AS label, count(DISTINCT item) AS documents,
           array_agg(DISTINCT label) AS spellings
    FROM (SELECT ordinal AS item, group_key AS label, group_norm AS norm {_MATCHES}
          UNION ALL
          SELECT item, label, norm FROM job_findings WHERE tenant_id = :tenant AND job_id = :job) named
    WHERE norm IS NOT NULL GROUP BY norm ORDER BY documents DESC, norm LIMIT :limit
"""

_FOUND = "FROM job_findings f WHERE f.tenant_id = :tenant AND f.job_id = :job"
COUNT_MENTIONS = f"SELECT count(*), count(DISTINCT item) {_FOUND} LIMIT :limit"
COUNT_ENTITIES = f"SELECT count(DISTINCT norm) {_FOUND} LIMIT :limit"
LIST_MENTIONS = """
    SELECT i.source_name, count(*) AS mentions
    FROM job_findings f
    JOIN job_items i ON i.tenant_id = f.tenant_id AND i.job_id = f.job_id AND i.ordinal = f.item
    WHERE f.tenant_id = :tenant AND f.job_id = :job
    GROUP BY i.ordinal, i.source_name ORDER BY i.source_name, i.ordinal LIMIT :limit
"""


def _found_groups(figures: str, condition: str, order: str) -> str:
    return f"""
        SELECT {_GROUP_NAME.format("label")} AS name, {figures}
        {_FOUND} {condition} GROUP BY norm ORDER BY {order} norm NULLS LAST LIMIT :limit
    """


_MENTIONS = "count(*) AS mentions, count(DISTINCT item) AS documents"
_DOCUMENTS = "count(DISTINCT item) AS documents, count(*) AS mentions"
MENTION_GROUPS = {
    "name": _found_groups(_MENTIONS, "", ""),
    "value": _found_groups(_MENTIONS, "", ""),
    "count": _found_groups(_MENTIONS, "", "mentions DESC,"),
}
ENTITIES = {
    "name": _found_groups(_DOCUMENTS, "AND norm IS NOT NULL", ""),
    "value": _found_groups(_DOCUMENTS, "AND norm IS NOT NULL", ""),
    "count": _found_groups(_DOCUMENTS, "AND norm IS NOT NULL", "documents DESC,"),
}
THEMES = f"""
    SELECT COALESCE(theme, 'other') AS theme, count(*) AS mentions, count(DISTINCT item) AS documents
    {_FOUND} GROUP BY theme ORDER BY theme IS NULL, mentions DESC, theme LIMIT :limit
"""


def _measure(function: str, label: str, norm: str, rows: str, grouped: bool) -> str:
    name, by = (f"{_GROUP_NAME.format(label)} AS name,", f"{norm},") if grouped else ("", "")
    order = f"{norm} NULLS LAST," if grouped else ""
    return f"""
        SELECT {name} COALESCE(measure_unit, '') AS unit, {function}(measure) AS figure, count(measure) AS n
        {rows} AND measure IS NOT NULL GROUP BY {by} measure_unit
        ORDER BY {order} n DESC, unit LIMIT :limit
    """


_FUNCTIONS = {Kind.SUM: "sum", Kind.AVG: "avg", Kind.MIN: "min", Kind.MAX: "max"}


def measure(kind: Kind, *, grouped: bool, by_findings: bool) -> str:
    """The aggregate of a measure by unit, and by group where there is one: [group], unit, figure, count."""
    if by_findings:
        return _measure(_FUNCTIONS[kind], "label", "norm", _FOUND, grouped)
    return _measure(_FUNCTIONS[kind], "group_key", "group_norm", _MATCHES, grouped)
