"""What a plan still has to read of some contents, and what that costs: for jobs and for estimates."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

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


def open_items(contents: Sequence[Content], batches: Sequence[Batch]) -> int:
    """How many documents wait for these batches, those that share a content all counted."""
    reading = {item for batch in batches for item, _ in batch.windows}
    return sum(content.items for content in contents if content.lead in reading)


def estimate_cost(
    price: Callable[[Usage], Decimal], batches: Sequence[Batch], strong: str | None = None
) -> tuple[Decimal, Decimal]:
    """US dollars for reading these batches: with short replies, and with long ones that the model `strong`
    has to read again where a quote cannot be found. Raises UnknownPriceError for either model.
    """
    prompt, reply = estimate_tokens(batches)
    likely = price(Usage(len(batches), prompt, reply))
    long = Usage(len(batches), int(prompt * LONG_PROMPT_FACTOR), int(reply * LONG_REPLY_FACTOR))
    if strong is None:
        return likely, price(long)
    return likely, price(long + long.share(SHARE_READ_AGAIN, strong))


def estimate_tokens(batches: Sequence[Batch]) -> tuple[int, int]:
    """Tokens of the prompts and of short replies."""
    prompt = sum(batch.tokens + PROMPT_TOKENS_A_BATCH for batch in batches)
    reply = sum(len(batch.windows) * len(batch.atoms) * REPLY_TOKENS_AN_ATOM for batch in batches)
    return prompt, reply
