"""The interface's description, generated from the routes."""

import json
from typing import Any

from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver

TITLE = "Census"
VERSION = "1"
DESCRIPTION = (
    "Answers questions about all of a document collection: every figure counted, every quote checked."
)
WITHOUT_BODY = {"204", "303"}
_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemShape"}}}
_SECURITY = {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}


def openapi_document(app: ApiGatewayResolver) -> dict[str, Any]:
    """OpenAPI 3.1 as JSON-ready data.

    Powertools describes a 422 body of its own, and a JSON body where there is none; they are taken out,
    and the answers that every operation shares are put in.
    """
    found = app.get_openapi_json_schema(title=TITLE, version=VERSION, description=DESCRIPTION)
    document: dict[str, Any] = json.loads(found)
    schemas = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError", "ResponseValidationError"):
        schemas.pop(name, None)
    for item in document["paths"].values():
        for operation in item.values():
            _finish(operation)
    document["components"]["securitySchemes"] = _SECURITY
    document["security"] = [{"token": []}]
    return document


def _finish(operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    if "HTTPValidationError" in json.dumps(responses.get("422", {})):
        del responses["422"]
    for status in WITHOUT_BODY & set(responses):
        responses[status].pop("content", None)
    responses["500"] = {"description": "A defect of Census; it was logged.", "content": _PROBLEM}
    if "service" in operation["tags"]:
        operation["security"] = []
    operation["responses"] = dict(sorted(responses.items()))
