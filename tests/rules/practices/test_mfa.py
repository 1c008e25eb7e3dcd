"""Practice 1: MFA for every user, and how root is kept."""

import pytest

from analyzer.inventory.model import ROOT_USER
from analyzer.rules.finding import Status
from analyzer.rules.severity import Severity
from tests.builders import REPORT, account, the_catalogue
from tests.rules.small_exports import SECOND, days

VIRTUAL = "arn:aws:iam::111122223333:mfa/root-account-mfa-device"


# root-mfa-missing


def test_root_mfa_missing_fails_for_a_root_with_a_password():
    """Root that can sign in and has no device is exposed."""
    case = account().root(mfa=False)
    assert case.proof("root-mfa-missing") == [("root", f"{REPORT}:2:mfa_active", "false")]


def test_root_mfa_missing_fails_where_the_report_says_not_supported():
    """Old reports say not_supported of root's password, which then exists."""
    assert account().root(mfa=False, password="not_supported").proof("root-mfa-missing")


def test_root_mfa_missing_fails_for_an_active_key_without_a_password():
    """An active key alone lets root act."""
    assert account().root(mfa=False, password=False).key().proof("root-mfa-missing")


def test_root_mfa_missing_fails_for_an_active_key_whatever_the_password_cell_says():
    """An active key settles it, so an unreadable password cell leaves nothing open."""
    case = account().root(mfa=False).key().cell(ROOT_USER, "password_enabled", "?")
    assert case.status("root-mfa-missing") is Status.FAIL


def test_root_mfa_missing_passes_with_a_device():
    """A root with MFA keeps the rule."""
    assert account().root().key().status("root-mfa-missing") is Status.PASS


def test_root_mfa_missing_does_not_concern_a_root_whose_credentials_were_removed():
    """Central root management leaves nothing to protect: no password, no key."""
    case = account().root(mfa=False, password=False, last_used=None)
    assert case.status("root-mfa-missing") is Status.NOT_APPLICABLE


def test_root_mfa_missing_does_not_concern_root_in_govcloud():
    """GovCloud's root has no console sign-in; the report says mfa_active=false of every one."""
    case = account(partition="aws-us-gov").root(mfa=False, password="not_supported")
    assert case.status("root-mfa-missing") is Status.NOT_APPLICABLE


def test_root_mfa_missing_fails_for_a_govcloud_root_with_a_key():
    """A key lets even GovCloud's root act."""
    case = account(partition="aws-us-gov").root(mfa=False, password="not_supported").key()
    assert case.proof("root-mfa-missing")


def test_root_mfa_missing_is_not_assessed_where_a_key_may_be_active():
    """Without a password, all hangs on the key; where its status is unreadable nobody knows."""
    case = (
        account().root(mfa=False, password=False).key().cell(ROOT_USER, "access_key_1_active", "?")
    )
    assert case.status("root-mfa-missing") is Status.NOT_ASSESSED


SUMMARY = account().role("app").without(REPORT).audited_at(0)


def test_root_mfa_missing_fails_by_the_account_summary_alone():
    """Without a report, the account summary is a second source."""
    case = SUMMARY.summary(AccountMFAEnabled=0, AccountPasswordPresent=1)
    expected = [("root", "account-summary.json:/SummaryMap/AccountMFAEnabled", 0)]
    assert case.proof("root-mfa-missing") == expected


def test_root_mfa_missing_passes_by_the_account_summary_alone():
    """Without a report, the account summary is a second source."""
    case = SUMMARY.summary(AccountMFAEnabled=1, AccountPasswordPresent=1)
    assert case.status("root-mfa-missing") is Status.PASS


def test_root_mfa_missing_is_not_assessed_where_the_summary_lacks_the_number():
    """A summary that does not say is no answer."""
    assert SUMMARY.summary(Users=1).status("root-mfa-missing") is Status.NOT_ASSESSED


@pytest.mark.parametrize(
    "rule",
    [
        "root-mfa-missing",
        "root-mfa-not-hardware",
        "root-access-key-active",
        "root-access-key-inactive-present",
        "root-key-used",
        "root-recent-sign-in",
        "root-credentials-kept-under-central-management",
    ],
)
def test_rules_on_root_are_not_assessed_without_roots_row(rule: str):
    """A report that lost root's row says nothing about root, least of all that it is fine."""
    case = account().user("ann").no_virtual_mfa_devices().without_root()
    case = case.org_features("RootCredentialsManagement").organization(management="999900001111")
    assert case.status(rule) is Status.NOT_ASSESSED


# root-mfa-not-hardware


def test_root_mfa_not_hardware_fails_for_a_virtual_device():
    """list-virtual-mfa-devices names root as the owner of an authenticator app."""
    case = account().root().mfa_device(VIRTUAL)
    spot = "virtual-mfa-devices.json:/VirtualMFADevices/0"
    [(resource, where, value)] = case.proof("root-mfa-not-hardware")
    assert (resource, where, value["SerialNumber"]) == ("root", spot, VIRTUAL)


def test_root_mfa_not_hardware_passes_without_a_virtual_device():
    """A root with MFA that is in no list of virtual devices has a token or a security key."""
    case = account().root().no_virtual_mfa_devices()
    assert case.status("root-mfa-not-hardware") is Status.PASS


def test_root_mfa_not_hardware_passes_for_a_fido_key():
    """A security key's serial is an ARN too, and still it is no authenticator app."""
    case = account().root().mfa_device("arn:aws:iam::111122223333:u2f/root-account/key-A")
    assert case.no_virtual_mfa_devices().status("root-mfa-not-hardware") is Status.PASS


def test_root_mfa_not_hardware_passes_for_the_device_of_a_user_called_root():
    """Only the account's root counts, not a user whose name holds the word."""
    case = account().user("root").mfa_device("arn:aws:iam::111122223333:mfa/root")
    assert case.status("root-mfa-not-hardware") is Status.PASS


def test_root_mfa_not_hardware_does_not_concern_a_root_without_mfa():
    """A root without any device is another rule's finding."""
    case = account().root(mfa=False).no_virtual_mfa_devices()
    assert case.status("root-mfa-not-hardware") is Status.NOT_APPLICABLE


def test_root_mfa_not_hardware_is_not_assessed_by_users_devices_alone():
    """list-mfa-devices of a user never names root's devices, so it can't clear root."""
    case = account().user("ann").mfa_device("arn:aws:iam::111122223333:u2f/user/ann/key-B")
    assert case.status("root-mfa-not-hardware") is Status.NOT_ASSESSED


# root-access-key-active


def test_root_access_key_active_fails_for_an_active_key():
    """Root's active key is a finding whatever else is in order."""
    case = account().root().key()
    expected = [("root", f"{REPORT}:2:access_key_1_active", "true")]
    assert case.proof("root-access-key-active") == expected


def test_root_access_key_active_fails_for_a_key_in_the_second_slot():
    """Either slot may hold the active key."""
    case = account().root().key(active=False).key()
    expected = [("root", f"{REPORT}:2:access_key_2_active", "true")]
    assert case.proof("root-access-key-active") == expected


def test_root_access_key_active_passes_without_a_key():
    """A root without keys keeps the rule."""
    assert account().root().status("root-access-key-active") is Status.PASS


def test_root_access_key_active_passes_for_an_inactive_key():
    """An inactive key is another rule's finding."""
    assert account().root().key(active=False).status("root-access-key-active") is Status.PASS


def test_root_access_key_active_fails_by_the_account_summary_alone():
    """Without a report, the account summary counts root's keys."""
    case = SUMMARY.summary(AccountAccessKeysPresent=1)
    expected = [("root", "account-summary.json:/SummaryMap/AccountAccessKeysPresent", 1)]
    assert case.proof("root-access-key-active") == expected


def test_root_access_key_active_fails_where_the_summary_counts_a_key_that_the_report_lacks():
    """The account summary is an independent source: the report may be four hours old."""
    case = account().root().summary(AccountAccessKeysPresent=1)
    assert case.status("root-access-key-active") is Status.FAIL


def test_root_access_key_active_passes_by_the_account_summary_alone():
    """Without a report, the account summary counts root's keys."""
    case = SUMMARY.summary(AccountAccessKeysPresent=0)
    assert case.status("root-access-key-active") is Status.PASS


# root-access-key-inactive-present


def test_root_access_key_inactive_present_fails_for_a_disabled_key():
    """Live reports keep the date of an inactive key: it still exists."""
    case = account().root().key(age=days(300), active=False)
    spot = f"{REPORT}:2:access_key_1_last_rotated"
    expected = [("root", spot, "2025-12-05T00:00:00+00:00")]
    assert case.proof("root-access-key-inactive-present") == expected


def test_root_access_key_inactive_present_passes_without_a_key():
    """N/A in last_rotated means that there is no key."""
    assert account().root().status("root-access-key-inactive-present") is Status.PASS


def test_root_access_key_inactive_present_finds_each_of_two_keys():
    """Two disabled keys are two things to delete."""
    case = account().root().key(age=300, active=False).key(age=200, active=False)
    findings = case.judged("root-access-key-inactive-present").findings
    assert len({each.fingerprint for each in findings}) == 2


# root-key-used


def test_root_key_used_fails_for_a_call_in_the_window():
    """A call in the window is a finding though the password rests."""
    case = account().root(last_used=800).key(age=900, last_used=3)
    spot = f"{REPORT}:2:access_key_1_last_used_date"
    assert case.proof("root-key-used") == [("root", spot, "2026-09-28T00:00:00+00:00")]


def test_root_key_used_fails_at_the_very_start_of_the_window():
    """The window includes its first second."""
    assert account().root().key(age=900, last_used=days(90)).proof("root-key-used")


def test_root_key_used_fails_for_a_key_that_was_disabled_since():
    """The rule asks whether a key was used, not whether it still could be."""
    assert account().root().key(age=900, last_used=3, active=False).proof("root-key-used")


def test_root_key_used_fails_for_a_used_slot_that_shows_no_date_of_creation():
    """The guide has N/A for the creation of an inactive key; the date of use still stands."""
    case = account().root().key(last_used=3, active=False)
    case = case.cell(ROOT_USER, "access_key_1_last_rotated", "N/A")
    assert case.status("root-key-used") is Status.FAIL


def test_root_key_used_passes_for_a_call_before_the_window():
    """A call a second before the window is history."""
    case = account().root().key(age=900, last_used=days(90) + SECOND)
    assert case.status("root-key-used") is Status.PASS


def test_root_key_used_passes_for_a_key_that_was_never_used():
    """N/A in the date of use means that the key never signed a request."""
    assert account().root().key(age=900, last_used=None).status("root-key-used") is Status.PASS


# root-recent-sign-in


def test_root_recent_sign_in_fails_within_the_window():
    """A sign-in in the window wants an explanation."""
    case = account().root(last_used=3)
    spot = f"{REPORT}:2:password_last_used"
    assert case.proof("root-recent-sign-in") == [("root", spot, "2026-09-28T00:00:00+00:00")]


def test_root_recent_sign_in_fails_at_the_very_start_of_the_window():
    """The window includes its first second."""
    assert account().root(last_used=days(90)).proof("root-recent-sign-in")


def test_root_recent_sign_in_passes_before_the_window():
    """A sign-in a second before the window is history."""
    case = account().root(last_used=days(90) + SECOND)
    assert case.status("root-recent-sign-in") is Status.PASS


@pytest.mark.parametrize("cell", ["N/A", "no_information", "not_supported"])
def test_root_recent_sign_in_passes_where_there_was_none(cell: str):
    """N/A and no_information are answers: root did not sign in."""
    assert account().root(last_used=cell).status("root-recent-sign-in") is Status.PASS


def test_root_recent_sign_in_reckons_from_the_report_not_from_today():
    """A file that is audited years later gives the same ages."""
    then = account().root(last_used=3)
    assert then.audited_at(-800).status("root-recent-sign-in") is Status.PASS
    assert then.status("root-recent-sign-in") is Status.FAIL


# root-credentials-kept-under-central-management

MANAGED = (
    account().org_features("RootCredentialsManagement").organization(management="999900001111")
)
KEPT = "root-credentials-kept-under-central-management"


def test_root_credentials_kept_under_central_management_fails_for_a_member_with_a_password():
    """The feature does not delete old root passwords; the row tells."""
    assert MANAGED.proof(KEPT) == [("root", f"{REPORT}:2:password_enabled", "true")]


def test_root_credentials_kept_under_central_management_passes_without_a_password():
    """A member without a root password has what the feature is for."""
    assert MANAGED.root(mfa=False, password=False).status(KEPT) is Status.PASS


def test_root_credentials_kept_does_not_concern_the_management_account():
    """The management account's root can't be managed by itself."""
    case = account().org_features("RootCredentialsManagement")
    case = case.organization(management=case.number)
    assert case.status(KEPT) is Status.NOT_APPLICABLE


def test_root_credentials_kept_does_not_concern_an_organization_without_the_feature():
    """Where the feature is off, a root password is in its place."""
    case = account().org_features("RootSessions").organization(management="999900001111")
    assert case.status(KEPT) is Status.NOT_APPLICABLE


def test_root_credentials_kept_is_not_assessed_where_the_management_account_is_unknown():
    """Without describe-organization nobody knows whether the rule holds for this account."""
    assert account().org_features("RootCredentialsManagement").status(KEPT) is Status.NOT_ASSESSED


# org-central-root-management-off


def test_org_central_root_management_off_fails_without_the_feature():
    """RootSessions alone is not the management of credentials."""
    case = account().org_features("RootSessions")
    expected = [("root", "org-features.json:/EnabledFeatures", ["RootSessions"])]
    assert case.proof("org-central-root-management-off") == expected


def test_org_central_root_management_off_passes_with_the_feature():
    """The organization manages root credentials."""
    case = account().org_features("RootCredentialsManagement")
    assert case.status("org-central-root-management-off") is Status.PASS


# console-user-no-mfa


def test_console_user_no_mfa_fails_for_a_password_alone():
    """A password without a second factor."""
    case = account().user("ann").password().user("bob").password().mfa()
    assert case.proof("console-user-no-mfa") == [("user/ann", f"{REPORT}:3:mfa_active", "false")]


def test_console_user_no_mfa_passes_with_a_device():
    """A password with a second factor."""
    assert account().user("ann").password().mfa().status("console-user-no-mfa") is Status.PASS


@pytest.mark.parametrize(("password", "mfa"), [("TRUE", "FALSE"), ("True", "False")])
def test_console_user_no_mfa_fails_in_any_letter_case(password: str, mfa: str):
    """The guide prints TRUE and FALSE; a comparison with `true` would let the user off."""
    case = account().user("ann").password().cell("ann", "password_enabled", password)
    case = case.cell("ann", "mfa_active", mfa)
    assert case.proof("console-user-no-mfa") == [("user/ann", f"{REPORT}:3:mfa_active", mfa)]


def test_console_user_no_mfa_does_not_concern_root_or_users_without_a_password():
    """Root has rules of its own; a user with keys alone can't sign in to the console."""
    case = account().root(mfa=False).user("bot").key()
    assert case.status("console-user-no-mfa") is Status.NOT_APPLICABLE


def test_console_user_no_mfa_names_the_user_by_its_full_arn():
    """Users may live in paths; the ARN is the report's own."""
    case = account().user("ann", path="/staff/hq/").password()
    [finding] = case.judged("console-user-no-mfa").findings
    assert finding.resource.arn == "arn:aws:iam::111122223333:user/staff/hq/ann"


# any-user-no-mfa


@pytest.mark.parametrize(
    "case",
    [
        account().user("ann").password(),
        account().user("ann").key(),
        account().user("ann").certificate(),
    ],
    ids=["password", "key", "certificate"],
)
def test_any_user_no_mfa_fails_for_any_live_credential(case):
    """Users with keys alone are seen too."""
    assert case.proof("any-user-no-mfa") == [("user/ann", f"{REPORT}:3:mfa_active", "false")]


def test_any_user_no_mfa_passes_with_a_device():
    """The report says mfa_active of users with keys alone as well."""
    assert account().user("ann").key().mfa().status("any-user-no-mfa") is Status.PASS


def test_any_user_no_mfa_costs_nothing_for_a_user_without_live_credentials():
    """An inactive key lets nobody in; Security Hub counts the user, and so the check fails."""
    case = account().user("ann").key(active=False).certificate(active=False)
    [finding] = case.judged("any-user-no-mfa").findings
    told = the_catalogue().entry_of("any-user-no-mfa", finding.variant)
    assert (finding.variant, told.severity) == ("without-credential", Severity.INFO)
    assert case.mfa().status("any-user-no-mfa") is Status.PASS
    unread = case.cell("ann", "mfa_active", "?")
    assert unread.status("any-user-no-mfa") is Status.NOT_ASSESSED


@pytest.mark.parametrize(
    "case",
    [account().user("ann").service_credential(), account().user("ann").ssh_key()],
    ids=["API key", "SSH key"],
)
def test_any_user_no_mfa_calls_nobody_without_credentials_who_has_one_of_a_service(case):
    """Nor does its fix advise to delete the user."""
    [finding] = case.judged("any-user-no-mfa").findings
    assert finding.variant == ""
    assert "credential of " in str(finding.facts["credentials"])
