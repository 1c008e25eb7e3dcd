"""In: the frameworks and the catalogue. Out: which checks stand behind a control, and who says so.

One source for each framework: either its checks name it under `controls` in the catalogue, or its
table says by `same_as` which other controls, practices and checks stand behind each of its own.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from analyzer.controls.frameworks import Basis, Control, Coverage, Framework
from analyzer.rules.catalogue import Catalogue, CheckEntry

_HUB = "security_hub"


@dataclass(frozen=True, slots=True)
class MappedCheck:
    """A check that stands behind a control.

    `names` are pairs of a key and an id under the check's `controls`: a finding counts where its
    variant names one of them; every finding counts where there are none.
    """

    rule: str
    basis: Basis
    names: frozenset[tuple[str, str]] = frozenset()

    def counts(self, catalogue: Catalogue, variant: str) -> bool:
        """True if a finding of that variant breaks the control."""
        told = catalogue.entry_of(self.rule, variant).controls
        return not self.names or any(number in told.get(key, ()) for key, number in self.names)


def map_checks(
    frameworks: Mapping[str, Framework], catalogue: Catalogue
) -> Mapping[tuple[str, str], tuple[MappedCheck, ...]]:
    """The checks behind each control, by framework and id, in the catalogue's order.

    None stand behind a control that exports cannot cover.
    """
    naming = _naming(catalogue)
    return {
        (framework.id, control.id): tuple(
            _mapped(framework, control, frameworks, catalogue, naming)
        )
        for framework in frameworks.values()
        for control in framework.controls.values()
    }


def coverage_of(control: Control, checks: tuple[MappedCheck, ...]) -> Coverage:
    """What the checks that there are can tell of the control; nothing without any."""
    return control.coverage if checks else Coverage.NOT_COVERED


def _mapped(
    framework: Framework,
    control: Control,
    frameworks: Mapping[str, Framework],
    catalogue: Catalogue,
    naming: Mapping[tuple[str, str], frozenset[str]],
) -> Iterator[MappedCheck]:
    if control.coverage is Coverage.NOT_COVERED:
        return
    names = _names(framework, control, frameworks)
    whole = set(_whole_checks(control.same_as, catalogue))
    for rule, entry in catalogue.entries.items():
        own = frozenset(pair for pair in names if rule in naming.get(pair, ()))
        if rule in whole:
            yield MappedCheck(rule, _basis(framework, control, entry, frameworks))
        elif own:
            yield MappedCheck(rule, _basis(framework, control, entry, frameworks), own)


def _names(
    framework: Framework, control: Control, frameworks: Mapping[str, Framework]
) -> Iterable[tuple[str, str]]:
    """Under which keys and ids checks name the control, or those that stand for it."""
    others = [(frameworks[key], number) for key, number in control.same_as if key in frameworks]
    return [(framework.named_by, control.id), *((each.named_by, number) for each, number in others)]


def _whole_checks(references: Iterable[tuple[str, str]], catalogue: Catalogue) -> Iterator[str]:
    for kind, name in references:
        if kind == "check":
            yield name
        elif kind == "practice":
            yield from (
                each.id
                for each in catalogue.entries.values()
                if each.practice == name and each.is_scored
            )


def _naming(catalogue: Catalogue) -> Mapping[tuple[str, str], frozenset[str]]:
    """For each key and id the checks that name it, in themselves or in a variant."""
    found: dict[tuple[str, str], set[str]] = {}
    for entry in catalogue.entries.values():
        variants = (each.controls or {} for each in entry.variants.values())
        for controls in (entry.controls, *variants):
            for key, numbers in controls.items():
                for number in numbers:
                    found.setdefault((key, number), set()).add(entry.id)
    return {pair: frozenset(rules) for pair, rules in found.items()}


def _basis(
    framework: Framework, control: Control, entry: CheckEntry, frameworks: Mapping[str, Framework]
) -> Basis:
    """The framework's own, or AWS's where a Security Hub control of the check names it."""
    if framework.basis is Basis.FRAMEWORK:
        return Basis.FRAMEWORK
    hub = frameworks[_HUB].controls
    numbers = (each for each in entry.controls.get(_HUB, ()) if each in hub)
    named = any(control.id in hub[each].related.get(framework.id, ()) for each in numbers)
    return Basis.AWS if named else Basis.OURS
