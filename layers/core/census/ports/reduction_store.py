"""The findings of a job to be folded, and the nodes they were folded to, in one transaction of one tenant."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from census.domain.plan import JsonObject


@dataclass(frozen=True)
class Foldable:
    """A label or a quote: its text, its place in the order (a label's normal form), and who says it."""

    text: str
    norm: str
    sources: tuple[uuid.UUID, ...]
    place: tuple[int, int] = (0, 0)


class ReductionStore(Protocol):
    """Findings and nodes; findings come in an order that never changes."""

    def labels(self, job_id: uuid.UUID, after: Foldable | None, limit: int) -> list[Foldable]:
        """The distinct labels of a job by normal form, those that follow one."""
        ...

    def quotes(self, job_id: uuid.UUID, after: Foldable | None, limit: int) -> list[Foldable]:
        """The quotes of a job's findings in the order of its documents, those that follow one."""
        ...

    def node(self, key: str) -> JsonObject | None:
        """What a node holds, if it was made before."""
        ...

    def keep(
        self,
        job_id: uuid.UUID,
        key: str,
        content: JsonObject,
        children: Sequence[str],
        sources: Sequence[uuid.UUID],
    ) -> bool:
        """Keep a node that a job made; one that is there stays. Locks the job.

        False, and nothing is kept, where a document or node that it was made of was deleted meanwhile.
        """
        ...

    def assign(self, job_id: uuid.UUID, themes: Mapping[str, str | None]) -> None:
        """Write the theme of each label, by its normal form."""
        ...

    def assign_labels(self, job_id: uuid.UUID) -> None:
        """Let every label be a theme of its own."""
        ...

    def count(self, job_id: uuid.UUID) -> int:
        """How many findings a job has."""
        ...
