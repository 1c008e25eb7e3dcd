"""Practice 2: who gives itself rights by a tag of its own."""

import pytest

from analyzer.rules.finding import Status
from analyzer.rules.severity import Severity
from tests.builders import account, allow, deny, the_catalogue

RULE = "self-tagging-grants-rights"
GOLD = {"StringEquals": {"aws:PrincipalTag/level": "gold"}}
OWN = "arn:aws:iam::111122223333:user/ann"


def ann(*statements):
    """A user with a key and a policy of these statements."""
    return account().user("ann").key().inline("p", *statements)


def severity_of(finding) -> Severity:
    """What the finding weighs in the report."""
    return the_catalogue().entry_of(finding.rule, finding.variant).severity


@pytest.mark.parametrize("on", ["*", OWN, "arn:aws:iam::*:user/${aws:username}"])
def test_self_tagging_grants_rights_fails(on):
    """Everything in S3 for a tag that she gives herself."""
    case = ann(allow("s3:*", when=GOLD), allow("iam:TagUser", on=on))
    [finding] = case.judged(RULE).findings
    assert finding.facts["tags"] == "level"
    assert finding.facts["actions"] == "s3:*"
    assert severity_of(finding) is Severity.MEDIUM


def test_self_tagging_grants_rights_shows_both_statements():
    """The right to tag comes first, then what the tag opens."""
    case = ann(allow("s3:*", when=GOLD), allow("iam:TagUser"))
    [finding] = case.judged(RULE).findings
    assert [place.pointer[-1] for place in finding.locations] == ["1", "0"]


def test_self_tagging_grants_rights_is_high_where_it_gives_everything():
    """Full rights for a tag."""
    [finding] = ann(allow("*", when=GOLD), allow("iam:TagUser")).judged(RULE).findings
    assert (finding.variant, severity_of(finding)) == ("", Severity.HIGH)


def test_a_role_tags_itself_too():
    """With iam:TagRole on itself."""
    case = account().role("app").inline("p", allow("sqs:*", when=GOLD), allow("iam:TagRole"))
    assert [each.facts["principal"] for each in case.judged(RULE).findings] == ["role app"]


def test_a_tag_in_a_resource_opens_another():
    """The bucket of any team, by the name of the team."""
    team = allow("s3:GetObject", on="arn:aws:s3:::team-${aws:PrincipalTag/team}/*")
    [finding] = ann(team, allow("iam:TagUser")).judged(RULE).findings
    assert finding.facts["tags"] == "team"


ALLOWED_KEY = {"ForAllValues:StringEquals": {"aws:TagKeys": ["cost-centre"]}}


@pytest.mark.parametrize(
    "statements",
    [
        (allow("s3:*", when=GOLD),),
        (allow("s3:*", when=GOLD), allow("iam:TagRole")),
        (allow("s3:*", when=GOLD), allow("iam:TagUser", on=f"{OWN[:-3]}bob")),
        (allow("s3:*", when=GOLD), allow("iam:TagUser", when=ALLOWED_KEY)),
        (allow("s3:*", when=GOLD), allow("iam:TagUser"), deny("iam:TagUser")),
        (allow("s3:*", when=GOLD), allow("iam:TagUser"), allow("s3:*")),
    ],
)
def test_self_tagging_grants_rights_passes(statements):
    """She can't tag herself, not with that key, or has the right without the tag."""
    assert ann(*statements).status(RULE) is Status.PASS


def test_tags_of_somebody_else_are_not_her_own():
    """Bob is there, and she tags him alone."""
    case = account().user("bob").user("ann").key()
    case = case.inline("p", allow("s3:*", when=GOLD), allow("iam:TagUser", on=f"{OWN[:-3]}bob"))
    assert case.status(RULE) is Status.PASS


def test_self_tagging_grants_rights_is_not_assessed_under_a_condition():
    """From the office alone, which no export shows; with tags of the request it is her choice."""
    office = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    case = ann(allow("s3:*", when=GOLD), allow("iam:TagUser", when=office))
    assert case.status(RULE) is Status.NOT_ASSESSED
    asked = {"StringEquals": {"aws:RequestTag/level": ["gold", "silver"]}}
    case = ann(allow("s3:*", when=GOLD), allow("iam:TagUser", when=asked))
    assert case.status(RULE) is Status.FAIL


def test_who_holds_no_policy_about_tags_is_not_asked():
    """A tag decides nothing there."""
    assert ann(allow("s3:*"), allow("iam:TagUser")).status(RULE) is Status.NOT_APPLICABLE


def test_a_tag_that_she_has_already_opens_nothing_more():
    """The right is hers; what she may set changes nothing."""
    case = ann(allow("s3:*", when=GOLD), allow("iam:TagUser")).tag("level", "gold")
    assert case.status(RULE) is Status.PASS
