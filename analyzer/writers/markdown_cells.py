"""In: text from exports. Out: cells and tables of Markdown in which it stays text.

A name of an account may hold a bar, a tag, a link or a mention; none of them takes effect. An
escaped mention still calls somebody on GitHub, so foreign text stands in code spans, where nothing
does.
"""

import re
from collections.abc import Iterator, Sequence

from analyzer.display import printable

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~&])")
_OPENING = re.compile(r"^(\d*)([-+#.)])")
"""What would begin a list or a heading."""
_FENCES = re.compile("`+")


def cell(text: str) -> str:
    """Our own words on one line, every character that Markdown reads escaped."""
    return _OPENING.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", printable(text)))


def code_cell(text: str) -> str:
    """Foreign text on one line, as code; "" for none."""
    shown = printable(text).replace("|", r"\|")
    if not shown.strip():
        return ""
    longest = max((len(run) for run in _FENCES.findall(shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A table of cells that are made already."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
