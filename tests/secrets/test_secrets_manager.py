"""Secrets as people really configure them, read from a Secrets Manager over HTTP."""

import json
from collections.abc import Iterator

import pytest

from census.adapters.aws_clients import aws_client
from census.adapters.secrets_manager import SecretRefusedError, read_database_url, read_secret
from tests.moto_cloud import empty_cloud, moto_server

ELSEWHERE = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:database-a1b2c3"
MISSING = "arn:aws:secretsmanager:us-east-1:123456789012:secret:database-a1b2c3"
RDS = {"host": "db.example.com", "port": 5433, "dbname": "census", "username": "app", "password": "p/@ss"}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with moto_server() as url:
        yield url


@pytest.fixture(autouse=True)
def cloud(endpoint: str) -> Iterator[None]:
    with empty_cloud(endpoint, "us-east-1"):
        yield


def kept(text: str) -> str:
    """The ARN of a new secret with this text."""
    return str(aws_client("secretsmanager").create_secret(Name="database", SecretString=text)["ARN"])


def test_a_url_is_taken_as_it_is() -> None:
    assert read_database_url(kept(" postgresql://u:p@h/d\n")) == "postgresql://u:p@h/d"


def test_the_json_of_rds_becomes_a_url() -> None:
    assert read_database_url(kept(json.dumps(RDS))) == (
        "postgresql+pg8000://app:p%2F%40ss@db.example.com:5433/census"
    )


def test_what_the_json_says_of_tls_is_kept() -> None:
    url = read_database_url(kept(json.dumps({**RDS, "sslrootcert": "/opt/python/rds.pem"})))

    assert url.endswith("/census?sslrootcert=%2Fopt%2Fpython%2Frds.pem")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (json.dumps({"username": "app", "password": "x"}), "has no host"),
        ("{host: db}", "begins like JSON, but is none"),
    ],
)
def test_a_secret_that_is_no_address_says_why(text: str, reason: str) -> None:
    with pytest.raises(SecretRefusedError, match=reason):
        read_database_url(kept(text))


def test_a_missing_secret_is_named() -> None:
    with pytest.raises(SecretRefusedError, match=f"There is no secret {MISSING}"):
        read_secret(MISSING)


def test_a_secret_of_another_region_is_refused_before_it_is_asked_for() -> None:
    with pytest.raises(SecretRefusedError, match="lies in eu-west-1, Census runs in us-east-1"):
        read_secret(ELSEWHERE)


def test_a_secret_of_bytes_is_refused() -> None:
    arn = aws_client("secretsmanager").create_secret(Name="bytes", SecretBinary=b"x")["ARN"]

    with pytest.raises(SecretRefusedError, match="holds bytes"):
        read_secret(arn)
