"""In: an account. Out: how far the evidence itself can be relied on; none of it costs points.

The second half of practice 7: full population, unaltered, of one time, reconcilable counts.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from analyzer.config import Limits
from analyzer.display import list_first
from analyzer.evidence.artifacts import Artifact, EvidenceDefect, Location
from analyzer.evidence.attribution import ancestor_paths
from analyzer.evidence.export_kinds import ExportKind
from analyzer.inventory.model import Account, User
from analyzer.rules.outcomes import Fail, Outcome, Pass, Unknown, account_resource, fail
from analyzer.rules.root_sources import root_contradictions

_NAMED = 5
"""So many names stand in a sentence; the places of the finding hold the rest."""


def evidence_stale(account: Account, limits: Limits) -> Iterator[Outcome]:
    """The credential report is much older than the time of the audit.

    A bare CSV has no date of its own. The newest time inside is the earliest at which it can have
    been made; that proves it fresh at an audit date that was said, and nothing without one.
    """
    for artifact in _of_kind(account, ExportKind.CREDENTIAL_REPORT):
        captured = artifact.captured_at
        if captured is None or not (artifact.captured_how.is_stated or account.as_of_is_stated):
            reason = "nothing says when the report was made; say the audit date with --as-of"
            yield Unknown(reason, Location(artifact.id))
        elif account.days_since(captured) > limits.evidence_age:
            yield fail(
                account_resource(account, "credential-report"),
                Location(artifact.id),
                file=artifact.path,
                captured=captured,
                age=account.days_since(captured),
                limit=limits.evidence_age,
            )
        else:
            yield Pass()


def evidence_out_of_sync(account: Account, limits: Limits) -> Iterator[Outcome]:
    """The credential report and the authorization details tell of different states."""
    reported = [user for user in account.users if user.details is None]
    detailed = [user for user in account.users if user.report_entry is None]
    moved = [user for user in account.users if _is_recreated(user)]
    differences = (
        ("report-only", [] if account.details_are_cut else reported,
         "only the credential report lists"),
        ("details-only", detailed, "only the authorization details list"),
        ("created", moved, "the creation times differ for"),
    )  # fmt: skip
    for part, users, words in differences:
        if users:
            where = (_location(user) for user in users)
            yield fail(
                account_resource(account, part), *where, difference=f"{words} {_join_names(users)}"
            )
        else:
            yield Pass()
    yield from _check_capture_spread(account, limits)


def population_count_mismatch(account: Account) -> Iterator[Outcome]:
    """The account's own counts differ from what the exports list."""
    customer = [policy for policy in account.policies if not policy.is_aws_managed]
    listed: list[tuple[str, ExportKind, int]] = [
        ("Users", ExportKind.CREDENTIAL_REPORT, sum(1 for _ in account.users_in_report())),
        ("Users", ExportKind.AUTHORIZATION_DETAILS, sum(1 for _ in account.users_in_details())),
        ("Groups", ExportKind.AUTHORIZATION_DETAILS, len(account.groups)),
        ("Roles", ExportKind.AUTHORIZATION_DETAILS, len(account.roles)),
        ("Policies", ExportKind.AUTHORIZATION_DETAILS, len(customer)),
    ]
    yield from _check_root_counts(account)
    for node in account.documents_of_kind(ExportKind.ACCOUNT_SUMMARY):
        counts = node.child("SummaryMap")
        for name, kind, counted in listed if counts else ():
            stated = counts.number(name) if counts else None
            if kind not in account.available_exports or stated is None or counts is None:
                continue
            if stated == counted:
                yield Pass()
                continue
            sources = [Location(each.id) for each in _of_kind(account, kind)]
            yield fail(
                account_resource(account, f"{name}/{kind}"),
                counts.location.child(name),
                *sources,
                what=name.lower(),
                stated=stated,
                counted=counted,
                source=kind.value.replace("_", " ").replace("gaad", "authorization details"),
            )


def evidence_account_mismatch(account: Account) -> Iterator[Outcome]:
    """Files handed in together are not of the same account."""
    pair = {ExportKind.CREDENTIAL_REPORT, ExportKind.AUTHORIZATION_DETAILS}
    if pair <= account.available_exports:
        yield Pass()
        return
    for own in account.artifacts:
        if own.account is None:
            continue  # it holds several accounts on purpose, and was split
        for other in account.other_artifacts:
            if {own.kind, other.kind} == pair and _lie_together(own, other):
                yield fail(
                    account_resource(account, own.kind),
                    Location(own.id),
                    Location(other.id),
                    file=own.path,
                    account=account.id,
                    other_file=other.path,
                    other=other.account or "several accounts",
                )


def evidence_truncated(account: Account) -> Iterator[Outcome]:
    """An export was cut short or filtered, so that something may be missing from it."""
    for artifact in account.artifacts:
        signs = [note for note in artifact.notes if note.defect is EvidenceDefect.TRUNCATED]
        if signs:
            yield _fail_truncated(account, artifact, signs[0].text, signs[0].location)
        elif artifact.kind is ExportKind.AUTHORIZATION_DETAILS and account.details_are_cut:
            gaps = account.details_gaps
            own = [gap for gap in gaps if gap.location.evidence == artifact.id]
            sign = (own or gaps)[0].text
            yield _fail_truncated(account, artifact, sign, *(gap.location for gap in own[:_NAMED]))
        else:
            yield Pass()


def evidence_altered_by_spreadsheet(account: Account) -> Iterator[Outcome]:
    """The credential report is not as AWS wrote it."""
    for artifact in _of_kind(account, ExportKind.CREDENTIAL_REPORT):
        signs = [note for note in artifact.notes if note.defect is EvidenceDefect.RESAVED]
        if signs:
            sign = "; ".join(note.text for note in signs)
            where = (note.location for note in signs)
            resource = account_resource(account, f"altered/{_file_name(artifact)}")
            yield fail(resource, *where, file=artifact.path, sign=sign)
        else:
            yield Pass()


def report_missing_root_row(account: Account) -> Iterator[Outcome]:
    """The credential report has no root row, or more than one."""
    if len(account.root_rows) == 1:
        yield Pass()
        return
    reports = _of_kind(account, ExportKind.CREDENTIAL_REPORT)
    where = account.root_rows or tuple(Location(each.id) for each in reports)
    first = next((row for _, row in account.users_in_report()), None)
    where = where or ((first.row,) if first else ())
    name = reports[0].path if reports else "the credential report"
    yield fail(account_resource(account), *where, file=name, count=len(account.root_rows))


def _check_root_counts(account: Account) -> Iterator[Outcome]:
    """Where the account summary and root's row tell different things of root."""
    for each in root_contradictions(account):
        yield fail(
            account_resource(account, f"root/{each.member}"),
            each.summary,
            each.row,
            what=each.what,
            stated=each.stated,
            counted=each.counted,
            source="the credential report's row of root",
        )


def _of_kind(account: Account, kind: ExportKind) -> list[Artifact]:
    return [each for each in account.artifacts if each.kind is kind]


def _fail_truncated(account: Account, artifact: Artifact, sign: str, *places: Location) -> Fail:
    resource = account_resource(account, f"truncated/{_file_name(artifact)}")
    where = places or (Location(artifact.id),)
    return fail(resource, *where, file=artifact.path, sign=sign)


def _check_capture_spread(account: Account, limits: Limits) -> Iterator[Outcome]:
    """Compares capture times that are stated; an inferred one says only "not before"."""
    stated = [
        each
        for kind in (ExportKind.CREDENTIAL_REPORT, ExportKind.AUTHORIZATION_DETAILS)
        for each in _of_kind(account, kind)
        if each.captured_at and each.captured_how.is_stated
    ]
    times = [each.captured_at for each in stated if each.captured_at]
    if len({each.kind for each in stated}) > 1:
        apart = max(times) - min(times)
        if apart > timedelta(hours=limits.capture_spread):
            hours = int(apart.total_seconds() // 3600)
            where = (Location(each.id) for each in stated)
            words = f"the two exports were made {hours} hours apart"
            yield fail(account_resource(account, "spread"), *where, difference=words)
        else:
            yield Pass()


def _is_recreated(user: User) -> bool:
    if user.report_entry is None or user.details is None:
        return False
    report, details = user.report_entry.created, user.details.created
    if not isinstance(report, datetime) or not isinstance(details, datetime):
        return False
    return abs(report - details) > timedelta(seconds=2)


def _location(user: User) -> Location:
    if user.report_entry is not None:
        return user.report_entry.row
    assert user.details is not None  # noqa: S101 - a user comes from one of the two
    return user.details.location


def _join_names(users: list[User]) -> str:
    return list_first(sorted(user.name for user in users), _NAMED)


def _file_name(artifact: Artifact) -> str:
    """The file's own name: next quarter's export has another content and another folder."""
    return artifact.path.rpartition("/")[2].rpartition("!")[2]


def _lie_together(own: Artifact, other: Artifact) -> bool:
    return ancestor_paths(own.path)[0] == ancestor_paths(other.path)[0]
