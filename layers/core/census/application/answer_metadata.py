"""Answer a question about the documents themselves by counting rows."""

from collections.abc import Sequence

from census.ports.file_store import DocumentCount
from census.ports.unit_of_work import TenantWork

_ORDER = ("completed", "processing", "pending", "failed")


def answer_metadata(work: TenantWork) -> str:
    """How many documents there are, by kind and status, in words."""
    return metadata_sentence(work.files.counts())


def metadata_sentence(counts: Sequence[DocumentCount]) -> str:
    """The counts as a sentence."""
    total = sum(count.documents for count in counts)
    if total == 0:
        return "The collection holds no documents yet; add some with POST /files."
    kinds = {kind: sum(c.documents for c in counts if c.source_kind == kind) for kind in ("file", "page")}
    statuses = {status: sum(c.documents for c in counts if c.status == status) for status in _ORDER}
    parts = ", ".join(f"{number:,} {status}" for status, number in statuses.items() if number)
    web = f" ({_many(kinds['file'], 'file')}, {_many(kinds['page'], 'web page')})" if kinds["page"] else ""
    return f"The collection holds {_many(total, 'document')}{web}: {parts}."


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
