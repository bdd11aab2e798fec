"""/estimates: what a question over the whole collection would cost."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router

from census import bootstrap
from census.application.choose_route import with_filters
from census.application.estimate_question import estimate_question, plan_for_estimate
from census.lambda_support.http import caller_of, json_response, new_router

from .bodies import EstimateBody, read_filters
from .plans import read_plan
from .responses import described
from .shapes import EstimateShape


def router() -> Router:
    """The operation on estimates."""
    api = new_router()

    @api.post(
        "/estimates",
        summary="Price a question before anything is spent; makes no job",
        responses=described({200: EstimateShape}, 400, 409, 415, 422, 503),
        tags=["jobs"],
        operation_id="estimate_question",
    )
    def post(body: EstimateBody) -> Response[Any]:
        tools, caller, given = bootstrap.estimate_tools(), caller_of(api.current_event), body.plan
        corrected = None if given is None else read_plan(given)
        planned = plan_for_estimate(tools, caller, body.content, corrected)
        plan = with_filters(planned.plan, read_filters(body.filters))
        estimate = estimate_question(tools, caller, plan, planned.usage)
        return json_response(200, estimate)

    return api
