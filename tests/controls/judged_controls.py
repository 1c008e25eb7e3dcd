"""In: an account under construction. Out: what its exports show for each control."""

from functools import cache
from typing import NamedTuple

from analyzer.controls.frameworks import load_frameworks
from analyzer.controls.judgement import ControlResult, judge_controls
from analyzer.controls.mapping import map_checks
from analyzer.rules.engine import run_checks
from tests.builders import AccountBuilder, the_catalogue


class Pair(NamedTuple):
    """A framework and the id of one of its controls."""

    framework: str
    control: str


@cache
def the_frameworks():
    """The frameworks that ship with the program, read once."""
    return load_frameworks()


@cache
def the_mapping():
    """The checks behind each of their controls."""
    return map_checks(the_frameworks(), the_catalogue())


def controls_of(case: AccountBuilder) -> dict[Pair, ControlResult]:
    """The result of every control."""
    given, catalogue = case.case(), the_catalogue()
    results = run_checks(given, catalogue)
    found = judge_controls(the_frameworks(), the_mapping(), given, results, catalogue)
    return {Pair(each.control.framework, each.control.id): each for each in found}


def control_of(case: AccountBuilder, framework: str, control: str) -> ControlResult:
    """The result of one."""
    return controls_of(case)[Pair(framework, control)]


def status_of(case: AccountBuilder, framework: str, control: str) -> str:
    """Its status as a word."""
    return control_of(case, framework, control).status.value
