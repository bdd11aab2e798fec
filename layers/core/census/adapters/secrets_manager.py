"""Secrets from AWS Secrets Manager: a database URL or RDS's JSON, and plain keys."""

import json
from urllib.parse import quote

from census.adapters.aws_clients import aws_client, translated_errors


def read_secret(arn: str) -> str:
    """The secret's text. Raises UnavailableError."""
    with translated_errors("Reading a secret"):
        return str(aws_client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])


def read_database_url(arn: str) -> str:
    """The database's URL from a secret that holds one, or the JSON that RDS keeps (host, username, …)."""
    secret = read_secret(arn).strip()
    if not secret.startswith("{"):
        return secret
    found = json.loads(secret)
    user, password = quote(found["username"], safe=""), quote(found["password"], safe="")
    place = f"{found['host']}:{found.get('port', 5432)}"
    return f"postgresql+pg8000://{user}:{password}@{place}/{found.get('dbname', 'postgres')}"
