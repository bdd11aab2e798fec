"""What a deployment costs: `python -m infra.costs --docs 100000 --questions 50`. See docs/costs.md."""
