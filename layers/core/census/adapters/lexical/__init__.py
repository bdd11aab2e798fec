"""The built-in language model: rules only, no network, deterministic."""

from census.adapters.lexical.model import LexicalLanguageModel

__all__ = ["LexicalLanguageModel"]
