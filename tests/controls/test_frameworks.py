"""The tables: complete, in order, in our own words, and with thresholds that exist."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

import analyzer.controls
from analyzer.config import Limits
from analyzer.controls.frameworks import Coverage
from tests.controls.judged_controls import the_frameworks

CONTROLS = [each for framework in the_frameworks().values() for each in framework.controls.values()]
TABLES = sorted(Path(analyzer.controls.__file__).parent.glob("*.toml"))
FSBP = {"Account.1", *(f"IAM.{number}" for number in (*range(1, 9), 21)), "KMS.1", "KMS.2"}


def test_every_framework_that_an_auditor_asks_for_is_there():
    """In the order of the report, the newest CIS edition first."""
    assert [each.option for each in the_frameworks().values()] == [
        "cis-7.0", "cis-6.0", "cis-5.0", "cis-3.0", "security-hub", "fsbp", "pci-dss",
        "nist-800-53", "nist-800-171", "nist-csf", "iso-27001", "soc-2", "hipaa", "aws-ftr",
        "well-architected",
    ]  # fmt: skip


def test_fsbp_is_only_what_belongs_to_that_standard():
    """The other Security Hub controls belong to other standards."""
    assert set(the_frameworks()["aws_fsbp"].controls) == FSBP
    assert set(the_frameworks()["security_hub"].controls) > FSBP


def test_security_hub_has_every_control_of_iam():
    """IAM.1 to IAM.28, the retired one too, so that nobody looks for it in vain."""
    hub = the_frameworks()["security_hub"].controls
    assert {f"IAM.{number}" for number in range(1, 29)} <= set(hub)
    assert hub["IAM.20"].coverage is Coverage.NOT_COVERED


def test_controls_stand_in_the_order_of_their_numbers():
    """1.9 before 1.10, AC-2 before AC-2(1), BP01 before BP02."""
    for name, first, then in [
        ("cis_5_0", "1.9", "1.10"),
        ("nist_800_53_r5", "AC-2", "AC-2(1)"),
        ("nist_800_53_r5", "AC-2(9)", "AC-2(13)"),
        ("aws_well_architected", "SEC01-BP02", "SEC02-BP01"),
        ("iso_27001_2022", "A.5.3", "A.5.15"),
    ]:
        ids = list(the_frameworks()[name].controls)
        assert ids.index(first) < ids.index(then)


def test_every_threshold_is_one_that_checks_compare_with():
    """A misspelt one would judge by the run's without a word."""
    known = {each.name for each in fields(Limits)}
    assert {name for each in CONTROLS for name in each.limits} <= known


def test_every_control_says_what_it_is_for_in_a_sentence():
    """And what the files cannot show; a label is a few words."""
    for each in CONTROLS:
        assert each.objective.endswith("."), each.id
        assert each.beyond.endswith("."), each.id
        assert 3 < len(each.label) <= 60, each.id
        assert not re.search(r"\b(Ensure|should)\b", each.label), f"{each.id} sounds like a title"


def test_what_is_not_covered_says_why():
    """Not what the framework says of controls that exports can break."""
    general = {each.beyond for each in the_frameworks().values()}
    unseen = [each for each in CONTROLS if each.coverage is Coverage.NOT_COVERED]
    assert unseen
    assert not [each.id for each in unseen if each.beyond in general]


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.stem)
def test_every_table_names_its_sources(table):
    """Whoever doubts a number knows where to look."""
    head = table.read_text(encoding="utf-8").partition("[[framework]]")[0]
    assert "# Sources:" in head or "# Source:" in head


@pytest.mark.parametrize(
    ("framework", "control", "limits"),
    [
        ("cis_5_0", "1.7", {"password_length": 14}),
        ("cis_5_0", "1.8", {"password_memory": 24}),
        ("cis_7_0", "2.12", {"key_age": 90}),
        ("pci_dss_4_0", "8.3.6", {"password_length": 12}),
        ("pci_dss_4_0", "8.3.7", {"password_memory": 4}),
        ("security_hub", "IAM.7", {"password_length": 8}),
        ("aws_fsbp", "IAM.7", {"password_length": 8}),
        ("security_hub", "IAM.15", {"password_length": 14}),
    ],
)
def test_thresholds_are_those_that_the_control_names(framework, control, limits):
    """As the benchmark, the standard and AWS's page have them."""
    assert dict(the_frameworks()[framework].controls[control].limits) == limits
