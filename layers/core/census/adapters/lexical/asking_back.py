"""What the rules ask back instead of spending money on a guess."""

import re

from census.domain.plan import AllOf, AnyOf, Expression, Kind, Negation, Plan, Unit
from census.domain.verdicts import positive_atoms

HOW_TO_ASK = (
    "The built-in rules find words, not meaning. Name the words the documents should contain, for example: "
    'How many documents mention "indemnification", by year?'
)
_WHAT_IS = (
    "“{}” can be read in more than one way, and each gives other figures. Name the words that such a "
    'document contains, for example: How many documents mention "termination for convenience"?'
)
_NOTHING_TO_QUOTE = (
    "What documents do not say can be neither told nor counted place by place. Ask which documents do not "
    "mention it, or name what they should say."
)
_ONE_AT_A_TIME = (
    "Places are counted of one thing at a time. Ask how often each is mentioned, or how many documents "
    "mention them all."
)
_VAGUE = frozenset(
    re.findall(
        r"\S+",
        """
        good bad better best worst important relevant interesting recent old older new newer risky high-risk
        unusual odd problematic significant big bigger small large long short favorable favourable fair unfair
        standard typical strange critical key main certain similar special nice useful strong weak
        """,
    )
)
"""Words before the noun whose meaning is the asker's own."""


def vague_words(adjectives: str) -> str | None:
    """What to ask back where the words before the noun can be read in more than one way."""
    vague = [word for word in adjectives.lower().split() if word in _VAGUE]
    return _WHAT_IS.format(" and ".join(vague)) if vague else None


def unquotable(plan: Plan) -> str | None:
    """What to ask back where the plan counts or tells quotes, and has none or those of several things."""
    mentions = plan.unit is Unit.MENTION and plan.group_by is None
    if not mentions and plan.kind is not Kind.SUMMARY:
        return None
    if not positive_atoms(plan.where):
        return _NOTHING_TO_QUOTE
    return _ONE_AT_A_TIME if mentions and _joins(plan.where) else None


def _joins(expression: Expression | None) -> bool:
    """Whether a match takes more than one atom to hold."""
    match expression:
        case AllOf(parts):
            return sum(not isinstance(part, Negation) for part in parts) > 1 or any(map(_joins, parts))
        case AnyOf(parts):
            return any(map(_joins, parts))
        case _:
            return False
