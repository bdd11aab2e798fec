"""Headers of mails as people read them."""

import re
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message

from census.adapters.extraction.decode import decode
from census.domain.extracted_text import clean_text

_LONGEST = 20_000


def header_text(mail: "Message[str, str]", name: str) -> str:
    """Return one header, decoded and on one line; "" if there is none."""
    raw = mail.get(name)
    if raw is None:
        return ""
    text = re.sub(r"\r?\n[ \t]*", " ", str(raw))[:_LONGEST]
    try:
        pieces = [_decoded(piece, charset) for piece, charset in decode_header(text)]
    except (HeaderParseError, ValueError):
        pieces = [text]
    return " ".join(clean_text("".join(pieces)).split())


def _decoded(piece: bytes | str, charset: str | None) -> str:
    if isinstance(piece, str):
        return (
            piece.encode("ascii", "surrogateescape").decode("utf-8", "replace")
            if not piece.isascii()
            else piece
        )
    return decode(piece, charset)
