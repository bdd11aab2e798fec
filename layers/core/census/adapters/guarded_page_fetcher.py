"""Brings pages over HTTP. Every hop is checked: its URL, the address it leads to, its robots.txt.

Implements census.ports.page_fetcher.PageFetcher.
"""

import socket
from pathlib import Path

import httpcore
from ssrfguard import Resolver

from census.adapters.page_fetching.body import ACCEPTED_ENCODINGS, decoded, limited, too_large
from census.adapters.page_fetching.deadline import Deadline
from census.adapters.page_fetching.exchange import exchange, header, page_policy, retry_after
from census.adapters.page_fetching.robots import MOST_BYTES, Robots, RobotsCache, read_robots
from census.domain.page_errors import PageBusyError, PageCode, PageFetchError
from census.domain.page_urls import origin_of, resolve_link
from census.ports.page_fetcher import FetchedPage, UnchangedPage, WantedPage

MOST_PAGE_BYTES = 10 * 1024 * 1024
MOST_REDIRECTS = 5
ROBOTS_SECONDS = 5.0
_REDIRECTS = (301, 302, 303, 307, 308)
_GONE = (404, 410)
_COME_BACK = (408, 421, 425, 429)
_READABLE = ("application/pdf", "application/xhtml+xml", "application/octet-stream", "application/json")


class GuardedPageFetcher:
    """Fetches within bounds. `resolver` stands in for the platform's look-up; what it answers is checked."""

    def __init__(
        self,
        *,
        allow_private_addresses: bool = False,
        resolver: Resolver = socket.getaddrinfo,
        most_bytes: int = MOST_PAGE_BYTES,
    ) -> None:
        self._policy = page_policy(allow_private_addresses=allow_private_addresses)
        self._resolver = resolver
        self._most_bytes = most_bytes
        self._robots = RobotsCache()

    def fetch(self, wanted: WantedPage, target: Path, seconds: float) -> FetchedPage | UnchangedPage:
        """See the port."""
        deadline = Deadline.after(seconds)
        url, seen = wanted.url, {wanted.url}
        for _ in range(MOST_REDIRECTS + 1):
            robots = self._allowed(url, deadline)
            found = self._one_hop(wanted, url, target, deadline, robots)
            if not isinstance(found, str):
                return found
            if found in seen:
                message = "The page redirects in a circle. Use the address a browser ends up at."
                raise PageFetchError(PageCode.REDIRECT_LOOP, message)
            seen.add(found)
            url = found
        message = (
            f"The page redirects more than {MOST_REDIRECTS} times. Use the address a browser ends up at."
        )
        raise PageFetchError(PageCode.REDIRECT_LOOP, message)

    def _one_hop(
        self, wanted: WantedPage, url: str, target: Path, deadline: Deadline, robots: Robots
    ) -> FetchedPage | UnchangedPage | str:
        """The page, or the URL it redirects to."""
        with exchange(self._policy, self._resolver, url, _headers(wanted), deadline) as response:
            if response.status in _REDIRECTS:
                return _redirected(response, url)
            if response.status == 304 and (wanted.etag or wanted.last_modified):
                return UnchangedPage()
            _refuse_status(response)
            _refuse_type(response)
            size = self._save(response, target)
            return FetchedPage(
                url,
                size,
                header(response, "Content-Type"),
                _kept(header(response, "ETag")),
                _kept(header(response, "Last-Modified")),
                robots.delay_seconds,
            )

    def _save(self, response: httpcore.Response, target: Path) -> int:
        encoding = header(response, "Content-Encoding") or ""
        declared = header(response, "Content-Length") or ""
        if not encoding and declared.isdecimal() and int(declared[:18]) > self._most_bytes:
            raise too_large(self._most_bytes)
        with target.open("wb") as file:
            for piece in limited(decoded(response.iter_stream(), encoding), self._most_bytes):
                file.write(piece)
            return file.tell()

    def _allowed(self, url: str, deadline: Deadline) -> Robots:
        """The rules for this URL. Raises PageFetchError when they forbid it."""
        robots = self._robots.get(origin_of(url), lambda: self._load_robots(url, deadline))
        if not robots.allows(url):
            message = "The site's robots.txt does not allow this page to be fetched by programs."
            raise PageFetchError(PageCode.ROBOTS_DISALLOWED, message)
        return robots

    def _load_robots(self, url: str, deadline: Deadline) -> Robots:
        within = Deadline.after(min(ROBOTS_SECONDS, deadline.left()))
        place = f"{origin_of(url)}/robots.txt"
        for _ in range(MOST_REDIRECTS + 1):
            try:
                found = self._ask_for_robots(place, within)
            except PageFetchError as error:
                if error.code is PageCode.ROBOTS_UNAVAILABLE:
                    raise
                break
            if not isinstance(found, str):
                return found
            place = found
        return Robots(None)

    def _ask_for_robots(self, place: str, deadline: Deadline) -> Robots | str:
        headers = {"Accept-Encoding": ACCEPTED_ENCODINGS}
        with exchange(self._policy, self._resolver, place, headers, deadline) as response:
            if response.status in _REDIRECTS:
                return _redirected(response, place)
            if response.status == 429 or response.status >= 500:
                message = f"The site's robots.txt cannot be read now (status {response.status})."
                raise PageBusyError(PageCode.ROBOTS_UNAVAILABLE, message, retry_after(response))
            if not 200 <= response.status < 300:
                return Robots(None)
            content = bytearray()
            for piece in decoded(response.iter_stream(), header(response, "Content-Encoding") or ""):
                content += piece
                if len(content) >= MOST_BYTES:
                    break
            return read_robots(bytes(content))


def _headers(wanted: WantedPage) -> dict[str, str]:
    headers = {"Accept-Encoding": ACCEPTED_ENCODINGS}
    if wanted.etag:
        headers["If-None-Match"] = wanted.etag
    if wanted.last_modified:
        headers["If-Modified-Since"] = wanted.last_modified
    return headers


def _redirected(response: httpcore.Response, url: str) -> str:
    place = header(response, "Location")
    target = resolve_link(url, place) if place else None
    if target is None:
        message = f"The page answers {response.status} but leads nowhere that can be fetched."
        raise PageFetchError(PageCode.BAD_REDIRECT, message)
    return target


def _refuse_status(response: httpcore.Response) -> None:
    status = response.status
    if 200 <= status < 300:
        return
    if status in _GONE:
        message = f"There is no such page (status {status}). Check the URL."
        raise PageFetchError(PageCode.NOT_FOUND, message)
    if status in _COME_BACK or status >= 500:
        message = f"The page's server is busy or broken (status {status})."
        raise PageBusyError(PageCode.SERVER_BUSY, message, retry_after(response))
    message = f"The page's server refuses it (status {status}). Save the page as a file and upload that."
    raise PageFetchError(PageCode.HTTP_STATUS, message)


def _refuse_type(response: httpcore.Response) -> None:
    """Refuse what can hold no text before it is downloaded; the extractor judges the rest by its content."""
    declared = (header(response, "Content-Type") or "").partition(";")[0].strip().lower()
    readable = not declared or declared.startswith("text/") or declared in _READABLE
    if not readable and not declared.endswith(("+xml", "/xml", "/x-pdf")):
        message = f"The page is of the type {declared[:80]!r}; HTML, PDF and plain text can be read."
        raise PageFetchError(PageCode.UNSUPPORTED_TYPE, message)


def _kept(value: str | None) -> str | None:
    """A validator to send back later; one that is absurdly long is not worth keeping."""
    return value if value and len(value) <= 500 and value.isprintable() else None
