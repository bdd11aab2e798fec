"""Whether a message of the scrape queue gets to work on its page. Pure: the store locks the row and acts.

pending ──────────────────────────▶ processing      a claim, for as long as the worker may live
processing, claim expired ────────▶ processing      the worker died
processing ───────────────────────▶ pending         the server was busy or out of reach: later again
processing ───────────────────────▶ completed | failed
pending ──────────────────────────▶ failed          the crawl was cancelled, or too many workers died
completed, failed, on request ────▶ pending         retry, refresh, the same URL posted again, a new crawl

A pending row's claim time is when its next attempt is due: it keeps crawls polite and back-off honest, even
where a message comes early or twice.
"""

import json
import uuid
from dataclasses import dataclass

from census.domain.plan import JsonObject
from census.domain.upload_claims import FileStatus, GiveUp, Leave, Wait

MAX_ATTEMPTS = 5
FIRST_DELAY_SECONDS = 10
LONGEST_DELAY_SECONDS = 900  # SQS delays a message no longer


@dataclass(frozen=True)
class PageState:
    """A page's row as a claim looks at it; `claim_seconds` is how long its claim or wait holds, 0 for none.

    `cancelled`: the crawl it belongs to was cancelled.
    """

    status: FileStatus
    attempts: int
    claim_seconds: float
    message_id: str | None
    cancelled: bool = False


@dataclass(frozen=True)
class TakePage:
    """Fetch the page, as attempt number `attempt`."""

    attempt: int


@dataclass(frozen=True)
class StopCrawl:
    """The page was not begun before its crawl was cancelled."""


PageDecision = TakePage | StopCrawl | Wait | Leave | GiveUp


def decide_page_claim(state: PageState, message_id: str) -> PageDecision:
    """What a message may do with a page in this state."""
    if state.status in (FileStatus.COMPLETED, FileStatus.FAILED):
        return Leave(f"it is {state.status}")
    if state.cancelled and state.status is FileStatus.PENDING:
        return StopCrawl()
    if state.claim_seconds > 0:
        at_work = state.status is FileStatus.PROCESSING
        if at_work and state.message_id != message_id:
            return Leave("another worker has it")
        return Wait(state.claim_seconds)
    if state.attempts >= MAX_ATTEMPTS:
        return GiveUp(state.attempts)
    return TakePage(state.attempts + 1)


def page_delay_after(attempt: int, asked: float | None = None) -> int:
    """Seconds until the next attempt: 10, 20, 40, 80, or as long as the server asked for, up to 900."""
    backoff = FIRST_DELAY_SECONDS * 2 ** min(max(attempt, 1) - 1, 10)
    return int(min(LONGEST_DELAY_SECONDS, max(backoff, asked or 0)))


def page_reminder(tenant_id: uuid.UUID, page_id: uuid.UUID) -> JsonObject:
    """The scrape queue's message: look at this page."""
    return {"tenant_id": str(tenant_id), "page_id": str(page_id)}


def read_page_message(body: str) -> tuple[uuid.UUID, uuid.UUID] | None:
    """Tenant and page of a message; None for one that is not ours."""
    try:
        message = json.loads(body)
        return uuid.UUID(message["tenant_id"]), uuid.UUID(message["page_id"])
    except (KeyError, ValueError, TypeError, AttributeError):
        return None
