"""In: nothing. Out: controls.csv of one account, as far as CIS, Security Hub and PCI DSS go.

python -m tests.writers.document.golden_controls    writes controls.golden.csv again
"""

import tempfile
from pathlib import Path

from analyzer.audit import audit
from analyzer.config import Settings
from analyzer.writers import csv
from tests.builders import AccountBuilder, account, key_id

GOLDEN = Path(__file__).with_name("controls.golden.csv")
_SHOWN = (
    "CIS AWS Foundations Benchmark",
    "AWS Security Hub",
    "AWS Foundational Security",
    "PCI DSS",
)


def golden_account() -> AccountBuilder:
    """Ann without MFA and with an old key, Bob as it should be, a weak password policy."""
    case = account().user("ann", created=500).password(changed=400, last_used=60).may("s3:*")
    case = case.key(age=400, last_used=50).listed_key(key_id("111122223333"), age=400)
    case = case.user("bob").password(changed=60).mfa().empty_group("dev").role("app")
    case = case.password_policy(MinimumPasswordLength=12, PasswordReusePrevention=4)
    return case.no_contact().analyzer("eu-west-1").saml_provider()


def golden_rows() -> bytes:
    """The head and the rows of these frameworks."""
    with tempfile.TemporaryDirectory() as folder:
        exports = golden_account().write(Path(folder) / "exports")
        made = csv.render_controls(audit(Settings(inputs=(exports,))))
    head, *rows = made.split(b"\r\n")
    shown = [row for row in rows if row.decode().lstrip('"').startswith(_SHOWN)]
    return b"\r\n".join([head, *shown, b""])


if __name__ == "__main__":
    GOLDEN.write_bytes(golden_rows())
