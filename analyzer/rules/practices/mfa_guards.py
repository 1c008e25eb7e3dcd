"""In: how far everyone gets. Out: guards that ask for MFA and are walked round."""

from collections.abc import Iterator

from analyzer.inventory.model import User
from analyzer.policy.condition_parser import Clause
from analyzer.policy.documents import Statement
from analyzer.policy.layers import Verdict
from analyzer.policy.request_context import Session
from analyzer.privesc.graph import Level, Reach
from analyzer.rules.outcomes import Outcome, Pass, Unknown, fail, of_user
from analyzer.rules.privilege_queries import control, places, principals, unread, written

_PRESENT = "aws:multifactorauthpresent"
_AGE = "aws:multifactorauthage"
_GIVING = "iam:AttachRolePolicy"
"""What makes an administrator: the right to give out rights."""
_REMOVING = "iam:DeactivateMFADevice"


def mfa_deny_guard_bypassable(reach: Reach) -> Iterator[Outcome]:
    """A guard denies without MFA, but only where the key is in the request: a bare key lacks it.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    for policy in written(reach):
        statements = policy.held.document.statements if policy.held else ()
        guards = [each for each in statements if each.denies and _asks_for_mfa(each)]
        loose = [each for each in guards if not any(_catches_a_key(c) for c in each.clauses)]
        if loose and policy.held:
            where = (policy.held.place_of(each) for each in loose)
            numbers = ", ".join(str(each.index + 1) for each in loose)
            yield fail(policy.resource, *where, policy=policy.name, statements=numbers)
        elif guards:
            yield Pass()
        elif (missing := unread(policy)) is not None:
            yield missing


def privileged_key_no_mfa_condition(reach: Reach) -> Iterator[Outcome]:
    """A bare key, without MFA, has full rights."""
    for principal, resource, power in principals(reach):
        credentials = principal.report_entry if isinstance(principal, User) else None
        if credentials is None or not credentials.active_keys:
            continue
        if power.level is Level.UNKNOWN:
            yield Unknown("; ".join(power.because))
            continue
        permit = reach.verdicts.permits[principal.arn]
        decision = reach.verdicts.decide(permit, _GIVING, None, Session.LEAKED_KEY)
        if power.level is Level.ADMINISTRATOR and decision.verdict is Verdict.ALLOWED:
            where = (key.place("active") for key in credentials.active_keys)
            cited = places(control(reach, principal.arn))
            yield fail(resource, *where, *cited, user=principal.name)
        else:
            yield Pass()


def mfa_self_removal_allowed(reach: Reach) -> Iterator[Outcome]:
    """A user may take away its own MFA device without showing it."""
    for user, _ in reach.verdicts.account.users_in_details():
        permit = reach.verdicts.permits[user.arn]
        decision = reach.verdicts.decide(permit, _REMOVING, user.arn, Session.LEAKED_KEY)
        if reach.powers[user.arn].level is Level.ADMINISTRATOR:
            continue
        if decision.verdict is Verdict.ALLOWED:
            yield fail(of_user(user), *places(decision.allows), user=user.name)
        elif decision.verdict is Verdict.CONDITIONAL:
            yield Unknown(f"depends on {', '.join(decision.because)}", permit.details.place)
        else:
            yield Pass()


def _asks_for_mfa(statement: Statement) -> bool:
    return any(each.key.lower() in (_PRESENT, _AGE) for each in statement.clauses)


def _catches_a_key(clause: Clause) -> bool:
    """True if the clause also holds for a request that lacks the key."""
    if clause.key.lower() not in (_PRESENT, _AGE):
        return False
    return clause.if_exists or clause.operator == "Null"
