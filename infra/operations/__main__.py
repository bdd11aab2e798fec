"""`python -m infra.operations delete-tenant ID --environment FILE`; FILE: a function's variables as JSON."""

import argparse
import json
import os
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path

from census import bootstrap
from census.adapters.aws_clients import aws_client
from census.domain.errors import CensusError
from census.domain.identity import caller_from_claims
from infra.operations.delete_tenant import TenantStores, delete_tenant


def main(arguments: Sequence[str] | None = None) -> int:
    """0; 1 with one line about what stands in the way; 2 for a wrong call."""
    asked = _parser().parse_args(arguments)
    try:
        if asked.environment:
            os.environ.update(json.loads(asked.environment.read_text("utf-8")))
        tenant_id = caller_from_claims(asked.issuer, "", asked.tenant).tenant_id
        if asked.yes != str(tenant_id):
            print(f"This deletes tenant {tenant_id} for good. Repeat it with: --yes {tenant_id}")
            return 1
        _delete(tenant_id)
    except (CensusError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _delete(tenant_id: uuid.UUID) -> None:
    bucket = bootstrap.settings().documents_bucket
    stores = TenantStores(bootstrap.database(), bootstrap.vector_index(), aws_client("s3"), bucket)
    delete_tenant(stores, tenant_id, print)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.operations", description=__doc__)
    command = parser.add_subparsers(required=True, metavar="COMMAND").add_parser(
        "delete-tenant", help="delete everything of a tenant"
    )
    command.add_argument("tenant", help="its id, or the value of the token's claim together with --issuer")
    command.add_argument("--issuer", default="", help="TokenIssuer, where the claim is no UUID")
    command.add_argument("--environment", type=Path, help="JSON file with the variables of a function")
    command.add_argument("--yes", default="", metavar="ID", help="the tenant's id once more")
    return parser


if __name__ == "__main__":
    sys.exit(main())
