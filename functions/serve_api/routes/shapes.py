"""The bodies of answers as they are described."""

import datetime as dt
import uuid
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

FileStatus = Literal["pending", "processing", "completed", "failed"]
JobStatus = Literal[
    "queued", "awaiting_approval", "processing", "completed", "partial", "failed", "cancelled"
]


class ProcessingErrorShape(BaseModel):
    """Why a document could not be processed."""

    code: str
    stage: str | None
    message: str
    retryable: bool


class UploadShape(BaseModel):
    """A form to POST: these fields first, the file's bytes last in a field named `file`."""

    url: str
    fields: dict[str, str]


class NewFileShape(BaseModel):
    """A file that waits for its bytes."""

    id: uuid.UUID
    status: Literal["pending"]
    upload: UploadShape


class FileShape(BaseModel):
    """A document."""

    id: uuid.UUID
    filename: str
    content_type: str | None
    size: int | None
    status: FileStatus
    job_id: str | None
    processing_error: ProcessingErrorShape | None
    passages: int | None
    tokens: int | None
    uploaded_at: dt.datetime
    updated_at: dt.datetime


class FilesShape(BaseModel):
    """A page of documents, newest first."""

    items: list[FileShape]
    next_cursor: str | None


class FileWarningsShape(BaseModel):
    """What of a document was not read, or read otherwise than declared: at most 20 sentences."""

    items: list[str]


class ConversationShape(BaseModel):
    """A conversation."""

    id: uuid.UUID
    title: str | None
    created_at: dt.datetime


class ConversationsShape(BaseModel):
    """A page of conversations, newest first."""

    items: list[ConversationShape]
    next_cursor: str | None


class CitationShape(BaseModel):
    """A quote and its place in the extracted text, in Unicode code points."""

    source_kind: Literal["file", "page"]
    source_id: uuid.UUID
    source_name: str
    page: int | None
    char_start: int
    char_end: int
    quote: str
    check: Literal["exact", "fuzzy", "unverified"]


class AnswerShape(BaseModel):
    """The assistant's message."""

    id: uuid.UUID
    role: Literal["assistant"]
    content: str | None
    citations: list[CitationShape] | None
    job_id: uuid.UUID | None


class MessageShape(BaseModel):
    """A message; the content of an answer is null until its job ends."""

    id: uuid.UUID
    role: Literal["user", "assistant"]
    content: str | None
    citations: list[CitationShape] | None
    job_id: uuid.UUID | None
    created_at: dt.datetime


class MessagesShape(BaseModel):
    """A page of messages, oldest first."""

    items: list[MessageShape]
    next_cursor: str | None


class RouteShape(BaseModel):
    """The way a question took."""

    kind: Literal["lookup", "collection", "metadata", "clarification"]
    reason: str


class AnsweredShape(BaseModel):
    """A question that is answered."""

    message: AnswerShape
    route: RouteShape


class JobShape(BaseModel):
    """A question over the whole collection: where it stands, and its answer once there is one."""

    model_config = ConfigDict(extra="allow")

    id: uuid.UUID
    conversation_id: uuid.UUID
    message_id: uuid.UUID | None
    job_type: str
    user_query: str
    status: JobStatus
    current_phase: Literal["queued", "planning", "mapping", "reducing", "done"]
    progress: float
    total_items: int
    processed_items: int
    total_batches: int
    processed_batches: int
    failed_batches: int
    intent_data: dict[str, Any] | None
    cost: dict[str, Any]
    eta: dict[str, int | None]
    result: dict[str, Any] | None
    aggregation_details: dict[str, Any] | None
    intermediate_results: dict[str, Any] | None
    error_message: str | None
    error_details: dict[str, Any] | None
    created_at: dt.datetime
    started_at: dt.datetime | None
    completed_at: dt.datetime | None
    actual_duration_seconds: float | None


class RangeShape(BaseModel):
    """US dollars."""

    low: float
    high: float


class SecondsShape(BaseModel):
    """From asking to the answer."""

    p50: int
    p90: int


class EstimateShape(BaseModel):
    """What a question would cost: its plan, the documents, those whose results are known, and the rest."""

    plan: dict[str, Any]
    items: int
    cached: int
    calls: int
    tokens: int
    cost_usd: RangeShape
    seconds: SecondsShape


class AskedShape(BaseModel):
    """A question that a job answers."""

    message: AnswerShape
    route: RouteShape
    job: JobShape


class JobsShape(BaseModel):
    """A page of jobs, newest first."""

    items: list[JobShape]
    next_cursor: str | None


class RowsShape(BaseModel):
    """A page of a job's rows, one a document."""

    items: list[dict[str, Any]]
    next_cursor: str | None


class HealthShape(BaseModel):
    """What serves."""

    status: Literal["ok", "degraded"]
    problems: list[str]
    database: dict[str, Any]
    model: str
    vector_store: str


class ProblemErrorShape(BaseModel):
    """A bad field."""

    path: str
    message: str


class ProblemShape(BaseModel):
    """Problem details (RFC 9457). `errors` names bad fields; `state` is the one that forbids a call (409)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str | None = None
    errors: list[ProblemErrorShape] | None = None
    state: str | None = None
