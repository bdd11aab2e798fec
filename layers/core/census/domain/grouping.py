"""From a value to the group it counts for."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from census.domain.normal_forms import normal_form
from census.domain.plan import GroupBy, Plan, Transform
from census.domain.values import month_of, plain, year_of
from census.domain.verdicts import FoundValue


@dataclass(frozen=True)
class Group:
    """`label` is shown, `norm` tells groups apart and sorts them."""

    label: str
    norm: str


def group_of(plan: Plan, value: FoundValue | None) -> Group | None:
    """The group of a value, those that the plan merges taken together; None is the group `unknown`."""
    if plan.group_by is None or value is None:
        return None
    if plan.group_by.transform is Transform.BUCKET:
        return bucket_of(plan.group_by, Decimal(value.value), value.unit)
    label = _label(plan.group_by, value)
    return named_group(plan, label) if label is not None else None


def named_group(plan: Plan, label: str) -> Group | None:
    """The group of a label: its own, or the one that the plan merges it into.

    A value merged into itself stands alone, whatever the rules of spelling say of it.
    """
    norm = normal_form(label)
    targets = _targets(plan.merge)
    target = targets.get(f"={label.casefold()}") or targets.get(norm or "")
    if target is None:
        return Group(label, norm) if norm is not None else None
    if target.casefold() == label.casefold():
        return Group(target, f"{target.casefold()}=")
    merged = normal_form(target)
    return Group(target, merged) if merged is not None else None


@lru_cache(maxsize=8)
def _targets(merge: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    """The groups by what is merged into them: by a value's very letters, and by its normal form.

    What stands alone does so by its letters only.
    """
    by_norm = {normal_form(v) or "": target for v, target in merge if v.casefold() != target.casefold()}
    return {**by_norm, **{f"={value.casefold()}": target for value, target in merge}}


def _label(group_by: GroupBy, value: FoundValue) -> str | None:
    if group_by.transform is Transform.YEAR:
        return year_of(value.value)
    if group_by.transform is Transform.MONTH:
        return month_of(value.value)
    return f"{value.value} {value.unit}" if value.unit else value.value


def bucket_of(group_by: GroupBy, amount: Decimal, unit: str | None) -> Group:
    """The bucket an amount falls in, lower edge included; currencies have buckets of their own."""
    edges = group_by.edges
    place = sum(edge <= amount for edge in edges)
    if place == 0:
        span = f"under {plain(edges[0])}"
    elif place == len(edges):
        span = f"from {plain(edges[-1])}"
    else:
        span = f"{plain(edges[place - 1])} to under {plain(edges[place])}"
    return Group(f"{span} {unit}" if unit else span, f"{unit or ''} {place:03d}")
