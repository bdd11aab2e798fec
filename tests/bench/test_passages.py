"""The measurement itself, over few and small tenants."""

from tests.bench.passages import measure


def test_every_kind_of_vector_is_found_whatever_the_size_of_its_tenant(database_url: str) -> None:
    assert measure(database_url, [900, 700, 500, 300, 60, 20], large=400) == []
