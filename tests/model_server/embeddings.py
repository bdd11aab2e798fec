"""Embeddings without a model: words hashed into a vector, so that texts that share words are near."""

import base64
import hashlib
import math
import re
import struct

from tests.model_server.brains import Json

_SIZES = {"text-embedding-3-large": 3072}
_WORD = re.compile(r"\w+")


def embed(text: str, dimensions: int) -> list[float]:
    """A unit vector; the same text always gives the same one."""
    vector = [0.0] * dimensions
    for word in _WORD.findall(text.lower()) or [""]:
        digest = hashlib.blake2b(word.encode(), digest_size=8).digest()
        place, sign = int.from_bytes(digest[:6], "big") % dimensions, 1 if digest[7] & 1 else -1
        vector[place] += sign
    length = math.sqrt(sum(x * x for x in vector))
    return [x / length for x in vector] if length else [1.0] + [0.0] * (dimensions - 1)


def embeddings_json(data: Json) -> Json:
    """The reply to `POST /v1/embeddings`; floats, or base64 of little-endian floats as the SDK asks."""
    texts = [data["input"]] if isinstance(data["input"], str) else list(data["input"])
    if not 1 <= len(texts) <= 2048 or not all(isinstance(text, str) and text for text in texts):
        raise ValueError("input must be 1 to 2048 texts, none empty")
    dimensions = int(data.get("dimensions") or _SIZES.get(data["model"], 1536))
    packed = data.get("encoding_format") == "base64"
    vectors = [embed(text, dimensions) for text in texts]
    tokens = sum(map(len, texts)) // 4 + 1
    return {
        "object": "list",
        "data": [
            {"object": "embedding", "index": i, "embedding": _packed(v) if packed else v}
            for i, v in enumerate(vectors)
        ],
        "model": data["model"],
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }


def _packed(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
