"""Approximate quotes by rapidfuzz. Implements census.ports.quote_aligner.QuoteAligner."""

from rapidfuzz import fuzz

LEAST_SCORE = 92.0
SHORTEST_QUOTE = 20
"""Below this many characters nearly everything is nearly somewhere."""


class RapidfuzzQuoteAligner:
    """Alignment by edit distance; a score of 92 allows about one wrong character in twelve."""

    def align(self, quote: str, text: str) -> tuple[int, int] | None:
        """See the port."""
        if len(quote) < SHORTEST_QUOTE or len(quote) > len(text):
            return None
        found = fuzz.partial_ratio_alignment(quote, text, score_cutoff=LEAST_SCORE)
        if found is None or found.dest_end <= found.dest_start:
            return None
        return found.dest_start, found.dest_end
