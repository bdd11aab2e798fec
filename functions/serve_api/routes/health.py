"""/health: whether Census can serve, and with what."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router

from census import bootstrap
from census.adapters.postgres.schema_revision import read_revision
from census.lambda_support.http import json_response, new_router

from .responses import described
from .shapes import HealthShape


def router() -> Router:
    """The operation that needs no user."""
    api = new_router()

    @api.get(
        "/health",
        summary="Whether Census can serve",
        responses=described({200: HealthShape}, 503),
        tags=["service"],
        operation_id="get_health",
    )
    def get() -> Response[Any]:
        revision = read_revision(bootstrap.database().engine)
        return json_response(
            200,
            {
                "status": "ok",
                "database": {"revision": revision},
                "model": bootstrap.language_model().name,
                "vector_store": bootstrap.settings().vector_store,
            },
        )

    return api
