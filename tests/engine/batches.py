"""Claimed batches of short documents, without a database."""

import uuid

from census.ports.job_store import BatchKey, ClaimedBatch, ClaimedWindow


def batch_of(*texts: str, atoms: tuple[str, ...] = ("key",), attempts: int = 1) -> ClaimedBatch:
    """A batch whose windows are whole documents with these texts."""
    windows = tuple(
        ClaimedWindow(lead, 0, f"hash {lead}", f"0-{len(words)}", 0, "", words, frozenset())
        for lead, words in enumerate(texts)
    )
    return ClaimedBatch(BatchKey(uuid.uuid4(), 1), uuid.uuid4(), attempts, atoms, windows, {})
