"""In: proposed policies. Out: them as JSON, as lines of text, and as Terraform."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from analyzer.display import list_first, printable
from analyzer.evidence.artifacts import Location
from analyzer.inventory.model import Account, principal_noun
from analyzer.proposals.policies import NewText, PolicyProposal, ProposedPolicy
from analyzer.proposals.policy_holders import Entity
from analyzer.proposals.policy_size import size_of, text_of
from analyzer.proposals.policy_steps import policy_steps
from analyzer.proposals.testimony import Witness
from analyzer.writers.proposals.terraform import Reference, label_of, quote_hcl, resource_block

Place = Callable[[Location], Mapping[str, str]]
"""The file and the pointer of a location, as a reader knows them."""
Faults = Mapping[str, list[str]]
"""By the ARN of a holder what would be wrong after the change, for whom it is withheld."""
_NAMED = 12
_FEW = 3
_NONE = "no policy can be made smaller from what these files tell"


def policies_as_json(
    proposal: PolicyProposal, faults: Faults, account: Account, place: Place
) -> dict[str, Any]:
    """All of it, plain."""
    return {
        "policies": [policy_as_json(each, account, place) for each in proposal.policies],
        "settled": [each.label for each in proposal.settled],
        "left_alone": [
            {"policy": each.held.label, "arn": each.held.arn or None, "reason": each.reason}
            for each in proposal.left_alone
        ],
        "withheld": [{"principal": arn, "faults": faults[arn]} for arn in sorted(faults)],
    }


def policy_as_json(policy: ProposedPolicy, account: Account, place: Place) -> dict[str, Any]:
    """One policy, plain."""
    held = policy.held
    return {
        "policy": held.name,
        "arn": held.arn or None,
        "attached_to": [each.arn for each in held.entities],
        "holders": list(held.holders),
        "actions_before": policy.before,
        "actions_after": policy.after,
        "replaced": policy.is_moved,
        "documents": [
            {"name": each.name, "size": size_of(each.document), "document": dict(each.document)}
            for each in policy.texts
        ],
        "used": [_used(arn, witness, place) for arn, witness in policy.used],
        "unknown": list(policy.bounds),
        "commands": list(policy_steps(policy, account)),
    }


def _used(arn: str, witness: Witness, place: Place) -> dict[str, Any]:
    return {
        "principal": arn,
        "used": witness.used,
        "source": witness.says,
        "last": f"{witness.when:%Y-%m-%dT%H:%M:%SZ}" if witness.when else None,
        **place(witness.location),
    }


def policies_as_text(
    proposal: PolicyProposal, faults: Faults, account: Account, place: Place
) -> Iterator[str]:
    """A page for each policy: how much less it would be, why, what nobody can know, its text."""
    yield from _summary(proposal)
    for policy in proposal.policies:
        yield from _page(policy, place)
        yield ""
    yield from _caution(faults)
    if proposal.settled:
        yield f"nothing can go from {', '.join(printable(each.label) for each in proposal.settled)}"
    yield from _left_alone(proposal)
    if proposal.policies:
        yield "All that was used stays allowed, and nothing new is: checked action by action."
        yield from ("", "set -e")
        for policy in proposal.policies:
            yield from policy_steps(policy, account)


def _summary(proposal: PolicyProposal) -> Iterator[str]:
    """How many could be smaller, and where there are several, which, the largest gain first."""
    if not proposal.policies:
        yield _NONE
    if len(proposal.policies) < _FEW:
        return
    yield (
        f"{len(proposal.policies)} policies can be smaller, {len(proposal.settled)} can't, and "
        f"{len(proposal.left_alone)} are left alone:"
    )
    ranked = sorted(proposal.policies, key=lambda each: each.after - each.before)
    for each in ranked[:_NAMED]:
        yield f"  {printable(each.held.label)}: {each.before} -> {each.after} actions"
    if len(ranked) > _NAMED:
        yield f"  and {len(ranked) - _NAMED} more"
    yield ""


def _caution(faults: Faults) -> Iterator[str]:
    for arn in sorted(faults):
        yield f"CAUTION: policies of {printable(principal_noun(arn))} are withheld, since it"
        yield from (f"  {printable(each)}" for each in faults[arn][:_NAMED])


def _page(policy: ProposedPolicy, place: Place) -> Iterator[str]:
    held = policy.held
    yield f"{printable(held.label)}: {policy.before} -> {policy.after} actions"
    if held.arn and not held.is_aws_managed:
        who = ", ".join(printable(each.noun) for each in held.entities)
        shared = " (shared: what any of them used stays)" if len(held.holders) > 1 else ""
        yield f"  attached to {who}{shared}"
    for arn, witness in policy.used[:_NAMED]:
        yield f"  used by {printable(principal_noun(arn))}: {_told(witness, place)}"
    if len(policy.used) > _NAMED:
        yield f"  and {len(policy.used) - _NAMED} more, which -f json lists"
    yield from (f"  can't know: {printable(each)}" for each in policy.bounds)
    if not policy.texts:
        yield "  nothing of it was used: it can go"
    for text in policy.texts:
        what = "new managed policy" if policy.is_moved or text.name != held.name else "policy"
        yield f"  {what} {printable(text.name)}, {size_of(text.document)} characters:"
        document = json.dumps(text.document, indent=2, ensure_ascii=True)
        yield from (f"    {line}" for line in document.splitlines())


def _told(witness: Witness, place: Place) -> str:
    found = place(witness.location)
    when = f" on {witness.when:%Y-%m-%d}" if witness.when else ""
    where = f"{found['evidence']} {found['pointer']}".strip()
    return printable(f"{witness.used}{when}, by {witness.says} ({where})")


def _left_alone(proposal: PolicyProposal) -> Iterator[str]:
    """The policies that are left alone, by the reason."""
    by_reason: dict[str, list[str]] = {}
    for each in proposal.left_alone:
        by_reason.setdefault(each.reason, []).append(each.held.label)
    for reason, labels in by_reason.items():
        named = list_first([printable(each) for each in labels], _NAMED)
        yield f"left alone, {printable(reason)}: {named}"


def policies_as_terraform(
    proposal: PolicyProposal, faults: Faults, account: Account
) -> Iterator[str]:
    """Blocks for each policy; what exists is imported, and what goes is told as comments."""
    used: set[str] = set()
    notes = ([] if proposal.policies else [_NONE]) + list(_caution(faults))
    if notes:
        yield "\n".join(f"# {line}" for line in notes)
    for policy in proposal.policies:
        yield from _blocks(policy, used)
        gone = [
            each
            for each in policy_steps(policy, account)
            if " iam detach-" in each or " iam delete-" in each
        ]
        if gone:
            yield "\n".join(
                (
                    "# Then take away the old grant; where Terraform manages it, delete its block:",
                    *(f"# {printable(each)}" for each in gone),
                )
            )


def _blocks(policy: ProposedPolicy, used: set[str]) -> Iterator[str]:
    held = policy.held
    for number, text in enumerate(policy.texts):
        is_new = policy.is_moved or number > 0
        body = text_of(text.document)
        if held.arn or is_new:
            label = label_of(text.name, used=used)
            if not is_new:
                yield _import(f"aws_iam_policy.{label}", held.arn)
            arguments = {"name": text.name, "policy": body}
            if not is_new and (path := _path_of(held.arn)) != "/":
                arguments["path"] = path
            yield resource_block("aws_iam_policy", label, arguments)
        else:
            entity = held.entities[0]
            label = label_of(entity.name, text.name, used=used)
            kind = f"aws_iam_{entity.kind}_policy"
            yield _import(f"{kind}.{label}", f"{entity.name}:{text.name}")
            yield resource_block(
                kind, label, {"name": text.name, str(entity.kind): entity.name, "policy": body}
            )
        for entity in held.entities if is_new else ():
            yield _attachment(entity, text, Reference(f"aws_iam_policy.{label}", "arn"), used)


def _attachment(entity: Entity, text: NewText, made: Reference, used: set[str]) -> str:
    return resource_block(
        f"aws_iam_{entity.kind}_policy_attachment",
        label_of(entity.name, text.name, used=used),
        {str(entity.kind): entity.name, "policy_arn": made},
    )


def _path_of(arn: str) -> str:
    inner = arn.partition(":policy/")[2].rpartition("/")[0]
    return f"/{inner}/" if inner else "/"


def _import(target: str, known_as: str) -> str:
    """A block that tells Terraform of what exists.

    https://developer.hashicorp.com/terraform/language/import
    """
    return f"import {{\n  to = {target}\n  id = {quote_hcl(known_as)}\n}}"
