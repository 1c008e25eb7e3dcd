"""In: what shows a virtual MFA device. Out: the proof that its seed is found, and no other."""

import base64

import pytest

from analyzer.leaks.detect.detector import scan_bytes
from analyzer.leaks.detect.sightings import secret_digest
from tests.leaks.detect.detect_material import whole
from tests.leaks.detect.kinds_material import ACCOUNT, ADDRESS, seed

SERIAL = f"arn:aws:iam::{ACCOUNT}:mfa/ann"


def seeds(text: str) -> list[str | None]:
    """The digests of the seeds found."""
    return [each.digest for each in whole(text) if each.kind == "mfa-seed"]


def test_the_address_in_a_qr_code_says_account_and_device():
    """The console writes both into its label."""
    (found,) = whole(ADDRESS)
    assert found.digest == secret_digest(seed())
    assert (found.claims.account, found.claims.subject) == (ACCOUNT, "ann")
    assert found.claims.issuer == "Amazon Web Services"
    assert found.claims.user is None, "a device has a name of its own"


@pytest.mark.parametrize(
    "address",
    [
        f"otpauth://totp/ann@{ACCOUNT}?secret={seed()}",
        f"otpauth://totp/ann?secret={seed()}",
        f"otpauth://totp/AWS:ann?issuer=AWS&amp;secret={seed()}",
        f"otpauth://totp/Amazon Web Services:ann@{ACCOUNT}?secret={seed()}",
        f"otpauth://totp/root?digits=6\\u0026secret={seed()}",
    ],
)
def test_an_address_may_say_less(address):
    """The API leaves the issuer out; its seeds are longer than those of others."""
    assert seeds(address) == [secret_digest(seed())]


@pytest.mark.parametrize(
    "address",
    [
        f"otpauth://totp/Forge:ann?secret={seed()[:32]}&issuer=Forge",
        f"otpauth://totp/Forge:ann?secret={seed()}&issuer=Forge",
        f"otpauth://hotp/AWS:ann?secret={seed()}",
        "otpauth://totp/$virtualMFADeviceName@$AccountName?secret=$Base32String",
    ],
)
def test_addresses_of_others_are_no_business_of_aws(address):
    """Every web site has a second factor."""
    assert seeds(address) == []


@pytest.mark.parametrize(
    "frame",
    [
        '{{"Base32StringSeed": "{}"}}',
        "<Base32StringSeed>{}</Base32StringSeed>",
        "Base32StringSeed: {}",
        "'Base32StringSeed': b'{}'",
        "base_32_string_seed={}",
    ],
)
@pytest.mark.parametrize("is_packed", [False, True])
def test_a_seed_is_known_by_its_field(frame, is_packed):
    """The API has it in Base64 once more; it is the same seed."""
    shown = base64.b64encode(seed().encode()).decode() if is_packed else seed()
    text = f"{SERIAL}\n{frame.format(shown)}"
    (found,) = whole(text)
    assert found.digest == secret_digest(seed())
    assert (found.claims.account, found.claims.subject) == (ACCOUNT, SERIAL)


@pytest.mark.parametrize(
    "text",
    [
        f"AWS_MFA_SECRET={seed()}",
        f"mfa:\n  ann: {seed()}",
        f"# TOTP seed\n{seed()}\n",
        f"oathtool -b {seed()} --totp",
        f'{{"label": "one-time password", "value": "{seed()}"}}',
        f'"base_32_string_seed": "{seed()}"',
    ],
)
def test_a_bare_seed_counts_beside_words_of_mfa(text):
    """The console shows it so, and whoever stores it names it; the prefilter lets it through."""
    assert [each.digest for each in scan_bytes(text.encode()).sightings] == [secret_digest(seed())]


@pytest.mark.parametrize(
    "text",
    [
        f"database: x\nchecksum={seed()}",
        f"mfa={seed()[:40]}",
        f"mfa={seed()}A",
        "mfa=" + "ABCDEFGH" * 8,
        f"mfa={seed().lower()}",
    ],
)
def test_a_bare_value_of_another_shape_or_place_is_none(text):
    """Base32 is written for much else."""
    assert [each for each in whole(text) if each.doubt is None] == []


def test_a_seed_of_documentation_is_doubted():
    """Its account is nobody's."""
    (found,) = whole(ADDRESS.replace(ACCOUNT, "123456789012"))
    assert "example" in (found.doubt or "")
