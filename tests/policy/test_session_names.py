"""Who names the sessions of a role: whoever takes it, a service, or a provider."""

import pytest

from analyzer.policy.authorizer import authorizer_for
from analyzer.policy.session_names import GIVEN_NAME
from tests.builders import account, allow
from tests.policy.verdicts import ALLOWED, CONDITIONAL, DENIED, IAM, NONE, ROLE, assume_verdict

OTHER = f"{IAM}role/other"
JOB = "arn:aws:sts::111122223333:assumed-role/other/job"
SERVICE = {"Service": "ec2.amazonaws.com"}
SAML = {"Federated": f"{IAM}saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE"}
TOKEN = {"Federated": f"{IAM}oidc-provider/token.actions.githubusercontent.com"}
DELETED = {"AWS": "AIDA" + "Q" * 17}
BY_SAML, BY_TOKEN = "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"


def named(value, operator="StringEquals"):
    """A condition on the name of the session."""
    return {operator: {"sts:RoleSessionName": value}}


def lets_in(principal, action="sts:AssumeRole", when=None, effect="Allow"):
    """A statement of the trust policy of the role that asks."""
    found = {"Effect": effect, "Principal": principal, "Action": action}
    return found | ({"Condition": when} if when else {})


def asked(*own, principal=None):
    """Whether the role whose own trust is this may take the one that trusts its session "job"."""
    case = account().role("other").trusting(*own)
    return case.role("app").trusts(principal or {"AWS": JOB})


@pytest.mark.parametrize(
    ("own", "verdict"),
    [
        ([lets_in(SERVICE)], CONDITIONAL),
        ([lets_in(SAML, BY_SAML)], CONDITIONAL),
        ([lets_in(DELETED)], CONDITIONAL),
        ([lets_in(TOKEN, BY_TOKEN)], ALLOWED),
        ([lets_in({"AWS": f"{IAM}root"})], ALLOWED),
        ([lets_in({"AWS": f"{IAM}user/ann"})], ALLOWED),
        ([lets_in({"AWS": "444455556666"})], ALLOWED),
        ([lets_in("*")], ALLOWED),
        ([lets_in(SERVICE), lets_in({"AWS": f"{IAM}user/ann"})], ALLOWED),
        ([lets_in({"AWS": f"{IAM}user/ann"}, "sts:TagSession")], CONDITIONAL),
        ([lets_in({"AWS": f"{IAM}root"}, effect="Deny"), lets_in(SERVICE)], CONDITIONAL),
        ([{"Effect": "Allow", "NotPrincipal": SERVICE, "Action": "sts:AssumeRole"}], ALLOWED),
    ],
)
def test_a_session_is_had_by_its_name_where_the_caller_names_it(own, verdict):
    """EC2 gives the ID of the instance, a SAML provider the name of its user: nobody picks these.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
    """
    assert assume_verdict(asked(*own), who=OTHER) is verdict


@pytest.mark.parametrize(
    ("when", "verdict", "barred"),
    [
        (named("job"), ALLOWED, NONE),
        (named(["job", "other"]), ALLOWED, NONE),
        (named("j*", "StringLike"), ALLOWED, NONE),
        (named("other"), NONE, ALLOWED),
        (named("${aws:username}"), CONDITIONAL, ALLOWED),
        (named("job", "StringNotEquals"), NONE, ALLOWED),
        (named("${aws:username}", "StringNotEquals"), ALLOWED, CONDITIONAL),
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, ALLOWED, ALLOWED),
        ({"StringEquals": {"sts:ExternalId": "x"}}, ALLOWED, ALLOWED),
    ],
)
def test_a_condition_on_the_name_must_let_it_pass(when, verdict, barred):
    """Other conditions say who takes the role, and leave him the name; so it is with a Deny."""
    root = {"AWS": f"{IAM}root"}
    assert assume_verdict(asked(lets_in(root, when=when)), who=OTHER) is verdict
    denied = lets_in("*", when=when, effect="Deny")
    assert assume_verdict(asked(lets_in(root), denied), who=OTHER) is barred


@pytest.mark.parametrize(
    ("principal", "verdict"),
    [
        ({"AWS": f"{IAM}user/ann"}, NONE),
        ({"AWS": f"{IAM}user/team/job"}, ALLOWED),
        ({"AWS": [f"{IAM}user/ann", f"{IAM}user/job"]}, ALLOWED),
        ({"AWS": f"{IAM}role/third"}, NONE),
        ({"AWS": f"{IAM}root"}, CONDITIONAL),
        ("*", CONDITIONAL),
    ],
)
def test_a_name_that_is_bound_to_the_users_own_is_had_by_that_user_alone(principal, verdict):
    """A role has no user name; of an account, some user may have the name.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_rolesessionname
    """
    own = named("${aws:username}")
    assert assume_verdict(asked(lets_in(principal, when=own)), who=OTHER) is verdict
    other = lets_in("*", when=named("${aws:username}", "StringNotEquals"), effect="Deny")
    assert assume_verdict(asked(lets_in(principal), other), who=OTHER) is verdict


def test_a_service_beside_callers_with_other_names_leaves_it_open():
    """Whoever is bound to another name is no way in; the service may give this one."""
    bound = lets_in({"AWS": f"{IAM}user/ann"}, when=named("ann"))
    assert assume_verdict(asked(bound), who=OTHER) is NONE
    assert assume_verdict(asked(bound, lets_in(SERVICE)), who=OTHER) is CONDITIONAL
    assert assume_verdict(asked(bound, lets_in({"AWS": f"{IAM}user/bob"})), who=OTHER) is ALLOWED
    bob = lets_in({"AWS": f"{IAM}user/bob"}, when=named("job"), effect="Deny")
    assert assume_verdict(asked(lets_in({"AWS": f"{IAM}user/bob"}), bob), who=OTHER) is NONE


def test_the_reason_is_told_and_a_surer_way_in_counts():
    """One by the role's own name needs no session's."""
    made = authorizer_for(asked(lets_in(SERVICE)).account())
    assert made.may_assume(made.principals[OTHER], ROLE).reasons == (GIVEN_NAME,)
    both = asked(lets_in(SERVICE), principal={"AWS": [JOB, OTHER]})
    assert assume_verdict(both, who=OTHER) is ALLOWED
    may = account().role("other", service="ec2.amazonaws.com").inline("p", allow("*"))
    trusting = may.role("app").trusts({"AWS": [JOB, f"{IAM}root"]})
    assert assume_verdict(trusting, who=OTHER) is ALLOWED


def test_a_deny_of_a_session_that_a_service_names_leaves_the_others():
    """Other machines have other names."""
    barred = lets_in({"AWS": JOB}, effect="Deny")
    case = account().role("other").trusting(lets_in(SERVICE))
    assert assume_verdict(case.role("app").trusting(lets_in("*"), barred), who=OTHER) is ALLOWED
    only = lets_in({"AWS": [JOB, OTHER]}, effect="Deny")
    denied = case.role("app").trusting(lets_in("*"), only)
    assert assume_verdict(denied, who=OTHER) is DENIED
    elsewhere = {"AWS": JOB.replace("other/job", "third/job")}
    assert assume_verdict(asked(lets_in(SERVICE), principal=elsewhere), who=OTHER) is NONE
