"""What the HTTP interface answers, as far as the command-line client reads it.

Every shape is a TypedDict over decoded JSON; fields the client does not use are left out.
"""

from typing import Any, Literal, NotRequired, TypedDict

FileStatus = Literal["pending", "processing", "completed", "failed"]
JobStatus = Literal[
    "queued", "awaiting_approval", "processing", "completed", "partial", "failed", "cancelled"
]
Route = Literal["auto", "lookup", "collection"]

ENDED_FILE: frozenset[str] = frozenset({"completed", "failed"})
# A job awaiting approval moves again only when somebody approves it, so waiting for it ends there too.
RESTING_JOB: frozenset[str] = frozenset({"completed", "partial", "failed", "cancelled", "awaiting_approval"})


class PresignedPost(TypedDict):
    """Where to send the bytes, and the form fields that must go in front of them."""

    url: str
    fields: dict[str, str]


class NewFile(TypedDict):
    """The answer to POST /files."""

    id: str
    status: FileStatus
    upload: PresignedPost


class ProcessingError(TypedDict):
    """Why a document could not be read, for the person who owns it."""

    code: str
    stage: str
    message: str
    retryable: bool


class FileRow(TypedDict):
    """One document as GET /files lists it."""

    id: str
    filename: str
    status: FileStatus
    processing_error: ProcessingError | None


class Conversation(TypedDict):
    """A conversation of the caller."""

    id: str
    title: str | None


class Citation(TypedDict):
    """A verbatim quote; offsets count code points in the extracted text."""

    source_kind: str
    source_id: str
    source_name: str
    page: int | None
    char_start: int
    char_end: int
    quote: str
    check: str


class Message(TypedDict):
    """The assistant's message; its content is None until the job ends."""

    id: str
    role: str
    content: str | None
    citations: list[Citation] | None
    job_id: str | None


class RouteTaken(TypedDict):
    """How the question was understood, and why."""

    kind: str
    reason: str


class Table(TypedDict):
    """The figures, computed by SQL."""

    columns: list[str]
    rows: list[list[Any]]


class Bounds(TypedDict):
    """Between which counts the truth lies, given what could not be read."""

    low: int
    high: int


class Result(TypedDict):
    """The answer of a job."""

    answer: str
    table: Table | None
    ledger: dict[str, int]
    bounds: Bounds | None
    citations: list[Citation]
    model: str


class Eta(TypedDict):
    """Seconds until the end, at the median and at the 90th percentile."""

    p50_seconds: float | None
    p90_seconds: float | None


class Job(TypedDict):
    """A question about the whole collection, on its way or done."""

    id: str
    user_query: str
    status: JobStatus
    current_phase: str
    progress: float
    total_items: int
    processed_items: int
    eta: NotRequired[Eta | None]
    result: Result | None
    error_message: str | None


class Asked(TypedDict):
    """The answer to POST …/messages; `job` is there when the whole collection must be read."""

    message: Message
    route: RouteTaken
    job: NotRequired[Job | None]
