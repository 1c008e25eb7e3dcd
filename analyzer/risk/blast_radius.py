"""In: an owner and how far everyone gets. Out: what whoever holds the credential could do with it.

Reckoned for the bare key: without the MFA device, the password or the address of its owner.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from analyzer.leaks.model import CredentialKind
from analyzer.policy.layers import Cited, Verdict
from analyzer.policy.request_context import Session
from analyzer.privesc.entry_points import Within, power_in, roles_within
from analyzer.privesc.graph import Level, Power, Reach
from analyzer.risk.owner import Certainty, Owner
from analyzer.risk.owner_candidates import ROOT

OPEN = frozenset({Level.CONDITIONAL, Level.UNKNOWN})
"""Levels that may be full control; nobody can tell from the exports."""
_WORST_FIRST = (
    Level.ADMINISTRATOR, Level.DIRECT, Level.CHAIN, Level.UNKNOWN, Level.CONDITIONAL,
    Level.INDIRECT, Level.LIMITED,
)  # fmt: skip
_MOST = 3  # deeds that one sentence names


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that the holder can do, surely or under conditions, and the statements for it."""

    says: str
    is_sure: bool
    cited: tuple[Cited, ...]


@dataclass(frozen=True, slots=True)
class Might:
    """What a credential opens. `level` None: nobody reckoned it, which is not the same as nothing.

    `of` is the ARN of whom it was reckoned for: the owner, or the candidate who gets farthest.
    `is_proven` False: it rests on what the repository says of its owner, and may be more.
    `worst` is one sentence for whoever has to decide.
    """

    level: Level | None
    worst: str
    of: str | None = None
    power: Power | None = None
    roles: tuple[Within, ...] = ()
    deeds: tuple[Deed, ...] = ()
    is_one_service: bool = False
    is_proven: bool = True


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of capabilities.toml."""

    levels: Mapping[str, str]
    deeds: tuple[tuple[str, tuple[str, ...]], ...]


@cache
def words() -> Words:
    """The deeds, the worst first, and what each level amounts to."""
    text = files("analyzer.risk").joinpath("capabilities.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    deeds = tuple((each["says"], tuple(each["actions"])) for each in table["deed"])
    return Words(table["level"], deeds)


def might(
    kind: CredentialKind,
    owner: Owner,
    reaches: Mapping[str, Reach],
    known: dict[tuple[str, Session], Power],
) -> Might:
    """What it opens; of several candidates, what the mightiest could.

    `reaches` are by account. `known` keeps what was reckoned, for the next credential of the run.
    """
    if kind.is_a_session:
        why = "Whoever has it can do what its user or role may do, until the session ends"
        return Might(None, f"{why}; whose it is, no export tells.")
    if not kind.has_a_users_rights:
        return Might(None, "Whoever has it can use what it was made for.", is_one_service=True)
    is_password = kind is CredentialKind.CONSOLE_PASSWORD
    asked = _Asked(reaches, Session.CONSOLE if is_password else Session.LEAKED_KEY, known)
    if owner.certainty is Certainty.UNKNOWN:
        why = "nothing tells whose it is"
        return Might(None, f"What it opens is not assessed, as {why}: it may be everything.")
    if owner.is_root:
        return _of_root(owner.account.root_arn if owner.account else None)
    if owner.certainty is Certainty.EXACT and owner.account is not None:
        arn = owner.in_account.arn if owner.in_account else ""
        return replace(asked.of_user(owner.account.id, arn), is_proven=owner.is_in_export)
    return asked.of_candidates(owner)


@dataclass(frozen=True, slots=True)
class _Asked:
    """How far everyone gets, and how the holder of the credential comes in."""

    reaches: Mapping[str, Reach]
    session: Session
    known: dict[tuple[str, Session], Power]

    def of_user(self, account: str, arn: str) -> Might:
        """What that user's credential opens."""
        reach, power = self.reaches.get(account), self._power(account, arn)
        if reach is None or power is None:
            what = "authorization details were handed in" if reach is None else "export lists them"
            return Might(
                None, f"What it opens is not assessed, as no {what}: it may be everything."
            )
        roles = roles_within(reach, arn, self.session)
        deeds = () if power.level.is_privileged else tuple(self._deeds(reach, arn, roles))
        return Might(power.level, _worst(power, deeds), arn, power, roles, deeds)

    def of_candidates(self, owner: Owner) -> Might:
        """The farthest that anyone gets whose keys may be this one; if nobody's may, anyone."""
        possible = [each for each in owner.candidates if each.holds_it]
        # Where nobody has a key that may be it, root is the least likely to have had one.
        possible = possible or [each for each in owner.candidates if each.user != ROOT]
        possible = possible or list(owner.candidates)
        root = next((each for each in possible if each.user == ROOT), None)
        if root is not None:
            found = _of_root(root.arn)
            return replace(
                found, worst=f"If it is root's, {found.worst[:1].lower()}{found.worst[1:]}"
            )
        best = min(possible, key=lambda each: self._rank(each.account, each.arn))
        return self.of_user(best.account, best.arn)

    def _rank(self, account: str, arn: str) -> int:
        power = self._power(account, arn)
        return _WORST_FIRST.index(Level.UNKNOWN if power is None else power.level)

    def _power(self, account: str, arn: str) -> Power | None:
        reach = self.reaches.get(account)
        if reach is None or arn not in reach.verdicts.permits:
            return None
        if (arn, self.session) not in self.known:
            self.known[arn, self.session] = _whole(reach, power_in(reach, arn, self.session))
        return self.known[arn, self.session]

    def _deeds(self, reach: Reach, arn: str, roles: tuple[Within, ...]) -> Iterator[Deed]:
        """What the user itself, or a role within its reach, may do."""
        holders = [(arn, self.session, True)]
        holders += [(each.role, Session.ROLE, each.is_sure) for each in roles]
        for says, actions in words().deeds:
            found: list[Deed] = []
            for holder, session, is_within in holders:
                permit = reach.verdicts.permits[holder]
                for action in actions:
                    decision = reach.verdicts.decide(permit, action, None, session)
                    if decision.verdict in (Verdict.ALLOWED, Verdict.CONDITIONAL):
                        is_sure = is_within and decision.verdict is Verdict.ALLOWED
                        found.append(Deed(says, is_sure, decision.allows))
            if found:
                yield next((each for each in found if each.is_sure), found[0])


def _whole(reach: Reach, power: Power) -> Power:
    """Who seems to get nowhere may get anywhere, where the export doesn't list everybody."""
    if power.level.is_privileged or reach.verdicts.account.details_are_complete:
        return power
    why = "the authorization details do not list everybody"
    return replace(power, level=Level.UNKNOWN, route=(), because=(why,))


def _of_root(arn: str | None) -> Might:
    says = words().levels[Level.ADMINISTRATOR.value]
    return Might(Level.ADMINISTRATOR, f"Whoever has it can {says}.", arn)


def _worst(power: Power, deeds: tuple[Deed, ...]) -> str:
    """One sentence; what is sure is never lost behind what depends on conditions."""
    says = words().levels.get(power.level.value, "").replace("{steps}", str(len(power.route)))
    sure = [each.says for each in deeds if each.is_sure][:_MOST]
    perhaps = [each.says for each in deeds if not each.is_sure][:_MOST]
    if power.level.is_privileged:
        return f"Whoever has it can {says}."
    if power.level in OPEN:
        surely = f" It surely can {_listed(sure)}." if sure else ""
        return f"{says[:1].upper()}{says[1:]}.{surely}"
    if parts := [*([says] if says else []), *sure]:
        return f"Whoever has it can {_listed(parts)}."
    if perhaps:
        return f"Whoever has it can perhaps {_listed(perhaps)}, under conditions."
    return (
        f"Of the {len(words().deeds)} kinds of harm that were looked for, its holder can do none."
    )


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
