"""What a server's robots.txt allows us. Source: RFC 9309.

The file is missing or refused (4xx): everything is allowed. The server breaks down over it (5xx, 429): we
come back later. It cannot be reached at all: the page's own fetch will tell why, so nothing is forbidden.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from protego import Protego

AGENT = "CensusBot"
MOST_BYTES = 512 * 1024
"""RFC 9309, section 2.5, wants at least 500 KiB to be read; the rest is cut off."""
KEPT_SECONDS = 600.0
MOST_KEPT = 200


@dataclass(frozen=True)
class Robots:
    """The rules of one origin; without any, everything is allowed."""

    rules: Protego | None

    def allows(self, url: str) -> bool:
        """Whether we may fetch this URL."""
        return self.rules is None or self.rules.can_fetch(url, AGENT)

    @property
    def delay_seconds(self) -> float | None:
        """What the file asks for between two pages."""
        return None if self.rules is None else self.rules.crawl_delay(AGENT)


def read_robots(content: bytes) -> Robots:
    """The rules in a robots.txt; bytes that are no UTF-8 spoil their own line only."""
    text = content[:MOST_BYTES].decode("utf-8-sig", errors="replace")
    return Robots(Protego.parse(text))


class RobotsCache:
    """Rules by origin, for ten minutes: a crawl asks once."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, Robots]] = {}

    def get(self, origin: str, load: Callable[[], Robots]) -> Robots:
        """The rules of an origin, loaded unless they are known; what `load` raises passes through."""
        now = time.monotonic()
        kept = self._kept.get(origin)
        if kept is not None and kept[0] > now:
            return kept[1]
        loaded = load()
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[origin] = (now + KEPT_SECONDS, loaded)
        return loaded
