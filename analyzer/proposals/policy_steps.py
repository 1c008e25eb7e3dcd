"""In: a proposed policy. Out: the change as commands of the AWS CLI, in an order that is safe.

Every right that stays is given before the old grant of it goes, so nobody is without it in
between. IAM keeps five versions of a managed policy, so that the old text can be put back.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from analyzer.inventory.model import Account
from analyzer.proposals.aws_commands import aws_command
from analyzer.proposals.policies import NewText, ProposedPolicy
from analyzer.proposals.policy_holders import Entity, entry_of
from analyzer.proposals.policy_size import text_of

_MOST_VERSIONS = 5
_NEVER = datetime.min.replace(tzinfo=UTC)


def policy_steps(policy: ProposedPolicy, account: Account) -> Iterator[str]:
    """One command after the other; run with `set -e`, or stop at the first that fails."""
    held, first = policy.held, policy.texts[:1]
    added = policy.texts if policy.is_moved else policy.texts[1:]
    for text in added:
        yield aws_command(
            "iam create-policy", policy_name=text.name, policy_document=text_of(text.document)
        )
        for entity in held.entities:
            yield _attach("attach", entity, new_arn(text, account))
    if first and not policy.is_moved:
        yield from _put(policy, first[0], account)
        return
    for entity in held.entities:
        if held.arn:
            yield _attach("detach", entity, held.arn)
        else:
            options = {f"{entity.kind}_name": entity.name, "policy_name": held.name}
            yield aws_command(f"iam delete-{entity.kind}-policy", **options)


def new_arn(text: NewText, account: Account) -> str:
    """The ARN that a new managed policy of that name gets."""
    return f"arn:{account.partition}:iam::{account.id}:policy/{text.name}"


def _put(policy: ProposedPolicy, text: NewText, account: Account) -> Iterator[str]:
    held = policy.held
    document = text_of(text.document)
    if held.arn:
        yield from _make_room(held.arn, account)
        command = aws_command(
            "iam create-policy-version", policy_arn=held.arn, policy_document=document
        )
        yield f"{command} --set-as-default"
        return
    entity = held.entities[0]
    options = {f"{entity.kind}_name": entity.name, "policy_name": held.name}
    yield aws_command(f"iam put-{entity.kind}-policy", **options, policy_document=document)


def _make_room(arn: str, account: Account) -> Iterator[str]:
    """Away with the oldest version that is not in force, where there are as many as can be."""
    entry = entry_of(account, arn)
    versions = list(entry.each("PolicyVersionList")) if entry else []
    if len(versions) < _MOST_VERSIONS:
        return
    default = entry.text("DefaultVersionId") if entry else None
    old = [
        each
        for each in versions
        if each.boolean("IsDefaultVersion") is not True and each.text("VersionId") != default
    ]
    dated = [(each.time("CreateDate"), each.text("VersionId") or "") for each in old]
    oldest = min(
        (when if isinstance(when, datetime) else _NEVER, _number(name), name)
        for when, name in dated
        if name
    )
    yield aws_command("iam delete-policy-version", policy_arn=arn, version_id=oldest[2])


def _number(version: str) -> int:
    digits = version.removeprefix("v")
    return int(digits) if digits.isdecimal() and digits.isascii() else 0


def _attach(verb: str, entity: Entity, arn: str) -> str:
    options = {f"{entity.kind}_name": entity.name, "policy_arn": arn}
    return aws_command(f"iam {verb}-{entity.kind}-policy", **options)
