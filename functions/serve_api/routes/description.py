"""/openapi.json and /docs: the interface described by itself."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router

from census.lambda_support.docs_page import docs_page
from census.lambda_support.http import json_response, new_router, resolver_of
from census.lambda_support.openapi import openapi_document


def router() -> Router:
    """The operations that describe the others."""
    api = new_router()

    @api.get("/openapi.json", include_in_schema=False)
    def get_document() -> Response[Any]:
        return json_response(200, openapi_document(resolver_of(api)))

    @api.get("/docs", include_in_schema=False)
    def get_docs() -> Response[Any]:
        page = docs_page(openapi_document(resolver_of(api)))
        return Response(200, "text/html; charset=utf-8", page)

    return api
