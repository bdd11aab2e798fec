"""Whether the figures of a deployment fit each other: what the rules of a template cannot compute."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from census.domain.errors import InvalidInputError

BATCH_SIZE = 10
"""Model calls a map invocation makes at once."""
ROUNDS = 2
"""Model calls in a row within an invocation: the reading, and once more for what was missing or unproven."""
ROUND_PAUSE_SECONDS = 2
RECORD_SECONDS = 5
"""After the last call, to end it at its wall and to write down what came of it."""
VISIBILITY_FACTOR = 6
OTHER_CONNECTIONS = 24
"""Ingestion 4, pages 4, dead letters 6, reconcile 4 (the template's), and the state machine's."""


@dataclass(frozen=True)
class DeploymentFigures:
    """Seconds and counts; the names are the template's parameters. `api_concurrency` 0 means unlimited."""

    map_timeout_seconds: int
    map_visibility_seconds: int
    model_timeout_seconds: int
    model_calls_in_flight: int
    map_concurrency: int
    api_concurrency: int
    database_connections: int

    @classmethod
    def read(cls, properties: Mapping[str, object]) -> DeploymentFigures:
        """From the properties of the template's resource Schema, which come as text.

        Raises InvalidInputError for one that is missing or no number.
        """
        names = {field: field.title().replace("_", "") for field in cls.__dataclass_fields__}
        try:
            return cls(**{field: int(str(properties[name])) for field, name in names.items()})
        except (KeyError, ValueError) as error:
            raise InvalidInputError(f"The template's resource Schema lacks a number: {error}.") from error


def refuse_contradictions(properties: Mapping[str, object]) -> None:
    """Raises InvalidInputError with every contradiction in the properties of the resource Schema."""
    found = list(contradictions(DeploymentFigures.read(properties)))
    if found:
        raise InvalidInputError(" ".join(found))


def contradictions(figures: DeploymentFigures) -> Iterator[str]:
    """What cannot be meant: which parameters, their values, and what would do."""
    work = figures.model_timeout_seconds * ROUNDS + ROUND_PAUSE_SECONDS + RECORD_SECONDS
    if work >= figures.map_timeout_seconds:
        yield (
            f"MapTimeoutSeconds {figures.map_timeout_seconds} is too short: {ROUNDS} model calls of "
            f"ModelTimeoutSeconds {figures.model_timeout_seconds} "
            f"and their recording take {work} s; set it above {work}."
        )
    visible = VISIBILITY_FACTOR * figures.map_timeout_seconds
    if figures.map_visibility_seconds < visible:
        yield (
            f"MapVisibilitySeconds {figures.map_visibility_seconds} is less than {VISIBILITY_FACTOR} × "
            f"MapTimeoutSeconds: batches would be read twice; set at least {visible}."
        )
    if figures.map_concurrency * BATCH_SIZE < 2 * figures.model_calls_in_flight:
        yield (
            f"MapConcurrency {figures.map_concurrency} × {BATCH_SIZE} is less than twice ModelCallsInFlight "
            f"{figures.model_calls_in_flight}: one slow call would hold the others up; "
            f"set at least {-(-2 * figures.model_calls_in_flight // BATCH_SIZE)}."
        )
    connections = figures.api_concurrency + figures.map_concurrency + OTHER_CONNECTIONS
    if connections > figures.database_connections:
        yield (
            f"ApiConcurrency {figures.api_concurrency}, MapConcurrency {figures.map_concurrency} and "
            f"{OTHER_CONNECTIONS} others may open {connections} connections, but DatabaseConnections is "
            f"{figures.database_connections}: lower the concurrencies, or put a pooler before the database."
        )
