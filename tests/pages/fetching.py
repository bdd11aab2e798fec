"""One fetcher over loopback, and where its pages go."""

from pathlib import Path

import pytest

from census.adapters.guarded_page_fetcher import GuardedPageFetcher
from census.domain.page_errors import PageFetchError
from census.ports.page_fetcher import FetchedPage, WantedPage

MEGABYTE = 1024 * 1024


class Fetch:
    """One fetcher and where its pages go."""

    def __init__(self, folder: Path) -> None:
        self.fetcher = GuardedPageFetcher(allow_private_addresses=True, most_bytes=MEGABYTE)
        self.target = folder / "page"

    def page(self, url: str, seconds: float = 60.0) -> FetchedPage:
        found = self.fetcher.fetch(WantedPage(url), self.target, seconds)
        assert isinstance(found, FetchedPage)
        return found

    def error(self, url: str, seconds: float = 60.0) -> PageFetchError:
        with pytest.raises(PageFetchError) as stopped:
            self.fetcher.fetch(WantedPage(url), self.target, seconds)
        return stopped.value
