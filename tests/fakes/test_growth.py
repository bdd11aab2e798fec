"""The judge of growth lets linear work pass and no other."""

from tests.growth import grows_linearly


def test_linear_work_passes() -> None:
    assert grows_linearly(lambda size: sum(range(size)))


def test_quadratic_work_does_not() -> None:
    assert not grows_linearly(lambda size: [sum(range(size)) for _ in range(size // 10)], 10_000)
