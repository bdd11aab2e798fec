"""Plans as JSON: what goes out comes back, and nothing that comes in is more than a refusal with paths."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.domain.errors import PlanInvalidError
from census.domain.plan import Filters, Plan
from census.domain.plan_codec import filters_from_json, filters_to_json, plan_from_json, plan_to_json
from tests.domain.arbitrary_plans import filters, plans

PLAN: dict[str, Any] = {
    "kind": "group_count",
    "predicate": "restricts assignment",
    "atoms": [
        {"name": "a", "statement": "It restricts assignment.", "term": {"text": "assign", "exact": False}},
        {"name": "d", "statement": "Its date.", "fields": [{"name": "date", "type": "date"}]},
        {"name": "f", "statement": "Its fee.", "fields": [{"name": "fee", "type": "money"}]},
    ],
    "where": {"and": [{"atom": "a"}, {"not": {"atom": "d"}}]},
    "group_by": {"atom": "d", "field": "date", "transform": "year"},
}
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("\ud800\x00"),
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(st.text(max_size=8), parts, max_size=4),
    max_leaves=12,
)


def problems(data: object) -> list[str]:
    with pytest.raises(PlanInvalidError) as caught:
        plan_from_json(data)
    assert caught.value.problems
    assert all(problem.message.encode() and problem.path.encode() for problem in caught.value.problems)
    return [problem.path for problem in caught.value.problems]


@given(plans())
def test_a_plan_comes_back_as_it_went_out(plan: Plan) -> None:
    assert plan_from_json(json.loads(json.dumps(plan_to_json(plan)))) == plan


@given(filters())
def test_filters_come_back_as_they_went_out(wanted: Filters) -> None:
    assert filters_from_json(json.loads(json.dumps(filters_to_json(wanted)))) == wanted


@given(anything)
def test_any_json_is_a_plan_or_refused_with_paths(data: object) -> None:
    refused_or_read(data)


@given(plans().map(plan_to_json), st.data())
def test_a_plan_with_any_part_replaced_is_a_plan_or_refused_with_paths(
    plan: Any, data: st.DataObject
) -> None:
    part = plan
    for _ in range(data.draw(st.integers(0, 4))):
        inner = list(part.values()) if isinstance(part, dict) else part
        containers = [one for one in inner if isinstance(one, dict | list) and one]
        if not containers:
            break
        part = data.draw(st.sampled_from(containers))
    place = data.draw(st.sampled_from(list(part) if isinstance(part, dict) else list(range(len(part)))))
    part[place] = data.draw(anything)
    refused_or_read(plan)


def refused_or_read(data: object) -> None:
    try:
        plan = plan_from_json(data)
    except PlanInvalidError:
        assert all(problems(data))
        return
    json.dumps(plan_to_json(plan), ensure_ascii=False).encode()
    assert all(len(atom.key) == 64 for atom in plan.atoms)


def test_the_example_is_a_plan() -> None:
    assert plan_from_json(PLAN).predicate == "restricts assignment"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"kind": "median"}, "kind"),
        ({"kind": []}, "kind"),
        ({"predicate": " "}, "predicate"),
        ({"colour": 1}, "colour"),
        ({"atoms": []}, "atoms"),
        ({"atoms": [1]}, "atoms.0"),
        ({"where": {"atom": "x"}}, "where"),
        ({"where": {"xor": []}}, "where"),
        ({"where": {"and": []}}, "where"),
        ({"group_by": None}, "group_by"),
        ({"group_by": {"atom": "d", "field": "x"}}, "group_by"),
        ({"group_by": {"atom": "f", "field": "fee", "transform": "year"}}, "group_by.transform"),
        ({"kind": "sum"}, "measure"),
        ({"kind": "sum", "measure": {"atom": "d", "field": "date"}}, "measure"),
        ({"limit": 0}, "limit"),
        ({"limit": True}, "limit"),
        ({"order": []}, "order"),
        ({"filters": []}, "filters"),
        ({"filters": {"ids": ["x"]}}, "filters.ids.0"),
        ({"filters": {"source_kinds": ["mail"]}}, "filters.source_kinds"),
        ({"filters": {"added_after": "yesterday"}}, "filters.added_after"),
        ({"filters": {"added_before": "0001-01-01T00:00:00+10:00"}}, "filters.added_before"),
        ({"filters": {"colour": "red"}}, "filters.colour"),
        ({"filters": {"name": "\x00"}}, "filters.name"),
        ({"predicate": "half a \ud83d character"}, "predicate"),
        ({"predicate": "x" * 2001}, "predicate"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(change: dict[str, Any], path: str) -> None:
    assert path in problems({**PLAN, **change})


def test_every_problem_is_named_at_once() -> None:
    assert set(problems({**PLAN, "kind": "x", "limit": -1, "order": "y"})) == {"kind", "limit", "order"}


def test_an_expression_of_any_depth_is_refused_without_a_crash() -> None:
    where: dict[str, Any] = {"atom": "a"}
    for _ in range(5000):
        where = {"not": where}
    assert any(path.startswith("where.not") for path in problems({**PLAN, "where": where}))


def test_two_plans_that_ask_the_same_share_results_and_others_do_not() -> None:
    first, other = plan_from_json(PLAN), plan_from_json({**PLAN, "predicate": "otherwise"})
    assert [atom.key for atom in first.atoms] == [atom.key for atom in other.atoms]
    changed = json.loads(json.dumps(PLAN))
    changed["atoms"][0]["exclude"] = "Not where consent is given."
    assert plan_from_json(changed).atoms[0].key != first.atoms[0].key
