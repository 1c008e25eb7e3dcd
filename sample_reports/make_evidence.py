"""In: accounts/*.toml, two made-up AWS accounts. Out: evidence/, their exports as packs.

A pack is what the script of `credaudit collect` leaves. The same tables give the same bytes.
"""

import hashlib
import json
import re
import shutil
import sys
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

if __name__ == "__main__":  # started as a script, Python knows only this folder
    sys.path.insert(0, str(Path(__file__).parent.parent))

from sample_reports import aws_answers as aws
from sample_reports.account_tables import (
    ACCOUNT,
    ACCOUNTS,
    AS_OF,
    SECURITY_ACCOUNT,
    Source,
    Table,
    User,
    source_of,
)

__all__ = ["ACCOUNT", "ACCOUNTS", "AS_OF", "EVIDENCE", "SECURITY_ACCOUNT", "make", "pack_of"]

Command = tuple[str, ...]

EVIDENCE = Path(__file__).parent / "evidence"

_CALLS_PER_SECOND = 3
_MADE_UP = "Made up for credaudit's samples: no such company, person or key exists."
_NO_CONTACT = "ResourceNotFoundException: No contact of the inputted alternate contact type found."
_NO_ACCOUNTS = "AccessDeniedException: You don't have permissions to access this resource."
_NO_FEATURES = (
    "AccountNotManagementOrDelegatedAdministrator: The request was rejected because the account "
    "is neither the management account nor a delegated administrator of the organization."
)


@dataclass
class Pack:
    """The files and the record of calls that the export script leaves."""

    source: Source
    files: dict[str, str] = field(default_factory=dict)
    calls: list[Table] = field(default_factory=list)
    asked: int = 0

    def answer(self, file: str, command: Command, document: object) -> None:
        """A call that AWS answered; its answer is kept."""
        self.files[file] = json.dumps(document, indent=4, ensure_ascii=False) + "\n"
        self._record(file, command)

    def refusal(self, file: str, command: Command, error: str, outcome: str) -> None:
        """A call that AWS answered with an error: `none` where that says "there is none"."""
        code, _, message = error.partition(": ")
        operation = "".join(word.title() for word in command[1].split("-"))
        name = f"{file.removesuffix('.json')}.error.txt"
        said = f"An error occurred ({code}) when calling the {operation} operation: {message}"
        self.files[name] = f"{_shown(command)}\n\n{said}\n"
        self._record(file, command, name, outcome)

    def ask(self, *command: str) -> None:
        """A call that only steers the script; its answer is not kept."""
        self._record(None, command)

    def write(self, folder: Path) -> None:
        """The files, pack.json and SHA256SUMS, in a folder that holds nothing else."""
        self.files["pack.json"] = self._manifest()
        names = sorted(self.files, key=lambda name: (name.endswith(".txt"), name))
        texts = {name: self.files[name].encode() for name in names}
        sums = "".join(f"{hashlib.sha256(texts[name]).hexdigest()}  {name}\n" for name in names)
        if folder.exists():
            shutil.rmtree(folder)
        for name, data in (*texts.items(), ("SHA256SUMS", sums.encode())):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    def _record(
        self,
        file: str | None,
        command: Command,
        error: str | None = None,
        outcome: str = "ok",
    ) -> None:
        call = {"file": file, "command": _shown(command), "started": self._now()}
        self.calls.append(call | {"exit": 254 if error else 0, "outcome": outcome, "error": error})
        self.asked += 1

    def _now(self) -> str:
        seconds = self.asked // _CALLS_PER_SECOND - 20  # the report was made 20 s into the run
        return f"{AS_OF + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"

    def _manifest(self) -> str:
        lines = sorted(json.dumps(call, ensure_ascii=False) for call in self.calls)
        regions = json.dumps(list(self.source.part("regions")))
        calls = ",\n".join(f"    {line}" for line in lines)
        return (
            f'{{\n  "credaudit_pack": 1,\n  "account": "{self.source.id}",\n'
            f'  "started": "{min(call["started"] for call in self.calls)}",\n'
            f'  "finished": "{self._now()}",\n  "script": "credaudit 0.1.0",\n'
            f'  "cli": "aws-cli/2.31.6 Python/3.13.7 Linux/6.12.40 exec-env/CloudShell",\n'
            f'  "regions": {regions},\n  "notes": [\n    {json.dumps(_MADE_UP)}\n  ],\n'
            f'  "calls": [\n{calls}\n  ]\n}}\n'
        )


def _shown(command: Command) -> str:
    """The command line as a person would type it."""
    plain = re.compile(r"[A-Za-z0-9_./:=@,+-]+")
    quoted = (word.replace("'", "'\\''") for word in command)
    return " ".join(("aws", *(each if plain.fullmatch(each) else f"'{each}'" for each in quoted)))


def _merged(**names: str) -> str:
    """The query that adds names to an answer which lacks them."""
    members = ", ".join(f"credaudit_{key}: `{json.dumps(value)}`" for key, value in names.items())
    return f"merge({{{members}}}, @)"


def _account_files(pack: Pack, source: Source) -> None:
    """What stands of the account as a whole, from one call a file."""
    oidc = [{"Arn": source.arn(f"oidc-provider/{host}")} for host in source.part("oidc_providers")]
    aliases = {"AccountAliases": [source.table["alias"]], "IsTruncated": False}
    kept: dict[str, tuple[str, Table]] = {
        "account-aliases": ("list-account-aliases", aliases),
        "account-summary": ("get-account-summary", aws.summary(source)),
        "authorization-details": ("get-account-authorization-details", aws.details(source)),
        "credential-report": ("get-credential-report", aws.credential_report(source)),
        "oidc-providers": (
            "list-open-id-connect-providers",
            {"OpenIDConnectProviderList": oidc},
        ),
        "password-policy": (
            "get-account-password-policy",
            {"PasswordPolicy": source.part("password_policy")},
        ),
        "saml-providers": ("list-saml-providers", aws.saml_providers(source)),
        "server-certificates": ("list-server-certificates", aws.certificates(source)),
    }
    pack.ask("iam", "generate-credential-report", "--query", "State")
    for name, (operation, document) in kept.items():
        pack.answer(f"{name}.json", ("iam", operation), document)
    fields = "{SerialNumber: SerialNumber, EnableDate: EnableDate, User: User}"
    command: Command = ("iam", "list-virtual-mfa-devices", "--assignment-status", "Any", "--query")
    query = f"{{VirtualMFADevices: VirtualMFADevices[].{fields}}}"
    pack.answer("virtual-mfa-devices.json", (*command, query), aws.virtual_devices(source))
    command = ("iam", "list-service-specific-credentials", "--all-users", "--max-items", "1000")
    pack.answer("service-specific-credentials.json", command, aws.api_keys(source))
    contact = source.part("security_contact")
    command = ("account", "get-alternate-contact", "--alternate-contact-type", "SECURITY")
    if contact:
        document = {"AlternateContact": {"AlternateContactType": "SECURITY", **contact}}
        pack.answer("security-contact.json", command, document)
    else:
        pack.refusal("security-contact.json", command, _NO_CONTACT, "none")


def _oidc_files(pack: Pack, source: Source) -> None:
    providers = sorted(source.part("oidc_providers").items())
    if providers:
        query = ("--query", "OpenIDConnectProviderList[].[Arn]")
        pack.ask("iam", "list-open-id-connect-providers", *query)
    for number, (host, table) in enumerate(providers, 1):
        arn = source.arn(f"oidc-provider/{host}")
        command: Command = (
            "iam",
            "get-open-id-connect-provider",
            f"--open-id-connect-provider-arn={arn}",
        )
        command = (*command, "--query", _merged(arn=arn))
        document = {"credaudit_arn": arn, **aws.oidc_provider(host, table)}
        pack.answer(f"oidc-providers/{number:04d}.json", command, document)


def _organization_files(pack: Pack, source: Source) -> None:
    """The organization; only its management account is told of the others."""
    table = source.part("organization")
    describe = ("organizations", "describe-organization")
    accounts, features = ("organizations", "list-accounts"), ("iam", "list-organizations-features")
    pack.answer("organization.json", describe, aws.organization(source))
    if source.id == ACCOUNT:
        pack.answer("organization-accounts.json", accounts, aws.organization_accounts(source))
        enabled = {"OrganizationId": table["id"], "EnabledFeatures": table["features"]}
        pack.answer("organizations-features.json", features, enabled)
    else:
        pack.refusal("organization-accounts.json", accounts, _NO_ACCOUNTS, "failed")
        pack.refusal("organizations-features.json", features, _NO_FEATURES, "failed")


def _user_files(pack: Pack, user: User, number: int, source: Source) -> None:
    """Five files a user, numbered as the export script does: no name becomes a path."""
    whose = f"--user-name={user.name}"
    for operation, document in aws.user_lists(source, user).items():
        name = operation.removeprefix("list-").replace("ssh-public-keys", "ssh-keys")
        command: Command = ("iam", operation, whose, "--query", _merged(user=user.name))
        named = {"credaudit_user": user.name, **document}
        pack.answer(f"users/{number:04d}.{name}.json", command, named)
    file, command = f"users/{number:04d}.login-profile.json", ("iam", "get-login-profile", whose)
    if user.has_password:
        pack.answer(file, command, aws.login_profile(user))
    else:
        error = f"NoSuchEntity: Login Profile for User {user.name} cannot be found."
        pack.refusal(file, command, error, "none")


def _region_files(pack: Pack, source: Source) -> None:
    """Each region's analyzer, and whether Identity Center lives there, which it doesn't."""
    for region, table in source.part("regions").items():
        here = f'credaudit_region: `"{region}"`'
        stated = {"credaudit_region": region}
        command: Command = ("accessanalyzer", "list-analyzers", "--region", region, "--query")
        analyzers = [aws.analyzer(source, region, table)] if "analyzer" in table else []
        query = f"{{{here}, analyzers: analyzers}}"
        file = f"access-analyzer/{region}.analyzers.json"
        pack.answer(file, (*command, query), stated | {"analyzers": analyzers})
        if analyzers:
            pack.ask(*command, "analyzers[?status=='ACTIVE'].[arn, type]")
            _findings_file(pack, source, region, analyzers[0]["arn"])
        command = ("sso-admin", "list-instances", "--region", region, "--query")
        query = f"{{{here}, Instances: Instances}}"
        file = f"identity-center/{region}.instances.json"
        pack.answer(file, (*command, query), stated | {"Instances": []})


def _findings_file(pack: Pack, source: Source, region: str, arn: str) -> None:
    tables = source.part("regions")[region].get("findings", ())
    command: Command = (
        "accessanalyzer",
        "list-findings-v2",
        "--region",
        region,
        f"--analyzer-arn={arn}",
    )
    stated = f'credaudit_region: `"{region}"`, credaudit_analyzer: `"{arn}"`'
    query = f"{{{stated}, findings: findings}}"
    document = {
        "credaudit_region": region,
        "credaudit_analyzer": arn,
        "findings": [aws.finding(source, each) for each in tables],
    }
    file = f"access-analyzer/{region}.1.findings.json"
    pack.answer(file, (*command, "--query", query), document)
    active = [each for each in tables if each["status"] == "ACTIVE"]
    if active:
        query = "findings[?status=='ACTIVE' && findingType=='ExternalAccess'].[id]"
        pack.ask(*command, "--query", query)
    for each in active:
        full = aws.finding_in_full(source, each)
        document = {"credaudit_region": region, "credaudit_analyzer": arn, **full}
        command = ("accessanalyzer", "get-finding-v2", "--region", region, f"--analyzer-arn={arn}")
        command = (*command, f"--id={full['id']}", "--query", _merged(region=region, analyzer=arn))
        number = sum("/finding-" in name for name in pack.files) + 1
        pack.answer(f"access-analyzer/finding-{number:04d}.json", command, document)


def _last_accessed_files(pack: Pack, source: Source) -> None:
    """The principals that the table names; asking for all takes minutes, so people choose."""
    for number, (rest, table) in enumerate(sorted(source.part("last_accessed").items()), 1):
        arn = source.arn(rest)
        job = uuid.UUID(bytes=hashlib.sha256(arn.encode()).digest()[:16], version=4)
        generate = ("iam", "generate-service-last-accessed-details", f"--arn={arn}")
        pack.ask(*generate, "--query", "JobId")
        command: Command = (
            "iam",
            "get-service-last-accessed-details",
            f"--job-id={job}",
            "--max-items",
        )
        command = (*command, "1000", "--query", _merged(principal=arn))
        document = {"credaudit_principal": arn, **aws.last_accessed(source, arn, table)}
        pack.answer(f"last-accessed/{number:04d}.json", command, document)


def pack_of(name: str) -> Pack:
    """The pack of one of ACCOUNTS."""
    source = source_of(name)
    pack = Pack(source)
    pack.answer("caller-identity.json", ("sts", "get-caller-identity"), aws.caller_identity(source))
    pack.ask("iam", "list-users", "--query", "Users[].[UserName]")
    _account_files(pack, source)
    _oidc_files(pack, source)
    _organization_files(pack, source)
    for number, user in enumerate(source.users, 1):
        _user_files(pack, user, number, source)
    _region_files(pack, source)
    _last_accessed_files(pack, source)
    return pack


def make(into: Path = EVIDENCE) -> None:
    """Write the packs of both accounts into that folder, in place of those that were there."""
    for name in ACCOUNTS:
        pack_of(name).write(into / name)


if __name__ == "__main__":
    make()
