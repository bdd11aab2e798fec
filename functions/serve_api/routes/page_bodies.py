"""The bodies of requests about pages, and of their answers."""

import datetime as dt
import uuid
from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from census.application.add_pages import MOST_URLS, PostedUrl
from census.domain.crawl import MAX_DEPTH, MAX_PAGES, Follow

from .bodies import Body
from .shapes import FileStatus, ProcessingErrorShape

Url = Annotated[str, Field(max_length=10_000)]


class FollowBody(Body):
    """How far links are followed."""

    depth: Annotated[int, Field(strict=True, ge=0, le=MAX_DEPTH)] = Field(
        1, description="Steps from the pages given."
    )
    max_pages: Annotated[int, Field(strict=True, ge=1, le=MAX_PAGES)] = Field(
        100, description="Pages in all, those given included."
    )
    same_host: Annotated[bool, Field(strict=True)] = Field(True, description="Stay on the host of the page.")


class NewPagesBody(Body):
    """Pages to fetch: either one `url` or several `urls`. A URL that is known already is fetched again."""

    url: Url | None = None
    urls: Annotated[list[Url], Field(min_length=1, max_length=MOST_URLS)] | None = None
    follow: FollowBody | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.url is None) == (self.urls is None):
            raise ValueError("must hold either url or urls")
        return self

    @property
    def posted(self) -> list[PostedUrl]:
        """The URLs with the paths of their fields."""
        if self.url is not None:
            return [PostedUrl("url", self.url)]
        return [PostedUrl(f"urls.{place}", url) for place, url in enumerate(self.urls or ())]

    @property
    def following(self) -> Follow | None:
        """How far to go; None for the pages alone."""
        follow = self.follow
        return Follow(follow.depth, follow.max_pages, follow.same_host) if follow else None


class AddedPageShape(BaseModel):
    """A page to be fetched."""

    id: uuid.UUID
    url: str
    status: FileStatus


class AddedPagesShape(BaseModel):
    """Pages to be fetched, and their crawl where links are followed."""

    items: list[AddedPageShape]
    crawl_id: uuid.UUID | None


class PageShape(BaseModel):
    """A page from the web. Completed with an error: it could not be fetched again and shows what it had."""

    id: uuid.UUID
    url: str
    title: str | None
    content_type: str | None
    size: int | None
    status: FileStatus
    job_id: str | None
    crawl_id: uuid.UUID | None
    processing_error: ProcessingErrorShape | None
    passages: int | None
    tokens: int | None
    created_at: dt.datetime
    updated_at: dt.datetime


class PagesShape(BaseModel):
    """A page of pages, newest first."""

    items: list[PageShape]
    next_cursor: str | None


class CancelledCrawlShape(BaseModel):
    """A crawl that was stopped, and how many of its pages were not begun."""

    id: uuid.UUID
    cancelled_pages: int
