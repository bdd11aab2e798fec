"""The bodies of requests as they are checked."""

import re
import uuid
from decimal import ROUND_DOWN, Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from census.domain.plan import Filters
from census.domain.plan_codec import filters_from_json
from census.domain.plan_fields import parse_time

MAX_UPLOAD_BYTES = 200 * 1024 * 1024
MAX_QUESTION = 8_000
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_PATH_LIKE = re.compile(r"[/\\]|^\.{1,2}$")


def _filename(name: str) -> str:
    if _CONTROL.search(name) or _PATH_LIKE.search(name):
        raise ValueError("must be a file's name, without folders and control characters")
    return name


def _one_line(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("must not hold control characters")
    return text


def _millionths(dollars: Decimal) -> Decimal:
    """Money is kept to six places; half of an estimate has more of them, and a cap is never raised."""
    return dollars.quantize(Decimal("0.000001"), ROUND_DOWN)


def _time(text: str) -> str:
    try:
        parse_time(text)
    except (ValueError, OverflowError):
        raise ValueError("must be a date or a time in ISO 8601, such as 2026-11-22T10:00:00Z") from None
    return text


Filename = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=255),
    AfterValidator(_filename),
]
Tag = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64), AfterValidator(_one_line)
]
Title = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(_one_line)]
MediaType = Annotated[
    str,
    StringConstraints(max_length=255, pattern=r"^[\w!#$&^.+-]+/[\w!#$&^.+-]+(\s*;.*)?$"),
    AfterValidator(_one_line),
]
Question = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_QUESTION)]
Time = Annotated[
    str,
    StringConstraints(max_length=40),
    AfterValidator(_time),
    Field(description="ISO 8601; without an offset it is UTC.", examples=["2026-11-22T10:00:00Z"]),
]
Dollars = Annotated[Decimal, Field(ge=0, le=1_000_000, allow_inf_nan=False), AfterValidator(_millionths)]


class Body(BaseModel):
    """A request's body: fields nobody knows are refused, so that a misspelt one is not ignored."""

    model_config = ConfigDict(extra="forbid")


class NewFileBody(Body):
    """A document to upload."""

    filename: Filename
    content_type: MediaType | None = None
    size: Annotated[int, Field(strict=True, ge=0, le=MAX_UPLOAD_BYTES)] | None = Field(
        None, description="In bytes; where declared, exactly this many must be uploaded."
    )
    replaces: uuid.UUID | None = Field(None, description="The document this is a new version of.")
    tags: Annotated[list[Tag], Field(max_length=20)] = Field(default_factory=list)


class NewConversationBody(Body):
    """A conversation to start."""

    title: Title | None = None


class FiltersBody(Body):
    """Which documents are asked; all conditions together."""

    source_kinds: Annotated[list[Literal["file", "page"]], Field(max_length=2)] | None = None
    ids: Annotated[list[uuid.UUID], Field(max_length=1_000)] | None = None
    name: Annotated[str, StringConstraints(min_length=1, max_length=255)] | None = None
    content_types: Annotated[list[MediaType], Field(max_length=50)] | None = None
    tags: Annotated[list[Tag], Field(max_length=20)] | None = None
    added_after: Time | None = None
    added_before: Time | None = None


def read_filters(body: FiltersBody | None) -> Filters:
    """The filters of a body; none without one."""
    return filters_from_json(body.model_dump(mode="json", exclude_none=True)) if body else Filters()


class NewMessageBody(Body):
    """A question."""

    content: Question
    route: Literal["auto", "lookup", "collection"] = "auto"
    filters: FiltersBody | None = None
    plan: dict[str, Any] | None = Field(None, description="A corrected `intent_data`.")
    max_cost_usd: Dollars | None = None
    approve_above_usd: Dollars | None = None


class EstimateBody(Body):
    """A question to price."""

    content: Question
    filters: FiltersBody | None = None
    plan: dict[str, Any] | None = Field(None, description="A corrected `intent_data`.")


class RegroupBody(Body):
    """What to aggregate differently; atoms and documents stay as they are. What is left out stays, too."""

    kind: str | None = None
    group_by: dict[str, Any] | None = None
    order: str | None = None
    limit: Annotated[int, Field(strict=True)] | None = None
    merge: dict[str, str] | None = Field(None, description="Values and the groups they count for.")
    unit: str | None = None
    compare: list[str] | None = Field(None, description="The groups to set side by side; none for all.")
    measure: dict[str, Any] | None = None
    where: dict[str, Any] | None = Field(None, description="The same atoms, combined differently.")


class ApproveBody(Body):
    """What to change before a job that waits for approval starts."""

    max_cost_usd: Dollars | None = None
    plan: dict[str, Any] | None = None


class RetryBody(Body):
    """A higher cap for what is not done yet."""

    max_cost_usd: Dollars | None = None
