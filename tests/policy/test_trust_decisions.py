"""What a trust policy says of one principal: as what it is meant, and what is denied."""

import pytest

from analyzer.policy.authorizer import authorizer_for
from analyzer.policy.conditions import Ternary
from analyzer.policy.request_context import EntryPoint
from analyzer.policy.trust_decisions import Admission, Caller, callers_told_apart, decide_trust
from tests.builders import account, allow
from tests.policy.verdicts import ANN, IAM, LIVE, ROLE, ROOT, UNKNOWN_KEY

OTHER = f"{IAM}role/other"
SESSION = "arn:aws:sts::111122223333:assumed-role/other/job"
ASSUME = {"Action": "sts:AssumeRole"}
UNHEARD = {"Condition": {"StringEquals": {UNKNOWN_KEY: "x"}}}
BOTH = LIVE.role("other")


def said(*statements, who=ANN, case=BOTH, session=""):
    """What the role's trust policy says of that principal, or of that session of it."""
    found = authorizer_for(case.role("app").trusting(*statements).account())
    policies = found.principals[who]
    by = EntryPoint.ROLE if ":role/" in who else EntryPoint.LEAKED_KEY
    context = found.evaluators.context(policies, by)
    caller = Caller(policies, session)
    return decide_trust(found.trusts[ROLE], caller, context, found.actions)


def lets_in(principal, **more):
    """An Allow of a trust policy."""
    return {"Effect": "Allow", "Principal": principal} | ASSUME | more


@pytest.mark.parametrize(
    ("principal", "who", "admissions"),
    [
        ("*", ANN, {Admission.DIRECT}),
        (ROOT, ANN, {Admission.ACCOUNT}),
        ({"AWS": "111122223333"}, OTHER, {Admission.ACCOUNT}),
        ({"AWS": ANN}, ANN, {Admission.USER}),
        ({"AWS": OTHER}, OTHER, {Admission.ROLE}),
        ({"AWS": SESSION}, OTHER, set()),
        ({"AWS": [ROOT["AWS"], ANN]}, ANN, {Admission.ACCOUNT, Admission.USER}),
        ({"AWS": SESSION}, ANN, set()),
        ({"AWS": "444455556666"}, ANN, set()),
        ({"Service": "ec2.amazonaws.com"}, ANN, set()),
        ({"Federated": "accounts.google.com"}, ANN, set()),
        ({"AWS": "AIDA" + "Q" * 17}, ANN, set()),
    ],
)
def test_an_allow_means_a_principal_in_one_way_or_more(principal, who, admissions):
    """Each of them is kept, as each asks for something else besides."""
    found = said(lets_in(principal), who=who)
    assert {each.admission for each in found.allows} == admissions
    assert {each.truth for each in found.allows} <= {Ternary.TRUE}
    assert found.denied is Ternary.FALSE


def test_a_session_that_is_named_is_one_caller_of_its_own():
    """Whoever has the role picks the name, so each named session is asked for beside any other."""
    found = said(lets_in({"AWS": SESSION}), who=OTHER, session=SESSION)
    assert {each.admission for each in found.allows} == {Admission.DIRECT}
    barred = said({"Effect": "Deny", "Principal": {"AWS": SESSION}} | ASSUME, who=OTHER)
    assert barred.denied is Ternary.FALSE
    by_name = {"Effect": "Deny", "Principal": {"AWS": SESSION}} | ASSUME
    assert said(by_name, who=OTHER, session=SESSION).denied is Ternary.TRUE
    spared = {"Effect": "Deny", "NotPrincipal": {"AWS": [OTHER, SESSION, ROOT["AWS"]]}} | ASSUME
    assert said(spared, who=OTHER, session=SESSION).denied is Ternary.FALSE
    authorizer = authorizer_for(BOTH.role("app").trusts({"AWS": SESSION}).account())
    trust = authorizer.trusts[ROLE]
    callers = callers_told_apart(trust, authorizer.principals[OTHER])
    assert [each.session for each in callers] == ["", SESSION]
    assert [each.session for each in callers_told_apart(trust, authorizer.principals[ANN])] == [""]


def test_of_the_allows_of_a_kind_the_certain_ones_count():
    """A doubtful one beside a sure one explains nothing."""
    found = said(lets_in({"AWS": ANN}, **UNHEARD), lets_in(ROOT), lets_in({"AWS": ANN}))
    [by_name] = found.admitting(Admission.USER)
    assert (by_name.truth, by_name.reference.statement.index) == (Ternary.TRUE, 2)
    assert len(found.admitting(Admission.USER, Admission.ACCOUNT)) == 2
    assert found.admitting(Admission.DIRECT) == ()


def test_a_doubtful_allow_tells_why_and_an_impossible_one_is_left_out():
    """The key that nobody knows is named."""
    [doubtful] = said(lets_in("*", **UNHEARD)).allows
    assert (doubtful.truth, doubtful.reasons) == (Ternary.UNKNOWN, (UNKNOWN_KEY,))
    never = {"Condition": {"StringEquals": {"aws:PrincipalAccount": "444455556666"}}}
    assert said(lets_in("*", **never)).allows == ()


@pytest.mark.parametrize(
    ("statement", "who", "denied"),
    [
        ({"Principal": "*"}, ANN, Ternary.TRUE),
        ({"Principal": ROOT}, OTHER, Ternary.TRUE),
        ({"Principal": {"AWS": ANN}}, ANN, Ternary.TRUE),
        ({"Principal": {"AWS": ANN}}, OTHER, Ternary.FALSE),
        ({"Principal": {"AWS": SESSION}}, OTHER, Ternary.FALSE),
        ({"Principal": {"AWS": [SESSION, OTHER]}}, OTHER, Ternary.TRUE),
        ({"Principal": "*"} | UNHEARD, ANN, Ternary.UNKNOWN),
        ({"NotPrincipal": {"AWS": [ANN, ROOT["AWS"]]}}, ANN, Ternary.FALSE),
        ({"NotPrincipal": {"AWS": [ANN, ROOT["AWS"]]}}, OTHER, Ternary.TRUE),
        ({"NotPrincipal": {"AWS": ROOT["AWS"]}}, ANN, Ternary.TRUE),
        ({"NotPrincipal": {"AWS": ANN}}, ANN, Ternary.UNKNOWN),
        ({"NotPrincipal": {"AWS": [OTHER, ROOT["AWS"]]}}, OTHER, Ternary.UNKNOWN),
        ({"NotPrincipal": {"AWS": [OTHER, SESSION, ROOT["AWS"]]}}, OTHER, Ternary.UNKNOWN),
        ({"NotPrincipal": {"Service": "ec2.amazonaws.com"}}, ANN, Ternary.TRUE),
    ],
)
def test_a_deny_means_whom_it_names_or_whom_it_does_not_except(statement, who, denied):
    """The account has to be excepted beside its user, and a role's session beside the role."""
    found = said({"Effect": "Deny"} | ASSUME | statement, who=who)
    assert found.denied is denied


def test_a_deny_by_exception_means_everyone_under_a_boundary():
    """Even whom it names."""
    bounded = account().user("ann").key().boundary(f"{IAM}policy/limit").policy("limit", allow("*"))
    spared = {"Effect": "Deny", "NotPrincipal": {"AWS": [ANN, ROOT["AWS"]]}} | ASSUME
    assert said(spared, case=bounded).denied is Ternary.TRUE


def test_statements_on_other_calls_say_nothing():
    """Neither an Allow nor a Deny of tagging a session."""
    tagging = {"Principal": "*", "Action": "sts:TagSession"}
    found = said(tagging | {"Effect": "Allow"}, tagging | {"Effect": "Deny"})
    assert (found.allows, found.denied) == ((), Ternary.FALSE)


def test_a_statement_that_nobody_can_read_may_allow_and_may_deny():
    """It may mean anyone."""
    found = said({"Effect": "Perhaps", "Principal": "*"} | ASSUME)
    assert {each.truth for each in found.allows} == {Ternary.UNKNOWN}
    assert found.denied is Ternary.UNKNOWN
