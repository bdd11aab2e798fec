"""boto3 clients with time-outs of their own and errors in our words."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from census.domain.errors import UnavailableError

_CONFIG = Config(
    connect_timeout=3,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=10,
)


# Left to itself botocore presigns for S3 by the old signature, which newer regions refuse.
_S3_CONFIG = _CONFIG.merge(Config(signature_version="s3v4"))


@cache
def aws_client(service: str) -> Any:
    """One client a service and process. Typed as Any: the stubs are for development only."""
    config = _S3_CONFIG if service == "s3" else _CONFIG
    return boto3.client(service, config=config)  # type: ignore[call-overload]


def error_code(error: ClientError) -> str:
    """The service's own code, such as `NoSuchKey`."""
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def translated_errors(doing: str) -> Iterator[None]:
    """Whatever AWS answers becomes UnavailableError that says what was being done."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise UnavailableError(f"{doing} failed: {error}") from error
