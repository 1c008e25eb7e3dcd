"""In: all leaks, all accounts, how far everyone gets. Out: one Risk for each leaked credential."""

from collections.abc import Mapping
from dataclasses import dataclass

from analyzer.config import Limits
from analyzer.identity import Account
from analyzer.leaks.credentials import Credential, LeakScan
from analyzer.policy.profiles import Session
from analyzer.reach.power import Power, Reach
from analyzer.risk.appearance import Appearance, appearance
from analyzer.risk.belonging import Belonging, Proof, account_that_lists, belonging, proofs
from analyzer.risk.holders import Owner, owner
from analyzer.risk.life import Lifetime, lifetime
from analyzer.risk.might import Might, might
from analyzer.risk.steps import Step, steps
from analyzer.risk.story import Event, Exposed, events, exposed


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
    known: dict[tuple[str, Session], Power] = {}
    shown = proofs(leaks, accounts)
    as_of = max((each.as_of for each in accounts.values()), default=None)

    def joined(credential: Credential) -> Risk:
        is_real = account_that_lists(credential, accounts) is not None
        seen = appearance(credential, is_real=is_real)
        belongs = belonging(credential, accounts, limits)
        held = owner(credential, seen, belongs, accounts)
        now = held.account.as_of if held.account else as_of
        life = lifetime(credential, seen, held, accounts, now)
        happened = events(credential, seen, held, life, now)
        where = dict.fromkeys(each.repository for each in credential.occurrences)
        return Risk(
            credential=credential,
            seen=seen,
            belongs=belongs,
            proofs=tuple(proof for each in where for proof in shown.get(each, ())),
            owner=held,
            life=life,
            exposed=exposed(seen, life, happened, now),
            might=might(credential.kind, held, reaches, known),
            events=happened,
            steps=steps(credential, belongs, held, life, now),
        )

    return tuple(joined(each) for each in leaks.credentials)
