"""/pages: documents from the web, from their URLs to the deletion."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Path

from census import bootstrap
from census.application.add_pages import add_pages
from census.application.cancel_crawl import cancel_crawl
from census.application.delete_page import delete_page
from census.application.list_pages import describe_page, list_pages
from census.application.read_page_text import read_page_text
from census.application.refresh_page import refresh_page, retry_page
from census.domain.cursor import DEFAULT_LIMIT
from census.lambda_support.http import caller_of, json_response, new_router, parse_id, work_of

from .inputs import CursorText, Limit, page_request
from .page_bodies import AddedPagesShape, CancelledCrawlShape, NewPagesBody, PageShape, PagesShape
from .responses import described
from .shapes import FileStatus

TAGS = ["pages"]
PLAIN = "text/plain; charset=utf-8"
PageId = Annotated[str, Path(description="The page's id (UUID).")]
CrawlId = Annotated[str, Path(description="The crawl's id (UUID).")]


def router() -> Router:
    """The operations on pages."""
    api = new_router()
    _declare_writing(api)
    _declare_reading(api)
    _declare_changing(api)
    return api


def _declare_writing(api: Router) -> None:
    @api.post(
        "/pages",
        summary="Fetch pages from the web, and the pages they link to",
        responses=described({202: AddedPagesShape}, 400, 415, 422),
        tags=TAGS,
        operation_id="add_pages",
    )
    def post(body: NewPagesBody) -> Response[Any]:
        caller = caller_of(api.current_event)
        queue = bootstrap.scrape_queue()
        return json_response(202, add_pages(bootstrap.database(), queue, caller, body.posted, body.following))

    @api.post(
        "/pages/crawls/<crawl_id>/cancel",
        summary="Stop following links; pages already fetched stay",
        responses=described({202: CancelledCrawlShape}, 404),
        tags=TAGS,
        operation_id="cancel_crawl",
    )
    def cancel(crawl_id: CrawlId) -> Response[Any]:
        caller = caller_of(api.current_event)
        stopped = cancel_crawl(bootstrap.database(), caller.tenant_id, parse_id("crawl", crawl_id))
        return json_response(202, stopped)


def _declare_reading(api: Router) -> None:
    @api.get(
        "/pages",
        summary="List pages, newest first",
        responses=described({200: PagesShape}, 422),
        tags=TAGS,
        operation_id="list_pages",
    )
    def get_all(
        status: FileStatus | None = None, limit: Limit = DEFAULT_LIMIT, cursor: CursorText = None
    ) -> Response[Any]:
        request = page_request(limit, cursor)
        with work_of(caller_of(api.current_event)) as work:
            return json_response(200, list_pages(work, status, request))

    @api.get(
        "/pages/<page_id>",
        summary="One page",
        responses=described({200: PageShape}, 404),
        tags=TAGS,
        operation_id="get_page",
    )
    def get_one(page_id: PageId) -> Response[Any]:
        with work_of(caller_of(api.current_event)) as work:
            return json_response(200, describe_page(work, parse_id("page", page_id)))

    @api.get(
        "/pages/<page_id>/text",
        summary="The extracted text, which offsets count in; above 1 MB a redirect to a download",
        responses=described({200: PLAIN, 303: None}, 404, 409, 503),
        tags=TAGS,
        operation_id="get_page_text",
    )
    def get_text(page_id: PageId) -> Response[Any]:
        caller = caller_of(api.current_event)
        found = read_page_text(
            bootstrap.database(), bootstrap.object_store(), caller.tenant_id, parse_id("page", page_id)
        )
        if found.url is not None:
            return Response(303, None, "", headers={"Location": found.url})
        return Response(200, PLAIN, found.text)


def _declare_changing(api: Router) -> None:
    @api.post(
        "/pages/<page_id>/retry",
        summary="Fetch a failed page once more",
        responses=described({202: PageShape}, 404, 409),
        tags=TAGS,
        operation_id="retry_page",
    )
    def retry(page_id: PageId) -> Response[Any]:
        caller, queue = caller_of(api.current_event), bootstrap.scrape_queue()
        page = retry_page(bootstrap.database(), queue, caller.tenant_id, parse_id("page", page_id))
        return json_response(202, page)

    @api.post(
        "/pages/<page_id>/refresh",
        summary="Fetch a page again if it changed",
        responses=described({202: PageShape}, 404),
        tags=TAGS,
        operation_id="refresh_page",
    )
    def refresh(page_id: PageId) -> Response[Any]:
        caller, queue = caller_of(api.current_event), bootstrap.scrape_queue()
        page = refresh_page(bootstrap.database(), queue, caller.tenant_id, parse_id("page", page_id))
        return json_response(202, page)

    @api.delete(
        "/pages/<page_id>",
        summary="Delete a page with all that was made of it",
        responses=described({204: None}, 404, 503),
        tags=TAGS,
        operation_id="delete_page",
    )
    def delete(page_id: PageId) -> Response[Any]:
        caller = caller_of(api.current_event)
        delete_page(bootstrap.stores(), caller.tenant_id, parse_id("page", page_id))
        return Response(204, None, "")
