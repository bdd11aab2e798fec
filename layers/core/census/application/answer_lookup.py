"""Answer a question from the passages nearest to it, each statement with the words it rests on."""

import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from census.domain.citations import Citation
from census.domain.errors import UnavailableError
from census.domain.page_numbers import page_at
from census.domain.quotes import locate_quote
from census.domain.rank_fusion import fuse_rankings
from census.domain.vectors import VectorDimensionError
from census.ports.embedder import Embedder, EmbedderError
from census.ports.language_model import LanguageModel, LookupReply, LookupStatement, PassageText, Usage
from census.ports.text_store import FoundPassage
from census.ports.time_left import within
from census.ports.unit_of_work import Database
from census.ports.vector_index import PassageId, VectorIndex, VectorIndexRejectedError

log = logging.getLogger(__name__)

CANDIDATES = 40  # of each ranking; fusion needs more than are read
MOST_CANDIDATES = 2_560
PASSAGES_READ = 10  # about 5k tokens: what one call reads well
SECONDS_BY_MEANING = 8.0
"""Embedding and searching take less than one together; the rest of a request's time is for the answer."""
LEXICAL = "lexical"
NOTHING_FOUND = (
    "The documents hold no passage that answers this. To have every document read, ask about the collection, "
    "for instance “Which documents mention …?”, or send the question with route “collection”."
)


@dataclass(frozen=True)
class LookupAnswer:
    """What was found: the answer's text, a citation for each of its statements, and what wording it cost."""

    content: str
    citations: tuple[Citation, ...]
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True)
class LookupTools:
    """What a look-up needs of the world. `charge` is told at once what embedding the question cost."""

    database: Database
    model: LanguageModel
    embedder: Embedder
    vectors: VectorIndex
    charge: Callable[[Usage], None]


def answer_lookup(tools: LookupTools, tenant_id: uuid.UUID, question: str) -> LookupAnswer:
    """Search by meaning and by words, let the model answer, check its quotes. Raises LanguageModelError."""
    found = _find(tools, tenant_id, question)
    if not found:
        return LookupAnswer(NOTHING_FOUND, ())
    passages = [PassageText(str(number), one.source_name, one.text) for number, one in enumerate(found)]
    reply = tools.model.answer_lookup(question, passages)
    checked = _checked(reply, {str(number): one for number, one in enumerate(found)})
    return replace(checked, usage=reply.usage)


def _find(tools: LookupTools, tenant_id: uuid.UUID, question: str) -> Sequence[FoundPassage]:
    near = _by_meaning(tools, tenant_id, question)
    with tools.database.tenant(tenant_id) as work:
        worded = [hit.passage for hit in work.texts.search(question, CANDIDATES)]
        return work.texts.passages(fuse_rankings([near, worded])[:PASSAGES_READ])


def _by_meaning(tools: LookupTools, tenant_id: uuid.UUID, question: str) -> list[PassageId]:
    """Passages by vector; none when embedder or index do not answer, for words alone find much."""
    with tools.database.tenant(tenant_id) as work:
        space = work.vectors.space()
    if space is not None and space.embedder != tools.embedder.model:
        log.warning(
            "The collection is embedded by %s, not by %s; it is searched by words alone. Reindex it.",
            space.embedder,
            tools.embedder.model,
        )
        return []
    try:
        with within(SECONDS_BY_MEANING):
            embedded = tools.embedder.embed([question])
            tools.charge(embedded.usage)
            return _near(tools, tenant_id, embedded.vectors[0])
    except (EmbedderError, UnavailableError, VectorDimensionError, VectorIndexRejectedError) as error:
        log.warning("The question is searched by words alone: %s", error)
        return []


def _near(tools: LookupTools, tenant_id: uuid.UUID, vector: Sequence[float]) -> list[PassageId]:
    """The nearest passages that readers see. The index also holds texts that are not shown yet, or no more:
    where they crowd out the others, it is asked for more.
    """
    count = CANDIDATES
    while True:
        hits = [hit.passage for hit in tools.vectors.search(tenant_id, tools.embedder.model, vector, count)]
        with tools.database.tenant(tenant_id) as work:
            shown = work.texts.shown(list({hit.text_id for hit in hits}))
        near = [hit for hit in hits if hit.text_id in shown]
        if len(near) >= PASSAGES_READ or len(hits) < count or count >= MOST_CANDIDATES:
            return near[:CANDIDATES]
        count *= 4


def _checked(reply: LookupReply, passages: dict[str, FoundPassage]) -> LookupAnswer:
    known = [(one, passages[one.passage_id]) for one in reply.statements if one.passage_id in passages]
    if not known:
        return LookupAnswer(_told_by(reply.model, NOTHING_FOUND), ())
    citations = [cite(statement, passage) for statement, passage in known]
    lines = [
        statement.text
        if citation.check == "exact"
        else f"{statement.text} (its quote was not found in the source)"
        for (statement, _), citation in zip(known, citations, strict=True)
    ]
    return LookupAnswer(_told_by(reply.model, "\n".join(lines)), tuple(dict.fromkeys(citations)))


def _told_by(model: str, content: str) -> str:
    return (
        f"{content}\n\nThis answer is rule-based: no language model is configured."
        if model == LEXICAL
        else content
    )


def cite(statement: LookupStatement, passage: FoundPassage) -> Citation:
    """The place of a statement's quote in the source's own words; where not found, the whole passage."""
    place = locate_quote(passage.text, statement.quote)
    start, end = place or (0, len(passage.text))
    return Citation(
        source_kind=passage.source_kind,
        source_id=str(passage.source_id),
        source_name=passage.source_name,
        page=page_at(passage.page_starts, passage.char_start + start),
        char_start=passage.char_start + start,
        char_end=passage.char_start + end,
        quote=passage.text[start:end] if place else statement.quote,
        check="exact" if place else "unverified",
    )
