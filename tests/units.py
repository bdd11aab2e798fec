"""What the workers of a run get piece by piece: files, or several where they share something costly to start.

The longest units begin first, so that all workers end together. Their figures only put them in order: one
that is out of date costs some seconds at the end, and nothing else.
"""

from pathlib import Path
from typing import Any

from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

TESTS = Path(__file__).parent
SHARING = {
    "one stack with the lexical model": [
        "stack/test_cuad_mentions.py",
        "stack/test_bad_input.py",
        "stack/test_questions.py",
        "stack/test_idempotency.py",
        "stack/test_archives.py",
        "stack/test_uploads_never_made.py",  # its time is over once the others have ended
    ],
    "one stack with a slow model": ["stack/test_cancel.py", "stack/test_kills.py"],
    "one stack of the fixture's template": [
        "local/test_queues.py",
        "local/test_functions.py",
        "local/test_state_machines.py",
        "local/test_answer_job.py",
        "local/test_http_gateway.py",
        "local/test_objects.py",
    ],
}
SECONDS = {
    "one stack with the lexical model": 80,
    "one stack of the fixture's template": 60,
    "one stack with a slow model": 75,
    "stack/test_up_and_demo.py": 90,
    "stack/test_counted.py": 75,
    "stack/test_gold_replay.py": 50,
    "stack/test_pinecone.py": 25,
    "template/test_built_artefacts.py": 65,
    "ingest/test_interrupted_ingest.py": 62,
    "api/test_behind_a_pooler.py": 55,
    "database/test_migrator.py": 48,
    "database/test_bad_states.py": 46,
    "extraction/test_bombs.py": 45,
    "engine/test_interleavings.py": 40,
    "api/test_files.py": 45,
    "api/test_problems.py": 50,
    "ingest/test_archives.py": 50,
    "local/test_up.py": 35,
    "database/test_roles.py": 34,
    "api/test_idempotency.py": 34,
    "database/test_large_tenants.py": 29,
    "database/test_bad_input.py": 28,
    "ingest/test_both_stores.py": 28,
    "engine/test_folding.py": 27,
    "database/test_source_migrations.py": 26,
    "engine/test_gold_questions.py": 24,
    "database/test_views.py": 23,
    "database/test_round_trips.py": 21,
}
_UNITS = {file: unit for unit, files in SHARING.items() for file in files}


def unit_of(nodeid: str) -> str:
    """The unit that a test belongs to: its file below `tests`, or what that shares with others."""
    file = nodeid.partition("::")[0].removeprefix("tests/")
    return _UNITS.get(file, file)


def in_order(nodeid: str) -> tuple[int, int]:
    """Sorts the longest units first, and the files of a unit as they stand above."""
    file, unit = nodeid.partition("::")[0].removeprefix("tests/"), unit_of(nodeid)
    place = SHARING[unit].index(file) if unit in SHARING else 0
    return -SECONDS.get(unit, 0), place


class UnitScheduling(LoadFileScheduling):  # type: ignore[misc]
    """A worker takes a unit whole."""

    def _split_scope(self, nodeid: str) -> Any:
        return unit_of(nodeid)
