"""Leases of model calls in PostgreSQL. Implements census.ports.call_leases.CallLeases."""

import uuid

from sqlalchemy import text
from sqlalchemy.orm import Session

from census.ports.call_leases import CallLimits, LeaseGrant, LeaseRequest

_LEASE = text("""
    SELECT * FROM lease_calls(:model, :holder, :running, :wanted, :extra, :tokens, :in_flight, :requests,
                              :tokens_a_minute, :seconds, :pause)
""")
_GIVE_BACK = text("DELETE FROM model_leases WHERE holder = :holder")


class PostgresCallLeases:
    """See the port. The rows are shared by all tenants and say nothing about any."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def lease(self, request: LeaseRequest, limits: CallLimits) -> LeaseGrant:
        """See the port."""
        values = {
            "model": request.model,
            "holder": request.holder,
            "running": request.running,
            "wanted": request.wanted,
            "extra": request.extra,
            "tokens": request.tokens,
            "in_flight": limits.calls_in_flight,
            "requests": limits.requests_a_minute,
            "tokens_a_minute": limits.tokens_a_minute,
            "seconds": request.seconds,
            "pause": request.pause_seconds,
        }
        row = self._session.execute(_LEASE, values).one()
        return LeaseGrant(
            row.granted, row.granted_extra, row.first_in, row.step, row.ask_again_in, row.crowded
        )

    def give_back(self, holder: uuid.UUID) -> None:
        """See the port."""
        self._session.execute(_GIVE_BACK, {"holder": holder})
