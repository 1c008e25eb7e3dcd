"""In: what an account holds. Out: the files that its owner would export, in any container."""

import base64
import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analyzer.errors import EvidenceError
from analyzer.evidence.artifacts import Artifact
from analyzer.evidence.credential_report import COLUMNS, ReportRow
from analyzer.evidence.loading import Evidence, load_evidence
from analyzer.inventory.model import ROOT_USER

ACCOUNT = "111122223333"
OTHER = "444455556666"
GENERATED = "2026-03-31T08:00:00+00:00"
OLD_ROOT = {
    "password_enabled": "not_supported",
    "password_last_changed": "not_supported",
    "password_next_rotation": "not_supported",
    "password_last_used": "no_information",
}
NEW_ROOT = {
    "password_enabled": "true",
    "password_last_changed": "2020-02-02T10:00:00+00:00",
    "password_next_rotation": "not_supported",
    "password_last_used": "2025-12-24T18:00:00+00:00",
}
ANN = {
    "password_enabled": "true",
    "password_last_used": "2026-03-30T07:15:00+00:00",
    "password_last_changed": "2025-01-31T09:00:00+00:00",
    "mfa_active": "true",
    "access_key_1_active": "true",
    "access_key_1_last_rotated": "2024-05-06T07:08:09+00:00",
    "access_key_1_last_used_date": "2026-03-29T23:59:00+00:00",
    "access_key_1_last_used_region": "eu-central-1",
    "access_key_1_last_used_service": "s3",
}


def row(name: str = "ann", account: str = ACCOUNT, **cells: str) -> dict[str, str]:
    """A row of the report: that of a user who holds nothing, but for the cells given."""
    made = {column: "false" if column.endswith("active") else "N/A" for column in COLUMNS}
    made |= {"user": name, "arn": f"arn:aws:iam::{account}:user/{name}"}
    made |= {"user_creation_time": "2023-01-02T03:04:05+00:00", "password_enabled": "false"}
    return made | cells


def root(account: str = ACCOUNT, **cells: str) -> dict[str, str]:
    """The row of the root user, as reports write it today."""
    arn = f"arn:aws:iam::{account}:root"
    return row(ROOT_USER, account, arn=arn, mfa_active="true", **(NEW_ROOT | cells))


def table(*rows: Mapping[str, str], columns: tuple[str, ...] = COLUMNS, by: str = ",") -> str:
    """The report as AWS writes it: LF, and no final newline."""
    lines = [columns, *(tuple(each[name] for name in columns) for each in rows)]
    return "\n".join(by.join(line) for line in lines)


def report(*rows: Mapping[str, str], account: str = ACCOUNT) -> str:
    """A report with a root row and those rows; with Ann's where none are given."""
    return table(root(account), *(rows or (row("ann", account, **ANN),)))


def wrapper(text: str, generated: str | None = GENERATED, *, content: str | None = None) -> str:
    """The JSON around a report, as get-credential-report answers."""
    packed = base64.b64encode(text.encode()).decode() if content is None else content
    stated = {"GeneratedTime": generated} if generated else {}
    return json.dumps({"Content": packed, "ReportFormat": "text/csv", **stated})


def user(name: str = "ann", account: str = ACCOUNT, **fields: Any) -> dict[str, Any]:
    """A user's entry in the authorization details."""
    return {
        "Path": "/",
        "UserName": name,
        "UserId": "AIDAEXAMPLE",
        "Arn": f"arn:aws:iam::{account}:user/{name}",
        "CreateDate": "2023-01-02T03:04:05+00:00",
        "GroupList": [],
        "AttachedManagedPolicies": [],
        "Tags": [],
    } | fields


def details(
    *users: Mapping[str, Any],
    groups: tuple[Any, ...] = (),
    roles: tuple[Any, ...] = (),
    policies: tuple[Any, ...] = (),
    **more: Any,
) -> dict[str, Any]:
    """A page of authorization details, the last one unless `more` says otherwise."""
    return {
        "UserDetailList": list(users),
        "GroupDetailList": list(groups),
        "RoleDetailList": list(roles),
        "Policies": list(policies),
        "IsTruncated": False,
    } | more


def put(folder: Path, files: Mapping[str, str | bytes | Mapping[str, Any]]) -> Path:
    """The files in the folder: text as UTF-8, objects as JSON."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded(content))
    return folder


def encoded(content: str | bytes | Mapping[str, Any]) -> bytes:
    """The bytes of a file with that content."""
    if isinstance(content, bytes):
        return content
    return (content if isinstance(content, str) else json.dumps(content)).encode()


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """A .zip of the files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, encoded(content))
    return made.getvalue()


def tarred(files: Mapping[str, str | bytes], *, compress: bool = True) -> bytes:
    """A .tar.gz of the files, or a plain .tar."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, content in files.items():
            data = encoded(content)
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return gzip.compress(made.getvalue()) if compress else made.getvalue()


def reading(folder: Path, files: Mapping[str, str | bytes | Mapping[str, Any]]) -> Evidence:
    """What the files are read as, given as one folder."""
    return load_evidence((put(folder / "in", files),))


def rows(evidence: Evidence) -> list[ReportRow]:
    """The rows of all credential reports."""
    return [each for _, table_ in evidence.tables for each in table_.rows]


def said(evidence: Evidence) -> list[tuple[str, str, dict[str, Any]]]:
    """All rows without their places: what was read, wherever it stood."""
    return sorted(
        ((each.user, each.arn, each.cells) for each in rows(evidence)), key=lambda told: told[1]
    )


def artifact(evidence: Evidence, end: str) -> Artifact:
    """The artifact whose name ends so."""
    return next(each for each in evidence.artifacts if each.path.endswith(end))


def notes(evidence: Evidence) -> str:
    """All notes of all artifacts, a line each."""
    return "\n".join(note.text for each in evidence.artifacts for note in each.notes)


def faults(problems: tuple[EvidenceError, ...]) -> str:
    """All problems, a line each."""
    return "\n".join(map(str, problems))
