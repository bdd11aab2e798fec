"""PostgreSQL behind the stores of `census.ports`."""
