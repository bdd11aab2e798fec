"""/files: documents, from the announced upload to the deletion."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router

from census import bootstrap
from census.application.delete_file import delete_file
from census.application.list_files import describe_file, list_files, tell_warnings
from census.application.read_file_text import read_file_text
from census.application.retry_file import retry_file
from census.application.upload_file import UploadRequest, upload_file
from census.domain.cursor import DEFAULT_LIMIT
from census.lambda_support.http import caller_of, json_response, new_router, parse_id, work_of

from .bodies import NewFileBody
from .inputs import CursorText, FileId, Limit, page_request
from .responses import described
from .shapes import FileShape, FilesShape, FileStatus, FileWarningsShape, NewFileShape

TAGS = ["files"]
PLAIN = "text/plain; charset=utf-8"


def router() -> Router:
    """The operations on documents."""
    api = new_router()

    @api.post(
        "/files",
        summary="Announce a document and get a form to upload it with",
        responses=described({201: NewFileShape}, 400, 415, 422, 503),
        tags=TAGS,
        operation_id="upload_file",
    )
    def post(body: NewFileBody) -> Response[Any]:
        request = UploadRequest(
            body.filename, body.content_type, body.size, body.replaces, tuple(dict.fromkeys(body.tags))
        )
        made = upload_file(
            bootstrap.database(),
            bootstrap.object_store(),
            bootstrap.reconcile_queue(),
            caller_of(api.current_event),
            request,
            bootstrap.settings().upload_expiry_seconds,
        )
        return json_response(201, made, {"Location": f"/files/{made['id']}"})

    @api.get(
        "/files",
        summary="List documents, newest first",
        responses=described({200: FilesShape}, 422),
        tags=TAGS,
        operation_id="list_files",
    )
    def get_all(
        status: FileStatus | None = None, limit: Limit = DEFAULT_LIMIT, cursor: CursorText = None
    ) -> Response[Any]:
        request = page_request(limit, cursor)
        with work_of(caller_of(api.current_event)) as work:
            return json_response(200, list_files(work, status, request))

    @api.get(
        "/files/<file_id>",
        summary="One document",
        responses=described({200: FileShape}, 404),
        tags=TAGS,
        operation_id="get_file",
    )
    def get_one(file_id: FileId) -> Response[Any]:
        with work_of(caller_of(api.current_event)) as work:
            return json_response(200, describe_file(work, parse_id("file", file_id)))

    @api.get(
        "/files/<file_id>/text",
        summary="The extracted text, which offsets count in; above 1 MB a redirect to a download",
        responses=described({200: PLAIN, 303: None}, 404, 409, 503),
        tags=TAGS,
        operation_id="get_file_text",
    )
    def get_text(file_id: FileId) -> Response[Any]:
        caller = caller_of(api.current_event)
        found = read_file_text(
            bootstrap.database(), bootstrap.object_store(), caller.tenant_id, parse_id("file", file_id)
        )
        if found.url is not None:
            return Response(303, None, "", headers={"Location": found.url})
        return Response(200, PLAIN, found.text)

    @api.get(
        "/files/<file_id>/warnings",
        summary="What of a document was not read, or read otherwise than declared",
        responses=described({200: FileWarningsShape}, 404),
        tags=TAGS,
        operation_id="get_file_warnings",
    )
    def get_warnings(file_id: FileId) -> Response[Any]:
        with work_of(caller_of(api.current_event)) as work:
            return json_response(200, tell_warnings(work, parse_id("file", file_id)))

    @api.post(
        "/files/<file_id>/retry",
        summary="Process a failed document once more",
        responses=described({202: FileShape}, 404, 409),
        tags=TAGS,
        operation_id="retry_file",
    )
    def retry(file_id: FileId) -> Response[Any]:
        caller = caller_of(api.current_event)
        reopened = retry_file(
            bootstrap.database(), bootstrap.ingest_queue(), caller.tenant_id, parse_id("file", file_id)
        )
        return json_response(202, reopened)

    @api.delete(
        "/files/<file_id>",
        summary="Delete a document with all that was made of it",
        responses=described({204: None}, 404, 503),
        tags=TAGS,
        operation_id="delete_file",
    )
    def delete(file_id: FileId) -> Response[Any]:
        caller = caller_of(api.current_event)
        delete_file(bootstrap.stores(), caller.tenant_id, parse_id("file", file_id))
        return Response(204, None, "")

    return api
