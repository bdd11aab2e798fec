"""What the outside touches: the HTTP interface and the bucket."""

from __future__ import annotations

import json
from collections.abc import Iterator

from infra.gates.application import ROOT, Application, as_list
from infra.local.template import Json

OPEN_ROUTES = {("get", "/health"), ("get", "/openapi.json"), ("get", "/docs")}
"""What needs no token: whether it is well, and how it is called."""
MOST_REQUESTS_A_SECOND = 100
"""By default: what the connections of a small database can serve."""
SENT_BY_PAGES = {"authorization", "content-type"}
OLD_VERSIONS_DAYS = 30
"""As docs/operations.md says of objects that were deleted or overwritten."""
SECRET_LOG_WORDS = ("authorizer.claims", "header.", "identity.apiKey", "querystring", "requestOverride")


def _api(app: Application) -> Json:
    (api,) = (body for _, body in app.of("AWS::ApiGatewayV2::Api"))
    found: Json = api["Body"]
    return found


def _stage(app: Application) -> Json:
    (stage,) = (body for _, body in app.of("AWS::ApiGatewayV2::Stage"))
    return stage


def routes(app: Application) -> Iterator[tuple[str, str, Json]]:
    """Method, path and operation of each route."""
    for path, methods in _api(app)["paths"].items():
        for method, operation in methods.items():
            if method != "options":
                yield method, path, operation


def every_route_asks_for_a_token(app: Application) -> Iterator[str]:
    """An access token with the scope, but for the open routes."""
    for method, path, operation in routes(app):
        security = operation.get("security", [])
        if (method, path) in OPEN_ROUTES:
            continue
        if not any(row.get("Tokens") == [{"Ref": "RequiredScope"}] for row in security) or len(security) != 1:
            yield f"{method} {path}: asks for {security or 'nothing'}"
    authorizer = _api(app)["components"]["securitySchemes"]["Tokens"]["x-amazon-apigateway-authorizer"]
    settings = authorizer["jwtConfiguration"]
    if settings != {"issuer": {"Ref": "TokenIssuer"}, "audience": [{"Ref": "TokenAudience"}]}:
        yield f"tokens are checked against {settings}"


def _described() -> tuple[set[str], set[str]]:
    """Methods and headers of the interface's description, in lower case."""
    paths = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))["paths"]
    operations = [(method, operation) for item in paths.values() for method, operation in item.items()]
    headers = {row["name"].lower() for _, operation in operations
               for row in operation.get("parameters", []) if row["in"] == "header"}  # fmt: skip
    return {method for method, _ in operations}, headers


def every_call_has_its_way_in(app: Application) -> Iterator[str]:
    """What the description offers has a route, and pages of the allowed origin may call it."""
    methods, headers = _described()
    whole = {method for method, path, _ in routes(app) if path == "/{proxy+}"}
    for method in sorted(methods ^ whole):
        yield f"{method}: {'has no route' if method in methods else 'leads to nothing'}"
    cors = _api(app).get("x-amazon-apigateway-cors", {})
    lacking = {method.upper() for method in methods} - set(cors.get("allowMethods", []))
    for name in sorted(lacking | ((headers | SENT_BY_PAGES) - set(cors.get("allowHeaders", [])))):
        yield f"pages may not use {name}"


def preflights_need_no_token(app: Application) -> Iterator[str]:
    """A route for ANY method would take OPTIONS requests, and ask them for a token."""
    for method, path, _ in routes(app):
        if method in ("x-amazon-apigateway-any-method", "options"):
            yield f"{path}: takes OPTIONS"


def other_pages_may_not_call(app: Application) -> Iterator[str]:
    """Browsers are let in from the origins of the parameter only."""
    cors = _api(app).get("x-amazon-apigateway-cors", {})
    wanted = [app.translated["Parameters"]["AllowedOrigin"]["Default"]]
    if app.resolver().value(cors.get("allowOrigins")) != wanted or cors.get("allowCredentials"):
        yield f"the API lets in pages of {cors.get('allowOrigins')}"
    if "*" in [*as_list(cors.get("allowMethods", "*")), *as_list(cors.get("allowHeaders", "*"))]:
        yield "the API lets pages use any method or header"
    for name, properties in app.of("AWS::S3::Bucket"):
        for rule in properties.get("CorsConfiguration", {}).get("CorsRules", []):
            if app.resolver().value(rule["AllowedOrigins"]) != wanted or "*" in rule["AllowedHeaders"]:
                yield f"{name}: lets in pages of {rule['AllowedOrigins']}"
    if "*" in str(wanted):
        yield "AllowedOrigins lets every page in by default"


def every_route_is_throttled(app: Application) -> Iterator[str]:
    """By the default, and lower where a call costs a model's or needs no token."""
    stage = _stage(app)
    default = stage.get("DefaultRouteSettings", {})
    if not default.get("ThrottlingRateLimit") or not default.get("ThrottlingBurstLimit"):
        yield "no throttling by default"
    elif default["ThrottlingRateLimit"] > MOST_REQUESTS_A_SECOND:
        yield f"{default['ThrottlingRateLimit']} requests a second are let through"
    known = {f"{method.upper()} {path}" for method, path, _ in routes(app)}
    own = stage.get("RouteSettings", {})
    wanted = {"POST /conversations/{conversation_id}/messages", *(f"{m.upper()} {p}" for m, p in OPEN_ROUTES)}
    for key in sorted(set(own) - known):
        yield f"{key}: throttled, but no route"
    for key in sorted(wanted):
        limit = own.get(key, {}).get("ThrottlingRateLimit", 1e9)
        if limit >= default.get("ThrottlingRateLimit", 0):
            yield f"{key}: not throttled below the default"


def requests_are_logged_without_secrets(app: Application) -> Iterator[str]:
    """The access log has a group and names no token, header or query."""
    settings = _stage(app).get("AccessLogSettings", {})
    if settings.get("DestinationArn") != {"Fn::GetAtt": ["AccessLog", "Arn"]}:
        yield "no access log"
    text = settings.get("Format", "")
    for word in SECRET_LOG_WORDS:
        if word in text:
            yield f"the access log would hold {word}"
    try:
        fields = json.loads(text).values()
    except ValueError:
        fields = []
    if "$context.requestId" not in fields:
        yield "a line of the access log is no JSON object with the request's id"


def buckets_are_private(app: Application) -> Iterator[str]:
    """No public access, no access lists, encrypted, and only by TLS."""
    policies = [body["PolicyDocument"] for _, body in app.of("AWS::S3::BucketPolicy")]
    denied = [row for policy in policies for row in policy["Statement"] if row["Effect"] == "Deny"]
    for name, properties in app.of("AWS::S3::Bucket"):
        block = properties.get("PublicAccessBlockConfiguration", {})
        if len(block) != 4 or not all(value is True for value in block.values()):
            yield f"{name}: public access is not blocked"
        if properties.get("OwnershipControls") != {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}:
            yield f"{name}: access lists count"
        if "BucketEncryption" not in properties:
            yield f"{name}: not encrypted"
        if not any(_only_by_tls(statement, name) for statement in denied):
            yield f"{name}: may be read without TLS"


def _only_by_tls(statement: Json, bucket: str) -> bool:
    whole = [{"Fn::GetAtt": [bucket, "Arn"]}, {"Fn::Sub": f"${{{bucket}.Arn}}/*"}]
    return bool(
        statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        and statement["Principal"] == "*"
        and statement["Action"] == "s3:*"
        and statement["Resource"] == whole
    )


def objects_are_kept_as_long_as_said(app: Application) -> Iterator[str]:
    """Versioned; old versions, broken uploads and exports go; the bucket outlives the stack."""
    for name, properties in app.of("AWS::S3::Bucket"):
        if properties.get("VersioningConfiguration") != {"Status": "Enabled"}:
            yield f"{name}: not versioned"
        old = [row["NoncurrentVersionExpiration"]["NoncurrentDays"] for row in
               properties.get("LifecycleConfiguration", {}).get("Rules", [])
               if "NoncurrentVersionExpiration" in row]  # fmt: skip
        if old != [OLD_VERSIONS_DAYS]:
            yield f"{name}: keeps old versions {old} days, not {OLD_VERSIONS_DAYS}"
        rules = [row for row in properties.get("LifecycleConfiguration", {}).get("Rules", [])
                 if row["Status"] == "Enabled"]  # fmt: skip
        for wanted in ("NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"):
            if not any(wanted in row and "Prefix" not in row for row in rules):
                yield f"{name}: no {wanted}"
        if not any(row.get("Prefix") == "exports/" and row.get("ExpirationInDays") for row in rules):
            yield f"{name}: exports stay for ever"
        if any("ExpirationInDays" in row and row.get("Prefix") != "exports/" for row in rules):
            yield f"{name}: documents expire"
        kept = [app.resources[name].get(key) for key in ("DeletionPolicy", "UpdateReplacePolicy")]
        if kept != ["RetainExceptOnCreate", "Retain"]:
            yield f"{name}: goes with the stack, or stays behind a first deployment that was refused: {kept}"


CHECKS = (
    every_route_asks_for_a_token,
    every_call_has_its_way_in,
    preflights_need_no_token,
    other_pages_may_not_call,
    every_route_is_throttled,
    requests_are_logged_without_secrets,
    buckets_are_private,
    objects_are_kept_as_long_as_said,
)
