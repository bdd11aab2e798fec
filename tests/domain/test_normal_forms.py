"""When two values are one, and when they only look like it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.domain.grouping import bucket_of, named_group
from census.domain.normal_forms import Spelled, merge_suggestions, near_equals, normal_form
from census.domain.plan import Atom, AtomField, FieldRef, FieldType, GroupBy, Kind, Plan, Transform

ATOM = Atom("a", "s", fields=(AtomField("f", FieldType.TEXT),))


def plan(**merge: str) -> Plan:
    pairs = tuple((value.replace("_", " "), group) for value, group in merge.items())
    return Plan(Kind.GROUP_COUNT, "p", (ATOM,), group_by=GroupBy(FieldRef("a", "f")), merge=pairs)


@pytest.mark.parametrize(
    "spelling",
    [
        "New York",
        "new york",
        "NEW  YORK.",
        "the State of New York",
        "“New York”",
        "Laws of the State of New York",
    ],
)
def test_spellings_of_a_place_are_one(spelling: str) -> None:
    assert normal_form(spelling) == "new york"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme Inc.", "ACME, Incorporated"),
        ("Smith & Sons Ltd", "Smith and Sons Limited"),
        ("A.B. Co.", "A.B. Company"),
    ],
)
def test_forms_of_a_company_are_one(one: str, other: str) -> None:
    assert normal_form(one) == normal_form(other)


@pytest.mark.parametrize("value", ["unknown", "Unknown.", "N/A", "not stated", " "])
def test_what_says_that_there_is_none_has_no_group(value: str) -> None:
    assert normal_form(value) is None
    assert named_group(plan(), value) is None


@pytest.mark.parametrize("value", ["Washington", "Washington State", "None of the above", "State of", "the"])
def test_what_is_left_always_says_something(value: str) -> None:
    assert normal_form(value)


@given(st.text(max_size=60))
def test_a_normal_form_is_its_own(value: str) -> None:
    norm = normal_form(value)
    assert norm is None or normal_form(norm) in (norm, None) or len(normal_form(norm) or "") <= len(norm)


def spelled(*groups: tuple[str, int]) -> list[Spelled]:
    return [Spelled(normal_form(label) or "", label, documents) for label, documents in groups]


def test_a_slip_of_the_pen_is_offered_for_the_commoner_value() -> None:
    found = merge_suggestions(spelled(("Delaware", 9), ("Delawere", 1), ("Texas", 4)))
    assert found == [{"value": "Delawere", "into": "Delaware", "documents": 1}]


def test_the_same_words_in_another_order_are_offered() -> None:
    found = near_equals(spelled(("Ontario, Canada", 3), ("Canada, Ontario", 1)))
    assert [rarer.label for rarer, _ in found] == ["Canada, Ontario"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("Section 5 of 2019", "Section 5 of 2020"), ("New York", "New Jersey"), ("Iowa", "Ohio"), ("LA", "LB")],
)
def test_what_is_another_thing_is_not_offered(one: str, other: str) -> None:
    assert near_equals(spelled((one, 5), (other, 1))) == []


def test_people_merge_whatever_the_case_and_the_spelling() -> None:
    merging = plan(sweden="Nordics", state_of_norway="Nordics")
    groups = [named_group(merging, value) for value in ("Sweden", "NORWAY", "nordics")]
    assert {group.norm for group in groups if group} == {"nordics"}


def test_a_value_merged_into_itself_stands_alone() -> None:
    alone = plan(state_of_Texas="State of Texas")
    one, other = named_group(alone, "State of Texas"), named_group(alone, "Texas")
    assert one is not None
    assert other is not None
    assert one.norm != other.norm


edges = st.sets(st.decimals(-(10**6), 10**6, places=2), min_size=1, max_size=6).map(
    lambda found: tuple(sorted(found))
)


@given(edges, st.decimals(-(10**7), 10**7, places=2), st.decimals(-(10**7), 10**7, places=2))
def test_buckets_keep_the_order_of_amounts_and_begin_at_their_edges(
    found: tuple[Decimal, ...], one: Decimal, other: Decimal
) -> None:
    grouping = GroupBy(FieldRef("a", "f"), Transform.BUCKET, found)
    low, high = sorted((one, other))
    assert bucket_of(grouping, low, "USD").norm <= bucket_of(grouping, high, "USD").norm
    for edge in found:
        assert bucket_of(grouping, edge, None).norm > bucket_of(grouping, edge - Decimal("0.01"), None).norm
    assert bucket_of(grouping, low, "USD") != bucket_of(grouping, low, "EUR")
