"""Which right (IAM action) a request needs, and which function made it."""

from __future__ import annotations

import re

from infra.local.loopback_server import Request

SQS = {"SendMessageBatch": "SendMessage", "DeleteMessageBatch": "DeleteMessage"}
S3_OBJECT = {"GET": "GetObject", "HEAD": "GetObject", "PUT": "PutObject", "DELETE": "DeleteObject"}


def caller(request: Request) -> str | None:
    """The function's logical id, which the AWS SDK carries in its user agent; None for anybody else."""
    found = re.search(r"\bapp/(\w+)", request.headers.get("User-Agent", ""))
    return found[1] if found else None


def right_needed(request: Request, service: str, action: str) -> str:
    """For example `sqs:SendMessage` or `s3:DeleteObjectVersion`."""
    if service == "s3":
        return f"s3:{_object_action(request)}"
    return f"{service}:{SQS.get(action, action)}"


def _object_action(request: Request) -> str:
    query = request.query
    if request.method == "GET" and re.search(r"(^|&)versions\b", query):
        return "ListBucketVersions"
    versioned = "Version" if "versionId=" in query and request.method != "PUT" else ""
    return S3_OBJECT.get(request.method, request.method) + versioned
