"""In: proposed roles. Out: them as JSON, as lines of text, and as Terraform."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from analyzer.display import list_first, printable
from analyzer.leaks.model import Occurrence
from analyzer.proposals.inline_names import unique_names
from analyzer.proposals.platforms import Platform
from analyzer.proposals.rights import LeftAlone
from analyzer.proposals.role_steps import RoleStep, lacks_provider, role_steps, role_tags
from analyzer.proposals.roles import ProposedRole, RoleProposal
from analyzer.writers.proposals.terraform import Reference, Value, label_of, resource_block

_NAMED = 12
_NONE = "no user without a password has a key that a program works with"
More = Mapping[str, list[str]]
"""By the name of a role, the actions that it could do and the key it replaces can't."""


def roles_as_json(proposal: RoleProposal, more: More, providers: frozenset[str]) -> dict[str, Any]:
    """All of it, plain."""
    return {
        "roles": [role_as_json(each, more[each.name], providers) for each in proposal.roles],
        "left_alone": [{"user": each.user, "reason": each.reason} for each in proposal.left_alone],
    }


def role_as_json(role: ProposedRole, more: list[str], providers: frozenset[str]) -> dict[str, Any]:
    """One role, plain; `more` are actions that it could do and the key that it replaces can't."""
    place = role.workload
    return {
        "name": role.name,
        "user": role.user.name,
        "platform": place.platform.value,
        "reason": place.reason,
        "guess": place.is_guess,
        "region": place.region,
        "repository": place.remote.name,
        "places": [_place(each) for each in role.places],
        "trust": dict(role.trust),
        "attached": [each.arn for each in role.attached],
        "inline": {
            name: each.document.value if each.document else None
            for name, each in unique_names(role.inline)
        },
        "differs": list(role.differs),
        "reaches_more": more,
        "steps": [
            {"what": each.what, "command": each.command} for each in role_steps(role, providers)
        ],
    }


def _place(place: Occurrence) -> str:
    return f"{place.repository}@{place.object or 'work tree'}:{place.path}:{place.line}"


def roles_as_text(proposal: RoleProposal, more: More, providers: frozenset[str]) -> Iterator[str]:
    """A page for each role: where its program runs, what to mind, the steps in their order."""
    if not proposal.roles:
        yield _NONE
    for role in proposal.roles:
        place = role.workload
        guess = " (a guess: check it)" if place.is_guess else ""
        yield f"{printable(role.user.name)} -> role {printable(role.name)}"
        where = "" if place.platform is Platform.ELSEWHERE else "in "
        yield f"  runs {where}{place.platform.value}{guess}: {printable(place.reason)}"
        yield from (f"  key at {printable(_place(each))}" for each in role.places)
        yield from (f"  {each}" for each in _cautions(role, more))
        if not more[role.name]:
            yield "  reaches no more than the key did: checked action by action"
        for number, step in enumerate(role_steps(role, providers), 1):
            yield from _step(number, step)
        yield ""
    for left in proposal.left_alone:
        yield _left(left)


def _left(left: LeftAlone) -> str:
    return f"left alone: {printable(left.user)}: {printable(left.reason)}"


def _told(role: ProposedRole) -> str:
    return f"{printable(role.user.name)}: {printable(role.workload.reason)}"


def _cautions(role: ProposedRole, more: More) -> Iterator[str]:
    """What would not be as it was with the key."""
    if role.differs:
        yield f"CAUTION: its policies test {', '.join(role.differs)}, which a role lacks"
    if gained := more[role.name]:
        yield f"CAUTION: could do more than the key: {list_first(gained, _NAMED)}"


def _step(number: int, step: RoleStep) -> Iterator[str]:
    yield f"  {number}. {printable(step.what)}"
    if step.command:
        yield f"     {step.command}"


def roles_as_terraform(
    proposal: RoleProposal, more: More, providers: frozenset[str]
) -> Iterator[str]:
    """Blocks for each role below what is to be minded; what comes after them as comments."""
    used: set[str] = set()
    made: set[str] = set()
    if not proposal.roles:
        yield f"# {_NONE}"
    for role in proposal.roles:
        yield "\n".join(f"# {each}" for each in (_told(role), *_cautions(role, more)))
        provider = role.provider
        if provider and lacks_provider(role, providers) and provider.url not in made:
            made.add(provider.url)
            yield resource_block(
                "aws_iam_openid_connect_provider",
                label_of(provider.url, used=used),
                {"url": f"https://{provider.url}", "client_id_list": [provider.audience]},
            )
        yield from _blocks(role, used)
        retiring = [
            f"# {printable(each.what)}" + (f": {each.command}" if each.command else "")
            for each in role_steps(role, providers)
            if "iam create-" not in each.command and "-role" not in each.command.split("--")[0]
        ]
        yield "\n".join(retiring)
    for left in proposal.left_alone:
        yield f"# {_left(left)}"


def _blocks(role: ProposedRole, used: set[str]) -> Iterator[str]:
    details = role.user.details
    arguments: dict[str, Value] = {"name": role.name, "assume_role_policy": json.dumps(role.trust)}
    if details and details.boundary:
        arguments["permissions_boundary"] = details.boundary
    if tags := role_tags(role):
        arguments["tags"] = tags
    own = label_of(role.name, used=used)
    made = Reference(f"aws_iam_role.{own}", "name")
    yield resource_block("aws_iam_role", own, arguments)
    if role.workload.platform is Platform.EC2:
        profile: dict[str, Value] = {"name": role.name, "role": made}
        yield resource_block("aws_iam_instance_profile", own, profile)
    for grant in role.attached:
        label = label_of(role.name, grant.name, used=used)
        attached: dict[str, Value] = {"role": made, "policy_arn": grant.arn or ""}
        yield resource_block("aws_iam_role_policy_attachment", label, attached)
    for name, grant in unique_names(role.inline):
        label = label_of(role.name, name, used=used)
        text = json.dumps(grant.document.value if grant.document else {})
        yield resource_block(
            "aws_iam_role_policy", label, {"name": name, "role": made, "policy": text}
        )
