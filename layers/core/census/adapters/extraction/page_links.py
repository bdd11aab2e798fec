"""The child process that finds the links of a page: one request on standard input, one answer on standard
output.

Request  {"path", "url", "most", "memory_bytes", "cpu_seconds"}
Answer   a list of normalised URLs
"""

import json
import os
import sys
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from census.adapters.extraction.decode import decode
from census.adapters.extraction.html_text import cap_depth
from census.adapters.extraction.reader import limit_this_process
from census.domain.page_urls import resolve_link


def main() -> None:
    """Answer one request."""
    request = json.loads(sys.stdin.buffer.read())
    answer_to = os.dup(1)
    os.dup2(2, 1)  # what a parser prints must not mix with the answer
    limit_this_process(request["memory_bytes"], request["cpu_seconds"])
    found = page_links(Path(request["path"]).read_bytes(), request["url"], request["most"])
    with os.fdopen(answer_to, "wb") as answer:
        answer.write(json.dumps(found).encode())


def page_links(data: bytes, url: str, most: int) -> list[str]:
    """Where an HTML page at `url` links to, in order, each once, at most `most`; none if it says nofollow."""
    tree = LexborHTMLParser(cap_depth(decode(data)))
    if _says_nofollow(tree):
        return []
    base = _base(tree, url)
    found: dict[str, None] = {}
    for node in tree.css("a[href], area[href]"):
        if "nofollow" in (node.attributes.get("rel") or "").lower().split():
            continue
        link = resolve_link(base, node.attributes.get("href") or "")
        if link is not None:
            found[link] = None
        if len(found) >= most:
            break
    return list(found)


def _says_nofollow(tree: LexborHTMLParser) -> bool:
    for node in tree.css("meta[name][content]"):
        attributes = node.attributes
        rules = (attributes.get("content") or "").lower().replace(",", " ").split()
        if (attributes.get("name") or "").strip().lower() == "robots" and {"nofollow", "none"} & set(rules):
            return True
    return False


def _base(tree: LexborHTMLParser, url: str) -> str:
    node = tree.css_first("base[href]")
    declared = node.attributes.get("href") if node is not None else None
    return (resolve_link(url, declared) if declared else None) or url


if __name__ == "__main__":
    main()
