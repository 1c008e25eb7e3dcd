"""In: what a question command was given. Out: the account, the principal and the verdicts meant.

Shared by `who-can`, `what-can` and `paths`; it imports neither pandas nor WeasyPrint.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

import click

from analyzer.cli.audit import parse_as_of
from analyzer.cli.console import warn
from analyzer.cli.exit_codes import INCOMPLETE
from analyzer.display import printable
from analyzer.errors import ConfigurationError, EvidenceError
from analyzer.evidence.artifacts import Location
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.loading import load_evidence
from analyzer.inventory.join import build_accounts
from analyzer.inventory.model import Account
from analyzer.policy.authorizer import AccountAuthorizer
from analyzer.policy.conditions import KeyState
from analyzer.policy.layers import Decision, StatementRef, Verdict, best_decision
from analyzer.policy.principals import PrincipalPolicies
from analyzer.policy.request_context import EntryPoint

_ACCOUNT_SERVICE = "iam"
_ARN = re.compile(r"arn:[^:]*:[^:]*:[^:]*:(?P<account>[0-9]{12}):")
_MOST_COMPARED = 20_000
_LONGEST_NAME = 128
_MOST_NAMED = 3
_COLLECT = "`credaudit collect` writes the script that makes the exports"

_NOT_IN_EXPORTS = (
    "Session policies, and resource policies other than the trust of roles, are not in the "
    "exports: they may deny or allow more."
)

CommandFunction = TypeVar("CommandFunction", bound=Callable[..., None])


class QueryCommand(click.Command):
    """A command whose `--evidence` takes several inputs, as a shell writes `exports/*`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The words as click takes them: each path that follows an input is an input, too."""
        return super().parse_args(ctx, list(_name_inputs(args)))


def _name_inputs(words: Iterable[str]) -> Iterator[str]:
    before = ""
    is_input = False
    for word in words:
        is_value = before == "--evidence"
        follows = is_input and not is_value and not word.startswith("-")
        if follows and os.path.exists(word):  # noqa: PTH110 - pathlib raises for an overlong name
            yield "--evidence"
            is_value = True
        is_input = is_value or word.startswith("--evidence=")
        before = word if not is_value else ""
        yield word


def query_command(function: CommandFunction) -> CommandFunction:
    """The options that every question has."""
    return evidence_command(_FORM_OPTION(function))


def evidence_command(function: CommandFunction) -> CommandFunction:
    """The options that say on which evidence, of which account and time, an answer rests."""
    for option in reversed(_EVIDENCE_OPTIONS):
        function = option(function)
    return function


_EVIDENCE_OPTIONS = (
    click.option(
        "--evidence",
        "inputs",
        multiple=True,
        required=True,
        metavar="INPUT...",
        type=click.Path(exists=True, path_type=Path),
        help="Exports: files, folders, .zip or .tar.gz, recognised by content.",
    ),
    click.option(
        "--account",
        "number",
        metavar="NUMBER",
        help="Which account is meant, where the evidence holds several.",
    ),
    click.option(
        "--as-of",
        callback=parse_as_of,
        metavar="WHEN",
        help="Time of the requests, in place of the report's own.",
    ),
)
_FORM_OPTION = click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="How to print the answer.",
)


@dataclass(frozen=True, slots=True)
class QueryContext:
    """The account that is asked about, and what is wrong with the evidence."""

    account: Account
    paths: Mapping[str, str]
    problems: tuple[EvidenceError, ...]

    @property
    def heading(self) -> dict[str, str]:
        """Account and time, as every answer has them."""
        as_of = self.account.as_of.isoformat().replace("+00:00", "Z")
        return {"account": self.account.id, "as_of": as_of}

    def cited(self, found: Iterable[StatementRef]) -> list[dict[str, str]]:
        """Each statement by its policy, the file it is in and where it stands there."""
        return [
            {"policy": each.held.name, **self.location(each.held.location_of(each.statement))}
            for each in found
        ]

    def location(self, location: Location) -> dict[str, str]:
        """A place by its file's name and its pointer."""
        return {
            "evidence": self.paths.get(location.evidence, location.evidence),
            "pointer": location.pointer or "",
        }

    def finish(self) -> None:
        """Name what is wrong with the evidence, used or not; exit code 3 if anything is."""
        for each in self.problems:
            warn(f"problem: {each}")
        if self.problems:
            raise click.exceptions.Exit(INCOMPLETE)


def open_query(
    inputs: tuple[Path, ...], as_of: datetime | None, number: str | None, about: str = ""
) -> QueryContext:
    """The one account whose authorization details the inputs hold.

    `number` chooses among several, as does `about` if it is an ARN. ConfigurationError where the
    choice is open or wrong, EvidenceError where the details are missing.
    """
    evidence = load_evidence(inputs)
    accounts, unjoined = build_accounts(evidence, as_of)
    problems = (*evidence.problems, *unjoined)
    if not accounts:
        why = "; ".join(str(each) for each in problems) or "no export of any account was found"
        raise EvidenceError(printable(why), remedy="" if problems else _COLLECT)
    account = _chosen(accounts, number, _account_of(about))
    if ExportKind.AUTHORIZATION_DETAILS not in account.available_exports:
        for each in problems:
            warn(f"problem: {each}")
        raise EvidenceError(
            f"the evidence lacks the authorization details of account {account.id}",
            remedy="Make them with `aws iam get-account-authorization-details --output json`",
        )
    paths = {each.id: each.path for each in evidence.artifacts}
    return QueryContext(account, paths, problems)


def _account_of(about: str) -> str | None:
    found = _ARN.match(about)
    return found["account"] if found else None


def _chosen(accounts: tuple[Account, ...], number: str | None, about: str | None) -> Account:
    known = ", ".join(each.id for each in accounts)
    if number and about and number != about:
        raise ConfigurationError(f"the ARN is one of account {about}", where="--account")
    wanted = number or about
    if wanted:
        found = [each for each in accounts if each.id == wanted]
        if not found:
            where = printable(wanted)
            raise ConfigurationError(f"the evidence holds account {known}", where=where)
        return found[0]
    able = [each for each in accounts if ExportKind.AUTHORIZATION_DETAILS in each.available_exports]
    if len(able) > 1:
        raise ConfigurationError(
            f"the evidence holds several accounts: {known}", remedy="Choose one with --account"
        )
    return able[0] if able else accounts[0]


def principal_in(authorizer: AccountAuthorizer, asked: str) -> PrincipalPolicies:
    """The user or role that is meant: by ARN, `user/ann`, `role/x`, or a name that is unique.

    ConfigurationError where nobody or more than one is meant, EvidenceError where it is a user
    whom the authorization details leave out.
    """
    exact = [arn for arn in authorizer.principals if asked in (arn, arn_resource(arn))]
    found = exact or [arn for arn in authorizer.principals if asked in short_names(arn)]
    if len(found) == 1:
        return authorizer.principals[found[0]]
    where = printable(asked)
    if found:
        names = ", ".join(printable(arn_resource(arn)) for arn in sorted(found)[:5])
        raise ConfigurationError(f"may be {names}", where=where, remedy="Write which is meant")
    users = (user.arn for user in authorizer.account.users)
    if any(asked in (arn, arn_resource(arn), *short_names(arn)) for arn in users):
        raise EvidenceError("the authorization details do not hold this user", where=where)
    words = {
        name for arn in authorizer.principals for name in (arn_resource(arn), *short_names(arn))
    }
    near = close_matches(asked, (each for each in words if ("/" in each) is ("/" in asked)))
    raise ConfigurationError("there is no such user or role", where=where, remedy=near)


def close_matches(asked: str, names: Iterable[str]) -> str:
    """A question that offers up to three names like the one asked for; "" if there are none."""
    short = [each for each in sorted(names) if len(each) <= _LONGEST_NAME]
    near = get_close_matches(asked[:_LONGEST_NAME], short[:_MOST_COMPARED], 3)
    return f"Did you mean {' or '.join(printable(each) for each in near)}?" if near else ""


def arn_resource(arn: str) -> str:
    """The ARN from its kind on: `user/team/ann`."""
    return arn.split(":", 5)[-1]


def short_names(arn: str) -> tuple[str, str]:
    """What people call the principal: `ann` and `user/ann`, its path left away."""
    kind, _, path = arn_resource(arn).partition("/")
    name = path.rpartition("/")[2]
    return name, f"{kind}/{name}"


@dataclass(frozen=True, slots=True)
class Query:
    """A principal that asks; by that entry point, or if it is None by whichever allows most.

    `keys` are condition keys that its request carries besides.
    """

    authorizer: AccountAuthorizer
    principal: PrincipalPolicies
    entry_point: EntryPoint | None = None
    keys: Mapping[str, KeyState] = field(default_factory=dict)

    def on(self, action: str, resource: str | None) -> Decision:
        """The verdict on that resource; without one, on a new resource that suits best."""
        return self.authorizer.decide(self.principal, action, resource, self.entry_point, self.keys)

    def anywhere(self, action: str, also: Iterable[str] = ()) -> Decision:
        """The verdict on whichever resource suits best.

        Beside new ones, users, roles, groups and policies of the account are tried, since a
        statement may name just one of them, and those of `also`.
        """
        best = self.on(action, None)
        if best.verdict is Verdict.ALLOWED:
            return best
        for arn in (*self._own_resources(action), *also):
            best = best_decision((best, self.on(action, arn)))
            if best.verdict is Verdict.ALLOWED:
                break
        return best

    def _own_resources(self, action: str) -> Iterator[str]:
        if _ACCOUNT_SERVICE not in self.authorizer.actions.services_of(action):
            return
        entry_points = (
            (self.entry_point,)
            if self.entry_point
            else self.authorizer.entry_points(self.principal)
        )
        found = [
            self.authorizer.evaluator(self.principal, each).allowed_resources(action)
            for each in entry_points
        ]
        yield from (arn for each in found for arn in self.authorizer.resources.named(each.certain))
        for each in found:
            yield from self.authorizer.resources.named(each.possible & ~each.certain)


def caveats(account: Account) -> list[str]:
    """What answers from files can't see, in sentences."""
    found = [_NOT_IN_EXPORTS]
    if not account.documents_of_kind(ExportKind.CONTROL_POLICIES):
        found.append(
            "No service control policies were handed in: what the organization forbids is not "
            "taken off, so the answer is an upper bound."
        )
    found.extend(_gaps(account))
    return found


def _gaps(account: Account) -> Iterator[str]:
    """What the authorization details lack, by the first sign of it."""
    if account.details_gaps:
        first, number = account.details_gaps[0].text, len(account.details_gaps)
        more = f" (the first of {number} signs)" if number > 1 else ""
        yield (
            f"The authorization details lack a part: {first}{more}. "
            "What else they lack, the answer leaves out."
        )
    elif not account.details_are_complete:
        names = [user.name for user in account.users if user.details is None]
        who = ", ".join(names[:_MOST_NAMED])
        rest = len(names) - _MOST_NAMED
        yield (
            f"The authorization details leave out users of other exports: {who}"
            f"{f' and {rest} more' if rest > 0 else ''}."
            if names
            else "The authorization details list fewer users, groups or roles than the account "
            "summary counts."
        )
