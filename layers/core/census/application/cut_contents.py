"""What a plan still has to read of some contents, and what that costs: for jobs and for estimates."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce

from census.domain.batches import Batch, WindowToRead
from census.domain.readings import window_key
from census.ports.job_store import Content
from census.ports.language_model import Usage

PROMPT_TOKENS_A_BATCH = 700
"""Instructions, atoms and schema, measured on plans of one to three atoms."""
REPLY_TOKENS_AN_ATOM = 60
"""A status and one quote of a sentence."""
LONG_REPLY_FACTOR = Decimal(3)
LONG_PROMPT_FACTOR = Decimal("1.1")
SHARE_READ_AGAIN = Decimal("0.1")
"""Of the calls, at most, those whose quotes the strong model must find. An allowance, not a measurement."""


def windows_to_read(
    contents: Sequence[Content], cached: set[tuple[str, str, str]], keys: tuple[str, ...]
) -> Iterator[WindowToRead]:
    """The windows that lack a result for some atom key, with just those keys."""
    for content in contents:
        for window in content.windows:
            place = window_key(window)
            missing = tuple(key for key in keys if (content.content_hash, place, key) not in cached)
            if missing:
                alone = len(content.windows) > 1
                yield WindowToRead(content.lead, int(window[0]), int(window[3]), missing, alone)


@dataclass(frozen=True)
class Workload:
    """What batches amount to: calls, and tokens of documents, of whole prompts and of short replies."""

    calls: int = 0
    tokens: int = 0
    prompt_tokens: int = 0
    reply_tokens: int = 0

    @classmethod
    def of(cls, batches: Iterable[Batch]) -> "Workload":
        """The workload of some batches."""
        return reduce(cls._with, batches, cls())

    def _with(self, batch: Batch) -> "Workload":
        return self + Workload(
            1,
            batch.tokens,
            batch.tokens + PROMPT_TOKENS_A_BATCH,
            len(batch.windows) * len(batch.atoms) * REPLY_TOKENS_AN_ATOM,
        )

    def __add__(self, other: "Workload") -> "Workload":
        return Workload(
            self.calls + other.calls,
            self.tokens + other.tokens,
            self.prompt_tokens + other.prompt_tokens,
            self.reply_tokens + other.reply_tokens,
        )


def estimate_cost(
    price: Callable[[Usage], Decimal], work: Workload, strong: str | None = None
) -> tuple[Decimal, Decimal]:
    """US dollars for a workload: with short replies, and with long ones that the model `strong` has to read
    again where a quote cannot be found. Raises UnknownPriceError for either model.
    """
    prompt, reply = work.prompt_tokens, work.reply_tokens
    likely = price(Usage(work.calls, prompt, reply))
    long = Usage(work.calls, int(prompt * LONG_PROMPT_FACTOR), int(reply * LONG_REPLY_FACTOR))
    if strong is None:
        return likely, price(long)
    return likely, price(long + long.share(SHARE_READ_AGAIN, strong))
