"""Why a page could not be fetched.

    PageFetchError           one error; its `code` says which end it was, its subclasses only whether to wait
    └── PageBusyError        the page's server asks for patience, or cannot be reached just now

The codes are stable; clients may rely on them. What is wrong with the content itself is an ExtractionError.
"""

from enum import StrEnum

from census.domain.processing_error import ProcessingError


class PageCode(StrEnum):
    """The stable name of a reason."""

    BLOCKED_ADDRESS = "blocked_address"
    ROBOTS_DISALLOWED = "robots_disallowed"
    ROBOTS_UNAVAILABLE = "robots_unavailable"
    NOT_FOUND = "not_found"
    HTTP_STATUS = "http_status"
    TOO_LARGE = "too_large"
    TIMED_OUT = "timed_out"
    UNSUPPORTED_TYPE = "unsupported_type"
    UNSUPPORTED_ENCODING = "unsupported_encoding"
    REDIRECT_LOOP = "redirect_loop"
    BAD_REDIRECT = "bad_redirect"
    UNREACHABLE = "unreachable"
    SERVER_BUSY = "server_busy"


class PageFetchError(Exception):
    """A page could not be fetched, and fetching it again by itself would not help."""

    def __init__(self, code: PageCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class PageBusyError(PageFetchError):
    """A page could not be fetched now; `after` is how many seconds its server asks to wait."""

    def __init__(self, code: PageCode, message: str, after: float | None = None) -> None:
        super().__init__(code, message)
        self.after = after


CRAWL_CANCELLED = ProcessingError(
    "crawl_cancelled",
    "fetch",
    "The crawl was cancelled before this page was fetched. Fetch it with POST /pages/{id}/retry.",
    retryable=True,
)


def page_crashed(cause: str) -> ProcessingError:
    """What a page's row says whose workers died."""
    return ProcessingError(
        "scrape_crashed",
        "process",
        f"Processing broke off without a result ({cause}). Try again with POST /pages/{{id}}/retry; if that "
        "fails as well, save the page as a file and upload it with POST /files.",
        retryable=True,
    )
