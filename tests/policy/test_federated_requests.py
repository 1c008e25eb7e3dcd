"""Whether whoever can write assertions of a provider gets into a role that trusts it."""

import pytest

from analyzer.policy.authorizer import authorizer_for
from analyzer.policy.conditions import Ternary
from analyzer.policy.federated_requests import admits_provider
from analyzer.policy.request_context import EntryPoint
from tests.policy.verdicts import ANN, IAM, LIVE, MFA, ROLE, level_of

CORP, OTHER = f"{IAM}saml-provider/corp", f"{IAM}saml-provider/other"
LAB = f"{IAM}oidc-provider/gitlab.com"
BY_SAML, BY_TOKEN, TAG = "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity", "sts:TagSession"
YES, NO, MAYBE = Ternary.TRUE, Ternary.FALSE, Ternary.UNKNOWN
PAST = {"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}
AHEAD = {"DateLessThan": {"aws:CurrentTime": "2099-01-01T00:00:00Z"}}
TAGGED = {"StringEquals": {"aws:RequestTag/team": "red"}}


def lets_in(principal=None, action=BY_SAML, when=None, effect="Allow", member="Principal"):
    """A statement of the role's trust policy."""
    who = principal or {"Federated": CORP}
    found = {"Effect": effect, member: who, "Action": action}
    return found | ({"Condition": when} if when else {})


def admitted(*trust, provider=CORP, entry_point=EntryPoint.LEAKED_KEY):
    """Whether that trust policy lets in what the provider asserts, sent by Ann."""
    found = authorizer_for(LIVE.role("app").trusting(*trust).account())
    context = found.evaluators.context(found.principals[ANN], entry_point)
    return admits_provider(found.trusts[ROLE], provider, context, found.actions)


@pytest.mark.parametrize(
    ("trust", "truth"),
    [
        ([lets_in()], YES),
        ([lets_in({"Federated": [OTHER, CORP]})], YES),
        ([lets_in("*")], YES),
        ([lets_in(action="sts:*")], YES),
        ([lets_in({"Federated": OTHER})], NO),
        ([lets_in(action=BY_TOKEN)], NO),
        ([lets_in(member="NotPrincipal")], NO),
        ([lets_in(effect="Perhaps")], MAYBE),
        ([lets_in(), lets_in("*", "sts:*", effect="Deny")], NO),
        ([lets_in(), lets_in(effect="Deny")], NO),
        ([lets_in(), lets_in({"Federated": OTHER}, effect="Deny")], YES),
        ([lets_in(), lets_in(action=BY_TOKEN, effect="Deny")], YES),
        ([lets_in(), lets_in({"AWS": ANN}, effect="Deny", member="NotPrincipal")], NO),
        ([lets_in(), lets_in(effect="Deny", member="NotPrincipal")], YES),
        ([lets_in(), lets_in("*", "sts:*", {"StringEquals": {"corp:Odd": "x"}}, "Deny")], MAYBE),
        ([lets_in(), lets_in("*", "sts:*", PAST, "Deny")], YES),
    ],
)
def test_a_provider_gets_in_by_its_name_unless_a_deny_means_it(trust, truth):
    """The Allow must name the provider and its call; any Deny of that call is final."""
    assert admitted(*trust) is truth


@pytest.mark.parametrize(
    ("when", "truth"),
    [
        (PAST, NO),
        (AHEAD, YES),
        ({"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}, YES),
        ({"StringEquals": {"saml:sub": "ann@example.org", "saml:iss": "https://idp"}}, YES),
        ({"StringEquals": {"saml:doc": "111122223333/corp"}}, YES),
        ({"StringEquals": {"saml:doc": "111122223333/other"}}, NO),
        ({"StringEquals": {"saml:namequalifier": "abc="}}, MAYBE),
        ({"StringLike": {"sts:RoleSessionName": "*@example.org"}}, YES),
        ({"Bool": {MFA: "true"}}, NO),
        ({"BoolIfExists": {MFA: "true"}}, YES),
        ({"StringEquals": {"sts:ExternalId": "x"}}, NO),
        ({"StringEquals": {"aws:PrincipalArn": ANN}}, MAYBE),
        ({"StringEquals": {"aws:PrincipalTag/team": "red"}}, MAYBE),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, NO),
        ({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, YES),
        ({"Null": {"aws:SourceVpce": "false"}}, YES),
    ],
)
def test_conditions_are_judged_for_a_call_without_credentials(when, truth):
    """What the assertion says its writer picks; the caller's keys and MFA are not in the call.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html
    """
    assert admitted(lets_in(when=when)) is truth


def test_a_claim_that_an_allow_and_a_deny_ask_for_has_one_value():
    """What one of them takes the other may bar; a Deny of another claim is written around."""
    call = lets_in(when={"StringEquals": {"saml:sub": "ann"}})
    barred = {"StringNotEquals": {"saml:sub": "bob"}}
    assert admitted(call, lets_in(when=barred, effect="Deny")) is MAYBE
    other = {"StringNotEquals": {"saml:iss": "https://idp"}}
    assert admitted(call, lets_in(when=other, effect="Deny")) is YES


def test_a_network_that_nobody_knows_leaves_it_open():
    """Of Ann herself no network is known."""
    office = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    assert admitted(lets_in(when=office), entry_point=EntryPoint.OWN_KEY) is MAYBE


@pytest.mark.parametrize(
    ("actions", "truth"), [(BY_SAML, NO), ([BY_SAML, TAG], YES), ("sts:*", YES)]
)
def test_tags_in_an_assertion_need_their_right_in_the_trust_policy(actions, truth):
    """As with every other way of taking a role.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
    """
    assert admitted(lets_in(action=actions, when=TAGGED)) is truth
    assert admitted(lets_in(action=actions)) is YES


def test_tags_that_two_statements_ask_for_are_the_same():
    """Where no example serves both, nobody can tell whether another one does."""
    some, others = {"aws:RequestTag/a": "x*"}, {"aws:RequestTag/a": "*x*"}
    call = lets_in(when={"StringLike": some})
    assert admitted(call, lets_in(action=TAG, when={"StringLike": others})) is YES
    assert admitted(call, lets_in(action=TAG, when={"StringNotLike": others})) is MAYBE


def test_what_a_web_identity_says_of_its_user_is_not_the_callers_choice():
    """Others sign the token."""
    subject = {"StringEquals": {"gitlab.com:sub": "project_path:a/b"}}
    named = {"Federated": LAB}
    assert admitted(lets_in(named, BY_TOKEN, subject), provider=LAB) is MAYBE
    assert admitted(lets_in(named, BY_TOKEN), provider=LAB) is YES
    assert admitted(lets_in(named, BY_SAML), provider=LAB) is NO


@pytest.mark.parametrize(
    ("more", "level"),
    [
        ([], "one step from administrator"),
        ([lets_in("*", "sts:*", effect="Deny")], "limited"),
        (
            [lets_in("*", "sts:*", {"StringEquals": {"corp:Odd": "x"}}, "Deny")],
            "administrator under conditions",
        ),
    ],
)
def test_whoever_can_change_the_provider_gets_as_far_as_the_trust_policy_lets_it(more, level):
    """The step goes only to roles that let the provider in."""
    case = LIVE.may("iam:UpdateSAMLProvider", on=CORP)
    case = case.role("app").trusting(lets_in(), *more).may("*")
    assert level_of(case).value == level
    if not more:
        barred = case.role("app2").trusting(lets_in(when=PAST)).may("*")
        assert level_of(barred).value == level
        expired = LIVE.may("iam:UpdateSAMLProvider").role("app").trusting(lets_in(when=PAST))
        assert level_of(expired.may("*")).value == "limited"
        elsewhere = LIVE.may("iam:UpdateSAMLProvider", on=OTHER).role("app").trusting(lets_in())
        assert level_of(elsewhere.may("*")).value == "limited"
