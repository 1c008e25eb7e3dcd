"""In: all leaks, all accounts, how far everyone gets. Out: one Risk for each leaked credential."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from analyzer.config import Limits
from analyzer.inventory.model import Account
from analyzer.leaks.model import Credential, LeakScan
from analyzer.policy.request_context import Session
from analyzer.privesc.graph import Power, Reach
from analyzer.risk.account_match import (
    Audited,
    Belonging,
    Proof,
    audited,
    belonging,
    is_real,
    proofs,
)
from analyzer.risk.blast_radius import Might, might
from analyzer.risk.exposure import Appearance, appearance
from analyzer.risk.key_status import Lifetime, lifetime
from analyzer.risk.owner import Certainty, Owner, owner
from analyzer.risk.owner_candidates import Rankings
from analyzer.risk.response_plan import Step, steps
from analyzer.risk.timeline import Event, Exposed, events, exposed


@dataclass(frozen=True, slots=True)
class Risk:
    """Everything that the files tell of one leaked credential.

    `proofs` show that the repositories it stands in have to do with an audited account.
    """

    credential: Credential
    seen: Appearance
    belongs: Belonging
    proofs: tuple[Proof, ...]
    owner: Owner
    life: Lifetime
    exposed: Exposed
    might: Might
    events: tuple[Event, ...]
    steps: tuple[Step, ...]


def risks(
    leaks: LeakScan,
    accounts: Mapping[str, Account],
    reaches: Mapping[str, Reach],
    limits: Limits,
) -> tuple[Risk, ...]:
    """One for each credential, in their order. `accounts` and `reaches` are by account number."""
    as_of = max((each.as_of for each in accounts.values()), default=None)
    join = _Join(audited(accounts, limits), reaches, proofs(leaks, accounts), as_of)
    return tuple(join.of(credential) for credential in leaks.credentials)


@dataclass(frozen=True, slots=True)
class _Join:
    """The account's side, and what was reckoned already: many leaks have one answer."""

    within: Audited
    reaches: Mapping[str, Reach]
    proofs: Mapping[str, tuple[Proof, ...]]
    as_of: datetime | None
    rankings: Rankings = field(default_factory=Rankings)
    powers: dict[tuple[str, Session], Power] = field(default_factory=dict)
    lives: dict[Hashable, Lifetime] = field(default_factory=dict)
    mights: dict[Hashable, Might] = field(default_factory=dict)

    def of(self, credential: Credential) -> Risk:
        """The credential with everything that is known of it."""
        seen = appearance(credential, is_real=is_real(credential, self.within))
        belongs = belonging(credential, self.within)
        held = owner(credential, seen, belongs, self.within, self.rankings)
        now = held.account.as_of if held.account else self.as_of
        life = self._life(credential, seen, held, now)
        opens = self._might(credential, held)
        happened = events(credential, seen, held, life, now)
        where = dict.fromkeys(each.repository for each in credential.occurrences)
        return Risk(
            credential=credential,
            seen=seen,
            belongs=belongs,
            proofs=tuple(proof for each in where for proof in self.proofs.get(each, ())),
            owner=held,
            life=life,
            exposed=exposed(seen, life, happened, now),
            might=opens,
            events=happened,
            steps=steps(credential, belongs, held, life, opens),
        )

    def _life(
        self, credential: Credential, seen: Appearance, held: Owner, now: datetime | None
    ) -> Lifetime:
        """Keys whose owner nobody knows, and that were seen at the same times, have one answer."""
        if held.is_in_export or not credential.kind.is_of_a_key:
            return lifetime(credential, seen, held, now)
        has_id = credential.key_id is not None
        same = (held.account.id if held.account else None, seen.first, seen.last, has_id)
        if same not in self.lives:
            self.lives[same] = lifetime(credential, seen, held, now)
        return self.lives[same]

    def _might(self, credential: Credential, held: Owner) -> Might:
        """Credentials of one owner, or with the same candidates, have one answer."""
        same: Hashable = (credential.kind, held.certainty, held.is_in_export)
        if held.certainty is Certainty.EXACT:
            same = (same, held.account.id if held.account else None, held.user)
        else:
            # The risks hold every list of candidates, so no two of them ever have one address.
            same = (same, id(held.candidates) if held.candidates else None)
        if same not in self.mights:
            self.mights[same] = might(credential.kind, held, self.reaches, self.powers)
        return self.mights[same]
