"""What all tables share."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ARRAY,
    DateTime,
    Float,
    Numeric,
    Text,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from census.domain.plan import JsonObject

NOW = func.now()


NOW = func.now()
NEW_ID = func.gen_random_uuid()
Json = JsonObject | list[Any]


class Base(DeclarativeBase):
    """What all tables share: how Python types are stored."""

    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy declares it without ClassVar
        uuid.UUID: Uuid(as_uuid=True),
        dt.datetime: DateTime(timezone=True),
        str: Text(),
        float: Float(),
        Json: JSONB(),
        list[str]: ARRAY(Text()),
        Decimal: Numeric(14, 6),
    }


def belongs_to_the_models(
    item: SchemaItem, name: str | None, kind: str, reflected: bool, _compare_to: SchemaItem | None
) -> bool:
    """Partitions are made by the migrations and have no model of their own."""
    del item
    return not (kind == "table" and reflected and name is not None and "_p" in name and name[-1].isdigit())


class InTenant:
    """Rows of one tenant; the default is the tenant the transaction is bound to."""

    tenant_id: Mapped[uuid.UUID] = mapped_column(server_default=func.census_tenant())


class TenantKey:
    """Rows whose key starts with the tenant."""

    tenant_id: Mapped[uuid.UUID] = mapped_column(server_default=func.census_tenant(), primary_key=True)
