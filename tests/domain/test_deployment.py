"""Figures of a deployment that cannot be meant are named, with what would do."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.domain.deployment import DeploymentFigures, contradictions, refuse_contradictions
from census.domain.errors import InvalidInputError

DEFAULT = DeploymentFigures(60, 360, 25, 32, 8, 20, 60)


def test_the_defaults_fit_each_other() -> None:
    assert list(contradictions(DEFAULT)) == []


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (replace(DEFAULT, map_timeout_seconds=52), "set it above 57"),
        (replace(DEFAULT, map_visibility_seconds=359), "set at least 360"),
        (replace(DEFAULT, map_concurrency=6), "set at least 7"),
        (replace(DEFAULT, api_concurrency=29), "may open 61 connections, but DatabaseConnections is 60"),
    ],
)
def test_each_contradiction_says_what_would_do(wrong: DeploymentFigures, reason: str) -> None:
    (found,) = contradictions(wrong)

    assert reason in found


FIGURES = st.builds(DeploymentFigures, *[st.integers(1, 1000)] * 7)


@given(figures=FIGURES)
def test_figures_as_large_as_the_sentences_ask_are_accepted(figures: DeploymentFigures) -> None:
    work = 2 * figures.model_timeout_seconds + 8
    mended = replace(
        figures,
        map_timeout_seconds=max(figures.map_timeout_seconds, work),
        map_visibility_seconds=6 * max(figures.map_timeout_seconds, work),
        map_concurrency=figures.model_calls_in_flight,
        database_connections=figures.api_concurrency + figures.model_calls_in_flight + 24,
    )
    assert list(contradictions(mended)) == []


def test_properties_come_as_text() -> None:
    names = {
        name.title().replace("_", ""): str(getattr(DEFAULT, name)) for name in DEFAULT.__dataclass_fields__
    }

    assert DeploymentFigures.read({**names, "ServiceToken": "arn"}) == DEFAULT


def test_a_property_that_is_missing_is_named() -> None:
    with pytest.raises(InvalidInputError, match="MapTimeoutSeconds"):
        refuse_contradictions({})
