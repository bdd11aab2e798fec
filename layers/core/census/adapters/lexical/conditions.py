"""Reads a condition in words (`mention X and not Y`) as a tree of terms.

`and` binds tighter than `or`. `not` before a term is that term's alone; a denied verb (`do not mention X or
Y`) and `without` hold for all terms up to the next verb, `not` or `but`: not (X or Y).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from census.adapters.lexical.frames import QUOTED, quoted_index
from census.adapters.lexical.phrases import Phrase, read_phrase
from census.domain.plan import Term
from census.domain.plan_reader import MAX_DEPTH

_OPERATORS = re.compile(
    r"((?<![\w-])(?:and/or|as\s+well\s+as|and|or|but|nor|not|no|never|without|lack(?:s|ing)?|neither|either|both"
    rf"|cannot|(?:do|does|did|is|are|was|were|have|has|can)n['’]t)(?![\w-])|[(),]|{QUOTED})",
    re.IGNORECASE,
)
_PLAIN = {"and", "or", "but", "nor", "not", "neither", "either", "both", "(", ")", ","}
_ENDS_SPAN = {"verb", "not", "but", "neither"}


@dataclass(frozen=True)
class TermNode:
    """A term; `shown` in the asker's spelling; `derived` where its verb said more than that it occurs."""

    term: Term
    shown: str
    derived: bool


@dataclass(frozen=True)
class NotNode:
    """The part does not hold."""

    part: "Node"


@dataclass(frozen=True)
class JoinNode:
    """All parts hold (`and`), or some part does (`or`)."""

    op: str
    parts: tuple["Node", ...]


Node = TermNode | NotNode | JoinNode


@dataclass(frozen=True)
class _Token:
    op: str  # one of _PLAIN, or "verb", or "term"
    node: TermNode | None = None
    spans: bool = False  # a denial that holds for a list of terms


def read_condition(text: str, quoted: tuple[str, ...]) -> Node | None:
    """The tree of a condition; None when its words hold no term."""
    if text.count("(") > MAX_DEPTH:
        text = re.sub(r"[()]", " ", text)
    return _Parser(_without_commas(_tokens(text, quoted))).whole()


def _tokens(text: str, quoted: tuple[str, ...]) -> list[_Token]:
    tokens: list[_Token] = []
    having = False
    pieces = _OPERATORS.split(text)
    for index, piece in enumerate(pieces):
        if index % 2:
            tokens.append(_operator(piece, quoted))
            having = having or piece.lower() == "without"
            continue
        phrase = read_phrase(piece, having=having)
        having = phrase.having
        beside_quote = any(re.fullmatch(QUOTED, near) for near in pieces[max(0, index - 1) : index + 2])
        tokens += _phrase_tokens(phrase, keep_words=not beside_quote)
    return tokens


def _operator(piece: str, quoted: tuple[str, ...]) -> _Token:
    word = piece.lower()
    if re.fullmatch(QUOTED, piece):
        phrase = quoted[quoted_index(piece)]
        return _Token("term", TermNode(Term(phrase.lower(), exact=True), phrase, False))
    if word in _PLAIN:
        return _Token(word)
    if word.startswith("as"):
        return _Token("and")
    return _Token("or") if word == "and/or" else _Token("not", spans=True)


def _phrase_tokens(phrase: Phrase, *, keep_words: bool) -> list[_Token]:
    """A verb and a term. Words beside a quoted phrase ("the word 'x' twice") only surround it."""
    tokens = [_Token("verb")] if phrase.verb else []
    if phrase.term and keep_words:
        node = TermNode(Term(phrase.term.lower()), phrase.term, phrase.derived)
        tokens.append(_Token("term", node))
    return tokens


def _without_commas(tokens: list[_Token]) -> list[_Token]:
    """Commas as the operator that ends their list: "X, Y or Z" is X or Y or Z."""
    kept: list[_Token] = []
    for index, token in enumerate(tokens):
        if token.op != ",":
            kept.append(token)
        elif (
            kept and index + 1 < len(tokens) and tokens[index + 1].op not in {"and", "or", "but", "nor", ","}
        ):
            following = (t.op for t in tokens[index + 1 :])
            kept.append(_Token(next((op for op in following if op in {"and", "or", "nor", "but"}), "and")))
    return kept


class _Parser:
    """Recursive descent over tokens. A missing operand is left out: questions are not programs."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.at = 0

    def whole(self) -> Node | None:
        found = []
        while self.at < len(self.tokens):
            found.append(self.any_of())
            self.take(")", "nor", "or")  # what no rule wants must not stop the reading
        return _join("and", found)

    def peek(self, ahead: int = 0) -> str:
        place = self.at + ahead
        return self.tokens[place].op if place < len(self.tokens) else ""

    def take(self, *ops: str) -> _Token | None:
        if self.peek() in ops:
            self.at += 1
            return self.tokens[self.at - 1]
        return None

    def any_of(self) -> Node | None:
        parts = [self.all_of()]
        while self.take("or"):
            parts.append(self.all_of())
        return _join("or", parts)

    def all_of(self) -> Node | None:
        parts = [self.factor()]
        while self.peek() not in {"", "or", "nor", ")"}:
            self.take("and", "but")
            parts.append(self.factor())
        return _join("and", parts)

    def factor(self) -> Node | None:
        while self.take("verb", "and", "but"):
            pass
        if denial := self.take("not"):
            return self.denied(denial)
        if self.take("neither"):
            denied = self.listed("nor", "or")
            return _join("and", [NotNode(part) for part in denied])
        return self.simple()

    def denied(self, denial: _Token) -> Node | None:
        odd, spans = True, denial.spans
        while again := self.take("not"):
            odd, spans = not odd, spans or again.spans
        part = self.span() if spans or self.peek() == "verb" else self.factor()
        return NotNode(part) if part and odd else part

    def simple(self) -> Node | None:
        if joint := self.take("either", "both"):
            while self.take("either", "both", "verb"):
                pass
            op = "or" if joint.op == "either" else "and"
            return _join(op, self.listed(op))
        if self.take("("):
            inner = self.any_of()
            self.take(")")
            return inner
        token = self.take("term")
        return token.node if token else None

    def listed(self, *joints: str) -> list[Node]:
        self.take("verb")
        found = [self.simple()]
        while self.peek() in joints and self.peek(1) not in _ENDS_SPAN:
            self.at += 1
            found.append(self.simple())
        return [part for part in found if part]

    def span(self) -> Node | None:
        """The terms a denial holds for."""
        self.take("verb")
        groups: list[Node | None] = [_join("and", self.listed("and"))]
        while self.peek() == "or" and self.peek(1) not in _ENDS_SPAN:
            self.at += 1
            groups.append(_join("and", self.listed("and")))
        return _join("or", groups)


def _join(op: str, parts: "Sequence[Node | None]") -> Node | None:
    found = [part for part in parts if part is not None]
    if len(found) <= 1:
        return found[0] if found else None
    return JoinNode(op, tuple(found))
