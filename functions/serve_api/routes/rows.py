"""/jobs/{id}/rows: the documents of a job, one row each, as pages or as a file."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router

from census import bootstrap
from census.application.export_rows import CSV_TYPE, export_rows
from census.application.list_rows import list_rows
from census.domain.cursor import DEFAULT_LIMIT, decode_ordinal, encode_ordinal
from census.lambda_support.http import caller_of, json_response, new_router, parse_id, work_of

from .inputs import CursorText, JobId, Limit
from .responses import described
from .shapes import RowsShape


def prefers_csv(accept: str | None) -> bool:
    """Whether an `Accept` header wants CSV, and more than JSON where it takes both (RFC 9110, 12.5.1)."""
    wants = {"text/csv": 0.0, "application/json": 0.0}
    for part in (accept or "").lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        if name in wants:
            wants[name] = next((_quality(p) for p in parameters if p.startswith("q=")), 1.0)
    return wants["text/csv"] > 0 and wants["text/csv"] >= wants["application/json"]


def _quality(parameter: str) -> float:
    try:
        return float(parameter.removeprefix("q="))
    except ValueError:
        return 1.0


def router() -> Router:
    """The operation on a job's rows."""
    api = new_router()

    @api.get(
        "/jobs/<job_id>/rows",
        summary="The documents of a job; with `Accept: text/csv` all of them as a file",
        responses=described({200: RowsShape, 303: None}, 404, 422, 503),
        tags=["jobs"],
        operation_id="list_rows",
    )
    def get_all(job_id: JobId, limit: Limit = DEFAULT_LIMIT, cursor: CursorText = None) -> Response[Any]:
        caller, wanted = caller_of(api.current_event), parse_id("job", job_id)
        if prefers_csv(api.current_event.headers.get("accept")):
            found = export_rows(bootstrap.database(), bootstrap.object_store(), caller, wanted)
            if found.url is not None:
                return Response(303, None, "", headers={"Location": found.url})
            return Response(200, CSV_TYPE, found.csv)
        after = decode_ordinal(cursor) if cursor else 0
        with work_of(caller) as work:
            items, more = list_rows(work, caller.user_id, wanted, limit, after)
        return json_response(
            200, {"items": items, "next_cursor": None if more is None else encode_ordinal(more)}
        )

    return api
