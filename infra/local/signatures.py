"""Signature Version 4 as S3 checks it on presigned requests and upload policies. Pure."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, unquote

from infra.local.deployment import ACCESS_KEY, SECRET_KEY

ALGORITHM = "AWS4-HMAC-SHA256"
MAX_EXPIRY_SECONDS = 604_800


class S3Error(Exception):
    """A refusal in S3's own words: HTTP status, code and message."""

    def __init__(self, status: int, code: str, message: str, **details: object) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.details = details


def sign(text: str, scope: str) -> str:
    """The signature of `text` in `scope` (date/region/service/aws4_request) with the stack's only secret."""
    key = f"AWS4{SECRET_KEY}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def scope_of(credential: str) -> str:
    """The scope within a credential; raises S3Error when the key is unknown or the form is wrong."""
    key, _, scope = credential.partition("/")
    if key != ACCESS_KEY:
        raise S3Error(
            403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."
        )
    parts = scope.split("/")
    if len(parts) != 4 or parts[2:] != ["s3", "aws4_request"]:
        raise S3Error(
            400, "AuthorizationQueryParametersError", "Error parsing the X-Amz-Credential parameter"
        )
    return scope


def is_presigned(query: str) -> bool:
    """Whether a query string carries a signature of either version."""
    names = {name for name, _ in parse_qsl(query, keep_blank_values=True)}
    return "X-Amz-Signature" in names or {"Signature", "AWSAccessKeyId"} <= names


def check_presigned(method: str, path: str, query: str, header: Callable[[str], str], now: datetime) -> None:
    """Raises S3Error unless a presigned URL is genuine and not expired. `path` as sent, percent-encoded."""
    pairs = parse_qsl(query, keep_blank_values=True)
    values = dict(pairs)
    if values.get("X-Amz-Algorithm") != ALGORITHM:
        message = f"The authorization mechanism you have provided is not supported. Please use {ALGORITHM}."
        raise S3Error(400, "InvalidRequest", message)
    scope = scope_of(values.get("X-Amz-Credential", ""))
    _check_expiry(values, now)
    signed = values.get("X-Amz-SignedHeaders", "host").split(";")
    canonical = "\n".join(
        [
            method,
            quote(unquote(path), safe="/~-._"),
            _canonical_query(pairs),
            *(f"{name}:{' '.join(header(name).split())}" for name in signed),
            "",
            ";".join(signed),
            values.get("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"),
        ]
    )
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join([ALGORITHM, values.get("X-Amz-Date", ""), scope, digest])
    if not hmac.compare_digest(sign(text, scope), values["X-Amz-Signature"]):
        raise signature_mismatch()


def _check_expiry(values: Mapping[str, str], now: datetime) -> None:
    try:
        begin = datetime.strptime(values["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        seconds = int(values["X-Amz-Expires"])
    except (KeyError, ValueError) as error:
        message = "Query-string authentication version 4 requires X-Amz-Date and X-Amz-Expires"
        raise S3Error(400, "AuthorizationQueryParametersError", message) from error
    if not 0 < seconds <= MAX_EXPIRY_SECONDS:
        message = (
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be "
        )
        raise S3Error(
            400, "AuthorizationQueryParametersError", f"{message}less than {MAX_EXPIRY_SECONDS} seconds"
        )
    if now > begin + timedelta(seconds=seconds):
        raise S3Error(403, "AccessDenied", "Request has expired")


def _canonical_query(pairs: Sequence[tuple[str, str]]) -> str:
    encoded = sorted(
        (quote(k, safe="~-._"), quote(v, safe="~-._")) for k, v in pairs if k != "X-Amz-Signature"
    )
    return "&".join(f"{name}={value}" for name, value in encoded)


def signature_mismatch() -> S3Error:
    """The refusal of a request whose signature is not ours."""
    message = "The request signature we calculated does not match the signature you provided."
    return S3Error(403, "SignatureDoesNotMatch", f"{message} Check your key and signing method.")
