"""Rules that hold for vectors wherever they are kept."""

from census.domain.errors import CensusError


class VectorDimensionError(CensusError):
    """A vector has another length than those the index keeps for its embedder."""

    def __init__(self, embedder: str, found: int, kept: int) -> None:
        super().__init__(
            f"The embedder {embedder} gave vectors of {found} dimensions, but the index keeps vectors of "
            f"{kept} for it. Restore the earlier setting or embed the collection anew."
        )
