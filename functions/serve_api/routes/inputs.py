"""The inputs that several resources share."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from census.domain.cursor import DEFAULT_LIMIT, MAX_LIMIT, PageRequest, decode_cursor

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description=f"Items a page; {DEFAULT_LIMIT} by default.")]
CursorText = Annotated[
    str | None, Query(max_length=200, description="`next_cursor` of the page before this one.")
]
FileId = Annotated[str, Path(description="The document's id (UUID).")]
ConversationId = Annotated[str, Path(description="The conversation's id (UUID).")]
JobId = Annotated[str, Path(description="The job's id (UUID).")]


def page_request(limit: int, cursor: str | None) -> PageRequest:
    """The page that a list is asked for. Raises FieldsInvalidError for a bad cursor."""
    return PageRequest(limit, decode_cursor(cursor) if cursor else None)
