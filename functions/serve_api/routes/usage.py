"""/usage: what the caller spent and may spend."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router

from census import bootstrap
from census.application.describe_usage import describe_usage
from census.lambda_support.http import caller_of, json_response, new_router

from .responses import described
from .usage_shapes import UsageShape


def router() -> Router:
    """The operation on usage."""
    api = new_router()

    @api.get(
        "/usage",
        summary="The caller's spending and limits, this month and today",
        responses=described({200: UsageShape}, 503),
        tags=["jobs"],
        operation_id="get_usage",
    )
    def get() -> Response[Any]:
        return json_response(200, describe_usage(bootstrap.database(), caller_of(api.current_event)))

    return api
