"""Texts that are hard to cut, for the property tests of passages and windows."""

from hypothesis import strategies as st

from census.domain.extracted_text import ExtractedText, Heading, clean_text

PIECES = st.one_of(
    st.sampled_from(
        [
            "The licensee shall keep the records for three years. ",
            "Dr. J. Smith signed it; the U.S. court agreed! ",
            "\n\n",
            "\n",
            " \t ",
            "   \n \n  ",
            "双方应当对商业秘密予以保密。",
            "👩‍👩‍👧‍👦🇩🇪",
            "e\u0301\u0323" * 5,
            "العقد " * 4,
            "x" * 300,
            "_" * 120,
            "1,234.56 | ",
            "\u00a0\u2003",
        ]
    ),
    st.text(max_size=40).map(clean_text),
)


@st.composite
def documents(draw: st.DrawFn, most_pieces: int = 60) -> ExtractedText:
    """A cleaned text with headings and pages at arbitrary places."""
    text = "".join(draw(st.lists(PIECES, max_size=most_pieces)))
    places = st.integers(0, len(text))
    offsets = sorted(draw(st.sets(places, max_size=6)))
    headings = tuple(Heading(at, draw(st.integers(1, 4)), f"Heading at {at}") for at in offsets)
    pages = tuple(sorted({0, *draw(st.sets(places, max_size=4))}))
    return ExtractedText(text, None, pages if draw(st.booleans()) else (), headings, "text/plain")


def prose(paragraphs: int) -> ExtractedText:
    """Numbered paragraphs of four sentences each."""
    parts = [
        " ".join(
            f"Sentence {part} of paragraph {number} says that the parties agree on it." for part in range(4)
        )
        for number in range(paragraphs)
    ]
    return ExtractedText("\n\n".join(parts), None, (), (), "text/plain")
