"""Names of groups that only a deleted document gave: they leave tables and texts, the figures stay."""

import re
from collections.abc import Mapping
from typing import Any

from census.domain.citations import DELETED_QUOTE
from census.domain.plan import JsonObject, Kind, Transform, Unit

Gone = Mapping[str, str | None]
"""A name, and the spelling that another document gives the same group; None where no other has it."""


def names_groups(intent: JsonObject) -> bool:
    """Whether the tables of a plan, as JSON, begin with names that documents gave.

    Years, months and buckets are no words of a document.
    """
    group = intent.get("group_by")
    if not group or group.get("transform", "value") != Transform.VALUE:
        return False
    if intent["kind"] == Kind.LIST:
        return bool(intent.get("unit") == Unit.ENTITY)
    return intent["kind"] not in (Kind.COUNT, Kind.SUMMARY)


def table_without(table: JsonObject, gone: Gone) -> JsonObject:
    """A table whose rows begin with names of groups, without those that are gone."""
    rows = [[_instead(row[0], gone), *row[1:]] for row in table["rows"]]
    return {**table, "rows": rows}


def answer_without(answer: str, gone: Gone) -> str:
    """The words of an answer: it names groups as `name: figure`, in a row."""
    if not gone:
        return answer
    named = "|".join(map(re.escape, sorted(gone, key=len, reverse=True)))
    return re.sub(rf"(?<=[:,;] )(?:{named})(?=: )", lambda hit: str(_instead(hit[0], gone)), answer)


def details_without(details: JsonObject, gone: Gone) -> JsonObject:
    """Which spellings were taken together, and which offered for it, without those that are gone."""
    kept = dict(details)
    if "merged" in details:
        left = {
            _instead(name, gone): [one for one in spellings if one not in gone]
            for name, spellings in details["merged"].items()
        }
        kept["merged"] = {name: spellings for name, spellings in left.items() if len(spellings) > 1}
    if "suggested_merges" in details:
        kept["suggested_merges"] = [
            one for one in details["suggested_merges"] if one["value"] not in gone and one["into"] not in gone
        ]
    return kept


def _instead(name: Any, gone: Gone) -> Any:
    return (gone[name] or DELETED_QUOTE) if name in gone else name
