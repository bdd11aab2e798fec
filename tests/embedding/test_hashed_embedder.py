"""The built-in embedder: near for shared words, the same everywhere."""

import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.adapters.hashed_embedder import HashedEmbedder
from census.ports.embedder import Embedder


def cosine(left: list[float], right: list[float]) -> float:
    return sum(a * b for a, b in zip(left, right, strict=True))


def near(question: str, passage: str) -> float:
    vectors = HashedEmbedder().embed([question, passage]).vectors
    return cosine(vectors[0], vectors[1])


def test_it_is_an_embedder() -> None:
    port: Embedder = HashedEmbedder()
    assert (port.model, port.dimensions) == ("hashed-256-v1", 256)


QUESTION = "Which law governs the assignment of the agreement?"
SHARING = "This Agreement is governed by the laws of New York. Assignments need consent."
OTHER = "The distributor shall keep stock for ninety days and report its sales each month."


def test_a_passage_with_the_questions_words_is_nearer_than_one_without() -> None:
    assert near(QUESTION, SHARING) > near(QUESTION, OTHER) + 0.1


def test_forms_of_a_word_are_one_word() -> None:
    assert near("terminates", "Terminating") == pytest.approx(1.0)


def test_stop_words_alone_make_no_neighbours() -> None:
    assert near("What is the price of it?", "It is in the warehouse of the plant.") < 0.3


def test_word_order_matters_a_little() -> None:
    same, turned = near("audit right", "audit right"), near("audit right", "right audit")
    assert turned < same
    assert turned > 0.6


def test_scripts_without_spaces_share_pairs_of_characters() -> None:
    assert near("保密义务", "双方应当承担保密义务。") > near("保密义务", "买方应当支付货款。") + 0.2


@given(st.text())
def test_every_vector_has_length_one(text: str) -> None:
    (vector,) = HashedEmbedder().embed([text]).vectors
    assert len(vector) == 256
    assert math.isclose(cosine(vector, vector), 1.0)


def test_another_process_gives_the_same_vector() -> None:
    program = (
        "from census.adapters.hashed_embedder import HashedEmbedder;"
        f"print(HashedEmbedder().embed([{SHARING!r}]).vectors[0])"
    )
    path = [place for place in sys.path if place]
    runs = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONPATH": ":".join(path), "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1] == f"{HashedEmbedder().embed([SHARING]).vectors[0]}\n"


def test_a_known_text_keeps_its_vector() -> None:
    (vector,) = HashedEmbedder().embed(["liability"]).vectors
    assert [(place, value) for place, value in enumerate(vector) if value] == [(221, -1.0)]
