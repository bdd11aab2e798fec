"""Mutants of the HTTP interface and of the bucket."""

from tests.template.parts import Mutants, api, body, change, stage

EDGE: Mutants = {
    "a route open to everybody": (
        "every_route_asks_for_a_token",
        lambda app: api(app)["paths"]["/{proxy+}"]["get"].update(security=[{"NONE": []}]),
    ),
    "ID tokens accepted, for no scope is asked": (
        "every_route_asks_for_a_token",
        lambda app: api(app)["paths"]["/{proxy+}"]["post"].update(security=[{"Tokens": []}]),
    ),
    "another audience": (
        "every_route_asks_for_a_token",
        lambda app: api(app)["components"]["securitySchemes"]["Tokens"]["x-amazon-apigateway-authorizer"][
            "jwtConfiguration"
        ].update(audience=["anybody"]),
    ),
    "deletions without a route": (
        "every_call_has_its_way_in",
        lambda app: api(app)["paths"]["/{proxy+}"].pop("delete"),
    ),
    "pages that may not send their token": (
        "every_call_has_its_way_in",
        lambda app: api(app)["x-amazon-apigateway-cors"]["allowHeaders"].remove("authorization"),
    ),
    "pages that may not send a key against repetition": (
        "every_call_has_its_way_in",
        lambda app: api(app)["x-amazon-apigateway-cors"]["allowHeaders"].remove("idempotency-key"),
    ),
    "pages that may not delete": (
        "every_call_has_its_way_in",
        lambda app: api(app)["x-amazon-apigateway-cors"]["allowMethods"].remove("DELETE"),
    ),
    "a route for any method": (
        "preflights_need_no_token",
        lambda app: api(app)["paths"]["/{proxy+}"].update(
            {"x-amazon-apigateway-any-method": api(app)["paths"]["/{proxy+}"].pop("get")}
        ),
    ),
    "every page may call": (
        "other_pages_may_not_call",
        lambda app: api(app)["x-amazon-apigateway-cors"].update(allowOrigins=["*"]),
    ),
    "every page may upload": (
        "other_pages_may_not_call",
        lambda app: body(app, "DocumentsBucket")["CorsConfiguration"]["CorsRules"][0].update(
            AllowedOrigins=["*"]
        ),
    ),
    "throttling forgotten": (
        "every_route_is_throttled",
        lambda app: stage(app).pop("DefaultRouteSettings"),
    ),
    "a thousand requests a second": (
        "every_route_is_throttled",
        lambda app: change(stage(app)["DefaultRouteSettings"], ThrottlingRateLimit=1000),
    ),
    "throttling of a route that was renamed": (
        "every_route_is_throttled",
        lambda app: stage(app)["RouteSettings"].update(
            {"GET /ping": stage(app)["RouteSettings"].pop("GET /health")}
        ),
    ),
    "questions as unbounded as look-ups": (
        "every_route_is_throttled",
        lambda app: stage(app)["RouteSettings"].pop("POST /conversations/{conversation_id}/messages"),
    ),
    "no access log": ("requests_are_logged_without_secrets", lambda app: stage(app).pop("AccessLogSettings")),
    "an access log that no query can read": (
        "requests_are_logged_without_secrets",
        lambda app: change(stage(app)["AccessLogSettings"], Format="$context.requestId $context.status"),
    ),
    "claims in the access log": (
        "requests_are_logged_without_secrets",
        lambda app: change(
            stage(app)["AccessLogSettings"],
            Format='{"id": "$context.requestId", "who": "$context.authorizer.claims"}',
        ),
    ),
    "a bucket that may become public": (
        "buckets_are_private",
        lambda app: change(
            body(app, "DocumentsBucket")["PublicAccessBlockConfiguration"], BlockPublicPolicy=False
        ),
    ),
    "a bucket readable without TLS": (
        "buckets_are_private",
        lambda app: app.resources.pop("DocumentsBucketPolicy"),
    ),
    "a bucket without versions": (
        "objects_are_kept_as_long_as_said",
        lambda app: body(app, "DocumentsBucket").pop("VersioningConfiguration"),
    ),
    "overwritten documents that are gone the next day": (
        "objects_are_kept_as_long_as_said",
        lambda app: change(
            body(app, "DocumentsBucket")["LifecycleConfiguration"]["Rules"][0],
            NoncurrentVersionExpiration={"NoncurrentDays": 1},
        ),
    ),
    "a bucket left behind by a first deployment that was refused": (
        "objects_are_kept_as_long_as_said",
        lambda app: change(app.resources["DocumentsBucket"], DeletionPolicy="Retain"),
    ),
    "exports kept for ever": (
        "objects_are_kept_as_long_as_said",
        lambda app: body(app, "DocumentsBucket")["LifecycleConfiguration"]["Rules"].pop(2),
    ),
    "documents that expire": (
        "objects_are_kept_as_long_as_said",
        lambda app: body(app, "DocumentsBucket")["LifecycleConfiguration"]["Rules"][2].pop("Prefix"),
    ),
    "a bucket deleted with its stack": (
        "objects_are_kept_as_long_as_said",
        lambda app: app.resources["DocumentsBucket"].pop("DeletionPolicy"),
    ),
}
