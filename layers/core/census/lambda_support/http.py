"""HTTP at the edge: routes to answers, errors to problem details, and who asks."""

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver, Router
from aws_lambda_powertools.event_handler.exceptions import NotFoundError as NoRouteError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from aws_lambda_powertools.utilities.data_classes.common import BaseProxyEvent

from census import bootstrap
from census.domain.errors import FieldProblem, FieldsInvalidError, NotFoundError, UnavailableError
from census.domain.identity import Caller, caller_from_claims
from census.lambda_support.json_body import JsonBodyValidation
from census.lambda_support.logging import logger
from census.lambda_support.problems import (
    CONTENT_TYPE,
    MethodNotAllowedError,
    RouteUnknownError,
    UnauthenticatedError,
    problem_of,
)
from census.ports.unit_of_work import TenantWork

_PYDANTIC_PREFIX = "Value error, "


class CensusResolver(APIGatewayHttpResolver):
    """Powertools' resolver with our requests, and every error as problem details."""

    def __init__(self) -> None:
        super().__init__(enable_validation=True, serializer=_to_json)
        self._request_validation_middleware = JsonBodyValidation()  # type: ignore[no-untyped-call]
        self.exception_handler(Exception)(self._problem)
        self.exception_handler(NoRouteError)(self._no_route)

    def _problem(self, error: Exception) -> Response[str]:
        if isinstance(error, RequestValidationError):
            error = _fields_invalid(error)
        problem = problem_of(error)
        if problem.status == 500:
            logger().exception("The request failed.", exc_info=error)
        elif isinstance(error, UnavailableError) or problem.status == 503:
            logger().warning("A service does not answer.", extra={"cause": str(error)})
        body = _to_json(problem.body(self.current_event.path))
        return Response(problem.status, CONTENT_TYPE, body, headers=dict(problem.headers))

    def _no_route(self, _: Exception) -> Response[str]:
        """404, or 405 where the path exists with other methods."""
        path, method = self.current_event.path, self.current_event.http_method
        routes = [*self._static_routes, *self._dynamic_routes]
        allowed = sorted({route.method for route in routes if route.rule.match(path)})
        if allowed:
            return self._problem(MethodNotAllowedError(method, tuple(allowed)))
        return self._problem(RouteUnknownError(f"There is nothing at {path}; GET /docs lists what there is."))


def _fields_invalid(error: RequestValidationError) -> FieldsInvalidError:
    """Pydantic's findings with paths as clients know them: `content`, `tags.0`; query and headers by name."""
    problems = []
    for found in error.errors():
        path = ".".join(str(part) for part in found["loc"][1:]) or "body"
        message = str(found["msg"]).removeprefix(_PYDANTIC_PREFIX)
        problems.append(FieldProblem(path, message[:1].lower() + message[1:]))
    return FieldsInvalidError(problems)


def _to_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def json_response(
    status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> Response[Any]:
    """A JSON answer with its status and headers."""
    return Response(status, "application/json", _to_json(body), headers=dict(headers or {}))


def caller_of(event: BaseProxyEvent) -> Caller:
    """The user and tenant of the checked token. Raises UnauthenticatedError when there is none."""
    context: Mapping[str, Any] = event.get("requestContext") or {}
    claims: Mapping[str, Any] = ((context.get("authorizer") or {}).get("jwt") or {}).get("claims") or {}
    subject = str(claims.get("sub") or "")
    if not subject:
        raise UnauthenticatedError("The request carries no user; send an access token.")
    tenant = str(claims.get(bootstrap.settings().tenant_claim) or subject)
    caller = caller_from_claims(str(claims.get("iss") or ""), subject, tenant)
    logger().append_keys(tenant_id=str(caller.tenant_id), user_id=str(caller.user_id))
    return caller


@contextmanager
def work_of(caller: Caller) -> Iterator[TenantWork]:
    """A transaction of the caller's tenant, in which the caller has a profile."""
    with bootstrap.database().tenant(caller.tenant_id) as work:
        work.conversations.ensure_profile(caller.user_id)
        yield work


def parse_id(kind: str, text: str) -> uuid.UUID:
    """The id in a path; what is no UUID is an unknown id. Raises NotFoundError."""
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFoundError(kind, text) from None


def new_router() -> Router:
    """A place to declare one resource's operations; the resolver includes it."""
    return APIGatewayHttpRouter()  # type: ignore[no-untyped-call]


def resolver_of(router: Router) -> ApiGatewayResolver:
    """The resolver that includes a router. Raises TypeError before it does."""
    if not isinstance(router.api_resolver, ApiGatewayResolver):
        raise TypeError("the router is not included in a resolver yet")
    return router.api_resolver
