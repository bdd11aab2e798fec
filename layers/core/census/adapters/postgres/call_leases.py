"""Leases of model calls in PostgreSQL. Implements census.ports.call_leases.CallLeases."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from census.ports.call_leases import CallLimits, CallsEnded, LeaseGrant, LeaseRequest

_ASKED = """
    :model, :holder, :running, :wanted, :extra, :first, :again, :extra_again, :tokens, :in_flight, :requests,
    :tokens_a_minute, :seconds, :pause, :call_seconds, :share, :least, :most, :repeats_a_minute
"""
_LEASE = text(f"SELECT CAST(NULL AS uuid[]) AS over, l.* FROM lease_model_calls({_ASKED}) l")
_EXCHANGE = text(f"SELECT * FROM exchange_model_calls(:tenant, CAST(:jobs AS uuid[]), {_ASKED})")
_SETTLE = text("SELECT settle_model_calls(:model, :holder, :running, :back, :most)")
_GIVE_BACK = text("DELETE FROM model_leases WHERE holder = :holder")


class PostgresCallLeases:
    """See the port. The rows are shared by all tenants and say nothing about any."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def lease(self, request: LeaseRequest, limits: CallLimits) -> LeaseGrant:
        """See the port."""
        return _grant(self._session.execute(_LEASE, _values(request, limits)).one())

    def exchange(
        self, tenant_id: uuid.UUID, jobs: Sequence[uuid.UUID], request: LeaseRequest, limits: CallLimits
    ) -> LeaseGrant:
        """A lease by a session that is bound to no tenant: the statement binds itself."""
        values = {"tenant": tenant_id, "jobs": list(jobs), **_values(request, limits)}
        return _grant(self._session.execute(_EXCHANGE, values).one())

    def settle(self, ended: CallsEnded, limits: CallLimits) -> None:
        """See the port."""
        values = {"model": ended.model, "holder": ended.holder, "running": ended.running}
        self._session.execute(_SETTLE, {**values, "back": ended.repeats_back, "most": limits.repeats.most})

    def give_back(self, holder: uuid.UUID) -> None:
        """See the port."""
        self._session.execute(_GIVE_BACK, {"holder": holder})


def _values(request: LeaseRequest, limits: CallLimits) -> Mapping[str, Any]:
    return {
        "model": request.model,
        "holder": request.holder,
        "running": request.running,
        "wanted": request.wanted,
        "extra": request.extra,
        "first": request.first,
        "again": request.again,
        "extra_again": request.extra_again,
        "tokens": request.tokens,
        "in_flight": limits.calls_in_flight,
        "requests": limits.requests_a_minute,
        "tokens_a_minute": limits.tokens_a_minute,
        "seconds": request.seconds,
        "pause": request.pause_seconds,
        "call_seconds": request.call_seconds,
        "share": limits.repeats.share,
        "least": limits.repeats.least,
        "most": limits.repeats.most,
        "repeats_a_minute": limits.repeats.a_minute,
    }


def _grant(row: Any) -> LeaseGrant:
    return LeaseGrant(
        calls=row.granted,
        extra=row.granted_extra,
        again=row.granted_again,
        extra_again=row.granted_extra_again,
        first_in=row.first_in,
        step=row.step,
        ask_again_in=row.ask_again_in,
        crowded=row.crowded,
        over=frozenset(row.over or ()),
    )
