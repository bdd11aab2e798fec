"""What is measured comes out as CloudWatch's embedded metric format, whole and with nothing invented."""

import io
import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.adapters.emf_metrics import MOST_VALUES, EmfMetrics
from census.domain.measures import JOBS_ENDED, MEASURES, SWEEPS_DONE, Measure, Measurement

VALUES = st.integers(0, 10**6)


@st.composite
def measurements(draw: st.DrawFn) -> Measurement:
    measure = draw(st.sampled_from(list(MEASURES.values())))
    named = {name: draw(st.sampled_from(sorted(known))) for name, known in measure.dimensions.items()}
    return Measurement(measure, draw(VALUES), named)


def written(recorded: list[Measurement]) -> list[dict[str, Any]]:
    output = io.StringIO()
    metrics = EmfMetrics("Census/test", output)
    for measurement in recorded:
        metrics.record(measurement)
    metrics.flush()
    metrics.flush()
    return [json.loads(line) for line in output.getvalue().splitlines()]


def read(lines: list[dict[str, Any]]) -> Counter[tuple[str, str, frozenset[tuple[str, str]], float]]:
    """What CloudWatch takes from the lines: name, unit, dimensions and value."""
    found: Counter[tuple[str, str, frozenset[tuple[str, str]], float]] = Counter()
    for line in lines:
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        assert directive["Namespace"] == "Census/test"
        (names,) = directive["Dimensions"]
        dimensions = frozenset((name, line[name]) for name in names)
        for metric in directive["Metrics"]:
            values = line[metric["Name"]]
            assert len(values) <= MOST_VALUES
            found.update((metric["Name"], metric["Unit"], dimensions, value) for value in values)
    return found


@given(st.lists(measurements(), max_size=250))
def test_every_measurement_comes_out_once_with_its_own_dimensions(recorded: list[Measurement]) -> None:
    expected = Counter(
        (m.measure.name, m.measure.unit.value, frozenset(m.dimensions.items()), float(m.value))
        for m in recorded
    )
    assert read(written(recorded)) == expected


def test_more_values_than_a_line_may_hold_take_several() -> None:
    lines = written([Measurement(SWEEPS_DONE)] * (2 * MOST_VALUES + 1))
    assert len(lines) == 3
    assert sum(read(lines).values()) == 2 * MOST_VALUES + 1


def test_nothing_measured_writes_nothing() -> None:
    assert written([]) == []


@pytest.mark.parametrize(
    ("measure", "dimensions"),
    [(JOBS_ENDED, {}), (JOBS_ENDED, {"Status": "odd"}), (SWEEPS_DONE, {"Status": "failed"})],
)
def test_dimensions_that_a_measure_has_not_are_refused(measure: Measure, dimensions: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=measure.name):
        Measurement(measure, 1, dimensions)


def test_all_combinations_together_are_few() -> None:
    combinations = 0
    for measure in MEASURES.values():
        count = 1
        for values in measure.dimensions.values():
            count *= len(values)
        combinations += count
    assert combinations <= 80  # each costs thirty cents a month while it is emitted
