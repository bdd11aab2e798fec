"""The place in a source that a statement rests on."""

from dataclasses import asdict, dataclass

from census.domain.plan import JsonObject

DELETED_QUOTE = "source deleted"
DELETED_NOTE = "A document of this answer was deleted later: its quotes are gone, the figures still count it."
WITHDRAWN_ANSWER = "This answer was withdrawn: a document whose words it used was deleted. Ask again."


@dataclass(frozen=True)
class Citation:
    """A verbatim quote at [char_start, char_end) of the extracted text, in code points.

    `check` is `exact` (found at that place), `fuzzy` (found by alignment) or `unverified` (not found; the
    offsets are then the passage's own).
    """

    source_kind: str
    source_id: str
    source_name: str
    page: int | None
    char_start: int
    char_end: int
    quote: str
    check: str

    def to_json(self) -> JsonObject:
        """The citation as the interface shows it."""
        return asdict(self)
