"""Token estimates: near the truth, additive, and fast."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.domain.tokens import TokenIndex, estimate_tokens
from tests.growth import grows_linearly

# Counted once with o200k_base; each text is ours.
COUNTED = [
    ("The quick brown fox jumps over the lazy dog.", 10),
    ("Either party may terminate this Agreement upon thirty (30) days' prior written notice.", 17),
    ("| 2021 | 1,234.56 | 99.1% | USD |\n| 2022 | 2,345.67 | 87.3% | EUR |\n" * 4, 160),
    ("def split(text: str, *, limit: int = 10) -> list[str]:\n    return text.split()[:limit]\n", 26),
    ("Die Gesellschaft verpflichtet sich, sämtliche Geschäftsgeheimnisse vertraulich zu behandeln.", 15),
]


@pytest.mark.parametrize(("text", "tokens"), COUNTED)
def test_an_estimate_is_within_a_third_of_a_counted_text(text: str, tokens: int) -> None:
    assert tokens * 0.75 <= estimate_tokens(text) <= tokens * 4 / 3


def test_nothing_has_no_tokens() -> None:
    assert estimate_tokens("") == 0


def test_every_ideograph_and_emoji_counts() -> None:
    assert estimate_tokens("双方应当保密") == 6
    assert estimate_tokens("🚀🚀") == 4


def test_a_very_long_word_counts_by_its_length() -> None:
    assert 900 <= estimate_tokens("a" * 10_000) <= 2_500


def test_long_rulers_and_blanks_cost_little() -> None:
    assert estimate_tokens("_" * 320) == 10
    assert estimate_tokens("a" + " " * 5_000 + "b") == 3


@given(st.text())
def test_a_text_never_has_more_tokens_than_twice_its_characters(text: str) -> None:
    assert estimate_tokens(text) <= 2 * len(text)


@given(st.text(), st.text())
def test_tokens_add_up_across_a_blank(left: str, right: str) -> None:
    whole = estimate_tokens(f"{left.strip()} {right.strip()}")
    assert abs(whole - estimate_tokens(left.strip()) - estimate_tokens(right.strip())) <= 1


@given(st.text(), st.integers(0, 50), st.integers(1, 50))
def test_an_index_counts_a_span_from_a_token_as_the_estimate_does(text: str, skip: int, tokens: int) -> None:
    index = TokenIndex(text)
    start = index.reach(0, skip)
    end = index.reach(start, tokens)
    assert index.count(start, end) == estimate_tokens(text[start:end]) <= tokens
    assert end == len(text) or index.count(start, end + 1) > tokens


@given(st.text(), st.integers(1, 20))
def test_reaching_back_stays_within_its_tokens(text: str, tokens: int) -> None:
    index = TokenIndex(text)
    start = index.reach_back(len(text), tokens)
    assert index.count(start, len(text)) <= tokens


@pytest.mark.parametrize("unit", ["word ", "a", "   ", "\u2003", "双", "é", "🚀", "-", "\n \n", "A1_"])
def test_an_estimate_takes_linear_time_whatever_repeats(unit: str) -> None:
    assert grows_linearly(lambda size: estimate_tokens(unit * (size // len(unit))))
