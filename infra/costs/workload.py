"""How much work there is, and what one piece of it asks of the cloud."""

import math
from dataclasses import dataclass

from census.domain.batches import MAX_BATCH_TOKENS, MAX_BATCH_WINDOWS

WINDOW_TOKENS = 5_000
OVERLAP_TOKENS = 300
"""As census.domain.windows cuts."""

SQS_REQUESTS_A_BATCH = 0.35
"""At most, without faults; tests/stack/test_counted.py counts them."""
STATES_A_JOB = 6
"""At most, whatever the number of batches; counted there too."""
MESSAGES_AN_INVOCATION = 10
METRICS_IN_USE = 45
"""Combinations of name and dimensions that a month with questions and uploads emits."""
METRICS_WHEN_IDLE = 5
"""The sweep's: stuck files, pages and jobs, connections, the sweep itself."""


@dataclass(frozen=True)
class Workload:
    """A collection of `documents`, and `questions` a month that read all of it anew, `lookups` that do not.

    Tokens, kilobytes and atoms are averages. `calls_in_flight` and `check_seconds` as in the template.
    """

    documents: int
    questions: int
    lookups: int = 0
    tokens_a_document: int = 5_000
    kilobytes_a_document: int = 300
    atoms_a_question: int = 2
    seconds_a_call: float = 8.0
    calls_in_flight: int = 32
    check_seconds: int = 20

    def __post_init__(self) -> None:
        if min(self.documents, self.questions, self.lookups) < 0 or self.tokens_a_document < 1:
            raise ValueError("Documents, questions and look-ups cannot be negative, nor a document empty.")
        if min(self.calls_in_flight, self.check_seconds) < 1:
            raise ValueError("At least one call must be in flight, and a second pass between checks.")

    @property
    def windows_a_document(self) -> int:
        """A document longer than one window is read in several that overlap."""
        step = WINDOW_TOKENS - OVERLAP_TOKENS
        return max(1, math.ceil((self.tokens_a_document - OVERLAP_TOKENS) / step))

    @property
    def documents_a_batch(self) -> float:
        """Short ones share a call; a long one takes several."""
        if self.windows_a_document > 1:
            return 1 / self.windows_a_document
        return max(1, min(MAX_BATCH_WINDOWS, MAX_BATCH_TOKENS // self.tokens_a_document))

    @property
    def batches(self) -> int:
        """Of one question: messages, and calls to the model."""
        return math.ceil(self.documents / self.documents_a_batch)

    @property
    def tokens_read(self) -> int:
        """Of one question, overlaps twice."""
        overlaps = (self.windows_a_document - 1) * OVERLAP_TOKENS
        return self.documents * (self.tokens_a_document + overlaps)

    @property
    def seconds_a_question(self) -> float:
        """From the first call to the last."""
        return self.batches * self.seconds_a_call / self.calls_in_flight

    @property
    def gigabytes(self) -> float:
        """Of the collection as it was uploaded."""
        return self.documents * self.kilobytes_a_document / 1e6
