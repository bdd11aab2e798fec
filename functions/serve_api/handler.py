"""Serves the HTTP interface: an API Gateway event (payload 2.0) in, its answer out."""

import time
from functools import cache
from typing import TYPE_CHECKING, Any

from census.lambda_support.http import CensusResolver
from census.lambda_support.invocation import observed
from census.lambda_support.logging import logger
from census.ports.time_left import SECONDS_TO_ANSWER, within

if TYPE_CHECKING or __package__:
    from functions.serve_api.routes import build_app
else:  # on Lambda this folder itself is on the path
    from routes import build_app


@cache
def app() -> CensusResolver:
    """The resolver of this process."""
    return build_app()


@observed("serve_api")
def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answers one request and logs one line about it, without its words."""
    request = event["requestContext"]
    began = time.perf_counter()
    with within(context.get_remaining_time_in_millis() / 1000 - SECONDS_TO_ANSWER):
        answer: dict[str, Any] = app().resolve(event, context)
    logger().info(
        "Answered.",
        extra={
            "method": request["http"]["method"],
            "path": event["rawPath"],
            "status": answer["statusCode"],
            "milliseconds": round((time.perf_counter() - began) * 1000),
        },
    )
    return answer
