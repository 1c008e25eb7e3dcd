"""In: the catalogue, the schemas, the packages' docstrings. Out: the pages and the picture of them.

    python docs/make_pages.py    draws docs/flow.svg again

`conf.py` calls `write_pages` before each build, so a page is never older than what it describes.
"""

import ast
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

from analyzer.controls.frameworks import Control, load_frameworks
from analyzer.controls.mapping import MappedCheck, coverage_of, map_checks
from analyzer.rules.catalogue import Catalogue, CheckEntry, load_catalogue

sys.path.insert(0, str(Path(__file__).parent))  # a test and Sphinx load this file by its path
from peer_pages import peers_page

ROOT = Path(__file__).parents[1]
FLOW = Path(__file__).with_name("flow.svg")
_TABLES = load_frameworks()
FRAMEWORKS = {name: each.title for name, each in _TABLES.items()}
SCHEMAS = {"report": "report.json", "scan": "The JSON of credaudit scan"}
_MODULE = re.compile(r"^(\w+) {2,}(\S.*)$", re.MULTILINE)
_FACT = re.compile(r"\{(\w+)\}")

# Where a package is in the picture: in the lane of the exports, of the repositories, or in both.
EXPORTS, REPOSITORIES, BOTH = "exports", "repositories", "both"
LANES = {
    "evidence": EXPORTS,
    "inventory": EXPORTS,
    "git": REPOSITORIES,
    "leaks": REPOSITORIES,
    "policy": EXPORTS,
    "privesc": EXPORTS,
    "risk": BOTH,
    "rules": BOTH,
    "score": BOTH,
    "proposals": BOTH,
    "tracking": BOTH,
    "controls": BOTH,
    "writers": BOTH,
}
RUNNERS = ("audit", "cli", "__main__")
"""They run the stages, so they are at the end and import all of them."""


def write_pages(folder: Path) -> list[Path]:
    """Write every generated page into the folder, and say which they are."""
    catalogue = load_catalogue()
    pages = {f"checks/{name}.md": check_page(each, catalogue) for name, each in checks(catalogue)}
    pages["checks/index.md"] = checks_page(catalogue)
    pages["controls.md"] = controls_page(catalogue)
    pages["peers.md"] = peers_page()
    for name in SCHEMAS:
        pages[f"{name}.md"] = schema_page(name)
    paths = []
    for name, text in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths


def checks(catalogue: Catalogue) -> Iterator[tuple[str, CheckEntry]]:
    """The checks in the order of the report's chapters."""
    for chapter in catalogue.chapters:
        for name, each in catalogue.entries.items():
            if each.practice is chapter.practice:
                yield name, each


def checks_page(catalogue: Catalogue) -> str:
    """The list of all checks, by practice."""
    lines = ["# Checks", "", f"The catalogue has {len(catalogue.entries)} checks.", ""]
    for chapter in catalogue.chapters:
        lines += [f"## {chapter.title}", "", chapter.aim, "", "| check | asks | severity |"]
        lines += ["|---|---|---|"]
        lines += [
            f"| [`{each.id}`]({each.id}.md) | {_cell(each.title)} | {each.severity} |"
            for each in catalogue.entries.values()
            if each.practice is chapter.practice
        ]
        lines.append("")
    names = [name for name, _ in checks(catalogue)]
    return "\n".join([*lines, "```{toctree}", ":hidden:", "", *names, "```", ""])


def controls_page(catalogue: Catalogue) -> str:
    """Every control of every framework with the checks behind it, from the tables."""
    mapping = map_checks(_TABLES, catalogue)
    lines = ["# Every control", ""]
    for framework in _TABLES.values():
        lines += [f"## {framework.title}", "", f"On the command line: `{framework.option}`.", ""]
        lines += ["| control | what it asks for | covered | thresholds | checks |"]
        lines += ["|---|---|---|---|---|"]
        lines += [
            _control_line(each, mapping[framework.id, each.id])
            for each in framework.controls.values()
        ]
        lines.append("")
    return "\n".join(lines)


def _control_line(control: Control, checks: tuple[MappedCheck, ...]) -> str:
    named = ", ".join(
        f"[`{each.rule}`](checks/{each.rule}.md){' (AWS)' if each.basis == 'aws' else ''}"
        for each in checks
    )
    limits = ", ".join(f"{name} {str(each).lower()}" for name, each in control.limits.items())
    covered = coverage_of(control, checks).value
    cells = (control.id, _cell(control.label), covered, limits, named)
    return f"| {' | '.join(cells)} |"


def check_page(entry: CheckEntry, catalogue: Catalogue) -> str:
    """One check. Every sentence is the catalogue's; the headings are ours."""
    titles = {each.practice: each.title for each in catalogue.chapters}
    inputs = [
        " and ".join(catalogue.inputs[name].what for name in needed) for needed in entry.inputs
    ]
    commands = {name: catalogue.inputs[name].command for each in entry.inputs for name in each}
    facts = [
        ("check", f"`{entry.id}`"),
        ("practice", ", ".join(titles[each] for each in entry.practices)),
        ("severity", entry.severity.value),
        ("confidence", entry.confidence.value),
        ("kind", entry.kind),
    ]
    lines = [f"# {entry.title}", "", "| | |", "|---|---|"]
    lines += [f"| {name} | {_cell(value)} |" for name, value in facts]
    lines += ["", "## What it asks", "", f"**Expected:** {_words(entry.expected)}", ""]
    lines += [f"**Found otherwise:** {_words(entry.observed)}", ""]
    lines += ["## Why", "", _words(entry.why), "", *_cases(entry), "## Needs", ""]
    lines += [f"- {each}" for each in inputs]
    lines += ["", *_blocks("sh", commands.values()), "## Bad", "", *_examples(entry.bad)]
    lines += ["## Fixed", "", *_examples(entry.fixed), "## How to fix it", "", _words(entry.fix)]
    lines += [
        "",
        *_blocks("sh", ["\n".join(map(_shell, entry.commands))] if entry.commands else []),
    ]
    lines += ["## Controls", "", "| framework | controls |", "|---|---|"]
    lines += [f"| {FRAMEWORKS[name]} | {', '.join(ids)} |" for name, ids in entry.controls.items()]
    return "\n".join([*lines, ""])


def _cases(entry: CheckEntry) -> list[str]:
    """The variants that the check tells apart, with what differs in them."""
    if not entry.variants:
        return []
    lines = ["## Cases told apart", "", "| case | severity | found |", "|---|---|---|"]
    lines += [
        f"| {name} | {(each.severity or entry.severity).value} | "
        f"{_cell(_words(each.observed or entry.observed))} |"
        for name, each in entry.variants.items()
    ]
    lines.append("")
    for told in (each.fix for each in entry.variants.values() if each.fix):
        lines += [_words(told), ""]
    return lines


def schema_page(name: str) -> str:
    """One JSON Schema as tables: member, type, description."""
    path = ROOT / "analyzer" / "writers" / f"{name}.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    lines = [f"# {SCHEMAS[name]}", ""]
    lines += [
        f"The schema is `{schema['$id']}`, in `analyzer/writers/{path.name}`. Every member is"
    ]
    lines += ["always there; one without a value is null. `[]` stands for each item of a list.", ""]
    parts = {"The document": schema} | {f"A {name}": part for name, part in schema["$defs"].items()}
    for title, part in parts.items():
        lines += [f"## {title}", "", "| member | type | description |", "|---|---|---|"]
        lines += [
            f"| `{member}` | {_cell(kind)} | {_cell(text)} |"
            for member, kind, text in members(part)
        ]
        lines.append("")
    return "\n".join(lines)


def members(schema: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str, str]]:
    """Each member below the schema: its path, its type in words, and its description."""
    for name, each in schema.get("properties", {}).items():
        below = f"{path}.{name}" if path else name
        yield below, type_in_words(each), each["description"]
        yield from members(each, below)
    if "items" in schema:
        yield from members(schema["items"], f"{path}[]")
    for choice in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
        yield from members(choice, path)


def type_in_words(schema: Mapping[str, Any]) -> str:
    """What a member may hold, in words."""
    if "$ref" in schema:
        return f"a {schema['$ref'].rpartition('/')[2]}"
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return ", ".join(f"`{each}`" for each in schema["enum"])
    if choices := schema.get("anyOf"):
        return " or ".join(type_in_words(each) for each in choices)
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    words = " or ".join(kinds)
    return f"{words} of {type_in_words(schema['items'])}" if "items" in schema else words


def listed_modules(package: Path) -> dict[str, str]:
    """The modules that a package's docstring lists, in its order, with what each does."""
    text = ast.get_docstring(ast.parse((package / "__init__.py").read_text(encoding="utf-8")))
    return dict(_MODULE.findall(text or ""))


def flow_picture() -> str:
    """The declared order as an SVG: one box a package, from the inputs down to the report."""
    modules = listed_modules(ROOT / "analyzer")
    shared = [name for name in modules if name not in LANES and name not in RUNNERS]
    boxes = [_box(20, 20, 340, "exported files", "from the account owner")]
    boxes += [_box(380, 20, 340, "repositories", "and the files beside them")]
    y, bottom = 100, {EXPORTS: 66, REPOSITORIES: 66}
    for name, lane in LANES.items():
        left, width = {EXPORTS: (20, 340), REPOSITORIES: (380, 340), BOTH: (20, 700)}[lane]
        for each, centre in ((EXPORTS, 190), (REPOSITORIES, 550)):
            if lane in (each, BOTH):
                boxes.append(_arrow(centre, bottom[each], y))
                bottom[each] = y + 46
        boxes.append(_box(left, y, width, name, modules[name]))
        y += 66 if lane == BOTH else 70
    boxes.append(_box(20, y, 700, "for all of them", ", ".join(shared)))
    boxes.append(_box(20, y + 58, 700, "which run them", ", ".join(RUNNERS)))
    height = y + 124
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 740 {height}" role="img" '
        'font-family="system-ui, sans-serif">'
    )
    title = "<title>The flow of the data through the packages of credaudit</title>"
    ground = f'<rect width="740" height="{height}" fill="#ffffff"/>'
    return "\n".join([head, title, ground, *boxes, "</svg>", ""])


def _box(x: int, y: int, width: int, name: str, text: str) -> str:
    return (
        f'<rect x="{x}" y="{y}" width="{width}" height="46" rx="6" fill="#eef3f8" '
        f'stroke="#4a6785"/><text x="{x + 12}" y="{y + 19}" font-size="14" font-weight="600" '
        f'fill="#1b2a3a">{escape(name)}</text><text x="{x + 12}" y="{y + 37}" font-size="12" '
        f'fill="#3a4a5a">{escape(text)}</text>'
    )


def _arrow(x: int, top: int, bottom: int) -> str:
    line = f'<path d="M{x} {top}V{bottom - 6}" stroke="#4a6785" fill="none"/>'
    return f'{line}<path d="M{x - 4} {bottom - 7}h8l-4 7z" fill="#4a6785"/>'


def _examples(text: str) -> list[str]:
    """Each excerpt as a block of its own."""
    return [line for each in text.split("\n\n") for line in _blocks(language_of(each), [each])]


def language_of(excerpt: str) -> str:
    """How an excerpt is to be coloured: json, toml, or as plain text."""
    return {"{": "json", "[": "toml"}.get(excerpt[0], "text")


def _blocks(language: str, texts: Iterable[str]) -> list[str]:
    return [line for text in texts for line in (f"```{language}", text, "```", "")]


def _words(sentence: str) -> str:
    """A sentence of the catalogue; the facts that a finding puts in are set as code."""
    return _FACT.sub(r"`\1`", sentence)


def _shell(command: str) -> str:
    """A command with the facts that a finding puts in as words in capitals."""
    return _FACT.sub(lambda fact: fact[1].upper(), command)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    FLOW.write_text(flow_picture(), encoding="utf-8")
