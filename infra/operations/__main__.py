"""`python -m infra.operations COMMAND`: what an operator does by hand. See docs/operations.md."""

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
from infra.operations.summarise_metrics import summarise


def main(arguments: Sequence[str] | None = None) -> int:
    """0; 1 with one line about what stands in the way; 2 for a wrong call."""
    asked = _parser().parse_args(arguments)
    try:
        done: int = asked.run(asked)
    except (CensusError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return done


def _metrics(asked: argparse.Namespace) -> int:
    for line in summarise(asked.data / "logs"):
        print(line)
    return 0


def _delete_tenant(asked: argparse.Namespace) -> int:
    if asked.environment:
        os.environ.update(json.loads(asked.environment.read_text("utf-8")))
    tenant_id = caller_from_claims(asked.issuer, "", asked.tenant).tenant_id
    if asked.yes != str(tenant_id):
        print(f"This deletes tenant {tenant_id} for good. Repeat it with: --yes {tenant_id}")
        return 1
    _delete(tenant_id)
    return 0


def _delete(tenant_id: uuid.UUID) -> None:
    bucket = bootstrap.settings().documents_bucket
    stores = TenantStores(bootstrap.database(), bootstrap.vector_index(), aws_client("s3"), bucket)
    delete_tenant(stores, tenant_id, print)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.operations", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    delete = commands.add_parser("delete-tenant", help="delete everything of a tenant")
    delete.add_argument("tenant", help="its id, or the value of the token's claim together with --issuer")
    delete.add_argument("--issuer", default="", help="TokenIssuer, where the claim is no UUID")
    delete.add_argument("--environment", type=Path, help="JSON file with the variables of a function")
    delete.add_argument("--yes", default="", metavar="ID", help="the tenant's id once more")
    delete.set_defaults(run=_delete_tenant)
    metrics = commands.add_parser("metrics", help="what the functions of this machine measured")
    metrics.add_argument("--data", type=Path, default=Path(".census"), help="as DATA of make up")
    metrics.set_defaults(run=_metrics)
    return parser


if __name__ == "__main__":
    sys.exit(main())
