"""A page in blocks, written as Markdown or HTML: nothing is said twice for two formats."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

MARKDOWN_SIGNS: Final = re.compile(r"[\\`*\[\]<>|&#~]|(?<![^\W_])_|_(?![^\W_])")
STYLE: Final = """
:root { color-scheme: light dark; --ink: #1b1b1f; --paper: #ffffff; --line: #c8c8d0; --head: #f0f0f4; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e6ea; --paper: #17171b; --line: #44444e; --head: #26262c; } }
body { margin: 2rem auto; max-width: 84rem; padding: 0 1rem; color: var(--ink); background: var(--paper);
  font: 1rem/1.5 system-ui, sans-serif; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.8rem; line-height: 1.35; font-variant-numeric: tabular-nums; }
th, td { border: 1px solid var(--line); padding: 0.3rem; text-align: left; vertical-align: top; }
th { background: var(--head); }
.numbers td, .numbers thead th + th { text-align: right; }
img { max-width: 100%; height: auto; background: #ffffff; border-radius: 0.5rem; }
"""


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is the page's own."""

    text: str
    level: int


@dataclass(frozen=True)
class Paragraph:
    """Sentences."""

    text: str


@dataclass(frozen=True)
class Table:
    """A table whose first column names its rows.

    Attributes:
        head: a name a column.
        rows: cells, as many in each row as in ``head``.
        numbers: whether all columns but the first hold bare numbers, which stand to the right.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: bool = False


@dataclass(frozen=True)
class Picture:
    """A picture beside the page; ``link`` is relative to it and may stand in an address as it is."""

    link: str
    words: str


Block = Heading | Paragraph | Table | Picture


def as_markdown(blocks: Sequence[Block]) -> str:
    """Write blocks as Markdown."""
    return "\n\n".join(map(_markdown, blocks)) + "\n"


def as_html(title: str, blocks: Sequence[Block]) -> str:
    """Write blocks as one HTML file with its style in it, light or dark as the reader's system is."""
    body = "\n".join(map(_html, blocks))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _markdown(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"{'#' * level} {_markdown_text(text)}"
        case Paragraph(text):
            return _markdown_text(text)
        case Picture(link, words):
            return f"![{_markdown_text(words)}]({link})"
        case Table(head, rows, numbers):
            rule = ("---", *["---:" if numbers else "---"] * (len(head) - 1))
            lines = [tuple(map(_markdown_text, line)) for line in (head, *rows)]
            return "\n".join(f"| {' | '.join(line)} |" for line in (lines[0], rule, *lines[1:]))


def _markdown_text(text: str) -> str:
    """Text that shows as it is: signs that mean something are escaped, and a line break would end a row."""
    return MARKDOWN_SIGNS.sub(r"\\\g<0>", " ".join(text.split()))


def _html(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"<h{level}>{html.escape(text)}</h{level}>"
        case Paragraph(text):
            return f"<p>{html.escape(text)}</p>"
        case Picture(link, words):
            return f'<p><img src="{html.escape(link)}" alt="{html.escape(words)}"></p>'
        case Table(head, rows, numbers):
            kind = ' class="numbers"' if numbers else ""
            names = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in head)
            lines = "\n".join(_html_row(row) for row in rows)
            return (
                f'<div class="wide"><table{kind}>\n<thead><tr>{names}</tr></thead>\n'
                f"<tbody>\n{lines}\n</tbody>\n</table></div>"
            )


def _html_row(row: tuple[str, ...]) -> str:
    cells = "".join(f"<td>{html.escape(cell)}</td>" for cell in row[1:])
    return f'<tr><th scope="row">{html.escape(row[0])}</th>{cells}</tr>'
