"""Measurements against the numbers of the design: `make bench`, or one part by its name."""
