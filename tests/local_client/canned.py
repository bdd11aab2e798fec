"""Answers as the interface words them."""

import uuid
from typing import Any


def problem(status: int, title: str, detail: str, **more: Any) -> dict[str, Any]:
    return {
        "type": f"https://census.example/problems/{status}",
        "title": title,
        "status": status,
        "detail": detail,
    } | more


def citation(page: int | None, quote: str, name: str = "lease.pdf", check: str = "exact") -> dict[str, Any]:
    return {
        "source_kind": "file", "source_id": str(uuid.uuid4()), "source_name": name, "page": page,
        "char_start": 10, "char_end": 10 + len(quote), "quote": quote, "check": check,
    }  # fmt: skip


def result(**changes: Any) -> dict[str, Any]:
    """The result of a grouped count over thirty documents."""
    return {
        "answer": "3 of 30 documents mention indemnification.",
        "table": {"columns": ["year", "documents"], "rows": [["2018", 2], [None, 1]]},
        "ledger": {
            "total": 30,
            "match": 3,
            "no_match": 26,
            "unclear": 0,
            "unverified": 0,
            "failed": 1,
            "skipped": 0,
        },
        "bounds": {"low": 3, "high": 4},
        "citations": [citation(n, f"Quote number {n}.") for n in range(1, 8)],
        "model": "lexical",
    } | changes
