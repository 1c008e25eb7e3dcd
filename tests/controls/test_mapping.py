"""Which checks stand behind a control: one source, no id that nobody knows, and who says so."""

import tomllib
from pathlib import Path

import pytest

from analyzer.controls.frameworks import Basis, Coverage
from analyzer.controls.mapping import coverage_of
from tests.builders import the_catalogue
from tests.controls.judged_controls import the_frameworks, the_mapping

NUMBERS = tomllib.loads(Path(__file__).with_name("cis_numbers.toml").read_text(encoding="utf-8"))
EDITIONS = ("cis_3_0", "cis_5_0", "cis_6_0", "cis_7_0")
NAMED = {
    (key, number): entry.id
    for entry in the_catalogue().entries.values()
    for controls in (entry.controls, *(each.controls or {} for each in entry.variants.values()))
    for key, numbers in controls.items()
    for number in numbers
}


def behind(framework, control):
    """The ids of the checks behind a control."""
    return [each.rule for each in the_mapping()[framework, control]]


@pytest.mark.parametrize("edition", EDITIONS)
def test_cis_has_all_its_numbers_about_identity_and_no_other(edition):
    """The table that names its sources, against the one that the program reads."""
    assert list(the_frameworks()[edition].controls) == sorted(
        NUMBERS["numbers"][edition], key=lambda each: [int(part) for part in each.split(".")]
    )


@pytest.mark.parametrize("told", NUMBERS["checks"])
def test_checks_name_the_cis_number_of_each_edition(told):
    """A number that moved between editions is the slip that nobody sees."""
    rule, _, variant = told.partition(" ")
    named = the_catalogue().entry_of(rule, variant).controls
    numbers = [" ".join(named.get(edition, ())) for edition in EDITIONS]
    assert numbers == NUMBERS["checks"][told]


def test_every_cis_number_that_exports_decide_is_in_the_table():
    """So the comparison above leaves out no control."""
    for place, edition in enumerate(EDITIONS):
        compared = {
            number for numbers in NUMBERS["checks"].values() for number in numbers[place].split()
        }
        covered = {
            each.id
            for each in the_frameworks()[edition].controls.values()
            if behind(edition, each.id)
        }
        assert covered <= compared, edition


def test_every_id_that_a_check_names_stands_in_a_table():
    """An id without a control would be printed and never judged."""
    frameworks = the_frameworks()
    unknown = {
        pair: rule
        for pair, rule in NAMED.items()
        if pair[0] not in frameworks or pair[1] not in frameworks[pair[0]].controls
    }
    assert not unknown


def test_no_check_names_a_control_that_exports_cannot_decide():
    """The table and the check would say two things."""
    for (key, number), rule in NAMED.items():
        assert the_frameworks()[key].controls[number].coverage is not Coverage.NOT_COVERED, rule


def test_each_framework_has_one_source_of_its_checks():
    """Either checks name its controls, or its table says whose checks they share."""
    named = {key for key, _ in NAMED}
    for framework in the_frameworks().values():
        shares = any(each.same_as for each in framework.controls.values())
        assert (framework.id in named) + (framework.named_by != framework.id) == 1, framework.id
        assert shares == (framework.named_by == "table"), framework.id


def test_every_reference_of_a_table_leads_somewhere():
    """A control that shares the checks of nobody would be silent."""
    practices = {each.practice.value for each in the_catalogue().chapters}
    for framework in the_frameworks().values():
        for control in framework.controls.values():
            for kind, name in control.same_as:
                known = {
                    "check": the_catalogue().entries,
                    "practice": practices,
                    **{each.id: each.controls for each in the_frameworks().values()},
                }
                assert name in known[kind], (control.id, kind, name)
            for key, numbers in control.related.items():
                assert set(numbers) <= set(the_frameworks()[key].controls), control.id


def test_a_control_that_no_check_names_is_not_covered():
    """Whatever exports could tell of it."""
    control = the_frameworks()["security_hub"].controls["IAM.24"]
    assert control.coverage is Coverage.FULL
    assert coverage_of(control, the_mapping()["security_hub", "IAM.24"]) is Coverage.NOT_COVERED


def test_fsbp_has_the_checks_of_the_same_security_hub_control():
    """It is the same control in another list."""
    assert behind("aws_fsbp", "IAM.7") == behind("security_hub", "IAM.7")
    assert "password-symbol" in behind("aws_fsbp", "IAM.7")
    assert "password-max-age" not in behind("aws_fsbp", "IAM.7")


@pytest.mark.parametrize(
    ("framework", "control", "rule", "basis"),
    [
        ("cis_7_0", "2.10", "console-user-no-mfa", Basis.FRAMEWORK),
        ("security_hub", "IAM.5", "console-user-no-mfa", Basis.FRAMEWORK),
        ("pci_dss_4_0", "8.4.2", "console-user-no-mfa", Basis.AWS),
        ("nist_800_53_r5", "AC-2(1)", "key-older-than-90-days", Basis.AWS),
        ("nist_800_171_r2", "3.5.7", "password-number", Basis.AWS),
        ("nist_800_53_r5", "AC-6", "role-trust-any-principal", Basis.OURS),
        ("iso_27001_2022", "A.5.17", "password-min-length", Basis.OURS),
    ],
)
def test_each_mapping_says_who_made_it(framework, control, rule, basis):
    """The framework itself, AWS's page of the Security Hub control, or we."""
    told = {each.rule: each.basis for each in the_mapping()[framework, control]}
    assert told[rule] is basis


@pytest.mark.parametrize(
    ("rule", "framework", "numbers"),
    [
        ("root-recent-sign-in", "security_hub", ()),
        ("security-contact-missing", "nist_800_53_r5", ("CM-2", "CM-2(2)")),
        ("support-role-missing", "nist_800_53_r5", ("IR-4", "IR-7")),
        ("support-role-missing", "pci_dss_4_0", ("12.10.3",)),
        ("credentials-unused-90-days", "cis_5_0", ()),
        ("initial-password-never-used", "cis_5_0", ()),
        ("password-symbol", "pci_dss_4_0", ()),
        ("server-certificate-expired", "pci_dss_4_0", ("4.2.1",)),
        ("kms-unrestricted", "security_hub", ("KMS.1", "KMS.2")),
        ("policy-notaction-allow", "security_hub", ("IAM.21",)),
        ("analyzer-public-finding-open", "cis_7_0", ("2.21",)),
        ("password-policy-missing", "cis_5_0", ("1.7", "1.8")),
    ],
)
def test_mappings_that_were_wrong_stay_mended(rule, framework, numbers):
    """Each was compared with AWS's page or the framework."""
    assert the_catalogue().entries[rule].controls.get(framework, ()) == numbers


def test_a_threshold_in_the_text_of_a_check_has_a_field():
    """The procedure of a work paper names the number that held."""
    for entry in the_catalogue().entries.values():
        assert ("{" in entry.expected) == bool(entry.threshold), entry.id
