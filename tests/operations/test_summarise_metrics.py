"""One machine has no dashboard; its logs hold the same figures."""

from pathlib import Path

import pytest

from census.adapters.emf_metrics import EmfMetrics
from census.domain.measures import JOB_DURATION, JOBS_ENDED, SWEEPS_DONE
from census.ports.metrics import count
from infra.operations.__main__ import main


def test_counts_are_summed_and_times_shown_by_median_and_maximum(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "logs").mkdir()
    for number, name in enumerate(("ReduceJob", "SettleJob"), 1):
        with (tmp_path / "logs" / f"{name}.log").open("w") as log:
            log.write("START\n{broken\n")
            metrics = EmfMetrics("Census/test", log)
            count(metrics, JOBS_ENDED, number, Status="completed")
            count(metrics, JOB_DURATION, 10 * number, Status="completed")
            count(metrics, SWEEPS_DONE)
            metrics.flush()
    assert main(["metrics", "--data", str(tmp_path)]) == 0
    shown = {line[:44].strip(): line[44:].strip() for line in capsys.readouterr().out.splitlines()}
    assert shown == {
        "JobsEnded (completed)": "3",
        "JobDuration (completed)": "20 median, 20 at most, of 2",
        "SweepsDone": "2",
    }
