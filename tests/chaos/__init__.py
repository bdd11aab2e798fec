"""Long random runs that must never break a promise: `make chaos`, or one part by its name."""
