"""In: catalogue.toml and checks/. Out: the Catalogue: what each check is called, asks and advises.

All prose about checks stands in the TOML files; code yields facts, and this module puts them in.
"""

import re
import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from analyzer.display import printable
from analyzer.rules.severity import Severity

Fact = str | int | datetime


class Confidence(StrEnum):
    """How certain a finding is: of the fact, or of what the fact means (name heuristics)."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Practice(StrEnum):
    """The eight practices, in the order of the report's chapters."""

    MFA = "mfa"
    LEAST_PRIVILEGE = "least-privilege"
    ACCESS_KEYS = "access-keys"
    ROLES = "roles"
    GROUPS = "groups"
    PASSWORDS = "passwords"
    REVIEWS = "reviews"
    IDENTITIES = "identities"


@dataclass(frozen=True, slots=True)
class Chapter:
    """One practice's heading and what good looks like."""

    practice: Practice
    title: str
    aim: str


@dataclass(frozen=True, slots=True)
class Input:
    """A sort of evidence: its name in a sentence and the command that makes it.

    `is_on_request` is true for what no account exports: the auditor hands it in to have more
    checked, and leaves no gap without it.
    """

    name: str
    what: str
    command: str
    is_on_request: bool = False


@dataclass(frozen=True, slots=True)
class Variant:
    """A case that a check tells apart, in words of its own. What is None is as in the check."""

    title: str | None = None
    severity: Severity | None = None
    confidence: Confidence | None = None
    observed: str | None = None
    expected: str | None = None
    why: str | None = None
    fix: str | None = None
    commands: tuple[str, ...] | None = None
    controls: Mapping[str, tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class CheckEntry:
    """One check. `inputs` lists alternatives, each a set of inputs that are needed together.

    `kind` is `control` (scored), `advisory` (listed) or `data-quality` (says how far the evidence
    can be relied on; not scored). `practices` begins with the one that the check deducts from.
    `threshold` is the field of Limits whose value stands in `expected`, "" where none does.
    `bad` and `fixed` are excerpts of the evidence that fail and pass the check, for its page in the
    documentation; a blank line stands between excerpts of different files. `variants` are the
    cases that the check tells apart, none worse than its own.
    """

    id: str
    title: str
    practices: tuple[Practice, ...]
    severity: Severity
    confidence: Confidence
    kind: str
    inputs: tuple[tuple[str, ...], ...]
    observed: str
    expected: str
    why: str
    fix: str
    commands: tuple[str, ...]
    controls: Mapping[str, tuple[str, ...]]
    bad: str
    fixed: str
    variants: Mapping[str, Variant] = field(default_factory=dict)
    threshold: str = ""

    @property
    def practice(self) -> Practice:
        """The chapter in which the check stands and whose score it touches."""
        return self.practices[0]

    @property
    def is_scored(self) -> bool:
        """True for a control; advisories and judgements of the evidence cost no points."""
        return self.kind == "control"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every check, chapter and sort of evidence; checks by practice, in their file's order.

    `variants` are those that any check can have.
    """

    version: str
    chapters: tuple[Chapter, ...]
    inputs: Mapping[str, Input]
    entries: Mapping[str, CheckEntry]
    variants: Mapping[str, Variant] = field(default_factory=dict)

    def entry_of(self, rule: str, variant: str = "") -> CheckEntry:
        """The check as it speaks of that variant. A variant never weighs more than its check.

        Names joined by + are taken in turn: where two differ, the later one speaks.
        """
        entry = self.entries[rule]
        for name in variant.split("+"):
            told = entry.variants.get(name) or self.variants.get(name)
            entry = _as_told(entry, told) if told else entry
        return entry


def load_catalogue() -> Catalogue:
    """The catalogue that ships with the program."""
    table = _read_table("catalogue.toml")
    checks = {
        name: each
        for practice in Practice
        for name, each in _read_table(f"checks/{practice}.toml")["check"].items()
    }
    return Catalogue(
        version=table["version"],
        chapters=tuple(
            Chapter(practice, **table["practice"][practice.value]) for practice in Practice
        ),
        inputs=MappingProxyType(
            {name: Input(name, **each) for name, each in table["input"].items()}
        ),
        entries=MappingProxyType({name: _parse_entry(name, each) for name, each in checks.items()}),
        variants=_parse_variants(table["variant"]),
    )


def _read_table(name: str) -> dict[str, Any]:
    return tomllib.loads(files("analyzer.rules").joinpath(name).read_text(encoding="utf-8"))


def _as_told(entry: CheckEntry, told: Variant) -> CheckEntry:
    severity = told.severity or entry.severity
    return replace(
        entry,
        title=told.title or entry.title,
        severity=max(entry.severity, severity, key=list(Severity).index),
        confidence=told.confidence or entry.confidence,
        observed=told.observed or entry.observed,
        expected=told.expected or entry.expected,
        why=told.why or entry.why,
        fix=told.fix or entry.fix,
        commands=entry.commands if told.commands is None else told.commands,
        controls=entry.controls if told.controls is None else told.controls,
    )


def fill_sentence(template: str, facts: Mapping[str, Fact]) -> str:
    """The template with the facts put in; times as days, which is what every threshold counts."""
    return template.format_map({name: _fact_text(fact) for name, fact in facts.items()})


def fill_command(template: str, facts: Mapping[str, Fact]) -> str:
    """The template with each fact quoted for a POSIX shell: a user name can hold anything.

    A value that begins with a hyphen is tied to its option, which would take it for another one.
    """
    texts = {name: _fact_text(fact) for name, fact in facts.items()}
    for name in (name for name, text in texts.items() if text.startswith("-")):
        template = re.sub(rf"(--[a-z-]+) (?=\{{{name}\}})", r"\1=", template)
    return template.format_map({name: shlex.quote(text) for name, text in texts.items()})


def _fact_text(fact: Fact) -> str:
    return f"{fact:%Y-%m-%d}" if isinstance(fact, datetime) else printable(str(fact))


def _parse_entry(name: str, table: Mapping[str, object]) -> CheckEntry:
    read = dict(table)
    controls = read["controls"]
    assert isinstance(controls, Mapping)  # noqa: S101 - our own file; a test reads every entry
    return CheckEntry(
        id=name,
        title=str(read["title"]),
        practices=tuple(Practice(each) for each in _list(read["practice"])),
        severity=Severity(str(read["severity"])),
        confidence=Confidence(str(read["confidence"])),
        kind=str(read["kind"]),
        inputs=tuple(tuple(_list(each)) for each in _raw_list(read["inputs"])),
        observed=str(read.get("observed", "")),
        expected=str(read["expected"]),
        why=str(read["why"]),
        fix=str(read["fix"]),
        commands=tuple(_list(read.get("commands", []))),
        controls=_parse_controls(controls),
        bad=str(read["bad"]),
        fixed=str(read["fixed"]),
        variants=_parse_variants(read.get("variant", {})),
        threshold=str(read.get("threshold", "")),
    )


def _parse_variants(tables: object) -> Mapping[str, Variant]:
    assert isinstance(tables, Mapping)  # noqa: S101 - our own file; a test reads every entry
    return MappingProxyType({name: _parse_variant(each) for name, each in tables.items()})


def _parse_variant(table: Mapping[str, object]) -> Variant:
    controls = table.get("controls")
    return Variant(
        title=_text_of(table, "title"),
        observed=_text_of(table, "observed"),
        expected=_text_of(table, "expected"),
        why=_text_of(table, "why"),
        fix=_text_of(table, "fix"),
        severity=Severity(str(table["severity"])) if "severity" in table else None,
        confidence=Confidence(str(table["confidence"])) if "confidence" in table else None,
        commands=tuple(_list(table["commands"])) if "commands" in table else None,
        controls=_parse_controls(controls) if isinstance(controls, Mapping) else None,
    )


def _text_of(table: Mapping[str, object], name: str) -> str | None:
    return str(table[name]) if name in table else None


def _parse_controls(controls: Mapping[str, object]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({key: tuple(_list(value)) for key, value in controls.items()})


def _raw_list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _list(value: object) -> list[str]:
    return [str(each) for each in _raw_list(value)]
