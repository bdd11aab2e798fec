"""What model calls used, by model: the stronger one has another price, and a sum must not forget it."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Usage:
    """Calls made and tokens billed; `cached_input_tokens` is the part of `input_tokens` the vendor had.

    `model` is the name that was asked for; None is the configured standard model. A sum over several models
    shows the totals, and `mixed` holds one usage for each.
    """

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_input_tokens: int = 0
    model: str | None = None
    mixed: tuple["Usage", ...] = ()

    def by_model(self) -> tuple["Usage", ...]:
        """One usage for each model that was called, in the order of their names; none for no usage."""
        return self.mixed or ((self,) if self._tokens() != (0, 0, 0, 0) else ())

    def __add__(self, other: "Usage") -> "Usage":
        merged: dict[str | None, Usage] = {}
        for part in (*self.by_model(), *other.by_model()):
            known = merged.get(part.model)
            merged[part.model] = _total([known, part], part.model) if known else part
        parts = tuple(merged[name] for name in sorted(merged, key=lambda name: name or ""))
        if len(parts) < 2:
            return parts[0] if parts else Usage()
        return _total(parts, None, parts)

    def share(self, factor: Decimal, model: str | None) -> "Usage":
        """So much of this usage, rounded up, as usage of another model."""
        calls, into, out, cached = (math.ceil(part * factor) for part in self._tokens())
        return Usage(calls, into, out, cached, model)

    def _tokens(self) -> tuple[int, int, int, int]:
        return self.calls, self.input_tokens, self.output_tokens, self.cached_input_tokens


def _total(parts: Iterable[Usage], model: str | None, mixed: tuple[Usage, ...] = ()) -> Usage:
    calls, into, out, cached = (sum(column) for column in zip(*(p._tokens() for p in parts), strict=True))
    return Usage(calls, into, out, cached, model, mixed)
