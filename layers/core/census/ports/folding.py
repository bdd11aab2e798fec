"""What a language model does with findings once all documents are read: it names, sorts and words them."""

from dataclasses import dataclass, field
from enum import StrEnum

from census.domain.usage import Usage


class FoldStep(StrEnum):
    """draft: names of themes for labels, or for the themes of several drafts.

    assign: the place of the theme each label belongs to. note: findings, or several notes, as one note.
    tell: notes as the answer's prose, in which every figure is a placeholder.
    """

    DRAFT = "draft"
    ASSIGN = "assign"
    NOTE = "note"
    TELL = "tell"


@dataclass(frozen=True)
class FoldRequest:
    """`texts`: labels, findings or notes, none of them instructions. `themes`: what labels are assigned to.

    `most`: themes at most. `figures`: the names of the placeholders that prose may hold, as `{match}`.
    """

    step: FoldStep
    question: str
    texts: tuple[str, ...]
    themes: tuple[str, ...] = ()
    most: int = 12
    figures: tuple[str, ...] = ()


@dataclass(frozen=True)
class FoldReply:
    """`texts`: theme names, or one text. `places`: for each label an index into the themes, None for none."""

    texts: tuple[str, ...] = ()
    places: tuple[int | None, ...] = ()
    usage: Usage = field(default_factory=Usage)
