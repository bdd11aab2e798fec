"""What died in the map queue, through the real redrive: it runs once alone, and only its own death counts."""

import json
import uuid
from collections.abc import Iterator
from functools import cache, partial

import pytest

from census import bootstrap
from census.adapters.emf_metrics import EmfMetrics
from census.application.drain_dead_letters import CRASHED
from functions.drain_dead_letters.handler import handle
from tests.engine.house import EngineHouse
from tests.engine.started_jobs import dispatched
from tests.engine.test_poison import ProcessEndedError, ending
from tests.fakes.scripted_model import ScriptedLanguageModel, about
from tests.moto_cloud import empty_cloud, moto_server
from tests.redrive import Redrive, made_redrive

ROUNDS = 20


@pytest.fixture
def redrive(house: EngineHouse, monkeypatch: pytest.MonkeyPatch) -> Iterator[Redrive]:
    """The drain's process: its map_tools are the house's, its queues moto's."""
    monkeypatch.setattr(bootstrap, "map_tools", house.map_tools)
    monkeypatch.setattr(bootstrap, "metrics", cache(partial(EmfMetrics, "Census/test")))
    with moto_server() as endpoint, empty_cloud(endpoint, "us-east-1"):
        bootstrap.queue_by_arn.cache_clear()
        yield made_redrive()
        bootstrap.queue_by_arn.cache_clear()


def drain_all(house: EngineHouse, redrive: Redrive, job_id: uuid.UUID) -> list[int]:
    """Invocations until no dead letter is left; how often each had been received."""
    counts: list[int] = []
    for _ in range(ROUNDS):
        try:
            record = redrive.drain(handle)
        except ProcessEndedError:
            house.expire_claims(job_id)
            continue
        if record is None:
            return counts
        counts.append(int(record["attributes"]["ApproximateReceiveCount"]))
    raise AssertionError("Dead letters are never drained.")


def test_innocents_are_read_alone_and_only_the_killer_is_recorded_as_crashed(
    house: EngineHouse, redrive: Redrive
) -> None:
    house.model = model = ScriptedLanguageModel([about("number 2.", ending)])
    job_id, token = dispatched(house, 3)
    redrive.kill(*(json.dumps(message) for message in house.queue.receive()))

    counts = drain_all(house, redrive, job_id)

    house.follow(job_id, token)
    assert max(counts) > 3, "the queue gave a dead letter the deliveries that killed it"
    assert {name: status for name, (status, _) in house.classes(job_id).items()} == {
        "0": "match",
        "1": "match",
        "2": "failed",
    }
    assert house.classes(job_id)["2"] == ("failed", CRASHED)
    assert model.calls == 3, "each once, alone"
