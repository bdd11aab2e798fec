"""/jobs: questions over the whole collection, as their own user sees them."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body

from census import bootstrap
from census.application.cancel_job import cancel_job
from census.application.describe_job import describe_job, list_jobs
from census.application.regroup_job import regroup_job
from census.application.reopen_job import approve_job, retry_job
from census.domain.cursor import DEFAULT_LIMIT
from census.lambda_support.http import caller_of, json_response, new_router, parse_id, work_of

from .bodies import ApproveBody, RegroupBody, RetryBody
from .inputs import CursorText, JobId, Limit, page_request
from .plans import read_plan
from .responses import described
from .shapes import JobShape, JobsShape, JobStatus

TAGS = ["jobs"]


def router() -> Router:
    """The operations on jobs."""
    api = new_router()

    @api.get(
        "/jobs",
        summary="List your jobs, newest first",
        responses=described({200: JobsShape}, 422),
        tags=TAGS,
        operation_id="list_jobs",
    )
    def get_all(
        status: JobStatus | None = None, limit: Limit = DEFAULT_LIMIT, cursor: CursorText = None
    ) -> Response[Any]:
        caller, request = caller_of(api.current_event), page_request(limit, cursor)
        with work_of(caller) as work:
            return json_response(200, list_jobs(work, caller.user_id, status, request))

    @api.get(
        "/jobs/<job_id>",
        summary="One job: where it stands, and its answer once there is one",
        responses=described({200: JobShape}, 404),
        tags=TAGS,
        operation_id="get_job",
    )
    def get_one(job_id: JobId) -> Response[Any]:
        caller, wanted = caller_of(api.current_event), parse_id("job", job_id)
        with work_of(caller) as work:
            return json_response(200, describe_job(work, caller.user_id, wanted))

    @api.post(
        "/jobs/<job_id>/cancel",
        summary="Cancel a job; what was read so far is answered",
        responses=described({202: JobShape}, 404, 409),
        tags=TAGS,
        operation_id="cancel_job",
    )
    def cancel(job_id: JobId) -> Response[Any]:
        caller, wanted = caller_of(api.current_event), parse_id("job", job_id)
        database, workflow = bootstrap.database(), bootstrap.workflow()
        return json_response(202, cancel_job(database, workflow, bootstrap.language_model(), caller, wanted))

    @api.post(
        "/jobs/<job_id>/retry",
        summary="Go on with a partial or failed job: only what is not done is read",
        responses=described({202: JobShape}, 400, 404, 409, 415, 422),
        tags=TAGS,
        operation_id="retry_job",
    )
    def retry(job_id: JobId, body: Annotated[RetryBody | None, Body()] = None) -> Response[Any]:
        caller, wanted = caller_of(api.current_event), parse_id("job", job_id)
        cap = body.max_cost_usd if body else None
        return json_response(202, retry_job(*_starting(), caller, wanted, cap))

    @api.post(
        "/jobs/<job_id>/approve",
        summary="Let a job start that waits for approval",
        responses=described({202: JobShape}, 400, 404, 409, 415, 422),
        tags=TAGS,
        operation_id="approve_job",
    )
    def approve(job_id: JobId, body: Annotated[ApproveBody | None, Body()] = None) -> Response[Any]:
        caller, wanted = caller_of(api.current_event), parse_id("job", job_id)
        wish = body or ApproveBody()
        plan = None if wish.plan is None else read_plan(wish.plan)
        return json_response(202, approve_job(*_starting(), caller, wanted, wish.max_cost_usd, plan))

    @api.post(
        "/jobs/<job_id>/regroup",
        summary="Aggregate the same rows anew, without reading anything: a new job",
        responses=described({202: JobShape}, 400, 404, 409, 415, 422),
        tags=TAGS,
        operation_id="regroup_job",
    )
    def regroup(job_id: JobId, body: Annotated[RegroupBody | None, Body()] = None) -> Response[Any]:
        caller, wanted = caller_of(api.current_event), parse_id("job", job_id)
        changes = body.model_dump(exclude_unset=True) if body else {}
        deadline = bootstrap.settings().job_deadline_seconds
        job = regroup_job(*_starting(), caller, wanted, changes, deadline)
        return json_response(202, job, {"Location": f"/jobs/{job['id']}"})

    return api


def _starting() -> tuple[Any, Any, Any]:
    return bootstrap.database(), bootstrap.workflow(), bootstrap.reconcile_queue()
