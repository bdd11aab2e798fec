"""No number passes for prose, in whatever disguise; and words of every contract are no numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.domain.prose_numbers import foreign_numbers

NUMBERS = {
    "digits": [
        "3 of them", "a 5% share", "1,204 files", "1.204 files", "1 204 files", "12\u202f345", "v2",
        "3rd",
    ],
    "digits of other scripts": [
        "٣ contracts", "१२ papers", "１２ papers", "𝟛 papers", "３％", "三份文件", "二十",
    ],
    "signs": [
        "½ of it", "x² more", "④ papers", "Ⅻ of them", "Ⅴ of them", "3️⃣ papers", "🔟 papers", "💯",
        "a % of them",
    ],
    "roman": [
        "XII of them", "Article IV says so", "MCMXCIV was the year", "X of them agree",
    ],
    "words": [
        "Twelve say so", "seventeen", "twenty-one", "Forty", "a hundred", "hundreds of them",
        "Thousands", "a trillion", "two million", "zero papers", "a dozen", "dozens", "tens of them",
        "threesome",
    ],
    "one": [
        "Only one says so", "one document", "At least one does", "one in a", "one of them",
        "a single paper",
    ],
    "shares": [
        "half", "halved", "one-third", "two thirds", "a quarter", "a fifth of them", "nine tenths",
        "ten percent", "per cent", "percentage", "twice", "thrice", "double the rate", "tripled",
        "tenfold", "a couple", "a pair",
    ],
    "times": [
        "in the nineties", "on the twentieth", "1 June", "June 1st", "2020-06-01", "in 2020",
        "at 5 pm",
    ],
    "hidden": [
        "thr\u200bee", "thir\u00adteen", "ｔｈｒｅｅ", "FIVE", "&#53;", "\u2066seven\u2069", "six\u2060ty",
    ],
    "other languages": [
        "drei Verträge", "die Hälfte", "zwanzig", "trois contrats", "la moitié", "cinco contratos",
    ],
    "placeholders made another figure": [
        "{match}0 say so", "{match}k", "{match} %", "{match} percent", "{match}{total}",
        "{match}.{total}", "{match},{total}", "-{match}", "−{match}", "${match}", "€ {match}",
        "{match} dollars", "{match} USD", "{match} thousand", "{match} hundred", "{match}th",
        "0.{match}", "v{match}", "{match} dozen",
    ],
}  # fmt: skip
PROSE = [
    "{match} of {total} say so.",
    "({match} of {total})",
    "{match}, of {total}.",
    "{match}/{total} agree: {findings} times.",
    "All {match}; no other.",
    "Everyone says it at once.",
    "Often, tenderly, in a network of weighty tenants.",
    "No one may assign to a third party; third parties are told.",
    "One party tells the other; they help one another, one of the parties first.",
    "First notice, then a second notice to LLC and MI offices, CD or CV.",
    "Someone often attends; canine, fortify, tender: none.",
    "Beide Parteien, einer nach dem anderen. 一般来说，双方一致。",
    "La plupart des contrats; la mayoría de los contratos.",
]


@pytest.mark.parametrize("prose", [prose for kind in NUMBERS.values() for prose in kind])
def test_a_number_is_foreign_in_whatever_form(prose: str) -> None:
    assert foreign_numbers(prose)
    assert foreign_numbers(f"They agree, {prose}, on cables.")


@pytest.mark.parametrize("prose", PROSE)
def test_placeholders_and_words_are_no_numbers(prose: str) -> None:
    assert foreign_numbers(prose) == []


@given(
    st.sampled_from(PROSE),
    st.sampled_from([prose for kind in NUMBERS.values() for prose in kind]),
    st.sampled_from(["\n", " — ", "; ", " (", " “"]),
)
def test_good_prose_hides_no_number(before: str, number: str, between: str) -> None:
    assert foreign_numbers(f"{before}{between}{number}{between}{before}")


@given(st.characters(categories=["Nd", "No", "Nl"]), st.text("ab ", max_size=5), st.text("ab ", max_size=5))
def test_no_digit_of_any_script_passes(sign: str, before: str, after: str) -> None:
    assert foreign_numbers(f"{before}{sign}{after}")


@given(
    st.lists(st.sampled_from(["{match}", "{total}", "of", "say", "so,", "and", "(", ")", "."]), max_size=12)
)
def test_placeholders_that_stand_by_themselves_are_no_numbers(parts: list[str]) -> None:
    assert foreign_numbers(" ".join(parts)) == []
