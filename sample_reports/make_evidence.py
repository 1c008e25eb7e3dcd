"""In: accounts/*.toml, two made-up AWS accounts. Out: evidence/, their exports as packs.

A pack is what the script of `credaudit collect` leaves. The same tables give the same bytes.
"""

import hashlib
import sys
import uuid
from pathlib import Path

if __name__ == "__main__":  # started as a script, Python knows only this folder
    sys.path.insert(0, str(Path(__file__).parent.parent))

from sample_reports import aws_answers as aws
from sample_reports import organization_files as organization
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
from sample_reports.pack import Command, Pack, merged

__all__ = ["ACCOUNT", "ACCOUNTS", "AS_OF", "EVIDENCE", "SECURITY_ACCOUNT", "make", "pack_of"]

EVIDENCE = Path(__file__).parent / "evidence"

_NO_CONTACT = "ResourceNotFoundException: No contact of the inputted alternate contact type found."


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
    _contact_files(pack, source)


def _contact_files(pack: Pack, source: Source) -> None:
    """Whom AWS can reach. The postal address is not asked for."""
    contacts = source.part("contacts")
    for sort in ("SECURITY", "BILLING", "OPERATIONS"):
        file = f"{sort.lower()}-contact.json"
        command: Command = ("account", "get-alternate-contact", "--alternate-contact-type", sort)
        if sort in contacts:
            document = {"AlternateContact": {"AlternateContactType": sort, **contacts[sort]}}
            pack.answer(file, command, document)
        else:
            pack.refusal(file, command, _NO_CONTACT, "none")
    fields = ("FullName", "CompanyName", "CountryCode", "PhoneNumber")
    asked = ", ".join(f"{each}: {each}" for each in fields)
    query = f"{{ContactInformation: ContactInformation.{{{asked}}}}}"
    command = ("account", "get-contact-information", "--query", query)
    document = {"ContactInformation": source.part("contact_information")}
    pack.answer("contact-information.json", command, document)


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
        command = (*command, "--query", merged(arn=arn))
        document = {"credaudit_arn": arn, **aws.oidc_provider(host, table)}
        pack.answer(f"oidc-providers/{number:04d}.json", command, document)


def _saml_files(pack: Pack, source: Source) -> None:
    providers = sorted(source.part("saml_providers").items())
    if providers:
        pack.ask("iam", "list-saml-providers", "--query", "SAMLProviderList[].[Arn]")
    for number, (name, table) in enumerate(providers, 1):
        arn = source.arn(f"saml-provider/{name}")
        command: Command = ("iam", "get-saml-provider", f"--saml-provider-arn={arn}")
        document = {"credaudit_arn": arn, **aws.saml_provider(name, table)}
        file = f"saml-providers/{number:04d}.json"
        pack.answer(file, (*command, "--query", merged(arn=arn)), document)


def _user_files(pack: Pack, user: User, number: int, source: Source) -> None:
    """Five files a user, numbered as the export script does: no name becomes a path."""
    whose = f"--user-name={user.name}"
    for operation, document in aws.user_lists(source, user).items():
        name = operation.removeprefix("list-").replace("ssh-public-keys", "ssh-keys")
        command: Command = ("iam", operation, whose, "--query", merged(user=user.name))
        named = {"credaudit_user": user.name, **document}
        pack.answer(f"users/{number:04d}.{name}.json", command, named)
    file, command = f"users/{number:04d}.login-profile.json", ("iam", "get-login-profile", whose)
    if user.has_password:
        pack.answer(file, command, aws.login_profile(user))
    else:
        error = f"NoSuchEntity: Login Profile for User {user.name} cannot be found."
        pack.refusal(file, command, error, "none")


def _region_files(pack: Pack, source: Source) -> None:
    """Each region's analyzer, sign-on, trails, and whoever gets credentials without a user."""
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
        organization.add_instances(pack, source, region)
        organization.add_trails(pack, source, region)
        organization.add_workload_identities(pack, region)


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
        command = (*command, f"--id={full['id']}", "--query", merged(region=region, analyzer=arn))
        number = sum("/finding-" in name for name in pack.files) + 1
        pack.answer(f"access-analyzer/finding-{number:04d}.json", command, document)


def _last_accessed_files(pack: Pack, source: Source) -> None:
    """The principals that the table names; asking for all takes minutes, so people choose."""
    for number, (rest, table) in enumerate(sorted(source.part("last_accessed").items()), 1):
        arn = source.arn(rest)
        job = uuid.UUID(bytes=hashlib.sha256(arn.encode()).digest()[:16], version=4)
        generate = ("iam", "generate-service-last-accessed-details", f"--arn={arn}")
        pack.ask(*generate, "--granularity=ACTION_LEVEL", "--query", "JobId")
        command: Command = (
            "iam",
            "get-service-last-accessed-details",
            f"--job-id={job}",
            "--max-items",
        )
        command = (*command, "1000", "--query", merged(principal=arn))
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
    _saml_files(pack, source)
    organization.add_organization(pack, source)
    for number, user in enumerate(source.users, 1):
        _user_files(pack, user, number, source)
    _region_files(pack, source)
    organization.add_trail_states(pack, source)
    organization.add_identity_center(pack, source)
    _last_accessed_files(pack, source)
    return pack


def make(into: Path = EVIDENCE) -> None:
    """Write the packs of both accounts into that folder, in place of those that were there."""
    for name in ACCOUNTS:
        pack_of(name).write(into / name)


if __name__ == "__main__":
    make()
