"""In: the results of controls. Out: their parts of the report document.

What is the same for all accounts stands once, under `frameworks`; the results stand under
`controls`, one row for each control and account.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from analyzer.config import Limits
from analyzer.controls.frameworks import Control, Framework
from analyzer.controls.judgement import CheckAnswer, ControlResult
from analyzer.controls.mapping import MappedCheck, coverage_of
from analyzer.rules.catalogue import Catalogue, CheckEntry, fill_sentence
from analyzer.rules.finding import Finding
from analyzer.writers.document.parts import WITHDRAWN

MOST_EXCEPTIONS = 20
"""Exceptions named in a row; it counts the others, which findings name with their controls."""
_PLACE = re.compile(r"\{\w+\}")
Breaches = Mapping[tuple[str, str], frozenset[str] | None]
CheckMapping = Mapping[tuple[str, str], tuple[MappedCheck, ...]]


def framework_dict(
    framework: Framework, mapping: CheckMapping, catalogue: Catalogue, limits: Limits
) -> dict[str, Any]:
    """One framework with its controls and the checks behind each; `limits` are the run's."""
    return {
        "id": framework.id,
        "option": framework.option,
        "title": framework.title,
        "beyond": framework.beyond,
        "controls": [
            _control_dict(each, mapping[framework.id, each.id], catalogue, limits)
            for each in framework.controls.values()
        ],
    }


def control_rows(
    results: Iterable[ControlResult], catalogue: Catalogue, reported: frozenset[str]
) -> Iterator[dict[str, Any]]:
    """One row for each result; `reported` are the fingerprints that stand under `findings`."""
    for each in results:
        found = [finding for check in each.checks for finding in check.findings]
        accepted = frozenset[str]().union(*(check.accepted for check in each.checks))
        named = found[:MOST_EXCEPTIONS] if each.account else []
        # A row of all accounts has the sums; the rest stands in those of the accounts.
        checks, evidence, doubts = (
            (each.checks, each.evidence, each.doubts) if each.account else ((), (), ())
        )
        yield {
            "framework": each.control.framework,
            "control": each.control.id,
            "account": each.account,
            "status": each.status.value,
            "population": each.population,
            "failed": each.failed,
            "accepted": each.accepted,
            "reason": each.reason,
            "checks": [_check_dict(check) for check in checks],
            "evidence": list(evidence),
            "doubts": [_observed(doubt, catalogue) for doubt in doubts],
            "exceptions": [one.fingerprint for one in named],
            "unreported": [
                {
                    "fingerprint": one.fingerprint,
                    "rule": one.rule,
                    "resource": one.resource.arn,
                    "observed": _observed(one, catalogue),
                    "accepted": one.fingerprint in accepted,
                }
                for one in named
                if one.fingerprint not in reported
            ],
            "more_exceptions": len(found) - len(named),
        }


def findings_by_control(results: Iterable[ControlResult]) -> Breaches:
    """For each control the fingerprints that break it; None where the run's own thresholds hold."""
    return {
        (each.control.framework, each.control.id): frozenset(
            finding.fingerprint for check in each.checks for finding in check.findings
        )
        if each.control.limits
        else None
        for each in results
    }


def broken_controls(
    finding: Finding, named: Mapping[str, Sequence[str]], breaches: Breaches
) -> dict[str, list[str]]:
    """Of the controls that the finding's check names, those that it breaks by their own thresholds.

    Beside a Security Hub control stands the same one of FSBP, where it belongs to that standard.
    What is carried over from the last report can't be compared again, and keeps all.
    """
    own = finding.fingerprint

    def breaks(pair: tuple[str, str]) -> bool:
        fingerprints = breaches.get(pair)
        return fingerprints is None or bool(finding.withdrawn) or own in fingerprints

    kept = {
        key: [number for number in numbers if breaks((key, number))]
        for key, numbers in named.items()
    }
    hub = kept.get("security_hub", ())
    members = [number for number in hub if ("aws_fsbp", number) in breaches]
    return {key: numbers for key, numbers in {**kept, "aws_fsbp": members}.items() if numbers}


def _control_dict(
    control: Control, checks: tuple[MappedCheck, ...], catalogue: Catalogue, limits: Limits
) -> dict[str, Any]:
    own = replace(limits, **dict[str, Any](control.limits))
    return {
        "id": control.id,
        "label": control.label,
        "objective": control.objective,
        "coverage": coverage_of(control, checks).value,
        "beyond": control.beyond,
        "limits": dict(control.limits),
        "checks": [
            {
                "rule": each.rule,
                "basis": each.basis.value,
                "expected": _expected(catalogue.entries[each.rule], own),
            }
            for each in checks
        ],
    }


def _expected(entry: CheckEntry, limits: Limits) -> str:
    """What the check asks for by these thresholds."""
    value = getattr(limits, entry.threshold) if entry.threshold else None
    if entry.threshold and value is None:
        return "not asked for by the thresholds of the run"
    return _PLACE.sub("a set number of" if value is None else str(value), entry.expected)


def _check_dict(check: CheckAnswer) -> dict[str, Any]:
    return {
        "rule": check.mapped.rule,
        "status": check.status.value,
        "population": check.population,
        "failed": check.failed,
        "accepted": len(check.accepted),
    }


def _observed(finding: Finding, catalogue: Catalogue) -> str:
    entry = catalogue.entry_of(finding.rule, finding.variant)
    return WITHDRAWN if finding.withdrawn else fill_sentence(entry.observed, finding.facts)
