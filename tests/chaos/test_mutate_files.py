"""A smoke of the mutated files; `python -m tests.chaos.mutate_files` runs 20,000 of them."""

import random
from pathlib import Path

import pytest

from tests.chaos.mutate_files import main, run
from tests.chaos.mutations import mutate
from tests.chaos.seeds import seeds
from tests.extraction.files import extract_here


def test_forty_mutated_files_do_no_harm() -> None:
    outcomes = list(run(files=48, seed=20_24, jobs=2))
    assert [outcome for outcome in outcomes if outcome.harm] == []
    assert len({outcome.filename for outcome in outcomes}) == len(seeds())
    assert len({outcome.end for outcome in outcomes}) > 1


@pytest.mark.parametrize("filename", sorted(seeds()))
def test_every_seed_is_sound_before_it_is_broken(filename: str, tmp_path: Path) -> None:
    found = extract_here(tmp_path, seeds()[filename], filename)
    assert found.text
    assert found.warnings == ()


def test_the_same_seed_breaks_a_file_the_same_way() -> None:
    data = seeds()["a.docx"]
    assert mutate(data, random.Random(7)) == mutate(data, random.Random(7))
    assert mutate(data, random.Random(7)) != mutate(data, random.Random(8))


def test_the_command_reports_and_ends_well() -> None:
    assert main(["--files", "3", "--jobs", "1"]) == 0
