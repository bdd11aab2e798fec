"""A condition in words, as it is shown beside the figure."""

from collections.abc import Iterator

from census.adapters.lexical.conditions import JoinNode, Node, NotNode, TermNode

EVERY_DOCUMENT = "all documents"


def leaves(node: Node) -> Iterator[TermNode]:
    """The terms of a condition, in order."""
    match node:
        case TermNode():
            yield node
        case NotNode(part):
            yield from leaves(part)
        case JoinNode(_, parts):
            for part in parts:
                yield from leaves(part)


def predicate_text(node: Node | None) -> str:
    """In words, which documents match: `mentions "indemnification" and not "audit rights"`."""
    if node is None:
        return EVERY_DOCUMENT
    derived = any(leaf.derived for leaf in leaves(node))
    return f"{_sentence_part(node)}{' (rule-based reading)' if derived else ''}"


def _sentence_part(node: Node) -> str:
    match node:
        case NotNode(part):
            return f"does not mention {_in_words(part, nested=True)}"
        case JoinNode(op, parts) if isinstance(parts[0], NotNode):
            return f" {op} ".join(_sentence_part(part) for part in parts)
        case _:
            return f"mentions {_in_words(node)}"


def _in_words(node: Node, *, nested: bool = False) -> str:
    match node:
        case TermNode(_, shown, _):
            return f'"{shown}"'
        case NotNode(part):
            return f"not {_in_words(part, nested=True)}"
        case JoinNode(op, parts):
            joined = f" {op} ".join(_in_words(part, nested=True) for part in parts)
            return f"({joined})" if nested else joined
