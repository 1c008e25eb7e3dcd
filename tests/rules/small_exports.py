"""In: a word or two. Out: the small exports of an account, each as the AWS CLI writes it.

The base of `tests.builders.AccountBuilder`, which adds the people, their credentials and the
judging. Every method returns a new builder.
"""

import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from analyzer.evidence.credential_report import BOOL_COLUMNS, COLUMNS

REPORT_TIME = datetime(2026, 10, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
Age = float | timedelta | str | None


def days(number: float) -> timedelta:
    """So many days, to the second; `days(90) + SECOND` is a second more."""
    return timedelta(days=number)


def blank_row(user: str, arn: str, created: str) -> dict[str, str]:
    """A row without any credential."""
    row = dict.fromkeys(COLUMNS, "N/A") | dict.fromkeys(BOOL_COLUMNS, "false")
    return row | {"user": user, "arn": arn, "user_creation_time": created}


@dataclass(repr=False)
class SmallExports:
    """What is to be written: the report's rows, the authorization details, and further files.

    `exports` holds each file's documents, back to back, and `texts` what is no document.
    """

    number: str
    partition: str
    now: datetime
    rows: list[dict[str, str]] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)
    exports: dict[str, list[Any]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    def arn(self, rest: str) -> str:
        """An IAM ARN of the account."""
        return f"arn:{self.partition}:iam::{self.number}:{rest}"

    def when(self, age: Age, never: str = "N/A") -> str:
        """The time of that age as AWS writes it; a text stays as it is."""
        if age is None or isinstance(age, str):
            return never if age is None else age
        return (self.now - (age if isinstance(age, timedelta) else days(age))).isoformat()

    def export(self, file: str, document: Any) -> Self:
        """One more document, back to back with those that the file already holds."""
        made = copy.deepcopy(self)
        made.exports.setdefault(file, []).append(document)
        return made

    def answer(self, file: str, operation: str, code: str) -> Self:
        """The error text that the AWS CLI wrote in place of an answer."""
        made = copy.deepcopy(self)
        says = f"\nAn error occurred ({code}) when calling the {operation} operation: No such thing"
        made.texts[file] = says + ".\n"
        return made

    def password_policy(self, **members: Any) -> Self:
        """A policy that keeps every rule, but for the members given; None leaves one out."""
        kinds = ("Symbols", "Numbers", "UppercaseCharacters", "LowercaseCharacters")
        strong = {"MinimumPasswordLength": 14, "PasswordReusePrevention": 24, "MaxPasswordAge": 90}
        strong |= {f"Require{kind}": True for kind in kinds}
        strong |= {"ExpirePasswords": True, "AllowUsersToChangePassword": True}
        policy = strong | members
        told = {name: value for name, value in policy.items() if value is not None}
        return self.export("password-policy.json", {"PasswordPolicy": told})

    def no_password_policy(self) -> Self:
        """AWS's word that the account has none."""
        return self.answer("password-policy.json", "GetAccountPasswordPolicy", "NoSuchEntity")

    def summary(self, **counts: Any) -> Self:
        """get-account-summary with these numbers."""
        return self.export("account-summary.json", {"SummaryMap": counts})

    def login_profile(self, *, reset: Any = False, made: Age = 500) -> Self:
        """get-login-profile of the user named last; a `reset` of None leaves the member out."""
        profile = {"UserName": self.rows[-1]["user"], "CreateDate": self.when(made)}
        told = {} if reset is None else {"PasswordResetRequired": reset}
        return self.export("login-profiles.json", {"LoginProfile": profile | told})

    def listed_key(self, name: str, *, status: str = "Active", age: Age = 30) -> Self:
        """list-access-keys of the user named last, with one key."""
        key = {"UserName": self.rows[-1]["user"], "AccessKeyId": name, "Status": status}
        key["CreateDate"] = self.when(age)
        return self.export("access-keys.json", {"AccessKeyMetadata": [key]})

    def service_credential(
        self,
        name: str = "ACCAEXAMPLE1",
        *,
        service: str = "bedrock.amazonaws.com",
        age: Age = 30,
        ends: Age = None,
        status: str = "Active",
    ) -> Self:
        """list-service-specific-credentials, with one of the user named last; `ends` as an age."""
        told = {"ServiceSpecificCredentialId": name, "UserName": self.rows[-1]["user"]}
        told |= {"ServiceName": service, "Status": status, "CreateDate": self.when(age)}
        told |= {} if ends is None else {"ExpirationDate": self.when(ends)}
        answer = {"ServiceSpecificCredentials": [told]}
        return self.export("service-specific-credentials.json", answer)

    def ssh_key(self, name: str = "APKAEXAMPLE1", *, status: str = "Active") -> Self:
        """list-ssh-public-keys of the user named last, with one key."""
        key = {"UserName": self.rows[-1]["user"], "SSHPublicKeyId": name, "Status": status}
        return self.export("ssh-keys.json", {"SSHPublicKeys": [key]})

    def signing_certificate(self, name: str) -> Self:
        """list-signing-certificates of the user named last, with one certificate."""
        listed = {"UserName": self.rows[-1]["user"], "CertificateId": name, "Status": "Active"}
        return self.export("certificates.json", {"Certificates": [listed]})

    def mfa_device(self, serial: str) -> Self:
        """A device of root or the user, whoever was named last: virtual if it says `:mfa/`."""
        row = self.rows[-1]
        device = {"SerialNumber": serial, "EnableDate": self.when(300)}
        if ":mfa/" in serial:
            listed = [device | {"User": {"Arn": row["arn"]}}]
            return self.export("virtual-mfa-devices.json", {"VirtualMFADevices": listed})
        held = [device | {"UserName": row["user"]}]
        return self.export("mfa-devices.json", {"MFADevices": held})

    def no_virtual_mfa_devices(self) -> Self:
        """list-virtual-mfa-devices, which names none."""
        return self.export("virtual-mfa-devices.json", {"VirtualMFADevices": []})

    def analyzer(self, region: str, sort: str = "ACCOUNT", status: str = "ACTIVE") -> Self:
        """list-analyzers of the region, with one analyzer of that type."""
        arn = f"arn:{self.partition}:access-analyzer:{region}:{self.number}:analyzer/a"
        listed = [{"arn": arn, "name": "a", "type": sort, "status": status}]
        document = {"credaudit_region": region, "analyzers": listed}
        return self.export(f"analyzers-{region}.json", document)

    def no_analyzer(self, region: str) -> Self:
        """list-analyzers of the region, which names none."""
        document = {"credaudit_region": region, "analyzers": []}
        return self.export(f"analyzers-{region}.json", document)

    def analyzer_finding(
        self,
        resource: str,
        *,
        public: Any = None,
        status: str = "ACTIVE",
        sort: str = "ExternalAccess",
        analyzed: Age | None = None,
    ) -> Self:
        """A finding as list-findings-v2 lists it, and with `public` as get-finding-v2 does too."""
        finding = {"id": f"id of {resource}", "resource": resource, "status": status}
        finding |= {"resourceType": "AWS::S3::Bucket", "createdAt": self.when(10)}
        if analyzed is not None:
            finding |= {"analyzedAt": self.when(analyzed)}
        made = self.export("findings.json", {"findings": [finding | {"findingType": sort}]})
        if public is None:
            return made
        detail = {"externalAccessDetails": {"isPublic": public}}
        return made.export("finding-details.json", finding | {"findingDetails": [detail]})

    def saml_provider(self, name: str = "corp", expired: Age = -400) -> Self:
        """list-saml-providers, with one provider; an age below 0 is still to come."""
        provider = {"Arn": self.arn(f"saml-provider/{name}"), "ValidUntil": self.when(expired)}
        return self.export("saml-providers.json", {"SAMLProviderList": [provider]})

    def no_providers(self) -> Self:
        """The lists of SAML and of OpenID Connect providers, both empty."""
        made = self.export("saml-providers.json", {"SAMLProviderList": []})
        return made.export("oidc-providers.json", {"OpenIDConnectProviderList": []})

    def identity_center(self, *instances: str) -> Self:
        """sso-admin list-instances."""
        listed = [{"InstanceArn": f"arn:aws:sso:::instance/{name}"} for name in instances]
        return self.export("identity-center.json", {"Instances": listed})

    def org_features(self, *enabled: str) -> Self:
        """list-organizations-features."""
        answer = {"OrganizationId": "o-example123", "EnabledFeatures": list(enabled)}
        return self.export("org-features.json", answer)

    def organization(self, *, management: str) -> Self:
        """describe-organization."""
        answer = {"Organization": {"Id": "o-example123", "MasterAccountId": management}}
        return self.export("organization.json", answer)

    def server_certificate(self, name: str, *, expired: Age) -> Self:
        """list-server-certificates, with one certificate; an age below 0 is still to come."""
        arn = self.arn(f"server-certificate/{name}")
        listed = {"ServerCertificateName": name, "Arn": arn, "Expiration": self.when(expired)}
        answer = {"ServerCertificateMetadataList": [listed]}
        return self.export("server-certificates.json", answer)

    def last_accessed(self, principal: str, status: str = "COMPLETED", **services: Age) -> Self:
        """get-service-last-accessed-details; None is a granted service that was never used."""
        listed = [
            {"ServiceNamespace": name}
            | ({} if age is None else {"LastAuthenticated": self.when(age)})
            for name, age in services.items()
        ]
        answer = {"credaudit_principal": self.arn(principal), "JobStatus": status}
        answer["JobCompletionDate"] = self.when(0)
        return self.export("last-accessed.json", answer | {"ServicesLastAccessed": listed})

    def last_used_actions(
        self, principal: str, service: str = "s3", *, used: Age = 1, **actions: Age
    ) -> Self:
        """The same at ACTION_LEVEL, of one service; None is an action that was never called."""
        tracked = [
            {"ActionName": name} | ({} if age is None else {"LastAccessedTime": self.when(age)})
            for name, age in actions.items()
        ]
        told = {"ServiceNamespace": service, "TrackedActionsLastAccessed": tracked}
        told |= {} if used is None else {"LastAuthenticated": self.when(used)}
        answer = {"credaudit_principal": self.arn(principal), "JobStatus": "COMPLETED"}
        answer |= {"JobCompletionDate": self.when(0)}
        answer |= {"JobType": "ACTION_LEVEL", "ServicesLastAccessed": [told]}
        return self.export("last-accessed-actions.json", answer)

    def contact(self) -> Self:
        """get-alternate-contact SECURITY."""
        person = {"AlternateContactType": "SECURITY", "Name": "Security", "Title": "Team"}
        return self.export("contact.json", {"AlternateContact": person})

    def no_contact(self) -> Self:
        """AWS's word that there is no alternate contact for security."""
        return self.answer("contact.json", "GetAlternateContact", "ResourceNotFoundException")

    def captured(self, file: str, age: Age) -> Self:
        """The collect script's record of when it made the file."""
        call = {"file": file, "started": self.when(age)}
        return self.export("pack.json", {"credaudit_pack": 1, "calls": [call]})
