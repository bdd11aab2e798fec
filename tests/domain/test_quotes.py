"""Finding quotes: whatever is found is the source's own wording, differing only in what is folded."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from census.domain.quotes import FoldedText, fold, locate_quote
from tests.domain.documents import documents

ODD = "ßẞİıﬁﬀſéé\u0301\u00ad\u200b\ufeff\u00a0\u2003 \t\n‘’“”„«»–—‑-'\"`´¨…ΐΣσς½①Ａａﷺ👩‍👩‍👧🇩🇪aAsSfFiI.,"
odd_texts = st.text(st.sampled_from(ODD), max_size=40)
texts = st.one_of(odd_texts, st.text(max_size=40))


@given(texts, texts)
@example("ß", "s")
@example("ﬁ", "f")
@example("é", "e")
@example("¨x", "x")
@example("a¨b", "a b")
def test_what_is_found_folds_to_what_was_looked_for(text: str, quote: str) -> None:
    place = locate_quote(text, quote)
    if place is not None:
        start, end = place
        assert 0 <= start < end <= len(text)
        assert fold(text[start:end]) == fold(quote)


@given(texts, texts, texts)
def test_words_that_stand_in_the_text_are_found_and_as_they_stand(
    before: str, quote: str, after: str
) -> None:
    place = locate_quote(before + quote + after, quote)
    if not quote.strip():
        assert place is None
        return
    assert place is not None
    assert (before + quote + after)[slice(*place)] == quote


@given(documents(), st.data())
def test_a_piece_of_a_document_is_found_at_its_first_place(document: object, data: st.DataObject) -> None:
    text: str = document.text  # type: ignore[attr-defined]
    start = data.draw(st.integers(0, len(text)))
    quote = text[start : data.draw(st.integers(start, len(text)))]
    place = locate_quote(text, quote)
    assert place == ((text.find(quote), text.find(quote) + len(quote)) if quote.strip() else None)


@given(texts)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(texts, texts, texts, st.sampled_from([str.upper, str.lower, str.swapcase, str.title]))
def test_neither_case_nor_composition_nor_space_hides_a_quote(
    before: str, quote: str, after: str, change: object
) -> None:
    words = f"shall pay {quote.strip()} at once"
    loose = unicodedata.normalize("NFD", words).replace(" ", " \u00a0\n")
    text = f"{before} {words} {after}"
    place = locate_quote(text, loose)
    assert place is not None
    assert fold(text[slice(*place)]) == fold(words)


@pytest.mark.parametrize(
    ("text", "quote", "found"),
    [
        ("The Licensee SHALL pay.", "licensee shall", "Licensee SHALL"),
        ("the Straße is long", "STRASSE", "Straße"),
        ("İstanbul", "i\u0307stanbul", "İstanbul"),
        ("an e\ufb03cient clause", "efficient", "e\ufb03cient"),
        ("cafe\u0301 owner", "café", "cafe\u0301"),
        ("café owner", "cafe\u0301", "café"),
        ("con\u00adfi\u00addential", "confidential", "con\u00adfi\u00addential"),
        ("ten\u00a0(10)  days", "ten (10) days", "ten\u00a0(10)  days"),
        ("a “material” breach", 'a "material" breach', "a “material” breach"),
        ("twenty–one", "twenty-one", "twenty–one"),
        ("thumbs 👍🏽 up", "thumbs 👍🏽 up", "thumbs 👍🏽 up"),
        ("and so on…", "so on...", "so on…"),
    ],
)
def test_differences_that_models_make_are_folded(text: str, quote: str, found: str) -> None:
    place = locate_quote(text, quote)
    assert place is not None
    assert text[slice(*place)] == found


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("Straße", "Stras"),
        ("e\ufb03cient", "ef"),
        ("café", "cafe"),
        ("shall not pay", "shall pay"),
        ("anything", " \n "),
        ("anything", ""),
        ("", "anything"),
        ("anything", "\u00ad"),
    ],
)
def test_what_the_text_does_not_say_is_not_found(text: str, quote: str) -> None:
    assert locate_quote(text, quote) is None


def test_a_search_can_begin_further_on() -> None:
    text = FoldedText("Pay now. PAY later. Pay at last.")
    assert text.locate("pay", 1) == (9, 12)
    assert text.locate("pay", 10) == (20, 23)
    assert text.locate("pay", 21) is None
