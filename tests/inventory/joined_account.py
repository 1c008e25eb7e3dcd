"""In: files by name. Out: the account that they are joined to, and exports to put into them."""

from analyzer.inventory.join import build_accounts
from analyzer.inventory.model import Account
from tests.evidence.export_material import reading

MADE = "2024-05-06T07:08:09+00:00"


def account_of(folder, files) -> Account:
    """The one account of the files."""
    (account,), problems = build_accounts(reading(folder, files))
    assert not problems
    return account


def listed(*keys: tuple[str, str, str], user_name: str = "ann") -> dict:
    """A list-access-keys answer: id, status, creation time of each key."""
    return {
        "AccessKeyMetadata": [
            {"UserName": user_name, "AccessKeyId": key, "Status": status, "CreateDate": made}
            for key, status, made in keys
        ]
    }
