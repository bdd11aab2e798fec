"""Secrets from AWS Secrets Manager: a database URL or RDS's JSON, and plain keys."""

import json
from urllib.parse import quote, urlencode

from botocore.exceptions import ClientError

from census.adapters.aws_clients import aws_client, error_code, translated_errors
from census.domain.errors import UnavailableError

_NEEDED = ("host", "username", "password")
_ABOUT_TLS = ("sslmode", "sslrootcert")


class SecretRefusedError(UnavailableError):
    """The secret cannot be used as it is configured: what is wrong and what to do, in one line."""


def read_secret(arn: str) -> str:
    """The secret's text. Raises UnavailableError; SecretRefusedError where trying again would not help."""
    client = aws_client("secretsmanager")
    here, there = str(client.meta.region_name), arn.split(":")[3] if arn.count(":") >= 6 else ""
    if there and there != here:
        raise SecretRefusedError(
            f"The secret {arn} lies in {there}, Census runs in {here}: "
            "copy (replicate) the secret to that region and give the copy's ARN."
        )
    with translated_errors("Reading a secret"):
        try:
            found = client.get_secret_value(SecretId=arn)
        except ClientError as error:
            if error_code(error) != "ResourceNotFoundException":
                raise
            raise SecretRefusedError(
                f"There is no secret {arn}: create it, or correct the template's parameter."
            ) from error
    if "SecretString" not in found:
        raise SecretRefusedError(f"The secret {arn} holds bytes: store it as text.")
    return str(found["SecretString"])


def read_database_url(arn: str) -> str:
    """The database's URL from a secret that holds one, or the JSON that RDS keeps (host, username, …).

    `sslmode` and `sslrootcert` of the JSON go into the URL. Raises as read_secret does.
    """
    secret = read_secret(arn).strip()
    if not secret.startswith("{"):
        return secret
    try:
        found = json.loads(secret)
        missing = [name for name in _NEEDED if not found.get(name)]
    except json.JSONDecodeError:
        raise SecretRefusedError(f"The secret {arn} begins like JSON, but is none.") from None
    if missing:
        raise SecretRefusedError(
            f"The secret {arn} has no {', '.join(missing)}. "
            "A password that RDS manages comes without the host: "
            "make a secret with host, port, dbname, username and password, or a URL."
        )
    user, password = quote(found["username"], safe=""), quote(found["password"], safe="")
    place = f"{found['host']}:{found.get('port', 5432)}"
    options = urlencode({name: found[name] for name in _ABOUT_TLS if found.get(name)})
    url = f"postgresql+pg8000://{user}:{password}@{place}/{found.get('dbname', 'postgres')}"
    return f"{url}?{options}" if options else url
