"""Plans that the gold brain gives for known questions, in the adapter's plan schema."""

import re
from collections.abc import Sequence

from tests.model_server.brains import Json

DATE_FIELD = {"name": "date", "type": "date", "description": "The date of the agreement.", "label": None}
LAW_FIELD = {"name": "law", "type": "text", "description": "State or country of the law.", "label": None}


def atom(name: str, statement: str, *fields: Json) -> Json:
    """An atom in the plan schema, without rubric and term."""
    return {
        "name": name,
        "statement": statement,
        "include": "",
        "exclude": "",
        "fields": list(fields),
        "term": None,
    }


def plan(kind: str, predicate: str, atoms: Sequence[Json], where: Json | None, **more: object) -> Json:
    """A plan in the plan schema; `more` sets group_by, measure, order, limit, unit or compare."""
    rest: Json = {"unit": "document", "group_by": None, "compare": [], "measure": None}
    rest |= {"order": "default", "limit": None}
    first: Json = {"predicate": predicate, "atoms": list(atoms), "where": where, "kind": kind}
    return {**first, **rest, **more}


ASSIGNMENT = atom(
    "anti_assignment",
    "The contract restricts assignment: consent or notice is required to assign it (Anti-Assignment).",
)
AUDIT = atom("audit_rights", "The contract lets a party audit the other's books or records (Audit Rights).")
CAP = atom("cap_on_liability", "The contract limits the amount a party is liable for (Cap on Liability).")
DATE = atom("agreement_date", "The contract states its Agreement Date.", DATE_FIELD)
NEW_YORK = atom(
    "new_york_law", "The contract is governed by the law of New York (Governing Law: New York).", LAW_FIELD
)
LAW = atom("governing_law", "The contract names the law that governs it (Governing Law).", LAW_FIELD)
BY_YEAR: Json = {"atom": "agreement_date", "field": "date", "transform": "year", "edges": []}
BY_LAW: Json = {"atom": "governing_law", "field": "law", "transform": "value", "edges": []}
EXCLUSIVE = atom("exclusivity", "The contract grants exclusivity to a party (Exclusivity).")
NON_COMPETE = atom("non_compete", "The contract forbids a party to compete (Non-Compete).")
ONE_NOT_THE_OTHER: Json = {"and": [{"atom": "audit_rights"}, {"not": {"atom": "cap_on_liability"}}]}
EITHER: Json = {"or": [{"atom": "exclusivity"}, {"atom": "non_compete"}]}
BOTH: Json = {"and": [{"atom": "audit_rights"}, {"atom": "cap_on_liability"}]}

PLANS: dict[str, Json] = {
    r"compare (\d{4}) and (\d{4}).*audit rights": plan(
        "compare", "contracts with audit rights", [AUDIT, DATE], {"atom": "audit_rights"}, group_by=BY_YEAR
    ),
    r"audit rights but no cap": plan(
        "list", "contracts with audit rights and no cap on liability", [AUDIT, CAP], ONE_NOT_THE_OTHER
    ),
    r"exclusivity or a non-compete": plan(
        "count", "contracts with exclusivity or a non-compete", [EXCLUSIVE, NON_COMPETE], EITHER
    ),
    r"different governing laws": plan(
        "count",
        "contracts that name a governing law",
        [LAW],
        {"atom": "governing_law"},
        group_by=BY_LAW,
        unit="entity",
    ),
    r"themes .*governing laws": plan(
        "themes", "contracts that name a governing law", [LAW], {"atom": "governing_law"}, group_by=BY_LAW
    ),
    r"restrict\w* assignment.*by year": plan(
        "group_count",
        "contracts that restrict assignment",
        [ASSIGNMENT, DATE],
        {"atom": "anti_assignment"},
        group_by=BY_YEAR,
    ),
    r"restrict\w* assignment": plan(
        "count", "contracts that restrict assignment", [ASSIGNMENT], {"atom": "anti_assignment"}
    ),
    r"audit rights.*by year": plan(
        "group_count",
        "contracts with audit rights",
        [AUDIT, DATE],
        {"atom": "audit_rights"},
        group_by=BY_YEAR,
    ),
    r"audit rights and (also )?(a )?cap": plan(
        "count", "contracts with audit rights and a cap on liability", [AUDIT, CAP], BOTH
    ),
    r"(grant )?audit rights and also cap liability": plan(
        "count", "contracts with audit rights and a cap on liability", [AUDIT, CAP], BOTH
    ),
    r"audit rights": plan("count", "contracts with audit rights", [AUDIT], {"atom": "audit_rights"}),
    r"cap on liability": plan(
        "count", "contracts with a cap on liability", [CAP], {"atom": "cap_on_liability"}
    ),
    r"governed by New York law": plan(
        "list", "contracts governed by New York law", [NEW_YORK], {"atom": "new_york_law"}
    ),
    r"most common governing law|by governing law": plan(
        "top_k",
        "contracts that name a governing law",
        [LAW],
        {"atom": "governing_law"},
        group_by=BY_LAW,
        order="count",
    ),
}


def canned_plan(question: str) -> Json | None:
    """The reply for the first pattern found in the question, or None."""
    for pattern, planned in PLANS.items():
        found = re.search(pattern, question, re.IGNORECASE)
        if found is not None:
            reason = "The question asks something of every contract."
            made = {**planned, "compare": list(found.groups())} if planned["kind"] == "compare" else planned
            return {"route": "collection", "reason": reason, "clarification": None, "plan": made}
    return None
