"""How work stands over all tenants, for whoever watches the deployment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Health:
    """Rows by kind (file, page, job, batch), and the share of the server's connections in use, 0 to 100.

    `stuck`: neither ended nor looked after for ten minutes. `expired`: claimed by workers that are gone.
    """

    stuck: Mapping[str, int]
    waiting: Mapping[str, int]
    expired: Mapping[str, int]
    connections_percent: float


class HealthReader(Protocol):
    """Reads the monitoring views."""

    def read(self) -> Health:
        """Raises UnavailableError."""
        ...
