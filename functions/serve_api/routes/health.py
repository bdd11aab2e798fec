"""/health: whether Census can serve, and with what."""

import time
from functools import lru_cache
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router

from census import bootstrap
from census.adapters.postgres.schema_revision import read_revision
from census.application.check_vectors import vector_problems
from census.lambda_support.http import json_response, new_router

from .responses import described
from .shapes import HealthShape

FRESH_SECONDS = 30
"""Anybody may ask for the health; the index is asked this often at the most."""


@lru_cache(maxsize=1)
def _vector_problems(_period: int) -> list[str]:
    return vector_problems(bootstrap.embedding())


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
        problems = _vector_problems(int(time.monotonic() // FRESH_SECONDS))
        return json_response(
            200,
            {
                "status": "degraded" if problems else "ok",
                "problems": problems,
                "database": {"revision": revision},
                "model": bootstrap.language_model().name,
                "vector_store": bootstrap.settings().vector_store,
            },
        )

    return api
