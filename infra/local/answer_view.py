"""How an answer looks at a terminal: route, text, table, ledger, bounds, citations.

Everything shown comes from documents or from the interface, so it is untrusted: control characters are
dropped and nothing is read as markup.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from infra.local.api_shapes import Asked, Bounds, Citation, Job, Result, Table

CITATIONS_SHOWN = 5
ROWS_SHOWN = 20
QUOTE_CHARACTERS = 240
BAR_WIDTH = 40
LEDGER_STYLES = {
    "match": "green",
    "no_match": "bright_black",
    "unclear": "yellow",
    "unverified": "magenta",
    "failed": "red",
    "skipped": "blue",
}


def show_question(console: Console, number: int, question: str) -> None:
    """Print the question as a heading."""
    console.print()
    console.print(Text.assemble((f"{number}. ", "bold cyan"), (printable(question), "bold")))


def show_route(console: Console, asked: Asked) -> None:
    """Print how the question was understood, and why."""
    route = asked["route"]
    _indented(console, Text(printable(route["reason"]), style="dim"))


def show_message(console: Console, asked: Asked) -> None:
    """Print an answer that came at once."""
    message = asked["message"]
    _indented(console, Text(printable(message["content"] or "(no text)")))
    _show_citations(console, message["citations"] or [], "")


def show_job(console: Console, job: Job) -> None:
    """Print what a job came to: its result when there is one, and what went wrong when something did."""
    if job["status"] != "completed":
        reason = job["error_message"] or "no reason given"
        _indented(console, Text(printable(f"The job is {job['status']}: {reason}"), style="bold red"))
    if job["result"]:
        _show_result(console, job["result"], f"GET /jobs/{job['id']}")


def printable(text: str) -> str:
    """The text without control characters; line breaks stay."""
    return "".join(character if character.isprintable() or character == "\n" else " " for character in text)


def ledger_line(ledger: Mapping[str, int], *, drawn: bool) -> Text:
    """Every document in exactly one class, as `match 45 · no match 12 = 57`; with a bar in front if drawn."""
    total = ledger.get("total", 0)
    found = {name: ledger.get(name, 0) for name in LEDGER_STYLES if ledger.get(name, 0)}
    bar = Text.assemble(*_blocks(found, total), "  ") if drawn and total else Text()
    parts = [Text(f"{name.replace('_', ' ')} {count}", LEDGER_STYLES[name]) for name, count in found.items()]
    return bar + Text(" · ").join(parts) + Text(f" = {total} documents")


def _blocks(found: Mapping[str, int], total: int) -> list[tuple[str, str]]:
    """Blocks in proportion, none so small that its class disappears."""
    return [("█" * max(1, round(BAR_WIDTH * n / total)), LEDGER_STYLES[name]) for name, n in found.items()]


def bounds_line(bounds: Bounds) -> str:
    """What the count can be, given what could not be read."""
    if bounds["low"] == bounds["high"]:
        return f"exactly {bounds['low']}: nothing was left unread"
    return f"at least {bounds['low']}, at most {bounds['high']}"


def citation_line(citation: Citation) -> Text:
    """Document, page, check and the quote itself, cut where it is long; a slash stands for a line break."""
    page = f", page {citation['page']}" if citation.get("page") else ""
    lines = (" ".join(line.split()) for line in printable(citation["quote"]).splitlines())
    quote = " / ".join(line for line in lines if line)
    if len(quote) > QUOTE_CHARACTERS:
        quote = quote[: QUOTE_CHARACTERS - 1].rstrip() + "…"
    checked = "green" if citation["check"] == "exact" else "yellow"
    name = printable(citation["source_name"])
    return Text.assemble((name, "bold"), page, " ", (f"[{citation['check']}]", checked), f" “{quote}”")


def one_a_document_first(citations: Sequence[Citation]) -> list[Citation]:
    """The same citations, the first of every document before the second of any."""
    seen: Counter[str] = Counter()
    turns = []
    for citation in citations:
        turns.append(seen[citation["source_id"]])
        seen[citation["source_id"]] += 1
    order = sorted(range(len(turns)), key=lambda place: (turns[place], place))
    return [citations[place] for place in order]


def table_grid(table: Table) -> Grid:
    """The table of a result; numbers to the right, a missing group named as such."""
    grid = Grid(show_edge=False, pad_edge=False, header_style="bold")
    first = table["rows"][0] if table["rows"] else []
    for place, name in enumerate(table["columns"]):
        is_number = place < len(first) and isinstance(first[place], int | float)
        grid.add_column(Text(printable(str(name))), justify="right" if is_number else "left", overflow="fold")
    for row in table["rows"][:ROWS_SHOWN]:
        grid.add_row(*(Text("unknown" if cell is None else printable(str(cell))) for cell in row))
    return grid


def _show_result(console: Console, result: Result, job_url: str) -> None:
    _indented(console, Text(printable(result["answer"])))
    table = result["table"]
    if table and table["rows"]:
        console.print()
        _indented(console, table_grid(table))
        _say_more(console, len(table["rows"]) - ROWS_SHOWN, "rows", job_url)
    console.print()
    _indented(console, Text("ledger  ", "dim") + ledger_line(result["ledger"], drawn=console.is_terminal))
    if result["bounds"]:
        _indented(console, Text.assemble(("bounds  ", "dim"), bounds_line(result["bounds"])))
    _indented(console, Text.assemble(("model   ", "dim"), printable(result["model"])))
    _show_citations(console, result["citations"], f"{job_url}/rows")


def _show_citations(console: Console, citations: Sequence[Citation], more_at: str) -> None:
    if citations:
        console.print()
    for citation in one_a_document_first(citations)[:CITATIONS_SHOWN]:
        _indented(console, citation_line(citation))
    _say_more(console, len(citations) - CITATIONS_SHOWN, "citations", more_at)


def _say_more(console: Console, count: int, what: str, where: str) -> None:
    if count > 0:
        _indented(console, Text(f"… and {count} more {what}" + (f": {where}" if where else ""), style="dim"))


def _indented(console: Console, content: RenderableType) -> None:
    console.print(Padding(content, (0, 0, 0, 3), expand=False))
