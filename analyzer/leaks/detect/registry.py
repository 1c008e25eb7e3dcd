"""In: a text. Out: the candidates of all patterns, one for each value and place, in order."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

import hyperscan

from analyzer.leaks.compiled import Rule, compile_rules, matching_numbers
from analyzer.leaks.detect import patterns
from analyzer.leaks.detect.candidate import Candidate, Pattern
from analyzer.leaks.faults import FaultLog, yield_until_fault
from analyzer.leaks.model import ClaimedFacts, CredentialKind

__all__ = ["PATTERNS", "Candidate", "find_candidates"]


def _discover_patterns() -> Iterator[Pattern]:
    """The PATTERNS of every module in `patterns`, by name of the module."""
    for module in sorted(each.name for each in iter_modules(patterns.__path__)):
        yield from import_module(f"{patterns.__name__}.{module}").PATTERNS


# Where two patterns say different things of one value the first is believed, so those that only
# add to others come last; nothing else depends on the order.
PATTERNS = tuple(sorted(_discover_patterns(), key=lambda pattern: pattern.adds_to_others))


def find_candidates(text: str, faults: FaultLog | None = None) -> list[Candidate]:
    """Every credential-shaped value in `text` with what it says by itself, in order of offset.

    Takes time linear in the text, whatever it holds. A pattern that raises is noted in `faults`,
    and what the others find still comes.
    """
    faults = FaultLog() if faults is None else faults
    found: dict[tuple[int, int, CredentialKind], list[Candidate]] = defaultdict(list)
    for number in sorted(called_for(text)):
        pattern = PATTERNS[number]
        kinds = ", ".join(sorted(pattern.kinds)) or "what stands beside others"
        for candidate in yield_until_fault(_find(pattern, text), kinds, faults):
            found[candidate.start, candidate.end, candidate.kind].append(candidate)
    return [_merge(same) for _, same in sorted(found.items(), key=lambda item: item[0])]


def called_for(text: str) -> set[int]:
    """The numbers of the patterns of which a trigger is in the text; most have none."""
    return matching_numbers(_triggers(), text.encode(errors="replace"))


@cache
def _triggers() -> hyperscan.Database:
    """The triggers of all patterns, compiled once a process; each tells once that it is there."""
    return compile_rules(
        "triggers",
        [
            Rule(trigger, hyperscan.HS_FLAG_SINGLEMATCH, number)
            for number, pattern in enumerate(PATTERNS)
            for trigger in pattern.triggers
        ],
    )


def _find(pattern: Pattern, text: str) -> Iterator[Candidate]:
    yield from pattern.find(text)  # what raises before the first candidate raises in here, too


def _merge(same: list[Candidate]) -> Candidate:
    """One candidate out of those that several patterns gave for one value: all that they know."""
    if len(same) == 1:
        return same[0]
    best = max(same, key=lambda candidate: (candidate.stands_alone, bool(candidate.name)))
    return replace(best, claims=merge_claims(candidate.claims for candidate in same))


def merge_claims(known: Iterable[ClaimedFacts]) -> ClaimedFacts:
    """All that several claims say; the first that says something wins."""
    merged: dict[str, object] = {}
    for claims in known:
        for field in fields(claims):
            if merged.get(field.name) is None:
                merged[field.name] = getattr(claims, field.name)
    return ClaimedFacts(**merged)  # type: ignore[arg-type]
