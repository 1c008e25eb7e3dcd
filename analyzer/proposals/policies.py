"""In: an account with evidence of use. Out: for each policy what would be enough of it.

Of a policy that several hold, everything stays that any of them used. What can't be judged is left
alone, with the reason.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from analyzer.config import Limits
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Account, principal_noun
from analyzer.policy.authorizer import AccountAuthorizer, authorizer_for
from analyzer.policy.documents import Document
from analyzer.proposals.group_names import free_name
from analyzer.proposals.policy_holders import Entity, HeldPolicy, entry_of, held_policies
from analyzer.proposals.policy_size import (
    INLINE_LIMITS,
    MANAGED_LIMIT,
    size_of,
    split_policy,
)
from analyzer.proposals.testimony import Witness, tracking_period
from analyzer.proposals.trimming import Keeping, Trimmed, trim
from analyzer.proposals.use import NO_EVIDENCE, KnownUse, known_uses

_LONGEST_NAME = 110
"""Of 128 characters, with room for a number."""
_MOST_MANAGED = 10
"""Managed policies that a user, group or role has at most, unless AWS raises its quota."""
_WIDE_PATTERN = ("*", "*:*")


@dataclass(frozen=True, slots=True)
class NewText:
    """A policy as it would be: its name and its text."""

    name: str
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ProposedPolicy:
    """What would be enough of a policy.

    `texts` take its place; none: nothing of it was used. The first keeps the policy's name and
    place unless `is_moved`: then all of them are new managed policies, and the old grant goes.
    `before` and `after` count actions by the action table. `used` are the witnesses that concern
    it, each with its principal; `bounds` say what the evidence can't show.
    """

    held: HeldPolicy
    texts: tuple[NewText, ...]
    is_moved: bool
    before: int
    after: int
    used: tuple[tuple[str, Witness], ...]
    bounds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PolicyLeftAlone:
    """A policy of which nothing is proposed, and why."""

    held: HeldPolicy
    reason: str


@dataclass(frozen=True, slots=True)
class PolicyProposal:
    """All of it. `settled` are policies of which nothing could go. `uses` are by ARN."""

    policies: tuple[ProposedPolicy, ...]
    settled: tuple[HeldPolicy, ...]
    left_alone: tuple[PolicyLeftAlone, ...]
    uses: Mapping[str, KnownUse]


@dataclass(frozen=True, slots=True)
class _Desk:
    """What is at hand for all policies, and what was given away of names and room so far."""

    authorizer: AccountAuthorizer
    uses: Mapping[str, KnownUse]
    period: timedelta
    names: set[str]
    room: dict[str, int]
    managed: dict[str, int]
    settled: list[HeldPolicy] = field(default_factory=list)
    left: list[PolicyLeftAlone] = field(default_factory=list)

    @property
    def account(self) -> Account:
        """The account."""
        return self.authorizer.account


def propose_policies(
    account: Account,
    limits: Limits,
    about: str = "",
    authorizer: AccountAuthorizer | None = None,
) -> PolicyProposal:
    """Every policy that somebody holds, or those that the user or role of that ARN does."""
    authorizer = authorizer or authorizer_for(account)
    held = tuple(held_policies(account))
    desk = _Desk(
        authorizer,
        known_uses(authorizer, limits),
        tracking_period(limits),
        {policy.name for policy in account.policies},
        _inline_room(held),
        _managed_numbers(held),
    )
    asked = (each for each in held if not about or about in each.holders)
    policies = tuple(found for each in asked if (found := _propose(each, desk)))
    return PolicyProposal(policies, tuple(desk.settled), tuple(desk.left), desk.uses)


def _propose(held: HeldPolicy, desk: _Desk) -> ProposedPolicy | None:
    """The proposal; None where the desk notes that there is none, and why."""
    document = desk.authorizer.store.cache.document(held.document) if held.document else None
    reason = held.reason or _why_not(held, document, desk)
    if reason or document is None or held.document is None:
        desk.left.append(PolicyLeftAlone(held, reason))
        return None
    uses = [desk.uses[arn] for arn in held.holders]
    keeping = Keeping(desk.authorizer.actions, 0, 0)
    for use in uses:
        keeping = replace(
            keeping, named=keeping.named | use.keep, listed=keeping.listed | use.keep_listed
        )
    trimmed = trim(held.document, document, keeping)
    if not trimmed.is_changed:
        desk.settled.append(held)
        return None
    fitted = _fit(held, trimmed, desk) or _fit(
        held, trim(held.document, document, replace(keeping, is_short=True)), desk, is_last=True
    )
    if fitted is None:
        desk.left.append(PolicyLeftAlone(held, "what is left of it fits into no policy"))
        return None
    texts, is_moved = fitted
    return ProposedPolicy(
        held=held,
        texts=texts,
        is_moved=is_moved,
        before=trimmed.before.bit_count(),
        after=trimmed.after.bit_count(),
        used=tuple(_concerning(uses, trimmed.before, desk)),
        bounds=tuple(_bounds(held, uses)),
    )


def _why_not(held: HeldPolicy, document: Document | None, desk: _Desk) -> str:
    if document is None:
        return "its text is not in the export"
    unread = next((each.unread for each in document.statements if each.unread), "")
    if unread:
        return unread
    if held.is_aws_managed and not is_wide(document):
        return "AWS maintains it, and it gives no whole service"
    for arn in held.holders:
        use = desk.uses.get(arn)
        if use is None or use.reason:
            if use is None or use.reason == NO_EVIDENCE:
                return NO_EVIDENCE
            return f"{principal_noun(arn)}: {use.reason}"
    if _is_young(held, desk):
        return f"was changed less than {desk.period.days} days ago"
    return ""


def is_wide(document: Document) -> bool:
    """True if some statement allows a whole service, or all but some, on every resource."""
    return any(
        each.allows
        and "*" in each.resources
        and (
            each.excludes_actions
            or any(
                pattern in _WIDE_PATTERN or pattern.endswith(":*")
                for pattern in each.action_patterns
            )
        )
        for each in document.statements
    )


def _is_young(held: HeldPolicy, desk: _Desk) -> bool:
    """True where the version in force is younger than the period; of inline ones nobody knows."""
    entry = None if held.is_aws_managed or not held.arn else entry_of(desk.account, held.arn)
    if entry is None:
        return False
    dates = [
        each.time("CreateDate")
        for each in entry.each("PolicyVersionList")
        if each.boolean("IsDefaultVersion") is True
    ]
    dates = dates or [entry.time("UpdateDate"), entry.time("CreateDate")]
    known = [each for each in dates if isinstance(each, datetime)]
    return bool(known) and desk.account.age(max(known)) < desk.period


def _fit(
    held: HeldPolicy, trimmed: Trimmed, desk: _Desk, *, is_last: bool = False
) -> tuple[tuple[NewText, ...], bool] | None:
    """The texts and whether they move; None where they do not fit, or need short patterns."""
    document = trimmed.document
    if document is None:
        return (), False
    if not held.arn:
        entity, size = held.entities[0], size_of(document)
        grown = size - _size_of_node(held.document)
        if grown <= desk.room[entity.arn]:
            desk.room[entity.arn] -= grown
            return (NewText(held.name, document),), False
    if not is_last and (not held.arn or size_of(document) > MANAGED_LIMIT):
        return None
    parts = split_policy(document, MANAGED_LIMIT)
    keeps_place = bool(held.arn) and not held.is_aws_managed
    added = len(parts or ()) - (1 if held.arn else 0)
    if parts is None or not _have_room(held.entities, added, desk):
        return None
    base = held.name if keeps_place else f"{held.entities[0].name}-{held.name}-used"
    names = [held.name] if keeps_place else []
    for _ in parts[len(names) :]:
        name = free_name(base[:_LONGEST_NAME], desk.names)
        desk.names.add(name)
        names.append(name)
    return tuple(map(NewText, names, parts)), not keeps_place


def _have_room(entities: tuple[Entity, ...], added: int, desk: _Desk) -> bool:
    """Whether each of them can hold so many more managed policies, which are then taken."""
    if added > 0 and any(
        desk.managed.get(each.arn, 0) + added > _MOST_MANAGED for each in entities
    ):
        return False
    for each in entities:
        desk.managed[each.arn] = desk.managed.get(each.arn, 0) + added
    return True


def _inline_room(held: tuple[HeldPolicy, ...]) -> dict[str, int]:
    """How many characters of inline policies each holder may add."""
    room: dict[str, int] = {}
    for each in held:
        if not each.arn:
            entity = each.entities[0]
            left = room.get(entity.arn, INLINE_LIMITS[entity.kind])
            room[entity.arn] = left - _size_of_node(each.document)
    return room


def _managed_numbers(held: tuple[HeldPolicy, ...]) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for each in held:
        for entity in each.entities if each.arn else ():
            numbers[entity.arn] = numbers.get(entity.arn, 0) + 1
    return numbers


def _size_of_node(node: JsonNode | None) -> int:
    return size_of(node.value) if node is not None and isinstance(node.value, dict) else 0


def _concerning(uses: list[KnownUse], granted: int, desk: _Desk) -> Iterator[tuple[str, Witness]]:
    """The witnesses of uses that the policy allowed."""
    for use in uses:
        for witness in use.witnesses:
            if ":" in witness.used and desk.authorizer.actions.bits(witness.used) & granted:
                yield use.arn, witness


def _bounds(held: HeldPolicy, uses: list[KnownUse]) -> Iterator[str]:
    yield from dict.fromkeys(bound for use in uses for bound in use.bounds)
    yield (
        "Rights that are needed less than once in the tracking period, such as those for an "
        "emergency or the end of a year."
    )
    if not held.arn:
        yield "Since when it has this text: IAM has no date of an inline policy."
    if any(each.kind == "group" for each in held.entities):
        yield "Since when each member is in the group."
