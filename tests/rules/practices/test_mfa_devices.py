"""Practice 1: spare devices."""

from analyzer.rules.finding import Status
from tests.builders import account

RULE = "privileged-user-single-mfa-device"
ADMIN = account().user("adm").password().mfa().may("*")
KEY = "arn:aws:iam::111122223333:u2f/user/adm/key-1"


def test_a_privileged_user_with_one_device_is_found():
    """Its loss locks the user out."""
    [(resource, spot, _)] = ADMIN.mfa_device(KEY).proof(RULE)
    assert (resource, spot) == ("user/adm", "mfa-devices.json:/MFADevices/0")


def test_a_second_device_is_a_spare():
    """An app beside the key counts."""
    case = ADMIN.mfa_device(KEY).mfa_device("arn:aws:iam::111122223333:mfa/adm")
    assert case.status(RULE) is Status.PASS


def test_a_user_without_rights_may_have_one_device():
    """An administrator can help."""
    case = account().user("ann").password().mfa().mfa_device("GAHT12345678")
    assert case.status(RULE) is Status.PASS


def test_the_list_of_virtual_devices_alone_does_not_tell_of_spares():
    """Security keys are not in it."""
    case = ADMIN.mfa_device("arn:aws:iam::111122223333:mfa/adm")
    assert case.status(RULE) is Status.NOT_ASSESSED


def test_users_without_a_device_are_told_of_elsewhere():
    """They need a first one."""
    assert ADMIN.no_virtual_mfa_devices().status(RULE) is Status.NOT_APPLICABLE
