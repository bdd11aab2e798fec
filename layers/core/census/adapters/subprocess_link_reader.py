"""Finds the links of untrusted pages in a limited child process, as texts are taken out of files.

Implements census.ports.page_fetcher.LinkReader.
"""

import json
import logging
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from census.adapters.extraction_child import run_child
from census.adapters.subprocess_text_extractor import child_environment
from census.domain.page_urls import PageUrlError, normalize_page_url

LOG = logging.getLogger(__name__)

MOST_LINKS = 2_000
WALL_SECONDS = 5.0
MEMORY_BYTES = 384 * 1024 * 1024
_HTML_MARKS = (b"<html", b"<!doctype html", b"<a ", b"<body", b"<head")
_SNIFFED_BYTES = 64 * 1024


class SubprocessLinkReader:
    """A LinkReader whose parser runs in a process of its own."""

    def links(self, page: Path, url: str) -> Sequence[str]:
        """See the port. A child that dies or takes too long costs the links only, never the page."""
        if not _looks_like_html(page):
            return []
        request = {
            "path": str(page.resolve()),
            "url": url,
            "most": MOST_LINKS,
            "memory_bytes": MEMORY_BYTES,
            "cpu_seconds": int(WALL_SECONDS),
        }
        end = run_child(
            [sys.executable, "-S", "-P", "-m", "census.adapters.extraction.page_links"],
            child_environment(),
            json.dumps(request).encode(),
            deadline=time.monotonic() + WALL_SECONDS,
            max_output=MOST_LINKS * 2_100,
        )
        if end.status != 0:
            LOG.warning("The links of a page could not be read: %s.", end.complaint or "its reader died")
            return []
        return _checked(end.output)


def _looks_like_html(page: Path) -> bool:
    with page.open("rb") as file:
        head = file.read(_SNIFFED_BYTES).lower()
    return any(mark in head for mark in _HTML_MARKS)


def _checked(output: bytes) -> list[str]:
    """The child's answer, trusted no more than the page: a hostile page may have taken the child over."""
    try:
        told = json.loads(output)
        return list(dict.fromkeys(normalize_page_url(str(link)) for link in told[:MOST_LINKS]))
    except (ValueError, TypeError, KeyError, RecursionError, PageUrlError):
        LOG.warning("The reader of links gave no answer that can be used.")
        return []
