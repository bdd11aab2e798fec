"""Mail: who wrote what to whom and when, the body, and each attachment read as a file of its own."""

import re
from collections.abc import Iterator
from email import policy
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser

from census.adapters.extraction.decode import decode
from census.adapters.extraction.extract_file import extract_file
from census.adapters.extraction.mail_headers import header_text
from census.adapters.extraction.source_file import SourceFile
from census.adapters.extraction.text_builder import TextBuilder
from census.domain.extracted_text import ExtractedText, clean_text
from census.domain.extraction_errors import ExtractionCode, ExtractionError

MEDIA_TYPE = "message/rfc822"
_SHOWN = ("From", "To", "Cc", "Subject", "Date")
_MOST_DEPTH = 3
_MOST_PARTS = 200
_INLINE_IMAGE = re.compile(r"image/|application/(?:pgp-signature|pkcs7-signature|x-pkcs7-signature)")


def extract(source: SourceFile) -> ExtractedText:
    """Return headers, body and attachments of a mail; an attachment that cannot be read is a warning."""
    if source.depth > _MOST_DEPTH:
        raise ExtractionError(
            ExtractionCode.UNSUPPORTED_TYPE,
            f"Mails inside mails are read {_MOST_DEPTH} deep. Upload the inner ones.",
        )
    try:
        mail = BytesParser(_class=Message, policy=policy.compat32).parsebytes(source.read_bytes())
        return _Mail(mail, source).text()
    except (MessageError, RecursionError, LookupError, ValueError, TypeError, AssertionError) as error:
        raise ExtractionError(
            ExtractionCode.CORRUPT, "The mail is damaged and cannot be taken apart. Save it anew."
        ) from error


class _Mail:
    """One message."""

    def __init__(self, mail: "Message[str, str]", source: SourceFile) -> None:
        self._mail = mail
        self._source = source
        self._out = TextBuilder(source)
        self._warnings: list[str] = []

    def text(self) -> ExtractedText:
        """Lay the message out."""
        parts = list(_leaves(self._mail))
        if len(parts) > _MOST_PARTS:
            self._warnings.append(f"The mail has {len(parts):,} parts; the first {_MOST_PARTS} were read.")
        for name in _SHOWN:
            value = header_text(self._mail, name)
            if value:
                self._out.line(f"{name}: {value}")
        body = _body(parts)
        if body is not None:
            self._body(body)
        for part in parts[:_MOST_PARTS]:
            if part is not body and _is_attachment(part):
                self._attachment(part)
        return self._out.build(MEDIA_TYPE, header_text(self._mail, "Subject"), self._warnings)

    def _body(self, part: "Message[str, str]") -> None:
        if part.get_content_type() == "text/html":
            inner = self._read(
                _bytes_of(part), "body.html", f"text/html; charset={part.get_content_charset()}"
            )
            if inner is not None:
                self._out.embed(inner, below=0)
            return
        text = clean_text(decode(_bytes_of(part), part.get_content_charset())).strip("\n")
        if text.strip():
            self._out.paragraph(text)

    def _attachment(self, part: "Message[str, str]") -> None:
        name = _name_of(part)
        inner = self._read(_bytes_of(part), name, part.get_content_type())
        if inner is not None:
            self._out.heading(f"Attachment: {name}", 1)
            self._out.embed(inner, below=1)

    def _read(self, data: bytes, name: str, declared: str) -> ExtractedText | None:
        """Extract one part through the registry, None with a warning where that fails."""
        try:
            found = extract_file(self._source.inner(data, name, declared, self._out.room))
        except ExtractionError as error:
            self._warnings.append(f"{name!r} was not read: {error.message}")
            return None
        self._warnings += [f"{name!r}: {warning}" for warning in found.warnings]
        return found


def _leaves(mail: "Message[str, str]") -> Iterator["Message[str, str]"]:
    """Yield the parts that hold content; a mail inside is one."""
    if mail.get_content_maintype() == "multipart" and mail.is_multipart():
        for part in mail.get_payload():
            if isinstance(part, Message):
                yield from _leaves(part)
    else:
        yield mail


def _body(parts: "list[Message[str, str]]") -> "Message[str, str] | None":
    """Return the part that is the body: the first plain text that says something, else the first HTML."""
    inline = [
        part for part in parts if part.get_content_disposition() != "attachment" and not part.get_filename()
    ]
    plain = next((p for p in inline if p.get_content_type() == "text/plain" and _bytes_of(p).strip()), None)
    return plain or next((p for p in inline if p.get_content_type() == "text/html"), None)


def _is_attachment(part: "Message[str, str]") -> bool:
    """Tell whether a part is a file of its own, and not a picture of the layout or the body once more."""
    if part.get_content_type() == MEDIA_TYPE:
        return True
    if _INLINE_IMAGE.match(part.get_content_type()) and part.get_content_disposition() != "attachment":
        return False
    return bool(part.get_filename()) or part.get_content_disposition() == "attachment"


def _name_of(part: "Message[str, str]") -> str:
    name = " ".join(clean_text(part.get_filename() or "").split())
    if name:
        return name.replace("\\", "/").rpartition("/")[2][:200]
    return "message.eml" if part.get_content_type() == MEDIA_TYPE else "unnamed"


def _bytes_of(part: "Message[str, str]") -> bytes:
    payload = part.get_payload()
    if part.is_multipart() and isinstance(payload, list) and payload and isinstance(payload[0], Message):
        return payload[0].as_bytes()  # a mail inside
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""
