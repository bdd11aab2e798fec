"""The engine against real Postgres: plan, dispatch, map, reduce, and everything that can go wrong between."""
