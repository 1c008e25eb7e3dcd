"""In: the document of a comparison. Out: one HTML file that asks for nothing and runs nothing."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from analyzer.rules.severity import Severity
from analyzer.tracking.changes import Change
from analyzer.writers.comparison.document import score_lines
from analyzer.writers.html import policy
from analyzer.writers.templates import template_root
from analyzer.writers.view.page import page_environment, stylesheet


def render_comparison_page(document: Mapping[str, Any]) -> str:
    """The page, the same for the same reports; what is still open stands last."""
    style = stylesheet("screen.css")
    groups = [
        (change.value, [each for each in document["changes"] if each["change"] == change.value])
        for change in Change
    ]
    template = page_environment(template_root()).get_template("comparison.html.j2")
    return template.render(
        document=document,
        scores=score_lines(document),
        groups=[(name, same) for name, same in groups if same],
        severities=[each.value for each in Severity],
        style=Markup(style),  # noqa: S704 - our own style sheet
        policy=policy(style),
        paper=False,
    )
