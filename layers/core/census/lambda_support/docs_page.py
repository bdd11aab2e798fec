"""The description as a page for people: one file, no script, nothing loaded from elsewhere."""

from collections.abc import Mapping
from html import escape
from typing import Any

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
h2{margin-top:2.5rem}details{border:1px solid #ccc;border-radius:6px;margin:.4rem 0;padding:.4rem .8rem}
summary{cursor:pointer}code{font:14px/1.4 ui-monospace,monospace}
.method{display:inline-block;min-width:4.5rem;font-weight:600}td{padding:.15rem .8rem .15rem 0}
@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}details{border-color:#444}}
"""


def docs_page(document: Mapping[str, Any]) -> str:
    """An HTML page that lists every operation by resource."""
    groups: dict[str, list[str]] = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            groups.setdefault(operation["tags"][0], []).append(_operation(method, path, operation))
    info = document["info"]
    parts = [f"<h2>{escape(name)}</h2>{''.join(entries)}" for name, entries in groups.items()]
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(info["title"])}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f"<h1>{escape(info['title'])}</h1><p>{escape(info['description'])}</p>"
        '<p>The same for programs: <a href="openapi.json">openapi.json</a>.</p>'
        f"{''.join(parts)}</html>"
    )


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> str:
    inputs = "".join(_input(parameter) for parameter in operation.get("parameters", []))
    answers = "".join(
        f"<tr><td>{escape(status)}</td><td>{escape(answer['description'])}</td><td>{_schemas(answer)}</td></tr>"
        for status, answer in operation["responses"].items()
    )
    body = operation.get("requestBody")
    return (
        f'<details><summary><span class="method">{escape(method.upper())}</span> <code>{escape(path)}</code> '
        f"{escape(operation['summary'])}</summary>"
        + (f"<table>{inputs}</table>" if inputs else "")
        + (f"<p>Body: {_schemas(body)}</p>" if body else "")
        + f"<table>{answers}</table></details>"
    )


def _input(parameter: Mapping[str, Any]) -> str:
    told = parameter.get("description", "")
    cells = (f"<code>{escape(parameter['name'])}</code>", escape(parameter["in"]), escape(told))
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _schemas(part: Mapping[str, Any]) -> str:
    names = []
    for media_type, content in part.get("content", {}).items():
        name = str(content.get("schema", {}).get("$ref", "")).rpartition("/")[2]
        names.append(f"<code>{escape(media_type)}</code> {escape(name)}")
    return ", ".join(names)
