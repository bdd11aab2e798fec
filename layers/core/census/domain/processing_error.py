"""Why a document could not be processed, for the person who owns it; its row keeps it as JSON text."""

import json
from dataclasses import asdict, dataclass
from typing import Self


@dataclass(frozen=True)
class ProcessingError:
    """`code` is stable, for programs; `stage` says how far processing came; `message` says what to do.

    `retryable`: the same bytes may well succeed later.
    """

    code: str
    stage: str
    message: str
    retryable: bool = False

    def to_text(self) -> str:
        """The JSON that the column `processing_error` holds."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read what `to_text` wrote; words of another writer become the message of code `unknown`."""
        try:
            told = json.loads(text)
            return cls(str(told["code"]), str(told["stage"]), str(told["message"]), bool(told["retryable"]))
        except (ValueError, TypeError, KeyError):
            return cls("unknown", "unknown", text, retryable=True)
