"""Two tenants through the repositories: a short walk here, ten thousand steps in `make chaos`."""

from tests.chaos.tenants import walk


def test_tenants_never_meet(migrated_url: str) -> None:
    done = walk(migrated_url, 400, seed=7)

    assert sum(done.values()) == 400
    assert done["refused"] > 20, "the other's ids were tried"
    assert len(done) >= 12, "every step was taken"
