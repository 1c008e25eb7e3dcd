"""In: a template's name, the report and the catalogue. Out: the page that they make.

All text in a report comes from files that strangers can write to. Everything printed therefore
passes two gates that no template can forget: `printable`, then escaping.
"""

import base64
import re
from collections.abc import Mapping, Sequence
from functools import partial
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from analyzer.display import printable
from analyzer.rules.catalogue import Catalogue
from analyzer.rules.severity import Severity
from analyzer.score import FORMULA
from analyzer.writers.document.parts import credential_summary, location_text
from analyzer.writers.document.report import Report
from analyzer.writers.templates import template_root
from analyzer.writers.view.changes import since_last
from analyzer.writers.view.chapters import CHAPTERS
from analyzer.writers.view.controls import BASES, framework_sheets
from analyzer.writers.view.escalation_diagram import escalation_diagram
from analyzer.writers.view.evidence import citations, entry_anchors, evidence_entries
from analyzer.writers.view.leaks import (
    begins_late,
    blast_radius_sentence,
    days_open,
    doubtful_leaks,
    exposure_sentence,
    has_page,
    holder_noun,
    leak_summary,
    leaks_with_page,
    path_diagram,
    ranking,
    relation_sentence,
    status_sentence,
    status_words,
    user_noun,
    worst_case_sentence,
)
from analyzer.writers.view.population import cell_text, tables
from analyzer.writers.view.practices import (
    checks_not_requested,
    count_by_severity,
    evidence_gaps,
    first_actions,
    practice_sections,
)
from analyzer.writers.view.privileged import count_by_level, has_unknown, privileged_rows
from analyzer.writers.view.score import binding_cap, score_steps, total_deduction
from analyzer.writers.view.timeline import timeline

_FONTS = (
    ("Source Sans 3", 400, "sans-400"),
    ("Source Sans 3", 600, "sans-600"),
    ("Source Serif 4", 400, "serif-400"),
    ("Source Code Pro", 400, "mono-400"),
)
LONGEST = 300
"""Letters of a word on paper; what is cut ends with "…", and report.json has it whole."""
_ENDLESS = re.compile(rf"\S{{{LONGEST + 1},}}")
_LEAKED = MappingProxyType(
    {
        "leak_summary": leak_summary,
        "leaks_with_page": leaks_with_page,
        "doubtful_leaks": doubtful_leaks,
        "user_noun": user_noun,
        "relation_sentence": relation_sentence,
        "status_sentence": status_sentence,
        "exposure_sentence": exposure_sentence,
        "days_open": days_open,
        "begins_late": begins_late,
        "blast_radius_sentence": blast_radius_sentence,
        "path_diagram": path_diagram,
        "worst_case_sentence": worst_case_sentence,
        "status_words": status_words,
        "has_page": has_page,
        "timeline": timeline,
        "holder_noun": holder_noun,
        "ranking": ranking,
        "capital": lambda text: text[:1].upper() + text[1:],
    }
)
"""What the pages of leaked credentials ask for."""


def render_page(template: str, report: Report, catalogue: Catalogue, **more: Any) -> str:  # noqa: ANN401
    """The page, the same for the same report. `more` adds to what the template can name."""
    listed = evidence_entries(report)
    evidence = {each["id"]: each for each in report["evidence"]}
    anchor_of = entry_anchors(listed)
    environment = page_environment(template_root(), is_paper=bool(more.get("paper")))
    environment.filters["citations"] = lambda finding: citations(finding, evidence, anchor_of)
    sections = practice_sections(report, catalogue)
    shown = frozenset(
        each["fingerprint"]
        for section in sections
        for group in section.groups
        for each in group.findings[: more["most"]]
    )
    return environment.get_template(template).render(
        report=report,
        catalogue=catalogue,
        formula=FORMULA,
        severities=[each.value for each in Severity],
        chapters=CHAPTERS,
        since=since_last(report),
        sections=sections,
        actions=first_actions(report, catalogue),
        counts=count_by_severity(report),
        gaps=evidence_gaps(report),
        not_requested=checks_not_requested(report),
        exhibits=listed,
        deductions=_deductions(report),
        framework_sheets=partial(framework_sheets, report, shown),
        bases=BASES,
        anchor_of=anchor_of,
        **more,
    )


def stylesheet(name: str) -> str:
    """The style sheet with its fonts inside, so that it needs no other file."""
    assets = template_root() / "assets"
    faces = (
        f'@font-face{{font-family:"{family}";font-weight:{weight};'
        f"src:url(data:font/woff2;base64,{_encoded(assets / 'fonts' / f'{file}.woff2')})}}"
        for family, weight, file in _FONTS
    )
    return "\n".join((*faces, (assets / name).read_text(encoding="utf-8")))


def page_environment(root: Traversable, *, is_paper: bool = False) -> Environment:
    """Templates in which every text passes both gates, with all that the pages ask for."""
    # autoescape=True: select_autoescape() passes over names that end in .html.j2.
    environment = Environment(
        loader=FunctionLoader(lambda name: _text(root, name)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_on_paper if is_paper else _final,
    )
    environment.filters |= {
        "citations": lambda _: (),
        "locations_text": _locations_text,
        "day": lambda stamp: stamp[:10] if stamp else "",
        "minute": _minute,
        "count": lambda number: f"{number:,}",
        "cell_text": cell_text,
        "binding_cap": binding_cap,
        "score_steps": score_steps,
        "total_deduction": total_deduction,
        "tables": tables,
        "evidence_of_kind": _of_kind,
        "escalation_diagram": escalation_diagram,
        "privileged_rows": privileged_rows,
        "count_by_level": count_by_level,
        "has_unknown": has_unknown,
        "credential_summary": credential_summary,
        **_LEAKED,
    }
    return environment


def _final(value: object) -> object:
    """Markup is what our own templates wrote; any other text may hold anything."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _on_paper(value: object) -> object:
    """The same without words of any length: WeasyPrint takes minutes to break one of 10,000."""
    shown = _final(value)
    is_text = isinstance(shown, str) and not isinstance(shown, Markup)
    return _ENDLESS.sub(lambda word: f"{word[0][:LONGEST]}…", str(shown)) if is_text else shown


def _text(root: Traversable, name: str) -> str | None:
    found = root.joinpath(*name.split("/"))
    return found.read_text(encoding="utf-8") if found.is_file() else None


def _encoded(file: Traversable) -> str:
    return base64.b64encode(file.read_bytes()).decode("ascii")


def _locations_text(places: Sequence[Mapping[str, Any]], most: int = 4) -> str:
    """Where to look, in words; the columns of one row stand together."""
    told: dict[str, list[str]] = {}
    for place in places:
        head, _, column = location_text(place).partition(", column ")
        told.setdefault(head, []).extend([column] if column else [])
    said = [
        f"{head}, column{'s' if len(columns) > 1 else ''} {', '.join(columns)}" if columns else head
        for head, columns in told.items()
    ]
    first = "; ".join(said[:most])
    return f"{first}; {len(said) - most} more in report.json" if len(said) > most else first


def _deductions(report: Report) -> float:
    return (
        sum(round(total_deduction(each["score"]["ledger"]) * 10) for each in report["accounts"])
        / 10
    )


def _minute(stamp: str | None) -> str:
    return f"{stamp[:10]} {stamp[11:16]} UTC" if stamp else "unknown"


def _of_kind(kind: str, catalogue: Catalogue) -> str:
    """What a sort of evidence is called, without the article that a sentence needs."""
    known: Mapping[str, Any] = catalogue.inputs
    words = str(known[kind].what) if kind in known else kind.replace("_", " ")
    return words.removeprefix("the ").removeprefix("list of ").split(",")[0]
