"""In: nothing. Out: every format of `credaudit audit` and `credaudit scan`, one row each.

The command line asks these tables and knows no format by itself: a new format is a module with a
`render` function and a row here. A module is imported when its format is written, so that a scan
loads no PDF library.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its name on the command line, and what renders each of its files.

    `files` maps each file name to "module:function", which takes the document and returns bytes.
    Slow formats are written last. Where `is_for_terminal`, the function also takes `colour` and
    `summary`.
    """

    name: str
    files: Mapping[str, str]
    is_slow: bool = False
    is_for_terminal: bool = False


AUDIT_FORMATS = (
    Format("html", {"report.html": "analyzer.writers.html:render"}, is_slow=True),
    Format("pdf", {"report.pdf": "analyzer.writers.pdf:render"}, is_slow=True),
    Format("json", {"report.json": "analyzer.writers.json:render"}),
    Format(
        "csv",
        {
            "findings.csv": "analyzer.writers.csv:render_findings",
            "population.csv": "analyzer.writers.csv:render_population",
            "controls.csv": "analyzer.writers.csv:render_controls",
        },
    ),
)
"""What `credaudit audit --format` offers, in this order; each file goes into the report folder."""

SCAN_FORMATS = (
    Format("text", {"scan.txt": "analyzer.writers.scan.text:render"}, is_for_terminal=True),
    Format("json", {"scan.json": "analyzer.writers.json:render"}),
    Format("sarif", {"scan.sarif": "analyzer.writers.scan.sarif:render"}),
    Format("csv", {"scan.csv": "analyzer.writers.scan.csv:render"}),
)
"""What `credaudit scan --format` offers, in this order; each has one file."""


def render_file(target: str, document: Mapping[str, Any], **style: bool) -> bytes:
    """The content of one file, by its "module:function".

    Raises OutputError where what the format needs is missing, as the libraries of PDF can be.
    """
    module, _, function = target.partition(":")
    rendered: bytes = getattr(import_module(module), function)(document, **style)
    return rendered
