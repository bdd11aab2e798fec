import uuid

from hypothesis import given
from hypothesis import strategies as st

from census.application.answer_lookup import cite
from census.ports.language_model import LookupStatement
from census.ports.text_store import FoundPassage
from census.ports.vector_index import PassageId


def _passage(text: str, start: int) -> FoundPassage:
    ids = uuid.uuid4()
    pages = (0, 50, 105)
    return FoundPassage(PassageId(ids, 0), text, start, start + len(text), pages, (), "file", ids, "a.txt")


def test_a_quote_that_differs_in_case_and_space_is_given_in_the_sources_own_words() -> None:
    passage = _passage("The  Fee is $5.\n", 100)

    citation = cite(LookupStatement("It is $5.", "0", "the fee IS"), passage)

    assert citation.quote == "The  Fee is"
    assert (citation.char_start, citation.char_end, citation.check) == (100, 111, "exact")


def test_an_invented_quote_is_marked_and_points_at_the_whole_passage() -> None:
    citation = cite(LookupStatement("It is $9.", "0", "the fee is $9"), _passage("The fee is $5.", 100))

    assert citation.check == "unverified"
    assert (citation.char_start, citation.char_end) == (100, 114)
    assert citation.quote == "the fee is $9"


@given(st.text(min_size=1), st.integers(0, 10_000), st.data())
def test_an_exact_quote_stands_at_its_offsets(text: str, start: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(text) - 1))
    last = data.draw(st.integers(first + 1, len(text)))

    citation = cite(LookupStatement("x", "0", text[first:last]), _passage(text, start))

    if citation.check == "exact":
        assert text[citation.char_start - start : citation.char_end - start] == citation.quote


def test_the_page_is_the_one_the_quote_is_on_not_the_one_its_passage_begins_on() -> None:
    passage = _passage("A passage over two pages.", 95)

    early = cite(LookupStatement("", "0", "A passage"), passage)
    late = cite(LookupStatement("", "0", "two pages"), passage)

    assert (early.page, late.page) == (2, 3)
