"""Transactions. Each binds its role and its tenant for itself alone, so poolers in transaction mode are fine.

One login serves all roles (docs/adr/0003-one-login-roles-per-transaction.md). A transaction that forgets
to bind a tenant sees no row at all.
"""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.orm import Session

from census.adapters.postgres.work import PostgresSystemWork, PostgresTenantWork

_BIND = text("SELECT set_config('role', :role, true), set_config('census.tenant', :tenant, true)")
APP_ROLE = "census_app"
SYSTEM_ROLE = "census_system"
CONNECT_TIMEOUT_SECONDS = 10


class PostgresDatabase:
    """Opens transactions. `url` is any PostgreSQL URL; the driver is pg8000 whatever it names."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url).set(drivername="postgresql+pg8000")

    @cached_property
    def engine(self) -> Engine:
        """One connection a function instance, checked before use."""
        return make_engine(self._url)

    @contextmanager
    def tenant(self, tenant_id: uuid.UUID) -> Iterator[PostgresTenantWork]:
        """A transaction as census_app, bound to one tenant; commits at the end, rolls back on an error."""
        with Session(self.engine) as session, session.begin():
            session.execute(_BIND, {"role": APP_ROLE, "tenant": str(tenant_id)})
            yield PostgresTenantWork(session, tenant_id)

    @contextmanager
    def system(self) -> Iterator[PostgresSystemWork]:
        """A transaction as census_system, over all tenants, with that role's narrow rights."""
        with Session(self.engine) as session, session.begin():
            session.execute(_BIND, {"role": SYSTEM_ROLE, "tenant": ""})
            yield PostgresSystemWork(session)


def make_engine(url: URL) -> Engine:
    """An engine with one pooled connection, checked before use."""
    return create_engine(
        url,
        pool_size=1,
        max_overflow=2,
        pool_pre_ping=True,
        pool_recycle=300,
        connect_args={"timeout": CONNECT_TIMEOUT_SECONDS, "application_name": "census"},
        json_serializer=_to_json,
        hide_parameters=True,  # errors are logged, and parameters may be task tokens or people's words
    )


def _to_json(value: Any) -> str:
    # PostgreSQL's jsonb has no NUL character; texts are cleaned of it before they come here.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
