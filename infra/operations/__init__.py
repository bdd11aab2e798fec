"""What an operator does by hand, rarely: `python -m infra.operations`. See docs/operations.md."""
