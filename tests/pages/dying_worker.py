"""A worker in a process of its own that is killed at a step. Arguments: database URL, tenant, page, step."""

import os
import signal
import sys
import uuid
from typing import Any

from census.adapters.guarded_page_fetcher import GuardedPageFetcher
from census.adapters.subprocess_text_extractor import SubprocessTextExtractor
from tests.pages.house import PageHouse


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class DyingFetcher(GuardedPageFetcher):
    """Dies after it fetched."""

    def fetch(self, *arguments: Any) -> Any:
        super().fetch(*arguments)
        die()


class DyingExtractor(SubprocessTextExtractor):
    """Dies after it extracted."""

    def extract(self, *arguments: Any, **options: Any) -> Any:
        super().extract(*arguments, **options)
        die()


def main() -> None:
    url, tenant, page, step = sys.argv[1:]
    house = PageHouse(url, uuid.UUID(tenant))
    if step == "after fetch":
        house.fetcher = DyingFetcher(allow_private_addresses=True)
    if step == "after extract":
        house.extractor = DyingExtractor()
    if step == "before messages":
        house.queue.send_many = lambda messages: die()  # type: ignore[assignment,method-assign,return-value]
    house.deliver(uuid.UUID(page), "dying")


if __name__ == "__main__":
    main()
