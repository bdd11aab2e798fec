"""Cutting: every window in exactly one batch, and no batch beyond its limits."""

from hypothesis import given
from hypothesis import strategies as st

from census.domain.batches import Batch, WindowToRead, cut_batches

MAX_TOKENS, MAX_WINDOWS = 100, 5
ATOMS = st.sampled_from([("a",), ("b",), ("a", "b")])


def contents(item: int) -> st.SearchStrategy[list[WindowToRead]]:
    """One document: short, or long with every window alone; some windows read already."""
    windows = st.lists(st.tuples(st.integers(0, 150), ATOMS, st.booleans()), min_size=1, max_size=4)
    return windows.map(
        lambda found: [
            WindowToRead(item, number, tokens, atoms, alone=len(found) > 1)
            for number, (tokens, atoms, missing) in enumerate(found)
            if missing
        ]
    )


@st.composite
def collections(draw: st.DrawFn) -> list[WindowToRead]:
    """The windows of up to 30 documents, in any order."""
    count = draw(st.integers(0, 30))
    windows = [window for item in range(1, count + 1) for window in draw(contents(item))]
    return draw(st.permutations(windows))


def cut(windows: list[WindowToRead], first_ordinal: int = 1) -> list[Batch]:
    return cut_batches(windows, max_tokens=MAX_TOKENS, max_windows=MAX_WINDOWS, first_ordinal=first_ordinal)


@given(collections())
def test_every_window_is_in_exactly_one_batch_with_the_atoms_it_lacks(windows: list[WindowToRead]) -> None:
    found = sorted((place, batch.atoms) for batch in cut(windows) for place in batch.windows)
    assert found == sorted(((w.item, w.window), w.atoms) for w in windows)


@given(collections())
def test_a_batch_exceeds_the_tokens_only_if_it_is_one_window_that_does(windows: list[WindowToRead]) -> None:
    tokens = {(w.item, w.window): w.tokens for w in windows}
    for batch in cut(windows):
        assert batch.tokens == sum(tokens[place] for place in batch.windows)
        assert batch.tokens <= MAX_TOKENS or len(batch.windows) == 1
        assert len(batch.windows) <= MAX_WINDOWS


@given(collections())
def test_a_window_of_a_long_document_is_alone(windows: list[WindowToRead]) -> None:
    alone = {(w.item, w.window) for w in windows if w.alone}
    for batch in cut(windows):
        assert len(batch.windows) == 1 or not alone & set(batch.windows)


@given(
    collections().map(lambda windows: [WindowToRead(w.item, w.window, w.tokens, w.atoms) for w in windows])
)
def test_windows_of_one_document_never_share_a_batch(windows: list[WindowToRead]) -> None:
    for batch in cut(windows):
        items = [item for item, _ in batch.windows]
        assert len(items) == len(set(items))


@given(collections(), st.randoms())
def test_the_order_of_the_windows_makes_no_difference(
    windows: list[WindowToRead], random: st.DataObject
) -> None:
    shuffled = list(windows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert cut(shuffled) == cut(windows)


@given(collections(), st.integers(1, 1000))
def test_batches_are_numbered_from_the_first_ordinal(windows: list[WindowToRead], first: int) -> None:
    batches = cut(windows, first)
    assert [batch.ordinal for batch in batches] == list(range(first, first + len(batches)))


@given(collections())
def test_a_batch_knows_the_first_and_the_last_document_it_reads(windows: list[WindowToRead]) -> None:
    for batch in cut(windows):
        items = [item for item, _ in batch.windows]
        assert (batch.first_item, batch.last_item) == (min(items), max(items))


def test_short_documents_share_a_batch_and_five_are_the_most() -> None:
    windows = [WindowToRead(item, 0, 10, ("a",)) for item in range(1, 8)]
    assert [len(batch.windows) for batch in cut(windows)] == [5, 2]


def test_a_batch_is_filled_to_its_last_token_and_not_beyond() -> None:
    windows = [WindowToRead(item, 0, tokens, ("a",)) for item, tokens in enumerate([60, 40, 60, 41], 1)]
    assert [batch.tokens for batch in cut(windows)] == [100, 60, 41]
