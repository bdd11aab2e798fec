"""Folding: bounded groups, keys that name what a node is made of, and prose without figures of its own."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.domain.folding import (
    MOST_NODE_CHARACTERS,
    bounded,
    filled,
    node_key,
    unknown_placeholders,
    without_numbers,
)
from census.domain.prose_numbers import foreign_numbers

texts = st.lists(st.text(max_size=9_000), max_size=30)


@given(texts, st.integers(1, 7))
def test_every_text_is_in_one_group_in_order_and_no_group_is_above_its_bound(
    found: list[str], most: int
) -> None:
    groups = list(bounded(found, most))
    assert [text for group in groups for text in group] == found
    for group in groups:
        assert 1 <= len(group) <= most
        assert len(group) == 1 or sum(map(len, group)) <= MOST_NODE_CHARACTERS


@given(st.lists(st.text(max_size=5), max_size=3), st.lists(st.text(max_size=5), max_size=3))
def test_nodes_are_one_only_where_all_they_are_made_of_is(one: list[str], other: list[str]) -> None:
    assert (node_key("note", "m 1", one) == node_key("note", "m 1", other)) is (one == other)
    assert node_key("note", "m 1", one) != node_key("tell", "m 1", one)
    assert node_key("note", "m 1", one) != node_key("note", "m 2", one)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_every_figure_of_the_prose_is_one_that_code_filled_in(match: int, total: int) -> None:
    figures = {"match": match, "total": total}
    told = filled("Of {total} documents, {match} say so.", figures)
    assert re.findall(r"\d+", told) == [str(total), str(match)]


@pytest.mark.parametrize("prose", ["{nobody} says", "{match", "match}", "{}", "{Match}"])
def test_a_placeholder_without_a_figure_is_found(prose: str) -> None:
    assert unknown_placeholders(prose, {"match": 1})


@given(st.text(max_size=300))
def test_what_is_handed_on_holds_no_number(text: str) -> None:
    assert not foreign_numbers(without_numbers(text))


def test_a_sentence_with_a_number_is_left_out_of_a_note() -> None:
    assert without_numbers("Cables break. In 3 cases they burn. Nobody knows why.") == (
        "Cables break. Nobody knows why."
    )
