"""The role of whatever brings pages from the web, whose addresses and bytes nobody has vetted."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class WantedPage:
    """A page by its normalised URL; with the validators of our copy, it is fetched only if changed."""

    url: str
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True)
class FetchedPage:
    """A page that was brought; `url` is where its last redirect led, `size` its decoded bytes.

    `polite_seconds` is what the server's robots.txt asks for between two pages.
    """

    url: str
    size: int
    content_type: str | None
    etag: str | None
    last_modified: str | None
    polite_seconds: float | None


@dataclass(frozen=True)
class UnchangedPage:
    """The server says that our copy is still the page."""


class PageFetcher(Protocol):
    """Connects only to addresses that were checked, within bounds of time and size."""

    def fetch(self, wanted: WantedPage, target: Path, seconds: float) -> FetchedPage | UnchangedPage:
        """Write the page's decoded bytes to `target` within `seconds`, redirects and robots.txt included.

        Raises PageFetchError; PageBusyError where a later try may succeed.
        """
        ...


class LinkReader(Protocol):
    """Finds the links of a page."""

    def links(self, page: Path, url: str) -> Sequence[str]:
        """Normalised URLs that an HTML page brought from `url` links to, in order, each once; at most 2,000.

        A page that cannot be read, within a bounded time, or asks not to be followed has none.
        """
        ...
