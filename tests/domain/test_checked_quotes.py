"""Whatever a model claims to quote: what is called exact stands at its offsets in the document."""

from hypothesis import example, given
from hypothesis import strategies as st

from census.adapters.rapidfuzz_quote_aligner import RapidfuzzQuoteAligner
from census.application.check_reading import WindowSource, check_reading, unproven
from census.domain.plan import Atom, AtomField, FieldType
from census.domain.quotes import FoldedText, fold
from census.domain.verdicts import AtomStatus, QuoteCheck
from census.ports.language_model import ReadAtom, ReadStatus, ReadValue

ALIGNER = RapidfuzzQuoteAligner()
ATOM = Atom("fee", "The text states a fee.", fields=(AtomField("name", FieldType.TEXT),))
LETTERS = st.text(st.sampled_from("ab CD-–“\"’'\u00a0\n\u00ad.ﬁßé0"), max_size=80)


@st.composite
def claims(draw: st.DrawFn) -> tuple[str, int, str]:
    """A document, where the window starts, and a quote that is from it, or nearly, or not at all."""
    document = draw(LETTERS)
    start = draw(st.integers(0, len(document)))
    first = draw(st.integers(start, len(document)))
    copied = document[first : draw(st.integers(first, len(document)))]
    changed = draw(st.sampled_from([copied, copied.upper(), copied.replace(" ", "\n "), f"{copied}x"]))
    return document, start, draw(st.sampled_from([changed, draw(LETTERS)]))


@given(claims())
@example(("Straße", 0, "strasse"))
@example(("a ﬁne day", 2, "fine"))
def test_an_exact_quote_is_the_documents_own_words_at_its_offsets(claim: tuple[str, int, str]) -> None:
    document, start, quote = claim
    found = WindowSource(FoldedText(document[start:]), start).locate(quote, ALIGNER)
    if found.check is QuoteCheck.UNVERIFIED:
        assert (found.start, found.end) == (-1, -1)
        return
    assert start <= found.start < found.end <= len(document)
    assert document[found.start : found.end] == found.text
    if found.check is QuoteCheck.EXACT:
        assert fold(found.text) == fold(quote)


@given(claims())
def test_what_was_copied_word_for_word_is_found(claim: tuple[str, int, str]) -> None:
    document, start, quote = claim
    if fold(quote) and quote in document[start:]:
        found = WindowSource(FoldedText(document[start:]), start).locate(quote, ALIGNER)
        assert (found.check, found.text) == (QuoteCheck.EXACT, quote)


@given(st.lists(claims(), min_size=1, max_size=4), st.sampled_from(list(ReadStatus)))
def test_a_match_needs_a_proven_quote(made: list[tuple[str, int, str]], status: ReadStatus) -> None:
    document, start, _ = made[0]
    quotes = tuple(quote for _, _, quote in made)
    values = tuple(ReadValue("name", "x", None, quote) for quote in quotes)
    source = WindowSource(FoldedText(document[start:]), start)
    reading = check_reading(ATOM, ReadAtom(status, quotes, values), source, ALIGNER)
    proven = [q for q in (*reading.quotes, *(v.quote for v in reading.values)) if q.start >= 0]
    assert (reading.status is AtomStatus.MATCH) == (status is ReadStatus.MATCH and bool(proven))
    assert (unproven(reading) == 0) <= all(value.quote.start >= 0 for value in reading.values)
    if status is ReadStatus.NO_MATCH:
        assert reading.values == ()
